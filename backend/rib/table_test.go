package rib

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// route reads "10.0.0.0/24 via 10.1.1.1 dev Ethernet0 5/20": distance 5,
// metric 20; what is not said is zero.
func route(t *testing.T, s string) Route {
	t.Helper()
	f := strings.Fields(s)
	r := Route{Prefix: netip.MustParsePrefix(f[0])}
	for i := 1; i < len(f); i++ {
		switch f[i] {
		case "via":
			i++
			r.Via = netip.MustParseAddr(f[i])
		case "dev":
			i++
			r.Dev = f[i]
		default:
			if _, err := fmt.Sscanf(f[i], "%d/%d", &r.Distance, &r.Metric); err != nil {
				t.Fatalf("%q: %v", s, err)
			}
		}
	}
	return r
}

func entries(t Table) string {
	var b strings.Builder
	for _, e := range t.Entries() {
		fmt.Fprintf(&b, "%v", e.Prefix)
		for _, h := range e.Hops {
			fmt.Fprintf(&b, " %s", h.Dev)
			if h.Via.IsValid() {
				fmt.Fprintf(&b, "/%v", h.Via)
			}
		}
		b.WriteString("; ")
	}
	return strings.TrimSuffix(b.String(), "; ")
}

var buildTests = map[string]struct {
	routes []string
	want   string
}{
	"a connected route wins over a static one": {
		[]string{"10.0.0.0/24 via 192.0.2.1 dev Ethernet1 1/0", "10.0.0.0/24 dev Ethernet0 0/0"},
		"10.0.0.0/24 Ethernet0"},
	"a next hop is resolved through a connected route": {
		[]string{"0.0.0.0/0 via 172.17.0.2 1/0", "172.17.0.0/30 dev Ethernet0 0/0"},
		"0.0.0.0/0 Ethernet0/172.17.0.2; 172.17.0.0/30 Ethernet0"},
	"and through another recursive one": {
		[]string{"10.9.0.0/16 via 10.8.0.1 1/0", "10.8.0.0/16 via 172.17.0.2 1/0", "172.17.0.0/30 dev Ethernet0 0/0"},
		"10.8.0.0/16 Ethernet0/172.17.0.2; 10.9.0.0/16 Ethernet0/172.17.0.2; 172.17.0.0/30 Ethernet0"},
	"equal costs share": {
		[]string{"10.9.0.0/16 via 10.0.0.1 dev a 90/5", "10.9.0.0/16 via 10.0.1.1 dev b 90/5", "10.9.0.0/16 via 10.0.2.1 dev c 90/6"},
		"10.9.0.0/16 a/10.0.0.1 b/10.0.1.1"},
	"a floating static waits": {
		[]string{"10.9.0.0/16 via 10.0.0.1 dev a 250/0", "10.9.0.0/16 via 10.0.1.1 dev b 1/0"},
		"10.9.0.0/16 b/10.0.1.1"},
	"a floating static steps in when the better one resolves no more": {
		[]string{"10.9.0.0/16 via 10.0.0.1 dev a 250/0", "10.9.0.0/16 via 10.7.7.7 1/0"},
		"10.9.0.0/16 a/10.0.0.1"},
	"a default route does not lean on a default route": {
		[]string{"0.0.0.0/0 via 10.7.7.7 1/0"}, ""},
	"two that lean on each other lead nowhere": {
		[]string{"10.1.0.0/16 via 10.2.0.1 1/0", "10.2.0.0/16 via 10.1.0.1 1/0"}, ""},
	"Null0 discards": {
		[]string{"10.0.0.0/8 dev Null0 1/0"}, "10.0.0.0/8"},
}

func TestBuild(t *testing.T) {
	for name, test := range buildTests {
		var rs []Route
		for _, s := range test.routes {
			rs = append(rs, route(t, s))
		}
		if got := entries(Build(time.Unix(0, 0), Table{}, rs)); got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, test.want)
		}
	}
}

func TestLookupTakesTheLongestPrefix(t *testing.T) {
	table := Build(time.Unix(0, 0), Table{}, []Route{
		route(t, "0.0.0.0/0 dev a 0/0"), route(t, "10.0.0.0/8 dev b 0/0"), route(t, "10.1.1.1/32 dev c 0/0")})
	for addr, want := range map[string]string{"10.1.1.1": "c", "10.1.1.2": "b", "11.0.0.1": "a"} {
		rs := table.Lookup(netip.MustParseAddr(addr))
		if len(rs) != 1 || rs[0].Dev != want {
			t.Errorf("%s: %v, want %s", addr, rs, want)
		}
	}
	if rs := (Table{}).Lookup(netip.MustParseAddr("10.1.1.1")); rs != nil {
		t.Errorf("the empty table finds %v", rs)
	}
}

func TestRoutesKeepTheirAge(t *testing.T) {
	born, later := time.Unix(100, 0), time.Unix(200, 0)
	stays, comes := route(t, "10.0.0.0/24 dev a 0/0"), route(t, "10.1.0.0/24 dev a 0/0")
	table := Build(later, Build(born, Table{}, []Route{stays}), []Route{stays, comes})
	if rs := table.Routes(); !rs[0].Since.Equal(born) || !rs[1].Since.Equal(later) {
		t.Errorf("ages %v and %v, want %v and %v", rs[0].Since, rs[1].Since, born, later)
	}
}
