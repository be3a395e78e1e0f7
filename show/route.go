package show

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

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

// letters say where a route is from; behind them, that its packets go by a
// shortcut.
func letters(r rib.Route) string {
	if r.Overridden {
		return fmt.Sprintf("%-3s%%", routeLetters[r.Source])
	}
	return routeLetters[r.Source]
}

// IPRoute renders "show ip route": by classful network, then by prefix; the
// default route is last.
func IPRoute(w io.Writer, routes []rib.Route, now time.Time) {
	printf(w, "%s", routeCodes12)
	var defaults, rest []rib.Route
	for _, r := range routes {
		if r.Prefix.Bits() == 0 {
			defaults = append(defaults, r)
		} else {
			rest = append(rest, r)
		}
	}
	gatewayOfLastResort(w, defaults)
	for len(rest) > 0 {
		major := classOf(rest[0].Prefix)
		end := slices.IndexFunc(rest, func(r rib.Route) bool { return classOf(r.Prefix) != major })
		if end < 0 {
			end = len(rest)
		}
		majorNetwork(w, major, rest[:end], now)
		rest = rest[end:]
	}
	paths(w, defaults, func(r rib.Route) string {
		letters := routeLetters[r.Source]
		return fmt.Sprintf("%-5s%v", letters[:1]+"*"+strings.TrimSpace(letters[1:]), r.Prefix)
	}, now)
}

func gatewayOfLastResort(w io.Writer, defaults []rib.Route) {
	switch {
	case len(defaults) == 0:
		printf(w, "Gateway of last resort is not set\n\n")
	case defaults[0].Via.IsValid():
		printf(w, "Gateway of last resort is %v to network 0.0.0.0\n\n", defaults[0].Via)
	default:
		printf(w, "Gateway of last resort is 0.0.0.0 to network 0.0.0.0\n\n")
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

// majorNetwork writes the subnets of a classful network, or the network itself.
// Lengths stand at the subnets only where they differ.
func majorNetwork(w io.Writer, major netip.Prefix, routes []rib.Route, now time.Time) {
	lengths, prefixes := map[int]bool{}, map[netip.Prefix]bool{}
	for _, r := range routes {
		lengths[r.Prefix.Bits()], prefixes[r.Prefix] = true, true
	}
	switch {
	case len(prefixes) == 1 && prefixes[major]:
		paths(w, routes, func(r rib.Route) string {
			return fmt.Sprintf("%-5s%v", letters(r), r.Prefix)
		}, now)
	case len(lengths) == 1:
		printf(w, "     %v/%d is subnetted, %d subnets\n", major.Addr(), routes[0].Prefix.Bits(), len(prefixes))
		paths(w, routes, func(r rib.Route) string {
			return fmt.Sprintf("%-8s%v", letters(r), r.Prefix.Addr())
		}, now)
	default:
		printf(w, "     %v is variably subnetted, %d subnets, %d masks\n", major, len(prefixes), len(lengths))
		paths(w, routes, func(r rib.Route) string {
			return fmt.Sprintf("%-8s%v", letters(r), r.Prefix)
		}, now)
	}
}

// paths writes the ways to prefixes. What stands before the first way to a
// prefix is left blank before the others.
func paths(w io.Writer, routes []rib.Route, head func(rib.Route) string, now time.Time) {
	for n, r := range routes {
		h := head(r)
		if n > 0 && routes[n-1].Prefix == r.Prefix {
			h = strings.Repeat(" ", len(h))
		}
		printf(w, "%s %s\n", h, path(r, now))
	}
}

func path(r rib.Route, now time.Time) string {
	switch {
	case !r.Via.IsValid():
		return "is directly connected, " + r.Dev
	case r.Source == rib.Static, r.Source == rib.DHCP:
		return fmt.Sprintf("[%d/%d] via %v%s", r.Distance, r.Metric, r.Via, behind(r.Dev))
	}
	override := ""
	if r.Overrides {
		override = "[NHO]"
	}
	return override + fmt.Sprintf("[%d/%d] via %v, %s%s", r.Distance, r.Metric, r.Via, uptime(now.Sub(r.Since)), behind(r.Dev))
}

func behind(dev string) string {
	if dev == "" {
		return ""
	}
	return ", " + dev
}
