package main

import (
	"strings"
	"testing"
	"time"

	"gresh/backend"
	"gresh/backend/forward"
	"gresh/backend/sadb"
	"gresh/cmd/gresh/scenario"
)

// These are what a kernel was measured to do with two tunnels on one source,
// here of the software path in a network.

// inPackets is how many packets have come out of a tunnel.
func (b *bench) inPackets(node, tunnel string) (n uint64) {
	b.router(node, func(r *backend.Router) { n = r.Counters().Interfaces[tunnel].InPackets })
	return n
}

// hasSPI says whether the SA pairs have the SPI that a pair of the SADB had.
func hasSPI(now, then []sadb.PairStatus, db string) bool {
	for _, p := range then {
		for _, n := range now {
			if p.SADB == db && n.In[0].SPI == p.In[0].SPI {
				return true
			}
		}
	}
	return false
}

// hasCurrentSPI says so of those pairs that are sent under.
func hasCurrentSPI(now, then []sadb.PairStatus, db string) bool {
	var current []sadb.PairStatus
	for _, p := range now {
		if !p.Superseded {
			current = append(current, p)
		}
	}
	return hasSPI(current, then, db)
}

// Case A, a shared SADB: both tunnels pass under one SA pair, and each tunnel
// counts what is its own.
func TestCaseAShared(t *testing.T) {
	b := sharedBench(t)
	tunnel0, tunnel1 := b.inPackets("Spoke2", "Tunnel0"), b.inPackets("Spoke2", "Tunnel1")
	all := b.traffic("Spoke2", "vpnprof-head-1", spoke1Addr).InPackets
	b.say("Spoke1", "ping 10.0.0.12 repeat 7")
	b.say("Spoke1", "ping 10.0.1.12 repeat 4")
	if n0, n1 := b.inPackets("Spoke2", "Tunnel0")-tunnel0, b.inPackets("Spoke2", "Tunnel1")-tunnel1; n0 != 7 || n1 != 4 {
		t.Errorf("Tunnel0 has counted %d of 7 packets, Tunnel1 %d of 4", n0, n1)
	}
	if n := b.traffic("Spoke2", "vpnprof-head-1", spoke1Addr).InPackets - all; n != 11 {
		t.Errorf("the one SA has carried %d of 11 packets", n)
	}
}

// Case B, two SADBs between the same addresses: both tunnels pass, and each SA
// pair carries the packets of its own tunnel.
func TestCaseBUnshared(t *testing.T) {
	b := bothCustomers(t, "azure")
	red, blue := b.traffic("Hub1", redSADB, spoke1Addr).InPackets, b.traffic("Hub1", blueSADB, spoke1Addr).InPackets
	b.say("Spoke1", "ping 10.0.0.1 repeat 7")
	b.say("Spoke1", "ping 10.0.1.1 repeat 4")
	red, blue = b.traffic("Hub1", redSADB, spoke1Addr).InPackets-red, b.traffic("Hub1", blueSADB, spoke1Addr).InPackets-blue
	if red != 7 || blue != 4 {
		t.Errorf("red's SA has carried %d of 7 packets, blue's %d of 4", red, blue)
	}
}

// Case C, the wrong SADB: a packet of one tunnel under the SA of the other is
// dropped and counted, and the other tunnel is not affected.
func TestCaseCWrongSADB(t *testing.T) {
	b := providerBench(t, scenario.Customer("Spoke1", "crimson", 0, 11), scenario.Customer("Spoke2", "azure", 0, 12))
	red, wrong := b.inPackets("Hub1", "Tunnel0"), b.drops("Hub1", forward.WrongSADB)
	b.say("Spoke2", "ping 10.0.0.1 repeat 6")
	if n := b.inPackets("Hub1", "Tunnel0") - red; n != 0 {
		t.Errorf("%d packets have come out of red's tunnel", n)
	}
	if n := b.drops("Hub1", forward.WrongSADB) - wrong; n < 6 {
		t.Errorf("%d of 6 packets have been counted", n)
	}
	b.ping("Spoke1", "10.0.0.1")
}

// Case D, in clear: a peer without protection sends with the right key, and
// gets nowhere.
func TestCaseDClear(t *testing.T) {
	b := newBench(t, 1, map[string][]string{"Spoke2": {"tunnel protection IPsec profile vpnprof shared", ""}})
	seen := 0
	watchLink(b.Link("Hub1-Provider"), func(p packet) {
		if p.protocol == protocolGRE && p.src == spoke2Addr {
			seen++
		}
	})
	b.Run(time.Minute)
	if shown := b.say("Spoke2", "ping 10.0.0.1 repeat 6"); !strings.Contains(shown, "Success rate is 0 percent") {
		t.Errorf("in clear:\n%s", shown)
	}
	if n := b.drops("Hub1", forward.ClearText); seen < 6 || n != uint64(seen) {
		t.Errorf("%d packets have come in clear, and %d have been counted", seen, n)
	}
	if shown := b.say("Hub1", "show ip nhrp"); strings.Contains(shown, "10.0.0.12") {
		t.Errorf("a registration in clear was taken:\n%s", shown)
	}
	b.ping("Spoke1", "10.0.0.1")
}
