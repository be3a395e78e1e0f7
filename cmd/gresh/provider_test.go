package main

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"gresh/backend"
	"gresh/backend/forward"
	"gresh/backend/sim"
	"gresh/cmd/gresh/scenario"
)

// startupBench is the lab with other startup configurations, by node.
func startupBench(t *testing.T, seed uint64, startups map[string]string) *bench {
	t.Helper()
	topology, err := readTopology("dual-hub")
	if err != nil {
		t.Fatal(err)
	}
	return topologyBench(t, seed, topology, startups)
}

func topologyBench(t *testing.T, seed uint64, topology sim.Topology, startups map[string]string) *bench {
	t.Helper()
	for i, n := range topology.Nodes {
		if text, ok := startups[n.Name]; ok {
			topology.Nodes[i].Startup = text
		}
	}
	w, err := newNetwork(topology, seed, "")
	if err != nil {
		t.Fatal(err)
	}
	return &bench{World: w, t: t, consoles: map[string]*seat{}}
}

// The reason for the whole: a hub with two tunnels on one source, each with
// protection of its own, can't tell for which of them a Quick Mode is, so that
// the SAs of the one end up with the other, and both flap. So rule 2 refuses
// two unshared tunnels on one source with one profile: it is "shared", or it
// is the case of TestProvider, where every tunnel is bound to an ISAKMP profile
// and a Quick Mode is for the one that its peer's identity leads to.
func TestUnsharedOnPurpose(t *testing.T) {
	b := newBench(t, 1, nil)
	b.Run(time.Minute)
	before := b.say("Spoke1", "show running-config all | section ^interface")
	said := b.configure("Spoke1", "interface Tunnel1", "shutdown", "no tunnel protection ipsec profile vpnprof",
		"interface Tunnel0", "tunnel protection ipsec profile vpnprof")
	if said != "" {
		t.Fatalf("one unshared tunnel is refused:\n%s", said)
	}
	said = b.configure("Spoke1", "interface Tunnel1", "tunnel protection ipsec profile vpnprof")
	for _, part := range []string{"Tunnel0 (vpnprof not shared)", "Tunnel1 (vpnprof not shared)", "same tunnel source Ethernet0",
		"tunnel protection ipsec profile vpnprof shared", "ISAKMP profile of its own"} {
		if !strings.Contains(said, part) {
			t.Errorf("%q is not in %q", part, said)
		}
	}
	said = b.configure("Spoke1", "interface Tunnel0", "shutdown", "tunnel protection ipsec profile vpnprof shared",
		"interface Tunnel1", "tunnel protection ipsec profile vpnprof shared", "no shutdown", "interface Tunnel0", "no shutdown")
	if said != "" {
		t.Errorf("sharing again:\n%s", said)
	}
	if after := b.say("Spoke1", "show running-config all | section ^interface"); after != before {
		t.Errorf("the configuration was\n%s\nand is\n%s", before, after)
	}
	b.Run(time.Minute)
	b.ping("Spoke1", "10.0.0.12")
}

func providerBench(t *testing.T, red, blue string) *bench {
	b := startupBench(t, 1, map[string]string{"Hub1": scenario.ProviderHub, "Spoke1": red, "Spoke2": blue})
	b.Run(time.Minute)
	return b
}

// drops counts what a node has dropped for a reason.
func (b *bench) drops(node string, why forward.Reason) (n uint64) {
	b.router(node, func(r *backend.Router) { n = r.Counters().Drops[why] })
	return n
}

const (
	redSADB  = "Tunnel0-head-0"
	blueSADB = "Tunnel1-head-0"
)

// Two customers on one source: two SADBs, an SA pair in each, and the traffic
// of each under its own.
func TestProvider(t *testing.T) {
	b := providerBench(t, scenario.Customer("Spoke1", "crimson", 0, 11), scenario.Customer("Spoke2", "azure", 1, 12))
	b.ping("Spoke1", "10.0.0.1")
	if n := b.traffic("Hub1", blueSADB, spoke2Addr).InPackets; n > 3 {
		t.Errorf("blue has %d packets", n)
	}
	b.ping("Spoke2", "10.0.1.1")
	b.onePair("Hub1", hub1Addr, "Spoke1", spoke1Addr)
	b.onePair("Hub1", hub1Addr, "Spoke2", spoke2Addr)
	for _, c := range []struct {
		sadb          string
		peer, foreign netip.Addr
	}{{redSADB, spoke1Addr, spoke2Addr}, {blueSADB, spoke2Addr, spoke1Addr}} {
		if n := b.traffic("Hub1", c.sadb, c.peer); n.InPackets < 5 || n.OutPackets < 5 {
			t.Errorf("%s has exchanged %+v with %v", c.sadb, n, c.peer)
		}
		if n := b.traffic("Hub1", c.sadb, c.foreign); n != (forward.PeerCounters{}) {
			t.Errorf("%s has exchanged %+v with %v", c.sadb, n, c.foreign)
		}
		if p := b.pairs("Hub1", c.peer); len(p) != 1 || p[0].SADB != c.sadb {
			t.Errorf("the pair with %v is %+v", c.peer, p)
		}
	}
	b.want("Hub1", "show crypto socket", "Tu0 Peers (local/remote): 172.17.0.1/172.17.0.11")
	b.want("Hub1", "show crypto socket", "Tu1 Peers (local/remote): 172.17.0.1/172.17.0.12")
}

// A customer who configures the key of another's tunnel gets as far as his own
// SA, and no packet of his gets out of it into the other's tunnel.
func TestProviderKeepsCustomersApart(t *testing.T) {
	b := providerBench(t, scenario.Customer("Spoke1", "crimson", 0, 11), scenario.Customer("Spoke2", "azure", 0, 12))
	b.ping("Spoke1", "10.0.0.1")
	if p := b.pairs("Hub1", spoke2Addr); len(p) != 1 || p[0].SADB != blueSADB {
		t.Fatalf("Spoke 2 has %+v", p)
	}
	before := b.drops("Hub1", forward.WrongSADB)
	if shown := b.say("Spoke2", "ping 10.0.0.1"); !strings.Contains(shown, "Success rate is 0 percent") {
		t.Errorf("blue is in red's cloud:\n%s", shown)
	}
	if n := b.drops("Hub1", forward.WrongSADB); n < before+5 {
		t.Errorf("dropped as of the wrong SADB: %d, and %d before five echos", n, before)
	}
	if shown := b.say("Hub1", "show ip nhrp"); strings.Contains(shown, "10.0.0.12") {
		t.Errorf("Spoke 2 has registered with red:\n%s", shown)
	}
	b.ping("Spoke1", "10.0.0.1")
}

// A customer with another's secret has no SA at all.
func TestProviderKeepsSecretsApart(t *testing.T) {
	b := providerBench(t, scenario.Customer("Spoke1", "crimson", 0, 11), scenario.Customer("Spoke2", "crimson", 1, 12))
	b.ping("Spoke1", "10.0.0.1")
	if p := b.pairs("Hub1", spoke2Addr); len(p) > 0 {
		t.Errorf("Spoke 2 has %+v", p)
	}
}

// Each customer's SA is rekeyed for itself: its lifetime is its own, and the
// other's SPIs stay what they are.
func TestProviderRekeysApart(t *testing.T) {
	b := providerBench(t, scenario.Customer("Spoke1", "crimson", 0, 11), scenario.Customer("Spoke2", "azure", 1, 12))
	red, _ := b.spis("Hub1", spoke1Addr)
	blue, _ := b.spis("Hub1", spoke2Addr)
	b.Run(300 * time.Second)
	if now, _ := b.spis("Hub1", spoke1Addr); slices.Equal(now, red) {
		t.Error("red has not been rekeyed in time")
	}
	if now, _ := b.spis("Hub1", spoke2Addr); !slices.Equal(now, blue) {
		t.Error("blue has been rekeyed before its time")
	}
	b.Run(160 * time.Second)
	if now, _ := b.spis("Hub1", spoke2Addr); slices.Equal(now, blue) {
		t.Error("blue has not been rekeyed in time")
	}
	b.ping("Spoke1", "10.0.0.1")
	b.ping("Spoke2", "10.0.1.1")
}
