package main

import (
	"bytes"
	"fmt"
	"net/netip"
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

// A thousand rekeyings under numbered traffic lose nothing, and one pair is
// left. The lifetime is the shortest there is, and echoes are always under way
// when the new SAs take the place of the old.
func TestRekeysLoseNothing(t *testing.T) {
	rekeys := 1000
	if testing.Short() {
		rekeys = 10
	}
	const life, nearlyOver, over = 120, 105 * time.Second, 7 * time.Second
	short := []string{"set transform-set trans2",
		fmt.Sprintf("set transform-set trans2\n set security-association lifetime seconds %d", life)}
	b := newBench(t, 1, map[string][]string{"Spoke1": short, "Spoke2": short, "Hub1": short, "Hub2": short})
	b.Run(time.Minute)
	b.ping("Spoke1", "10.0.0.12")
	b.Run(10 * time.Second)
	sent, answered := 0, 0
	echoes := func(interval time.Duration) {
		for _, to := range []string{"10.0.0.12", "10.0.1.12", "10.0.0.1"} {
			b.echo("Spoke1", netip.MustParseAddr(to), &answered)
			sent++
		}
		b.Run(interval)
	}
	for n := range rekeys {
		before := b.current("Spoke1", spoke2Addr)
		for b.Now().Before(before.Born.Add(nearlyOver)) {
			echoes(5 * time.Second)
		}
		for b.current("Spoke1", spoke2Addr).In[0].SPI == before.In[0].SPI {
			echoes(50 * time.Millisecond)
			if b.Now().Sub(before.Born) > life*time.Second {
				t.Fatalf("at rekeying %d: the SA has outlived itself", n+1)
			}
		}
		for taken := b.Now(); b.Now().Sub(taken) < over; {
			echoes(200 * time.Millisecond)
		}
	}
	b.Run(65 * time.Second) // what was superseded has gone
	if sent < 100*rekeys || answered != sent {
		t.Errorf("of %d echoes %d have been answered", sent, answered)
	}
	b.allOnePair()
}

// A quickMode is the first message of one, and how often its third was sent.
type quickMode struct {
	first packet
	third int
}

// thirds counts the third messages of Quick Modes: what their initiator sends
// after his first.
type thirds map[ikeHead]*quickMode

// take says the how-manieth copy of a third message a packet is; 0: of none.
func (t thirds) take(p packet) int {
	h, ok := p.ike()
	if !ok || h.exchange != exchangeQuick {
		return 0
	}
	if t[h] == nil {
		t[h] = &quickMode{first: p}
	}
	if q := t[h]; p.src == q.first.src && !bytes.Equal(p.body, q.first.body) {
		q.third++
		return q.third
	}
	return 0
}

// Only with the third message of a Quick Mode may the responder's end of an SA
// be sent to: whatever befalls it, nothing that is sent during a rekeying is
// lost, whoever began.
func TestHandoverLosesNothing(t *testing.T) {
	const life, echoes, interval = 120, 3000, 100 * time.Millisecond
	for name, befalls := range map[string]func(copy int) (lost bool, late time.Duration){
		"nothing":         func(int) (bool, time.Duration) { return false, 0 },
		"it is overtaken": func(int) (bool, time.Duration) { return false, 250 * time.Millisecond },
		"it is late":      func(int) (bool, time.Duration) { return false, 3 * time.Second },
		"it is lost":      func(copy int) (bool, time.Duration) { return copy < 3, 0 },
	} {
		t.Run(name, func(t *testing.T) {
			short := []string{"set transform-set trans2",
				fmt.Sprintf("set transform-set trans2\n set security-association lifetime seconds %d", life)}
			b := newBench(t, 1, map[string][]string{"Spoke1": short, "Hub1": short})
			b.Run(time.Minute)
			third := thirds{}
			b.Node("Spoke1").EndOf("Ethernet0").Link().SetFault(func(_ time.Time, frame []byte) (lost bool, late time.Duration) {
				if p, ok := parseFrame(frame); ok {
					if n := third.take(p); n > 0 {
						return befalls(n)
					}
				}
				return false, 0
			})
			answered := 0
			for range echoes {
				b.echo("Spoke1", netip.MustParseAddr("10.0.0.1"), &answered)
				b.echo("Hub1", netip.MustParseAddr("10.0.0.11"), &answered)
				b.Run(interval)
			}
			b.Run(time.Second)
			if answered != 2*echoes || len(third) < 4 {
				t.Errorf("of %d echoes %d were answered, over %d Quick Modes", 2*echoes, answered, len(third))
			}
		})
	}
}

// Dead peer detection on demand is for who has something to say: a hub whose
// spoke has fallen silent asks once it sends to it, and not before.
func TestDeadPeerOnDemand(t *testing.T) {
	for _, speaks := range []bool{false, true} {
		b := newBench(t, 1, map[string][]string{"Hub1": {
			"crypto isakmp key", "crypto isakmp keepalive 10\ncrypto isakmp key",
			"network 10.0.0.0", "network 10.9.9.0"}}) // EIGRP would speak all the time
		b.Run(time.Minute)
		b.Node("Spoke1").PowerOff()
		questions := newExchanges(exchangeInformational)
		b.watch(questions.take)
		for range 60 {
			if answered := 0; speaks {
				b.echo("Hub1", netip.MustParseAddr("10.0.0.11"), &answered)
			}
			b.Run(time.Second)
		}
		asked := questions.begun[route{hub1Addr, spoke1Addr}]
		if left := len(b.pairs("Hub1", spoke1Addr)); (asked > 0) != speaks || (left == 0) != speaks {
			t.Errorf("speaks %v: %d questions, and %d pairs are left", speaks, asked, left)
		}
	}
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
