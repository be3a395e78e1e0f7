package main

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"gresh/backend"
	"gresh/backend/forward"
)

// Two tunnels use each SA, and each was negotiated once: over the history of
// the documentation's results neither side of a peer pair begins more than one
// Quick Mode, and no pair has none.
func TestOneQuickModePerPeer(t *testing.T) {
	b := guideStart(t)
	quick := newExchanges(exchangeQuick)
	b.watch(quick.take)
	b.guideRun()
	want := map[route]int{
		{spoke1Addr, hub1Addr}:   1, // Tunnel0's hub
		{spoke1Addr, hub2Addr}:   1, // Tunnel1's hub
		{spoke1Addr, spoke2Addr}: 1, // both tunnels'
		{spoke2Addr, spoke1Addr}: 1, // which begins at the same time
	}
	if !maps.Equal(quick.begun, want) {
		t.Errorf("Quick Modes begun: %v, want %v", quick.begun, want)
	}
	b.onePair("Spoke1", spoke1Addr, "Spoke2", spoke2Addr)
}

// sharedBench is the lab with both spokes' tunnels using one SA.
func sharedBench(t *testing.T) *bench {
	b := newBench(t, 1, nil)
	b.Run(time.Minute)
	b.ping("Spoke1", "10.0.0.12")
	b.ping("Spoke1", "10.0.1.12")
	b.Run(2 * time.Minute) // a pair that crossed another has gone
	b.onePair("Spoke1", spoke1Addr, "Spoke2", spoke2Addr)
	if held := b.holders("Spoke1", spoke2Addr); len(held) != 2 {
		t.Fatalf("the socket to Spoke 2 is held by %v", held)
	}
	return b
}

// ping fails the test unless every echo is answered but a first that waited.
func (b *bench) ping(node, to string) {
	b.t.Helper()
	if shown := b.say(node, "ping "+to); !strings.Contains(shown, "!!!!\n") {
		b.t.Fatalf("%s: ping %s:\n%s", node, to, shown)
	}
}

// holders are the tunnels of a node that hold the socket to a peer.
func (b *bench) holders(node string, peer netip.Addr) (all []string) {
	b.router(node, func(r *backend.Router) {
		for _, db := range r.SADB().SADBs {
			for _, i := range db.Instances {
				if i.Peer == peer {
					all = append(all, i.Tunnels...)
				}
			}
		}
	})
	return all
}

// traffic is what a node has exchanged under an SADB with a peer.
func (b *bench) traffic(node, sadb string, peer netip.Addr) (c forward.PeerCounters) {
	b.router(node, func(r *backend.Router) {
		c = r.Counters().Peers[forward.SocketKey{SADB: sadb, Peer: peer}]
	})
	return c
}

// Stopping one of two tunnels that share an SA is nothing to the other: the
// same SPIs, counters that go on, not one packet lost, and no Quick Mode.
func TestStoppingOneTunnelLeavesTheOther(t *testing.T) {
	for _, c := range []struct{ stop, ping string }{{"Tunnel0", "10.0.1.12"}, {"Tunnel1", "10.0.0.12"}} {
		t.Run(c.stop, func(t *testing.T) {
			b := sharedBench(t)
			in, out := b.spis("Spoke1", spoke2Addr)
			before := b.traffic("Spoke1", "vpnprof-head-1", spoke2Addr)
			quick := newExchanges(exchangeQuick)
			b.watch(quick.take)
			b.configure("Spoke1", "interface "+c.stop, "shutdown")
			if shown := b.say("Spoke1", "ping "+c.ping+" repeat 100"); !strings.Contains(shown, "(100/100)") {
				t.Errorf("with %s shut:\n%s", c.stop, shown)
			}
			if i, o := b.spis("Spoke1", spoke2Addr); !slices.Equal(i, in) || !slices.Equal(o, out) {
				t.Errorf("the SPIs were %x %x and are %x %x", in, out, i, o)
			}
			after := b.traffic("Spoke1", "vpnprof-head-1", spoke2Addr)
			if after.OutPackets-before.OutPackets < 100 || after.InPackets-before.InPackets < 100 {
				t.Errorf("the counters went from %+v to %+v", before, after)
			}
			if quick.begun[route{spoke1Addr, spoke2Addr}]+quick.begun[route{spoke2Addr, spoke1Addr}] > 0 {
				t.Error("the spokes have negotiated anew")
			}
			if held := b.holders("Spoke1", spoke2Addr); slices.Contains(held, c.stop) || len(held) != 1 {
				t.Errorf("the socket is held by %v", held)
			}
		})
	}
}

// The last tunnel to stop takes the SA along: the peer is told so, and has it
// no longer either.
func TestStoppingTheLastTunnelDeletesTheSA(t *testing.T) {
	b := sharedBench(t)
	b.configure("Spoke1", "interface Tunnel0", "shutdown")
	b.Run(time.Second)
	told := newExchanges(exchangeInformational)
	b.watch(told.take)
	b.configure("Spoke1", "interface Tunnel1", "shutdown")
	b.Run(time.Second)
	if told.begun[route{spoke1Addr, spoke2Addr}] == 0 || told.begun[route{spoke1Addr, hub2Addr}] == 0 {
		t.Errorf("who was told: %v", told.begun)
	}
	for _, peer := range []netip.Addr{hub1Addr, hub2Addr, spoke2Addr} {
		if held := b.holders("Spoke1", peer); len(held) > 0 || len(b.pairs("Spoke1", peer)) > 0 {
			t.Errorf("Spoke 1 has a socket to %v, held by %v", peer, held)
		}
	}
	for _, peer := range []string{"Hub1", "Hub2", "Spoke2"} {
		if left := b.pairs(peer, spoke1Addr); len(left) > 0 {
			t.Errorf("%s has %d pairs with Spoke 1", peer, len(left))
		}
	}
	b.want("Spoke1", "show crypto socket", "Number of Crypto Socket connections 0")
}
