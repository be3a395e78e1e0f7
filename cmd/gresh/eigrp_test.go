package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"gresh/backend"
	"gresh/backend/rib"
	"gresh/backend/sim"
)

// metric is the classic metric of EIGRP with its usual weights: the slowest
// link in kbit/s, and the delays in tens of microseconds (RFC 7868 section
// 5.6.2.1).
func metric(kbits uint32, delays ...uint32) uint32 {
	sum := uint32(0)
	for _, d := range delays {
		sum += d
	}
	return (10_000_000/kbits + sum) * 256
}

// The delays of the guide's network: "delay 1000" on the tunnels, and that of
// an Ethernet.
const tunnelDelay, lanDelay = 1000, 100

// TestGuideRoutes holds every router of the guide's network to the routes that
// its EIGRP must find, with the metrics that its bandwidths and delays come to.
func TestGuideRoutes(t *testing.T) {
	b := newBench(t, 1, nil)
	b.Run(time.Minute)
	overTunnel := metric(1000, tunnelDelay, lanDelay)
	overTwo := metric(1000, tunnelDelay, tunnelDelay, lanDelay)
	for node, want := range map[string][]string{
		"Hub1": {
			fmt.Sprintf("10.0.1.0/24 %d 192.168.0.2 Ethernet1", metric(1000, lanDelay, tunnelDelay)),
			fmt.Sprintf("192.168.1.0/24 %d 10.0.0.11 Tunnel0", overTunnel),
			fmt.Sprintf("192.168.2.0/24 %d 10.0.0.12 Tunnel0", overTunnel),
		},
		"Hub2": {
			fmt.Sprintf("10.0.0.0/24 %d 192.168.0.1 Ethernet1", metric(1000, lanDelay, tunnelDelay)),
			fmt.Sprintf("192.168.1.0/24 %d 10.0.1.11 Tunnel0", overTunnel),
			fmt.Sprintf("192.168.2.0/24 %d 10.0.1.12 Tunnel0", overTunnel),
		},
		"Spoke1": { // "no ip next-hop-self" has the hubs name the other spoke
			fmt.Sprintf("192.168.0.0/24 %d 10.0.0.1 Tunnel0", overTunnel),
			fmt.Sprintf("192.168.0.0/24 %d 10.0.1.1 Tunnel1", overTunnel),
			fmt.Sprintf("192.168.2.0/24 %d 10.0.0.12 Tunnel0", overTwo),
			fmt.Sprintf("192.168.2.0/24 %d 10.0.1.12 Tunnel1", overTwo),
		},
		"Spoke2": {
			fmt.Sprintf("192.168.0.0/24 %d 10.0.0.1 Tunnel0", overTunnel),
			fmt.Sprintf("192.168.0.0/24 %d 10.0.1.1 Tunnel1", overTunnel),
			fmt.Sprintf("192.168.1.0/24 %d 10.0.0.11 Tunnel0", overTwo),
			fmt.Sprintf("192.168.1.0/24 %d 10.0.1.11 Tunnel1", overTwo),
		},
	} {
		if got := b.eigrpRoutes(node); !slices.Equal(got, want) {
			t.Errorf("%s:\n%s\nwant\n%s", node, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	for node, neighbors := range map[string][]string{
		"Hub1": {"10.0.0.11 (Tunnel0)", "10.0.0.12 (Tunnel0)", "192.168.0.2 (Ethernet1)"},
		"Hub2": {"10.0.1.11 (Tunnel0)", "10.0.1.12 (Tunnel0)", "192.168.0.1 (Ethernet1)"},
	} {
		for _, n := range neighbors {
			b.want(node, "show logging", "Neighbor "+n+" is up: new adjacency")
		}
	}
}

// eigrpRoutes are the routes of a node's EIGRP, one text for each path.
func (b *bench) eigrpRoutes(node string) (all []string) {
	b.router(node, func(r *backend.Router) {
		for _, p := range r.Routes() {
			if p.Source == rib.EIGRP {
				all = append(all, fmt.Sprintf("%v %d %v %s", p.Prefix, p.Metric, p.Via, p.Dev))
			}
		}
	})
	return all
}

// lanFlows are echoes between the LANs of the guide's network. Between them they
// take both hubs.
var lanFlows = []struct{ node, src, dst string }{
	{"Spoke1", "192.168.1.1", "192.168.2.1"},
	{"Spoke2", "192.168.2.1", "192.168.1.1"},
	{"Spoke1", "192.168.1.1", "192.168.0.2"},
	{"Spoke2", "192.168.2.1", "192.168.0.2"},
}

// A hub dies, its cable is cut, or its tunnel is shut down: the LANs go on
// reaching each other through the other hub, after the hold time of EIGRP at
// the latest, and at once if it could say goodbye.
func TestHubDies(t *testing.T) {
	const hold = 15 * time.Second
	for name, c := range map[string]struct {
		dies  func(b *bench)
		least time.Duration // that some flow loses: else none took the hub
		most  time.Duration
	}{
		"its power is cut": {func(b *bench) { b.Node("Hub1").PowerOff() }, time.Second, hold + time.Second},
		"its cable is cut": {func(b *bench) {
			b.Node("Hub1").EndOf("Ethernet0").Link().SetAll(func(c *sim.Conditions) { c.Cut = true })
		}, time.Second, hold + time.Second},
		"its tunnel is shut down": {func(b *bench) { b.configure("Hub1", "interface Tunnel0", "shutdown") }, 0, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 1, nil)
			b.Run(time.Minute)
			if lost := slices.Max(b.outages(time.Minute)); lost != 0 {
				t.Fatalf("nothing passed for %v before anything happened", lost)
			}
			c.dies(b)
			lost := b.outages(time.Minute)
			if worst := slices.Max(lost); worst > c.most || worst < c.least {
				t.Errorf("nothing passed for %v, want %v to %v", lost, c.least, c.most)
			}
			t.Logf("nothing passed for %v", lost)
			if lost := slices.Max(b.outages(20 * time.Second)); lost != 0 {
				t.Errorf("afterwards nothing passed for %v", lost)
			}
		})
	}
}

// outages sends the echoes of all flows ten times a second, and says for how
// long each had no answer.
func (b *bench) outages(during time.Duration) []time.Duration {
	const interval = 100 * time.Millisecond
	lost := make([]time.Duration, len(lanFlows))
	for range during / interval {
		answered := make([]int, len(lanFlows))
		for i, f := range lanFlows {
			b.echoFrom(f.node, netip.MustParseAddr(f.src), netip.MustParseAddr(f.dst), &answered[i])
		}
		b.Run(interval)
		for i, n := range answered {
			if n == 0 {
				lost[i] += interval
			}
		}
	}
	return lost
}
