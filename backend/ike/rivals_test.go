package ike

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"gresh/backend/sadb"
)

// settle is what sadb does about two pairs for one peer: it keeps one, by a
// rule that both ends share, and has the other deleted.
func (w *world) settle() {
	for _, n := range w.nodes {
		for len(n.pairs) > 1 {
			a, b := n.pairs[0], n.pairs[1]
			if a.MessageID > b.MessageID {
				a, b = b, a
			}
			w.discard(n, a)
		}
	}
}

// discard ends a pair, as sadb does.
func (w *world) discard(n *node, p sadb.Pair) {
	var left []sadb.Pair
	for _, q := range n.pairs {
		if q.In[0].SPI != p.In[0].SPI {
			left = append(left, q)
		}
	}
	n.pairs = left
	w.carry(n, n.Delete(w.now, p))
}

// TestCrossing starts both sides at once, and again with every offset at which
// their messages can interleave. In the end each has one ISAKMP SA and, after
// sadb has chosen, one pair: the same.
func TestCrossing(t *testing.T) {
	for offset := time.Duration(0); offset <= 100*ms; offset += 5 * ms {
		for seed := range uint64(6) {
			w := newWorld(t, seed, hub, spoke)
			w.jitter = time.Duration(seed) * 20 * ms
			w.initiate(0, 1)
			w.run(offset)
			w.initiate(1, 0)
			w.run(10 * time.Second)
			w.settle()
			w.run(time.Minute)
			w.wantPairs("after a crossing start", 0, spoke)
			w.wantPairs("after a crossing start", 1, hub)
			w.wantMirrored("after a crossing start", w.nodes[0].pairs[0], w.nodes[1].pairs[0])
			w.wantSAs("after a crossing start", 0, 1)
			w.wantSAs("after a crossing start", 1, 1)
			a, b := w.nodes[0].live(), w.nodes[1].live()
			if a[0].name != b[0].name {
				t.Fatalf("offset %v: the two sides kept different ISAKMP SAs", offset)
			}
			if len(w.nodes[0].failed)+len(w.nodes[1].failed) > 0 {
				t.Fatalf("offset %v: %v %v", offset, w.nodes[0].failed, w.nodes[1].failed)
			}
		}
	}
}

// live are the ISAKMP SAs of a node that are established.
func (n *node) live() (all []*phase1) {
	for _, p := range n.byAge() {
		if p.ready() {
			all = append(all, p)
		}
	}
	return all
}

// TestCrossingRekey has both sides rekey at once, under the ISAKMP SA they have.
func TestCrossingRekey(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	w.initiate(1, 0)
	w.run(time.Second)
	old := [2]sadb.Pair{w.nodes[0].pairs[0], w.nodes[1].pairs[0]}
	w.initiate(0, 1)
	w.initiate(1, 0)
	w.run(time.Second)
	w.wantPairs("both rekeyed", 0, spoke, spoke, spoke)
	for i, n := range w.nodes {
		w.discard(n, old[i])
	}
	w.settle()
	w.run(time.Second)
	w.wantPairs("one is kept", 0, spoke)
	w.wantPairs("one is kept", 1, hub)
	w.wantMirrored("one is kept", w.nodes[0].pairs[0], w.nodes[1].pairs[0])
	w.wantSAs("no second ISAKMP SA", 0, 1)
}

// TestRekey replaces a pair two hundred times: a new SPI each time, nothing
// left of the old ones, and the peer learns of every end.
func TestRekey(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	w.initiate(1, 0)
	w.run(time.Second)
	seen := map[uint32]bool{}
	for i := range 200 {
		old := w.nodes[i%2].pairs[0]
		if seen[old.In[0].SPI] {
			t.Fatal("an SPI came again")
		}
		seen[old.In[0].SPI] = true
		w.initiate(i%2, 1-i%2)
		w.run(time.Second)
		if got := len(w.nodes[0].pairs); got != 2 {
			t.Fatalf("rekey %d: %d pairs, want the old and the new", i, got)
		}
		w.discard(w.nodes[i%2], old)
		w.run(time.Second)
		w.wantMirrored("rekeyed", w.nodes[0].pairs[0], w.nodes[1].pairs[0])
		if w.nodes[0].pairs[0].In[0].SPI == old.In[0].SPI {
			t.Fatal("the old pair was kept")
		}
	}
	w.run(2 * time.Minute)
	for _, n := range w.nodes {
		if len(n.children.inbound) != 1 || len(n.children.outbound) != 1 || len(n.children.spis) != 1 ||
			len(n.children.owned) != 1 || len(n.live()[0].quicks) != 0 {
			t.Errorf("%v: something is left of pairs that are gone: %+v", n.addr, n.children)
		}
	}
	w.wantSAs("all under one ISAKMP SA", 0, 1)
}

// TestReauthentication has the initiator replace the ISAKMP SA before it ends,
// leaving pairs alone.
func TestReauthentication(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	for i := range w.nodes {
		w.configure(i, func(c *Config) { c.Policies[0].Lifetime = 1000 * time.Second })
	}
	w.initiate(1, 0)
	w.run(time.Second)
	first := w.nodes[1].live()[0]
	if got := first.renew.Sub(first.established); got != 900*time.Second {
		t.Errorf("the initiator renews after %v, want 900s", got)
	}
	if got := w.nodes[0].live()[0].renew.Sub(w.nodes[0].live()[0].established); got != 950*time.Second {
		t.Errorf("the responder would renew after %v, want 950s", got)
	}
	w.run(920 * time.Second)
	for i := range w.nodes {
		w.wantSAs("after re-authentication", i, 1)
		if w.nodes[i].live()[0].name == first.name {
			t.Fatalf("node %d still has the first ISAKMP SA", i)
		}
	}
	w.run(24 * time.Hour)
	w.wantSAs("a day later", 0, 1)
	w.wantPairs("a day later", 0, spoke)
	w.wantPairs("a day later", 1, hub)
	w.initiate(0, 1)
	w.run(time.Second)
	w.wantPairs("the successor serves for a rekey", 1, hub, hub)
}

// TestExpiry has an ISAKMP SA that nothing depends on end by itself.
func TestExpiry(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	w.configure(0, func(c *Config) { c.Policies[0].Lifetime = 100 * time.Second })
	w.initiate(1, 0)
	w.run(time.Second)
	w.discard(w.nodes[1], w.nodes[1].pairs[0])
	w.run(98 * time.Second)
	w.wantSAs("before the shorter lifetime is over", 1, 1)
	w.run(2 * time.Second)
	w.wantSAs("after it, at the end that counts by it", 0, 0)
	w.wantSAs("after it, at the end that was told", 1, 0)
	w.wantEvent("the reason is told", 1, "deleted by the peer")
}

// TestClear ends ISAKMP SAs and leaves pairs alone.
func TestClear(t *testing.T) {
	third := netip.MustParseAddr("172.17.0.12")
	w := newWorld(t, 1, hub, spoke, third)
	w.initiate(0, 1)
	w.initiate(0, 2)
	w.run(time.Second)
	n := w.nodes[0]
	w.carry(n, n.Clear(w.now, Selector{Peer: spoke}))
	w.run(time.Second)
	w.wantSAs("one peer is cleared", 0, 1)
	w.wantSAs("that peer is told", 1, 0)
	w.wantSAs("the other is not", 2, 1)
	w.wantPairs("pairs live on", 0, spoke, third)
	w.carry(n, n.Clear(w.now, Selector{ConnID: n.live()[0].conn}))
	w.wantSAs("by connection id", 0, 0)
	w.initiate(0, 1)
	w.run(time.Second)
	w.wantPairs("and a new main mode does not cost the old pair", 1, hub, hub)
}

// TestClearFails has what is under way fail when its ISAKMP SA is cleared.
func TestClearFails(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	w.initiate(1, 0)
	n := w.nodes[1]
	w.carry(n, n.Clear(w.now, Selector{}))
	w.wantFailed("cleared", 1, 0, "cleared")
	w.run(time.Minute)
	w.wantPairs("nothing comes of it", 1)
}

// TestReboot has a peer come back without its memory: what the other side still
// holds is dropped when the peer says that it knows of nothing.
func TestReboot(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	w.initiate(1, 0)
	w.run(time.Second)
	old := w.nodes[0].pairs[0]
	fresh := newWorld(t, 2, spoke).nodes[0]
	w.nodes[1] = fresh
	w.run(time.Hour)
	w.initiate(1, 0)
	w.run(time.Second)
	w.wantPairs("after the reboot", 0, spoke)
	w.wantPairs("after the reboot", 1, hub)
	w.wantMirrored("after the reboot", w.nodes[0].pairs[0], fresh.pairs[0])
	w.wantSAs("after the reboot", 0, 1)
	if len(w.nodes[0].gone) != 2 || w.nodes[0].gone[0] != old.In[0].Key() {
		t.Errorf("dropped %v, want the pair of before", w.nodes[0].gone)
	}
}

// TestSilentQuickMode has an ISAKMP SA that only we still know of go with the
// Quick Mode that shows it, so that the next request begins anew.
func TestSilentQuickMode(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	w.initiate(1, 0)
	w.run(time.Second)
	w.nodes[0] = newWorld(t, 2, hub).nodes[0]
	w.initiate(1, 0)
	w.run(32 * time.Second)
	if n := w.nodes[1]; len(n.failed) != 1 || n.failed[0].Reason != "no answer" {
		t.Fatalf("failed %v", n.failed)
	}
	w.wantSAs("the SA is gone with it", 1, 0)
	w.initiate(1, 0)
	w.run(time.Second)
	w.wantPairs("the next request succeeds", 0, spoke)
}

// TestRetirement waits for what is under way on an SA that was replaced.
func TestRetirement(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	w.initiate(1, 0)
	w.run(time.Second)
	p := w.nodes[1].live()[0]
	p.retire = w.now.Add(2 * time.Second)
	end := w.now.Add(8 * time.Second)
	w.drop = func(Datagram) bool { return w.now.Before(end) }
	w.initiate(1, 0)
	w.run(5 * time.Second)
	w.wantSAs("while a Quick Mode is under way", 1, 1)
	w.run(30 * time.Second)
	w.wantPairs("it comes to its end", 1, hub, hub)
	w.wantSAs("and then the SA to its", 1, 0)
}

// TestManySAs has a peer establish one ISAKMP SA after another.
func TestManySAs(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	n := w.nodes[1]
	for range 20 {
		w.initiate(1, 0)
		w.run(15 * time.Second)
		w.drop = func(Datagram) bool { return true } // the hub is not told
		w.carry(n, n.Clear(w.now, Selector{}))
		w.run(time.Second)
		w.drop = nil
	}
	w.wantSAs("twenty in a row", 0, siblingsMax+1)
}

// TestTwoBehindOneNAT rekeys with each of two peers at one address under its
// own ISAKMP SA.
func TestTwoBehindOneNAT(t *testing.T) {
	third := netip.MustParseAddr("172.17.0.12")
	w := newWorld(t, 1, hub, spoke, third)
	w.rewrite = func(d *Datagram) {
		for i, inner := range []netip.Addr{spoke, third} {
			base := uint16(10000 * (i + 1))
			if d.Local.Addr() == inner {
				d.Local = netip.AddrPortFrom(outside, base+d.Local.Port())
			} else if d.Remote.Addr() == outside && d.Remote.Port()/10000 == uint16(i+1) {
				d.Remote = netip.AddrPortFrom(inner, d.Remote.Port()-base)
			}
		}
	}
	w.initiate(1, 0)
	w.initiate(2, 0)
	w.run(time.Second)
	w.wantSAs("two at one address", 0, 2)
	n := w.nodes[0]
	for i, p := range slices.Clone(n.pairs) {
		r := Request{SADB: p.SADB, Local: hub, Peer: p.Peer, Replaces: []sadb.Key{p.Out[0].Key()}}
		w.carry(n, n.Initiate(w.now, r))
		w.run(time.Second)
		if got := n.pairs[2+i].PeerPort; got != p.PeerPort {
			t.Errorf("the pair at port %d was replaced by one at %d", p.PeerPort, got)
		}
	}
}

// TestOneRequest has repeated requests lead to one pair.
func TestOneRequest(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	for range 3 {
		w.initiate(1, 0)
		w.run(25 * ms)
	}
	w.run(time.Second)
	w.wantPairs("asked three times", 1, hub)
}
