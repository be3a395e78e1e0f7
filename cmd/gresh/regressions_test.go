package main

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"gresh/backend"
	"gresh/backend/forward"
	"gresh/backend/nhrp"
	"gresh/cmd/gresh/scenario"
)

// These are known failures of other DMVPN and IPsec systems with two tunnels on
// one source, each as a test that it is not one here.

// S1. Elsewhere, taking the protection off one tunnel ends every SA of the
// profile, and with it every tunnel.
func TestS1ProtectionOfOneTunnelIsItsOwn(t *testing.T) {
	b := sharedBench(t)
	spokeIn, spokeOut := b.spis("Spoke1", spoke2Addr)
	hubIn, hubOut := b.spis("Spoke1", hub1Addr)
	before := b.traffic("Spoke1", "vpnprof-head-1", spoke2Addr)
	for _, line := range []string{"no tunnel protection ipsec profile vpnprof", "tunnel protection ipsec profile vpnprof shared"} {
		b.configure("Spoke1", "interface Tunnel1", line)
		if shown := b.say("Spoke1", "ping 10.0.0.12 repeat 100"); !strings.Contains(shown, "(100/100)") {
			t.Errorf("after %q:\n%s", line, shown)
		}
	}
	if in, out := b.spis("Spoke1", spoke2Addr); !slices.Equal(in, spokeIn) || !slices.Equal(out, spokeOut) {
		t.Errorf("with Spoke 2: %x %x, was %x %x", in, out, spokeIn, spokeOut)
	}
	if in, out := b.spis("Spoke1", hub1Addr); !slices.Equal(in, hubIn) || !slices.Equal(out, hubOut) {
		t.Errorf("with Hub 1: %x %x, was %x %x", in, out, hubIn, hubOut)
	}
	if after := b.traffic("Spoke1", "vpnprof-head-1", spoke2Addr); after.OutPackets < before.OutPackets+200 {
		t.Errorf("the counters went from %+v to %+v", before, after)
	}
}

// secondCloud makes Hub1 the hub of both clouds, so that both tunnels of Spoke
// 1 have the same endpoints, with an authentication string for the second.
func secondCloud(t *testing.T, authentication string) *bench {
	b := newBench(t, 1, map[string][]string{"Spoke1": {
		"ip nhrp map 10.0.1.1 172.17.0.5", "ip nhrp map 10.0.1.1 172.17.0.1",
		"ip nhrp map multicast 172.17.0.5", "ip nhrp map multicast 172.17.0.1"}})
	said := b.configure("Hub1", "interface Tunnel0", "tunnel protection ipsec profile vpnprof shared",
		"interface Tunnel1", "ip address 10.0.1.1 255.255.255.0", "ip nhrp authentication "+authentication,
		"ip nhrp network-id 100001", "tunnel source Ethernet0", "tunnel mode gre multipoint", "tunnel key 100001",
		"tunnel protection ipsec profile vpnprof shared")
	if said != "" {
		t.Fatal(said)
	}
	return b
}

// server is how it stands with the next-hop server of a tunnel.
func (b *bench) server(node, tunnel string) (found nhrp.Server) {
	b.router(node, func(r *backend.Router) {
		for _, s := range r.NHRP().Servers {
			if s.Tunnel == tunnel {
				found = s
			}
		}
	})
	return found
}

// S2. Elsewhere, a registration that fails in one cloud ends the SA that it
// shares with the other, again and again.
func TestS2FailedRegistrationLeavesTheSibling(t *testing.T) {
	b := secondCloud(t, "wrong")
	quick := newExchanges(exchangeQuick)
	b.watch(quick.take)
	b.Run(time.Minute)
	in, out := b.spis("Spoke1", hub1Addr)
	up := b.server("Spoke1", "Tunnel0").Since
	for range 20 {
		b.Run(time.Minute)
		b.say("Spoke1", "ping 10.0.0.1 repeat 10")
		b.ping("Spoke1", "10.0.0.1")
	}
	if s := b.server("Spoke1", "Tunnel1"); s.State == nhrp.Responding || s.Sent < 10 {
		t.Errorf("the second cloud is not as this test wants it: %+v", s)
	}
	if s := b.server("Spoke1", "Tunnel0"); s.State != nhrp.Responding || !s.Since.Equal(up) {
		t.Errorf("the first cloud has been disturbed: %+v", s)
	}
	if i, o := b.spis("Spoke1", hub1Addr); !slices.Equal(i, in) || !slices.Equal(o, out) || quick.begun[route{spoke1Addr, hub1Addr}] != 1 {
		t.Errorf("the SA was %x %x and is %x %x; Quick Modes: %v", in, out, i, o, quick.begun)
	}
}

// The control of S2: with the right authentication string both clouds are up,
// over one SA.
func TestBothCloudsOfOneHub(t *testing.T) {
	b := secondCloud(t, "test")
	b.Run(time.Minute)
	if s := b.server("Spoke1", "Tunnel1"); s.State != nhrp.Responding {
		t.Errorf("the second cloud: %+v", s)
	}
	b.onePair("Spoke1", spoke1Addr, "Hub1", hub1Addr)
	if held := b.holders("Spoke1", hub1Addr); len(held) != 2 {
		t.Errorf("the socket is held by %v", held)
	}
}

// bothCustomers is a lab in which Spoke 1 is a customer of Hub 1 twice.
func bothCustomers(t *testing.T, blueSecret string) *bench {
	hub, spoke := scenario.BothCustomers(blueSecret)
	b := startupBench(t, 1, map[string]string{"Hub1": hub, "Spoke1": spoke})
	b.Run(time.Minute)
	return b
}

// S3. Elsewhere, the tunnel of one customer opens on an SA that was negotiated
// with the profile and the secret of another.
func TestS3OnlyItsOwnSAOpensATunnel(t *testing.T) {
	b := bothCustomers(t, "wrong")
	b.ping("Spoke1", "10.0.0.1")
	if p := b.pairs("Spoke1", hub1Addr); len(p) != 1 || p[0].SADB != redSADB {
		t.Errorf("the pairs are %+v", p)
	}
	if s := b.server("Spoke1", "Tunnel1"); s.State != nhrp.Waiting || s.Sent > 0 {
		t.Errorf("blue has gone online: %+v", s)
	}
	if shown := b.say("Spoke1", "ping 10.0.1.1"); !strings.Contains(shown, "Success rate is 0 percent") {
		t.Errorf("blue's tunnel is open:\n%s", shown)
	}
}

// S4. Elsewhere, the Quick Mode of the second tunnel between the same addresses
// is taken for a rekeying of the first one's SA.
func TestS4TwoUnsharedTunnelsHaveTwoPairs(t *testing.T) {
	b := bothCustomers(t, "azure")
	pairs := b.pairs("Spoke1", hub1Addr)
	if len(pairs) != 2 || pairs[0].SADB == pairs[1].SADB {
		t.Fatalf("the pairs are %+v", pairs)
	}
	b.ping("Spoke1", "10.0.0.1")
	b.ping("Spoke1", "10.0.1.1")
	for _, sadb := range []string{redSADB, blueSADB} {
		if n := b.traffic("Hub1", sadb, spoke1Addr); n.InPackets < 5 || n.OutPackets < 5 || n.InPackets > 10 {
			t.Errorf("%s has exchanged %+v", sadb, n)
		}
	}
	b.Run(280 * time.Second) // red's lifetime is 300 s, blue's 400 s
	after := b.pairs("Spoke1", hub1Addr)
	if !hasSPI(after, pairs, blueSADB) || hasCurrentSPI(after, pairs, redSADB) {
		t.Errorf("red alone was to be rekeyed: the pairs were %+v and are %+v", pairs, after)
	}
	b.Run(150 * time.Second)
	if last := b.pairs("Spoke1", hub1Addr); hasSPI(last, pairs, redSADB) || hasCurrentSPI(last, pairs, blueSADB) {
		t.Errorf("both were to be rekeyed by now: the pairs were %+v and are %+v", pairs, last)
	}
	b.ping("Spoke1", "10.0.0.1")
	b.ping("Spoke1", "10.0.1.1")
}

// S5. Elsewhere, a peer that comes up has the SAs of others, or its own that
// lives, torn down and set up again.
func TestS5PeerUpTearsNothingDown(t *testing.T) {
	b := newBench(t, 1, nil)
	b.Node("Spoke2").PowerOff()
	b.Run(time.Minute)
	hubs := map[string]netip.Addr{"Hub1": hub1Addr, "Hub2": hub2Addr}
	before := map[string][]uint32{}
	for name, addr := range hubs {
		before[name], _ = b.spis("Spoke1", addr)
	}
	b.After(10*time.Millisecond, b.Node("Spoke2").PowerOn)
	if shown := b.say("Spoke1", "ping 10.0.0.1 repeat 1000"); !strings.Contains(shown, "(1000/1000)") {
		t.Errorf("while Spoke 2 comes up:\n%s", shown)
	}
	b.Run(time.Minute)
	b.ping("Spoke2", "10.0.0.11")
	b.ping("Spoke2", "10.0.1.11")
	for name, addr := range hubs {
		if after, _ := b.spis("Spoke1", addr); !slices.Equal(after, before[name]) {
			t.Errorf("with %s: %x, was %x", name, after, before[name])
		}
	}
}

// S7. Elsewhere, any spoke that is let in can take another's tunnel address.
func TestS7UniqueRegistrations(t *testing.T) {
	b := newBench(t, 1, nil)
	b.Run(time.Minute)
	b.configure("Spoke2", "interface Tunnel0", "ip address 10.0.0.11 255.255.255.0")
	b.Run(time.Minute)
	var stolen bool
	var refused uint64
	b.router("Hub1", func(r *backend.Router) {
		for _, e := range r.NHRP().Entries {
			stolen = stolen || e.Target.Addr() == netip.MustParseAddr("10.0.0.11") && e.NBMA != spoke1Addr
		}
		refused = r.NHRP().Traffic[0].UniqueRefused
	})
	if stolen || refused == 0 {
		t.Errorf("taken: %v, refused: %d", stolen, refused)
	}
	b.want("Hub1", "show logging", "10.0.0.11")
	b.want("Hub1", "show logging", "(14)")
	if code := b.server("Spoke2", "Tunnel0").Refused; code != nhrp.UniqueAlreadyRegistered {
		t.Errorf("Spoke 2 has been told %d", code)
	}
	before := b.traffic("Spoke1", "vpnprof-head-1", hub1Addr).InPackets
	b.ping("Hub1", "10.0.0.11")
	if after := b.traffic("Spoke1", "vpnprof-head-1", hub1Addr).InPackets; after < before+5 {
		t.Errorf("Spoke 1 has got %d of five echos", after-before)
	}
}

// S8. Elsewhere, the protection goes with the SA, and until the next one is
// there the tunnels' packets leave in clear.
func TestS8NoSANoPackets(t *testing.T) {
	b := sharedBench(t)
	leaks := 0
	b.watch(func(p packet) {
		if p.protocol == protocolGRE {
			leaks++
		}
	})
	b.configure("Spoke1", "no crypto isakmp key cisco47 address 0.0.0.0 0.0.0.0")
	b.say("Spoke1", "clear crypto session")
	dropped := b.drops("Spoke1", forward.NoSA)
	if shown := b.say("Spoke1", "ping 10.0.0.1 repeat 20"); !strings.Contains(shown, "Success rate is 0 percent") {
		t.Errorf("without a key:\n%s", shown)
	}
	if leaks > 0 || b.drops("Spoke1", forward.NoSA) == dropped {
		t.Errorf("%d packets have left in clear, %d have been dropped", leaks, b.drops("Spoke1", forward.NoSA)-dropped)
	}
	b.configure("Spoke1", "crypto isakmp key cisco47 address 0.0.0.0 0.0.0.0")
	b.Run(3 * time.Minute)
	b.ping("Spoke1", "10.0.0.1")
	if leaks > 0 {
		t.Errorf("%d packets have left in clear", leaks)
	}
}
