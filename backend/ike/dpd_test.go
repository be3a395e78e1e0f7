package ike

import (
	"testing"
	"time"

	"gresh/backend/sadb"
)

// Each row is a moment: what is due then, and when the next thing is. The
// deadline is behaviour, so it is asserted.
var livenessTests = map[string][]struct {
	at        time.Duration
	heard     bool // the peer is heard; else time passes
	sent      bool // just before, something to the peer
	ask, dead bool
	next      time.Duration
}{
	"asks after silence, then gives up": {
		{at: 9 * time.Second, sent: true, next: 10 * time.Second},
		{at: 10 * time.Second, sent: true, ask: true, next: 13 * time.Second},
		{at: 13 * time.Second, sent: true, ask: true, next: 16 * time.Second},
		{at: 16 * time.Second, sent: true, ask: true, next: 19 * time.Second},
		{at: 19 * time.Second, sent: true, ask: true, next: 22 * time.Second},
		{at: 22 * time.Second, sent: true, ask: true, next: 25 * time.Second},
		{at: 25 * time.Second, sent: true, dead: true, next: -1},
	},
	"is content with any sign of life": {
		{at: 10 * time.Second, sent: true, ask: true, next: 13 * time.Second},
		{at: 11 * time.Second, heard: true, next: 21 * time.Second},
		{at: 21 * time.Second, sent: true, ask: true, next: 24 * time.Second},
	},
	"does not ask for nobody's sake": {
		{at: 10 * time.Second, next: -1},
		{at: 20 * time.Second, sent: true, ask: true, next: 23 * time.Second},
		{at: 23 * time.Second, ask: true, next: 26 * time.Second}, // but ends what it began
	},
}

func TestLiveness(t *testing.T) {
	for name, rows := range livenessTests {
		var l liveness
		l.start(boot, DPD{Interval: 10 * time.Second, Retry: 3 * time.Second}, 1<<31+7)
		first := l.sequence
		for _, r := range rows {
			var ask, dead bool
			if r.heard {
				l.heard(boot.Add(r.at))
			} else {
				if r.sent {
					l.speaking(boot.Add(r.at))
				}
				ask, dead = l.advance(boot.Add(r.at))
			}
			next := l.next.Sub(boot)
			if l.next.IsZero() {
				next = -1
			}
			if ask != r.ask || dead != r.dead || next != r.next {
				t.Fatalf("%s, at %v: ask %v, dead %v, next %v; want %+v", name, r.at, ask, dead, next, r)
			}
		}
		if first>>31 != 0 {
			t.Error("the first sequence number has its highest bit set")
		}
	}
}

func TestLivenessSequence(t *testing.T) {
	var l liveness
	l.start(boot, DPD{Interval: time.Second}, 100)
	l.speaking(boot)
	if ask, _ := l.advance(boot.Add(time.Second)); !ask || l.sequence != 101 || l.cfg.Retry != dpdRetry {
		t.Fatalf("asked %v with %d", ask, l.sequence)
	}
	l.advance(boot.Add(3 * time.Second))
	if l.sequence != 101 {
		t.Error("a repeated question has a new number")
	}
	l.answered(boot.Add(3*time.Second), 100)
	if l.asked == 0 {
		t.Error("the answer to an old question counted")
	}
	l.answered(boot.Add(3*time.Second), 101)
	if l.asked != 0 || !l.next.Equal(boot.Add(4*time.Second)) {
		t.Error("the answer did not count")
	}
	for _, r := range []struct {
		sequence      uint32
		answer, fresh bool
	}{{50, true, true}, {50, true, false}, {51, true, true}, {50, false, false}, {1 << 31, true, true}, {52, false, false}} {
		if answer, fresh := l.question(r.sequence); answer != r.answer || fresh != r.fresh {
			t.Errorf("question %d is answered: %v, and fresh: %v; want %v, %v", r.sequence, answer, fresh, r.answer, r.fresh)
		}
	}
}

// TestPeerDies has a peer fall silent: its SAs are given up, and sadb is told
// which pairs went with it.
func TestPeerDies(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	w.configure(0, func(c *Config) { c.DPD = DPD{Interval: 10 * time.Second, Retry: 2 * time.Second, Periodic: true} })
	w.initiate(1, 0)
	w.run(time.Hour)
	w.wantPairs("as long as the peer answers", 0, spoke)
	if got := w.sent; got < 2*350 {
		t.Errorf("%d datagrams in an hour: nobody asked", got)
	}
	pair := w.nodes[0].pairs[0]
	w.drop = func(Datagram) bool { return true }
	w.run(10*time.Second + 5*2*time.Second)
	w.wantPairs("given up", 0)
	w.wantSAs("given up", 0, 0)
	w.wantEvent("and told", 0, "PeerDead{Peer:172.17.0.11}")
	if gone := w.nodes[0].gone; len(gone) != 2 || gone[0] != pair.In[0].Key() || gone[1] != pair.Out[0].Key() {
		t.Errorf("told that %v are gone", gone)
	}
	w.wantPairs("who does not ask does not notice", 1, hub)
}

// TestOnDemand asks a peer that is sent to and says nothing, and no other, and
// has what comes under its SAs stand for an answer.
func TestOnDemand(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	w.configure(0, func(c *Config) { c.DPD = DPD{Interval: 10 * time.Second, Retry: 2 * time.Second} })
	w.initiate(1, 0)
	w.run(time.Second)
	n, sent := w.nodes[0], w.sent
	in, out := n.pairs[0].In[0].Key(), n.pairs[0].Out[0].Key()
	used := func(sas ...sadb.Key) { w.carry(n, n.Used(w.now, sas)) }
	want := func(sentence string, questions int) {
		t.Helper()
		if w.sent-sent != questions*2 {
			t.Fatalf("%s: %d datagrams, want %d", sentence, w.sent-sent, questions*2)
		}
	}
	w.run(time.Minute)
	want("nothing is sent", 0)
	for range 6 {
		used(in, out)
		w.run(10 * time.Second)
	}
	want("both speak", 0)
	used(in)
	w.run(time.Minute)
	want("only the peer speaks", 0)
	used(out)
	w.run(time.Second)
	want("the peer was silent long enough", 1)
	used(out)
	w.run(5 * time.Second)
	want("it has just answered", 1)
	w.run(5 * time.Second)
	want("and now it is silent again", 2)
	w.drop = func(Datagram) bool { return true }
	used(out, sadb.Key{})
	w.run(11*time.Second + 3*2*time.Second)
	used(in)
	w.run(time.Minute)
	w.wantPairs("what came under the SA was its answer", 0, spoke)
	used(out)
	w.run(5 * 2 * time.Second)
	w.wantPairs("no answer", 0)
}

// TestPeriodic asks a peer that no pair depends on, only if told to.
func TestPeriodic(t *testing.T) {
	for _, periodic := range []bool{false, true} {
		w := newWorld(t, 1, hub, spoke)
		w.configure(0, func(c *Config) { c.DPD = DPD{Interval: 10 * time.Second, Periodic: periodic} })
		w.initiate(1, 0)
		w.run(time.Second)
		w.discard(w.nodes[0], w.nodes[0].pairs[0])
		w.run(time.Second)
		before := w.sent
		w.run(60 * time.Second)
		if asked := w.sent > before; asked != periodic {
			t.Errorf("periodic %v: asked %v", periodic, asked)
		}
	}
}
