package show

import (
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"gresh/backend/config"
	"gresh/backend/forward"
)

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
		line := fmt.Sprintf("Internet  %-15v %9s   %-14s  ARPA   %s", e.Addr, age, hardware, dev)
		printf(w, "%s\n", strings.TrimRight(line, " "))
	}
}

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
