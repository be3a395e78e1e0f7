package main

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gresh/backend/nhrp"
	"gresh/backend/sadb"
	"gresh/backend/sim"
)

// upWithin is the virtual time in which the network must be up whatever the
// links do: main mode alone is six messages, and at these rates every other
// datagram is lost on its way over two links there and two back.
const upWithin = 10 * time.Minute

// clouds are the tunnels of the spokes.
var clouds = []struct{ spoke, tunnel string }{
	{"Spoke1", "Tunnel0"}, {"Spoke1", "Tunnel1"}, {"Spoke2", "Tunnel0"}, {"Spoke2", "Tunnel1"},
}

// registered says whether every spoke is registered in both clouds.
func (b *bench) registered() bool {
	for _, c := range clouds {
		if b.server(c.spoke, c.tunnel).State != nhrp.Responding {
			return false
		}
	}
	return true
}

// allOnePair holds every peer pair to one SA pair.
func (b *bench) allOnePair() {
	b.t.Helper()
	b.onePair("Spoke1", spoke1Addr, "Hub1", hub1Addr)
	b.onePair("Spoke1", spoke1Addr, "Hub2", hub2Addr)
	b.onePair("Spoke2", spoke2Addr, "Hub1", hub1Addr)
	b.onePair("Spoke2", spoke2Addr, "Hub2", hub2Addr)
	b.onePair("Spoke1", spoke1Addr, "Spoke2", spoke2Addr)
}

// Links that lose, repeat and reorder a fifth of all frames keep nobody from
// coming up, and leave no two ends of an SA that disagree.
func TestFaultyLinks(t *testing.T) {
	for seed := uint64(1); seed <= 8; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			b := newBench(t, seed, nil)
			for _, n := range b.Nodes() {
				n.PowerOff()
			}
			for _, l := range b.Links() {
				l.SetAll(func(c *sim.Conditions) { c.Loss, c.Duplicate, c.Reorder = 0.2, 0.2, 0.2 })
			}
			for _, n := range b.Nodes() {
				n.PowerOn()
			}
			start := b.Now()
			for !b.registered() && b.Now().Sub(start) < upWithin {
				b.Run(time.Second)
			}
			if !b.registered() {
				t.Fatalf("not up after %v", upWithin)
			}
			reached := b.chatter(time.Second, []string{"Spoke1"}, "10.0.0.12", "10.0.1.12")
			b.Run(5 * time.Minute)
			if *reached == 0 {
				t.Error("Spoke 1 has not reached Spoke 2")
			}
			for _, l := range b.Links() {
				l.SetAll(func(c *sim.Conditions) { c.Loss, c.Duplicate, c.Reorder = 0, 0, 0 })
			}
			b.Run(3 * time.Minute) // what crossed has gone
			b.allOnePair()
			for _, to := range []string{"10.0.0.1", "10.0.1.1", "10.0.0.12", "10.0.1.12"} {
				b.ping("Spoke1", to)
			}
		})
	}
}

// Two hundred rekeyings under numbered traffic lose nothing, and one pair is
// left. The lifetime is the shortest there is, and an echo is always under way
// when the new SAs take the place of the old.
func TestRekeysLoseNothing(t *testing.T) {
	rekeys := 200
	if testing.Short() {
		rekeys = 10
	}
	const life, nearlyOver = 120, 105 * time.Second
	short := []string{"set transform-set trans2",
		fmt.Sprintf("set transform-set trans2\n set security-association lifetime seconds %d", life)}
	b := newBench(t, 1, map[string][]string{"Spoke1": short, "Spoke2": short, "Hub1": short, "Hub2": short})
	b.Run(time.Minute)
	b.ping("Spoke1", "10.0.0.12")
	b.Run(70 * time.Second)
	answered, began := b.chatter(time.Second, []string{"Spoke1"}, "10.0.0.1", "10.0.1.1"), b.Now()
	for n := range rekeys {
		before := b.current("Spoke1", spoke2Addr)
		b.Run(before.Born.Add(nearlyOver).Sub(b.Now()))
		for b.current("Spoke1", spoke2Addr).In[0].SPI == before.In[0].SPI {
			shown := b.say("Spoke1", "ping 10.0.0.12 repeat 200")
			if !strings.Contains(shown, "(200/200)") {
				t.Fatalf("at rekeying %d:\n%s", n+1, shown)
			}
			if b.Now().Sub(before.Born) > life*time.Second {
				t.Fatalf("at rekeying %d: the SA has outlived itself", n+1)
			}
		}
	}
	if sent := 2 * int(b.Now().Sub(began)/time.Second); *answered < sent || sent < rekeys*100 {
		t.Errorf("of %d echos to the hubs %d have been answered", sent, *answered)
	}
	b.Run(65 * time.Second) // what was superseded has gone
	b.allOnePair()
}

// current is the pair that a node sends under to a peer.
func (b *bench) current(node string, peer netip.Addr) sadb.PairStatus {
	b.t.Helper()
	all := b.pairs(node, peer)
	if len(all) == 0 {
		b.t.Fatalf("%s has no SA with %v", node, peer)
	}
	return all[len(all)-1]
}

// Both spokes begin at the same instant, each for itself: for a while there may
// be two pairs, and in the end there is one, the same at both ends.
func TestCrossingStart(t *testing.T) {
	for seed := uint64(1); seed <= 16; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			b := newBench(t, seed, nil)
			b.Run(time.Minute)
			quick := newExchanges(exchangeQuick)
			b.watch(quick.take)
			answered := 0
			b.echo("Spoke1", netip.MustParseAddr("10.0.0.12"), &answered)
			b.echo("Spoke2", netip.MustParseAddr("10.0.0.11"), &answered)
			b.Run(2 * time.Minute)
			if quick.begun[route{spoke1Addr, spoke2Addr}] != 1 || quick.begun[route{spoke2Addr, spoke1Addr}] != 1 {
				t.Fatalf("they have not crossed: %v", quick.begun)
			}
			if answered != 2 {
				t.Errorf("%d of 2 echos have been answered", answered)
			}
			b.allOnePair()
		})
	}
}
