package show

import (
	"io"
	"net/netip"
	"testing"
	"time"

	"gresh/backend/config"
	"gresh/backend/eigrp"
)

// process is EIGRP on the first spoke of the documented network, with one
// route that is active and one that is redistributed.
func process() eigrp.Snapshot {
	stub := eigrp.StubConnected | eigrp.StubSummary
	tunnel := func(name, a string) eigrp.Interface {
		return eigrp.Interface{Name: name, Addr: prefix(a), Up: true, Hello: 5 * time.Second, Hold: 15 * time.Second}
	}
	cut := tunnel("Tunnel1", "10.0.1.11/24")
	cut.NoSplitHorizon, cut.Keys = true, []eigrp.Key{{ID: 1, Secret: "secret"}}
	lan := tunnel("Ethernet1", "192.168.1.1/24")
	lan.Passive = true
	return eigrp.Snapshot{
		Config: eigrp.Config{AS: 1, RouterID: addr("192.168.1.1"), Weights: eigrp.DefaultWeights, MaximumHops: 100,
			MaximumPaths: 4, Variance: 1, Internal: 90, External: 170},
		Neighbors: []eigrp.Neighbor{
			{Handle: 0, Addr: addr("10.0.0.1"), Interface: "Tunnel0", HoldUntil: after("0:12.6"), Since: before("5:12"),
				SRTT: 12 * time.Millisecond, RTO: 200 * time.Millisecond, Seq: 7, Version: eigrp.Version{Release: [2]uint8{12, 4}, TLV: [2]uint8{1, 2}},
				Resent: 2, Prefixes: 2, Updated: before("0:12")},
			{Handle: 1, Addr: addr("10.0.1.1"), Interface: "Tunnel1", HoldUntil: after("0:09"), Since: before("1560:00"),
				SRTT: time.Millisecond, RTO: 5 * time.Second, Queued: 1, Seq: 1043, Retries: 3, Stub: &stub, Static: true},
		},
		Interfaces: []eigrp.InterfaceState{
			{Interface: tunnel("Tunnel0", "10.0.0.11/24"), Peers: 1, MeanSRTT: 12 * time.Millisecond, Pacing: 22 * time.Millisecond,
				Hellos: 63, Unicasts: 4, Multicasts: 1, Resent: 2},
			{Interface: cut, Peers: 1, Queued: 1, Pending: 1, Ready: 1, MeanSRTT: time.Millisecond, Hellos: 312, Conditional: 1},
			{Interface: lan},
		},
		Topology: []eigrp.Destination{
			{Prefix: prefix("0.0.0.0/0"), Successors: 1, Feasible: 281600, Tag: 7, Paths: []eigrp.Path{{Origin: eigrp.Redistribution,
				Distance: 281600, Feasible: true, External: &eigrp.External{Protocol: eigrp.FromStatic}}}},
			{Prefix: prefix("10.0.0.0/24"), Successors: 1, Feasible: 2816000, Paths: []eigrp.Path{
				{Origin: eigrp.Connected, Interface: "Tunnel0", Distance: 2816000, Feasible: true}}},
			{Prefix: prefix("172.16.0.0/16"), Successors: 1, Feasible: 281600, Paths: []eigrp.Path{
				{Origin: eigrp.Summarized, Distance: 281600, Feasible: true}}},
			{Prefix: prefix("192.168.2.0/24"), Successors: 1, Feasible: 3097600, Paths: []eigrp.Path{
				{Via: addr("10.0.0.12"), Interface: "Tunnel0", Distance: 3097600, Reported: 2841600, Feasible: true},
				{Via: addr("10.0.1.12"), Interface: "Tunnel1", Distance: 4097600, Reported: 3841600}}},
			{Prefix: prefix("192.168.3.0/24"), Active: true, Origin: 1, Since: before("1:31"), Feasible: 1<<32 - 1,
				Waiting: []eigrp.Waiting{{Addr: addr("10.0.0.1"), Interface: "Tunnel0"},
					{Addr: addr("10.0.1.1"), Interface: "Tunnel1", Reminded: 1}}},
		},
		Traffic: eigrp.Traffic{Sent: [12]uint64{1: 20, 3: 10, 4: 18, 5: 1927, 10: 1}, Received: [12]uint64{1: 39, 3: 18, 4: 16, 5: 1930, 11: 1},
			AcksSent: 66, AcksReceived: 41},
	}
}

func TestEIGRP(t *testing.T) {
	s := process()
	for name, release := range map[string]Release{"": Release12, "-15": Release15} {
		golden(t, "ip-eigrp-neighbors"+name, func(w io.Writer) { EIGRPNeighbors(w, s, noon, release, false) })
		golden(t, "ip-eigrp-neighbors-detail"+name, func(w io.Writer) { EIGRPNeighbors(w, s, noon, release, true) })
		golden(t, "ip-eigrp-interfaces"+name, func(w io.Writer) { EIGRPInterfaces(w, s, release, false) })
		golden(t, "ip-eigrp-interfaces-detail"+name, func(w io.Writer) { EIGRPInterfaces(w, s, release, true) })
		golden(t, "ip-eigrp-topology"+name, func(w io.Writer) { EIGRPTopology(w, s, noon, release, false) })
		golden(t, "ip-eigrp-topology-all"+name, func(w io.Writer) { EIGRPTopology(w, s, noon, release, true) })
		golden(t, "ip-eigrp-traffic"+name, func(w io.Writer) { EIGRPTraffic(w, s, release) })
	}
	golden(t, "ip-eigrp-neighbors-none", func(w io.Writer) {
		EIGRPNeighbors(w, eigrp.Snapshot{Config: eigrp.Config{AS: 100}}, noon, Release15, true)
	})
	c := config.EIGRP{Redistribute: []string{"static metric 1 1 1 1 1"}, Networks: []config.Network{
		{Addr: addr("10.0.0.0"), Wildcard: addr("0.0.0.255")}, {Addr: addr("192.168.1.0")}}}
	golden(t, "ip-protocols-eigrp", func(w io.Writer) { EIGRPProtocol(w, s, c, noon) })
}

func TestEIGRPLog(t *testing.T) {
	hub := netip.MustParseAddr("10.0.0.1")
	for _, test := range []struct {
		event   any
		release Release
		want    string
	}{
		{eigrp.NeighborUp{AS: 100, Interface: "Tunnel0", Addr: hub}, Release12,
			"%DUAL-5-NBRCHANGE: IP-EIGRP(0) 100: Neighbor 10.0.0.1 (Tunnel0) is up: new adjacency"},
		{eigrp.NeighborDown{AS: 100, Interface: "Tunnel0", Addr: hub, Reason: eigrp.InterfaceDown}, Release15,
			"%DUAL-5-NBRCHANGE: EIGRP-IPv4 100: Neighbor 10.0.0.1 (Tunnel0) is down: interface down"},
		{eigrp.Stuck{AS: 1, Prefix: prefix("10.1.0.0/16")}, Release12,
			"%DUAL-3-SIA: Route 10.1.0.0/16 stuck-in-active state in IP-EIGRP(0) 1.  Cleaning up"},
		{eigrp.NotOnSubnet{AS: 1, Interface: "Ethernet0", Addr: hub, Local: prefix("10.0.7.1/24")}, Release15,
			"%DUAL-6-NBRINFO: EIGRP-IPv4 1: Neighbor 10.0.0.1 (Ethernet0) is blocked: not on common subnet (10.0.7.1/24)"},
	} {
		if got := LogTexts(noon, test.event, test.release); len(got) != 1 || got[0] != test.want {
			t.Errorf("%+v: %q, want %q", test.event, got, test.want)
		}
	}
	for reason := eigrp.HoldingTimeExpired; reason <= eigrp.ConfigurationChanged; reason++ {
		if eigrpReasons[reason] == "" {
			t.Errorf("reason %d has no words", reason)
		}
	}
}
