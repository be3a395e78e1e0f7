package show

import (
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"

	"gresh/backend/config"
	"gresh/backend/dhcp"
	"gresh/backend/forward"
	"gresh/backend/rib"
)

const routeCodes12 = `Codes: C - connected, S - static, R - RIP, M - mobile, B - BGP
       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area 
       N1 - OSPF NSSA external type 1, N2 - OSPF NSSA external type 2
       E1 - OSPF external type 1, E2 - OSPF external type 2
       i - IS-IS, su - IS-IS summary, L1 - IS-IS level-1, L2 - IS-IS level-2
       ia - IS-IS inter area, * - candidate default, U - per-user static route
       o - ODR, P - periodic downloaded static route

`

var routeLetters = map[rib.Source]string{
	rib.Connected: "C", rib.Static: "S", rib.DHCP: "S", rib.EIGRP: "D", rib.EIGRPExternal: "D EX", rib.NHRP: "H",
}

// IPRoute renders "show ip route": under each class, its subnets.
func IPRoute(w io.Writer, routes []rib.Route, now time.Time) {
	printf(w, "%s", routeCodes12)
	def := slices.IndexFunc(routes, func(r rib.Route) bool { return r.Prefix.Bits() == 0 })
	switch {
	case def < 0:
		printf(w, "Gateway of last resort is not set\n\n")
	case routes[def].Via.IsValid():
		printf(w, "Gateway of last resort is %v to network 0.0.0.0\n\n", routes[def].Via)
	default:
		printf(w, "Gateway of last resort is 0.0.0.0 to network 0.0.0.0\n\n")
	}
	var rest []rib.Route
	for _, r := range routes {
		if r.Prefix.Bits() != 0 {
			rest = append(rest, r)
		}
	}
	for len(rest) > 0 {
		major := classOf(rest[0].Prefix)
		n := 1
		for n < len(rest) && classOf(rest[n].Prefix) == major {
			n++
		}
		major12(w, major, rest[:n], now)
		rest = rest[n:]
	}
	for _, r := range routes {
		if r.Prefix.Bits() == 0 {
			route(w, r, "S*   ", now)
		}
	}
}

// classOf is the classful network of a prefix; itself if it is shorter.
func classOf(p netip.Prefix) netip.Prefix {
	bits := 24
	switch first := p.Addr().As4()[0]; {
	case first < 128:
		bits = 8
	case first < 192:
		bits = 16
	}
	c, _ := p.Addr().Prefix(min(bits, p.Bits()))
	return c
}

// major12 writes the subnets of a classful network, or the network itself.
func major12(w io.Writer, major netip.Prefix, routes []rib.Route, now time.Time) {
	masks := map[int]bool{}
	prefixes := map[netip.Prefix]bool{}
	for _, r := range routes {
		masks[r.Prefix.Bits()], prefixes[r.Prefix] = true, true
	}
	if len(prefixes) == 1 && prefixes[major] {
		for _, r := range routes {
			route(w, r, fmt.Sprintf("%-5s", routeLetters[r.Source]), now)
		}
		return
	}
	if len(masks) == 1 {
		printf(w, "     %v/%d is subnetted, %d subnets\n", major.Addr(), routes[0].Prefix.Bits(), len(prefixes))
	} else {
		printf(w, "     %v is variably subnetted, %d subnets, %d masks\n", major, len(prefixes), len(masks))
	}
	for _, r := range routes {
		head := fmt.Sprintf("%-8s", routeLetters[r.Source])
		if len(masks) == 1 {
			routeTo(w, r, head, r.Prefix.Addr().String(), now)
		} else {
			route(w, r, head, now)
		}
	}
}

func route(w io.Writer, r rib.Route, head string, now time.Time) {
	routeTo(w, r, head, r.Prefix.String(), now)
}

func routeTo(w io.Writer, r rib.Route, head, prefix string, now time.Time) {
	switch {
	case r.Source == rib.Connected, !r.Via.IsValid():
		printf(w, "%s%s is directly connected, %s\n", head, prefix, r.Dev)
	case r.Source == rib.Static, r.Source == rib.DHCP:
		printf(w, "%s%s [%d/%d] via %v%s\n", head, prefix, r.Distance, r.Metric, r.Via, behind(r.Dev))
	default:
		printf(w, "%s%s [%d/%d] via %v, %s%s\n", head, prefix, r.Distance, r.Metric, r.Via, uptime(now.Sub(r.Since)), behind(r.Dev))
	}
}

func behind(dev string) string {
	if dev == "" {
		return ""
	}
	return ", " + dev
}

// An Interface is what the views of interfaces are made of.
type Interface struct {
	Config   *config.Interface
	Up       bool // the line protocol
	Link     bool
	Address  netip.Prefix
	MAC      [6]byte
	MTU      int
	Local    netip.Addr
	Source   string // of a tunnel: the interface its source address is on
	Held     string
	Since    time.Time
	Counters forward.InterfaceCounters
}

// status is the first of the two words of an interface.
func (i Interface) status() string {
	switch {
	case i.Config.Shutdown:
		return "administratively down"
	case !i.Link && i.Config.IsPhysical():
		return "down"
	}
	return "up"
}

func (i Interface) protocol() string {
	if i.Up {
		return "up"
	}
	return "down"
}

// IPInterfaceBrief renders "show ip interface brief": ports first, as IOS does.
func IPInterfaceBrief(w io.Writer, all []Interface) {
	printf(w, "%-26s %-15s %-3s %-6s %-21s %s\n", "Interface", "IP-Address", "OK?", "Method", "Status", "Protocol")
	for _, i := range portsFirst(all) {
		address, method := "unassigned", "unset"
		if i.Address.IsValid() {
			address, method = i.Address.Addr().String(), "NVRAM"
		}
		if i.Config.DHCP {
			method = "DHCP"
		}
		printf(w, "%-26s %-15s %-3s %-6s %-21s %-8s\n", i.Config.Name, address, "YES", method, i.status(), i.protocol())
	}
}

func portsFirst(all []Interface) []Interface {
	return slices.SortedStableFunc(slices.Values(all), func(a, b Interface) int {
		return cmp.Compare(portRank(a.Config), portRank(b.Config))
	})
}

func portRank(i *config.Interface) int {
	switch {
	case i.IsPhysical():
		return 0
	case i.IsLoopback():
		return 1
	}
	return 2
}

// InterfacesDescription renders "show interfaces description".
func InterfacesDescription(w io.Writer, all []Interface) {
	printf(w, "%-30s %-14s %-8s %s\n", "Interface", "Status", "Protocol", "Description")
	for _, i := range portsFirst(all) {
		status := i.status()
		if i.Config.Shutdown {
			status = "admin down"
		}
		printf(w, "%-30s %-14s %-8s %s\n", shortName(i.Config.Name), status, i.protocol(), i.Config.Description)
	}
}

// ARP renders "show arp" and "show ip arp".
func ARP(w io.Writer, entries []forward.ARPEntry, now time.Time) {
	printf(w, "Protocol  Address          Age (min)  Hardware Addr   Type   Interface\n")
	for _, e := range entries {
		age, hardware, dev := fmt.Sprint(int(now.Sub(e.Since)/time.Minute)), dotted(e.MAC), e.Dev
		switch {
		case e.Own:
			age = "-"
		case e.Incomplete:
			age, hardware, dev = "0", "Incomplete", ""
		}
		printf(w, "Internet  %-15v %9s   %-14s  ARPA   %s\n", e.Addr, age, hardware, dev)
	}
}

// DHCPBindings renders "show ip dhcp binding".
func DHCPBindings(w io.Writer, s dhcp.ServerSnapshot) {
	printf(w, "Bindings from all pools not associated with VRF:\n")
	printf(w, "%-19s %-23s %-23s %s\n", "IP address", "Client-ID/", "Lease expiration", "Type")
	printf(w, "%-19s %-23s\n%-19s %-23s\n", "", "Hardware address/", "", "User name")
	for _, b := range s.Bindings {
		expires, kind := "Infinite", "Automatic"
		if !b.Expires.IsZero() {
			expires = b.Expires.Format("Jan 02 2006 03:04 PM")
		}
		if b.Manual {
			kind = "Manual"
		}
		id := b.ClientID
		for first := true; first || id != ""; first = false {
			part := id[:min(len(id), 19)]
			id = id[len(part):]
			if first {
				printf(w, "%-19v %-23s %-23s %s\n", b.Address, part, expires, kind)
			} else {
				printf(w, "%-19s %s\n", "", part)
			}
		}
	}
}

// DHCPLease renders "show dhcp lease".
func DHCPLease(w io.Writer, dev string, c dhcp.ClientSnapshot) {
	l := c.Lease
	if !l.Address.IsValid() {
		return
	}
	printf(w, "Temp IP addr: %v  for peer on Interface: %s\nTemp  sub net mask: %v\n", l.Address.Addr(), dev, mask(l.Address.Bits()))
	printf(w, "   DHCP Lease server: %v, state: %s\n", l.Server, c.State)
	printf(w, "   Lease: %d secs,  Renewal: %d secs,  Rebind: %d secs\n", seconds(l.Time), seconds(l.Renew.Sub(l.Since)), seconds(l.Rebind.Sub(l.Since)))
	if len(l.Routers) > 0 {
		printf(w, "Temp default-gateway addr: %v\n", l.Routers[0])
	}
}

func seconds(d time.Duration) int { return int(d / time.Second) }

// IPTraffic renders the part of "show ip traffic" that tells why packets were
// dropped.
func IPTraffic(w io.Writer, c forward.Counters) {
	printf(w, "IP statistics:\n  Drop:")
	for r := forward.BadPacket; r <= forward.Discarded; r++ {
		if r > forward.BadPacket {
			printf(w, "       ")
		}
		printf(w, "  %d %v\n", c.Drops[r], r)
	}
}
