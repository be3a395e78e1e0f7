package eigrp

import (
	"fmt"
	"net/netip"
	"runtime"
	"testing"
	"time"
)

// tunnel is an interface of the documented networks: bandwidth 1000, delay
// 1000.
func tunnel(name, addr string) Interface {
	return Interface{Name: name, Addr: prefix(addr), Bandwidth: 1000, Delay: 1000, MTU: 1400, Multipoint: true}
}

// hubTunnel has "no ip next-hop-self" and "no ip split-horizon".
func hubTunnel(name, addr string) Interface {
	i := tunnel(name, addr)
	i.NoNextHopSelf, i.NoSplitHorizon = true, true
	return i
}

// guide is the documented network: two hubs on one LAN, two spokes with a
// tunnel to each.
func guide(t testing.TB) (w *network, hub1, hub2, spoke1, spoke2 *node) {
	w = newNetwork(t, 1)
	hub1, hub2 = w.router("Hub1"), w.router("Hub2")
	spoke1, spoke2 = w.router("Spoke1"), w.router("Spoke2")
	cloud0, cloud1, lan := &segment{hub: hub1}, &segment{hub: hub2}, &segment{}
	w.attach(hub1, cloud0, hubTunnel("Tunnel0", "10.0.0.1/24"))
	w.attach(hub2, cloud1, hubTunnel("Tunnel0", "10.0.1.1/24"))
	w.attach(hub1, lan, ethernet("Ethernet1", "192.168.0.1/24"))
	w.attach(hub2, lan, ethernet("Ethernet1", "192.168.0.2/24"))
	for i, s := range []*node{spoke1, spoke2} {
		w.attach(s, cloud0, tunnel("Tunnel0", fmt.Sprintf("10.0.0.%d/24", 11+i)))
		w.attach(s, cloud1, tunnel("Tunnel1", fmt.Sprintf("10.0.1.%d/24", 11+i)))
		w.attach(s, nil, ethernet("Ethernet1", fmt.Sprintf("192.168.%d.1/24", 1+i)))
	}
	w.boot()
	return w, hub1, hub2, spoke1, spoke2
}

// TestGuide: the metrics are worked out by hand.
//
//	Ethernet    256 × (10^7/10^4 + 100)               =  281600
//	one tunnel  256 × (10^7/10^3 + 1000 + 100)        = 2841600
//	two         256 × (10^7/10^3 + 1000 + 1000 + 100) = 3097600
//
// A hub passes the LAN of a spoke on to the other with its next hop: from
// spoke to spoke there is no hub between.
func TestGuide(t *testing.T) {
	w, hub1, hub2, spoke1, spoke2 := guide(t)
	w.run(10 * time.Second)
	w.want("Hub1", hub1.forwarding(), `
D 10.0.1.0/24 [90/2841600] via 192.168.0.2, Ethernet1
D 192.168.1.0/24 [90/2841600] via 10.0.0.11, Tunnel0
D 192.168.2.0/24 [90/2841600] via 10.0.0.12, Tunnel0`)
	w.want("Hub2", hub2.forwarding(), `
D 10.0.0.0/24 [90/2841600] via 192.168.0.1, Ethernet1
D 192.168.1.0/24 [90/2841600] via 10.0.1.11, Tunnel0
D 192.168.2.0/24 [90/2841600] via 10.0.1.12, Tunnel0`)
	w.want("Spoke1", spoke1.forwarding(), `
D 192.168.0.0/24 [90/2841600] via 10.0.0.1, Tunnel0
D 192.168.0.0/24 [90/2841600] via 10.0.1.1, Tunnel1
D 192.168.2.0/24 [90/3097600] via 10.0.0.12, Tunnel0
D 192.168.2.0/24 [90/3097600] via 10.0.1.12, Tunnel1`)
	w.want("Spoke2", spoke2.forwarding(), `
D 192.168.0.0/24 [90/2841600] via 10.0.0.1, Tunnel0
D 192.168.0.0/24 [90/2841600] via 10.0.1.1, Tunnel1
D 192.168.1.0/24 [90/3097600] via 10.0.0.11, Tunnel0
D 192.168.1.0/24 [90/3097600] via 10.0.1.11, Tunnel1`)
}

// TestHubDies: the holding time, and the spokes go by the other hub.
func TestHubDies(t *testing.T) {
	w, hub1, _, spoke1, _ := guide(t)
	w.run(12 * time.Second)
	w.said()
	w.crash(hub1)
	w.run(13 * time.Second)
	w.want("log", w.said(), "")
	w.run(2 * time.Second)
	w.want("log", w.said(), `
25.01s Hub2: 192.168.0.1 (Ethernet1) down: holding time
25.01s Spoke1: 10.0.0.1 (Tunnel0) down: holding time
25.01s Spoke2: 10.0.0.1 (Tunnel0) down: holding time`)
	byHub2 := `
D 192.168.0.0/24 [90/2841600] via 10.0.1.1, Tunnel1
D 192.168.2.0/24 [90/3097600] via 10.0.1.12, Tunnel1`
	w.want("Spoke1", spoke1.forwarding(), byHub2)
	w.reboot(hub1)
	w.run(10 * time.Second)
	if n := len(spoke1.fib[prefix("192.168.2.0/24")]); n != 2 {
		t.Errorf("with both hubs again there are %d paths to the other LAN, want 2", n)
	}
}

// TestHubSplitHorizon: with it, a hub does not pass on what it has from its
// cloud; without "no ip next-hop-self" all goes through the hub.
func TestHubSplitHorizon(t *testing.T) {
	w, hub1, hub2, spoke1, _ := guide(t)
	w.run(5 * time.Second)
	w.said()
	for _, hub := range []*node{hub1, hub2} {
		w.edit(hub, "Tunnel0", func(i *Interface) { i.NoNextHopSelf = false })
	}
	w.run(5 * time.Second)
	w.want("Spoke1", spoke1.forwarding(), `
D 192.168.0.0/24 [90/2841600] via 10.0.0.1, Tunnel0
D 192.168.0.0/24 [90/2841600] via 10.0.1.1, Tunnel1
D 192.168.2.0/24 [90/3097600] via 10.0.0.1, Tunnel0
D 192.168.2.0/24 [90/3097600] via 10.0.1.1, Tunnel1`)
	for _, hub := range []*node{hub1, hub2} {
		w.edit(hub, "Tunnel0", func(i *Interface) { i.NoSplitHorizon = false })
	}
	w.run(5 * time.Second)
	w.want("Spoke1", spoke1.forwarding(), `
D 192.168.0.0/24 [90/2841600] via 10.0.0.1, Tunnel0
D 192.168.0.0/24 [90/2841600] via 10.0.1.1, Tunnel1`)
	w.want("log", w.said(), "") // no adjacency was disturbed
}

// star is a hub and so many spokes, each with a LAN.
func star(t testing.TB, spokes int) (w *network, hub *node, cloud *segment) {
	w = newNetwork(t, 1)
	hub = w.router("Hub")
	cloud = &segment{hub: hub}
	i := hubTunnel("Tunnel0", "10.0.0.1/16")
	i.Bandwidth = 1_000_000
	w.attach(hub, cloud, i)
	for k := range spokes {
		s := w.router(fmt.Sprintf("S%d", k))
		i := tunnel("Tunnel0", fmt.Sprintf("10.0.%d.%d/16", 1+k/250, 1+k%250))
		i.Bandwidth = 1_000_000
		w.attach(s, cloud, i)
		lan := netip.PrefixFrom(netip.AddrFrom4([4]byte{172, 16 + byte(k/250), byte(k % 250), 1}), 24)
		w.attach(s, nil, Interface{Name: "Ethernet1", Addr: lan, Bandwidth: 100000, Delay: 10, Passive: true})
	}
	return w, hub, cloud
}

// whole fails unless everyone has a route to every LAN that is there.
func (w *network) whole(lans int) {
	w.t.Helper()
	for k, n := range w.nodes {
		want := lans
		if k > 0 {
			want--
		}
		if len(n.fib) != want {
			w.t.Fatalf("%s has %d routes, want %d", n.name, len(n.fib), want)
		}
	}
}

// BenchmarkSpokes brings up a hub with 1,000 spokes until everyone has every
// route, a million in all, and says what of memory that takes.
func BenchmarkSpokes(b *testing.B) {
	const spokes = 1000
	for b.Loop() {
		w, hub, _ := star(b, spokes)
		w.boot()
		for len(hub.fib) < spokes || len(w.nodes[spokes].fib) < spokes-1 {
			w.run(time.Second)
		}
		w.run(10 * time.Second)
		w.whole(spokes)
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "MiB")
		b.ReportMetric(w.now.Sub(boot).Seconds(), "virtual-s")
		b.ReportMetric(float64(w.packets), "packets")
	}
}
