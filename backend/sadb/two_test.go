package sadb

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Two engines, joined by a negotiator that is not IKE: a negotiation takes
// three messages, any of which may be lost for good or come late, and a delete
// is one message.
type two struct {
	t      rapid.TB
	rand   *rand.Rand
	now    time.Time
	sides  [2]*side
	mail   []letter
	loss   float64       // of a negotiation, and of a delete
	jitter time.Duration // of a message, on top of the delay
	asked  int
	always string // not "": each side receives at any instant under what the other sends under
}

type side struct {
	*Engine
	ups      map[Ref]bool // as told
	deletes  int
	noDelete bool // its deletes are lost
	work     bool // a negotiation is under way
}

// A letter is something that happens to a side at some time.
type letter struct {
	at time.Time
	do func()
}

const delay = 20 * time.Millisecond

func newTwo(t rapid.TB, seed uint64, policy Policy) *two {
	w := &two{t: t, rand: rand.New(rand.NewPCG(seed, 1)), now: boot}
	for i := range w.sides {
		p := policy
		p.Local = ends[i]
		w.sides[i] = &side{Engine: New(), ups: map[Ref]bool{}}
		w.carry(i, w.sides[i].Configure(w.now, Config{Policies{p}}))
	}
	return w
}

var ends = [...]netip.Addr{hubAddr, spokeAddr}

func (w *two) post(do func()) {
	wait := delay
	if w.jitter > 0 {
		wait += time.Duration(w.rand.Int64N(int64(w.jitter)))
	}
	w.mail = append(w.mail, letter{w.now.Add(wait), do})
}

// carry does what a side's engine says, as the router would.
func (w *two) carry(i int, out Output) {
	s := w.sides[i]
	for _, p := range out.Delete {
		s.deletes++
		keys := append(keysIn(p.In), keysIn(p.Out)...)
		if !s.noDelete && w.rand.Float64() >= w.loss {
			w.post(func() { w.carry(1-i, w.sides[1-i].Deleted(w.now, keys)) })
		}
	}
	for _, r := range out.Down {
		if !s.ups[r] {
			w.t.Fatalf("%v: %v is told down, and was not up", w.since(), r)
		}
		delete(s.ups, r)
	}
	for _, q := range out.Negotiate {
		w.asked++
		w.negotiate(i, q)
	}
	for _, r := range out.Up {
		if s.ups[r] {
			w.t.Fatalf("%v: %v is told up, and was up", w.since(), r)
		}
		s.ups[r] = true
	}
}

func keysIn(sas []SA) (keys []Key) {
	for _, sa := range sas {
		keys = append(keys, sa.Key())
	}
	return keys
}

// negotiate makes a pair for each side: the responder's comes first, the
// initiator's with the answer. A lost one fails after half a minute.
func (w *two) negotiate(i int, q Request) {
	s := w.sides[i]
	if s.work {
		return // one at a time, as IKE does
	}
	s.work = true
	if w.rand.Float64() < w.loss {
		w.mail = append(w.mail, letter{w.now.Add(30 * time.Second), func() {
			s.work = false
			w.carry(i, s.Failed(w.now, q, "timeout"))
		}})
		return
	}
	a, b := uint32(w.rand.Int64N(1<<30))+1, uint32(w.rand.Int64N(1<<30))+1
	ours := Pair{SADB: q.SADB, Local: ends[i], Peer: ends[1-i], Initiator: true, Lifetime: Lifetime{Seconds: 3600},
		In:  []SA{{Proto: ESP, SPI: a, Src: ends[1-i], Dst: ends[i]}},
		Out: []SA{{Proto: ESP, SPI: b, Src: ends[i], Dst: ends[1-i]}}}
	theirs := ours
	theirs.Local, theirs.Peer, theirs.Initiator = ends[1-i], ends[i], false
	theirs.In, theirs.Out = ours.Out, ours.In
	w.post(func() {
		w.post(func() {
			s.work = false
			w.carry(i, s.Installed(w.now, ours))
			w.post(func() { w.carry(1-i, w.sides[1-i].Installed(w.now, theirs)) })
		})
	})
}

// run lets time pass, event by event.
func (w *two) run(d time.Duration) {
	end := w.now.Add(d)
	for range 100000 {
		at, letters, engine := end, -1, -1
		for n, l := range w.mail {
			if l.at.Before(at) {
				at, letters = l.at, n
			}
		}
		for i, s := range w.sides {
			if next := s.Next(); !next.IsZero() && next.Before(at) {
				at, letters, engine = next, -1, i
			}
		}
		if at.Before(w.now) {
			w.t.Fatalf("%v: a deadline in the past, %v", w.since(), at.Sub(boot))
		}
		w.now = at
		switch {
		case letters >= 0:
			do := w.mail[letters].do
			w.mail = slices.Delete(w.mail, letters, letters+1)
			do()
		case engine >= 0:
			w.carry(engine, w.sides[engine].Advance(w.now))
		default:
			return
		}
		if w.always != "" {
			w.wantHeard(w.always)
		}
	}
	w.t.Fatalf("%v: no end of events", w.since())
}

func (w *two) since() time.Duration { return w.now.Sub(boot) }

func (w *two) open(i int, tunnel string) {
	w.carry(i, w.sides[i].Open(w.now, tunnel, ends[1-i]))
}

func (w *two) close(i int, tunnel string) {
	w.carry(i, w.sides[i].Close(w.now, tunnel, ends[1-i]))
}

// out is the SPI that a side sends under, 0 if none, and in are those it
// receives under.
func (w *two) spis(i int) (in []uint32, out uint32) {
	for _, sa := range w.sides[i].SAs() {
		if sa.Src == ends[i] {
			out = sa.SPI
		} else {
			in = append(in, sa.SPI)
		}
	}
	return in, out
}

// wantOne wants both sides to have come to one and the same pair.
func (w *two) wantOne(why string) {
	in0, out0 := w.spis(0)
	in1, out1 := w.spis(1)
	if len(in0) != 1 || len(in1) != 1 || in0[0] != out1 || in1[0] != out0 {
		w.t.Fatalf("%s: in %d out %d, and in %d out %d", why, in0, out0, in1, out1)
	}
}

// wantHeard wants each side to receive under what the other sends under.
func (w *two) wantHeard(why string) {
	for i := range w.sides {
		in, _ := w.spis(i)
		if _, out := w.spis(1 - i); out != 0 && !slices.Contains(in, out) {
			w.t.Fatalf("%s, %v: sent under %d, received under %d", why, w.since(), out, in)
		}
	}
}

func (w *two) wantUp(why string, i int, tunnels ...string) {
	for _, t := range tunnels {
		if !w.sides[i].ups[Ref{t, ends[1-i]}] {
			w.t.Fatalf("%s: %s of side %d is not up", why, t, i)
		}
	}
	if len(w.sides[i].ups) != len(tunnels) {
		w.t.Fatalf("%s: side %d has up %v", why, i, w.sides[i].ups)
	}
}

var day = policyOf("vpnprof", "T0", "T1")

// TestTwoSharing: a spoke with two tunnels to a hub with two.
func TestTwoSharing(t *testing.T) {
	w := newTwo(t, 1, day)
	w.open(1, "T0")
	w.open(1, "T1")
	w.run(s)
	w.wantOne("set up")
	w.wantUp("set up", 1, "T0", "T1")
	w.wantUp("the hub has heard of nobody", 0)
	w.open(0, "T0")
	w.open(0, "T1")
	w.wantUp("registered", 0, "T0", "T1")
	_, before := w.spis(1)
	w.close(1, "T0")
	w.close(0, "T0")
	w.run(s)
	if _, after := w.spis(1); after != before || w.asked != 1 {
		t.Errorf("one tunnel of two left: SPI %d became %d, %d negotiations", before, after, w.asked)
	}
	w.close(1, "T1")
	w.run(10 * s)
	w.wantOne("the hub still holds it")
	w.wantUp("the hub still holds it", 0, "T1")
	w.close(0, "T1")
	w.run(s)
	for i, s := range w.sides {
		if len(s.SAs())+len(s.byKey)+len(s.dbs[0].byPeer)+len(s.queue) != 0 {
			t.Errorf("side %d keeps something: %v", i, s.Snapshot())
		}
	}
}

// TestTwoForDays: held by both sides, rekeyed many times, never down.
func TestTwoForDays(t *testing.T) {
	w := newTwo(t, 2, day)
	w.open(0, "T0")
	w.open(1, "T0")
	w.run(s)
	w.always = "for days"
	for range 48 * 60 {
		w.run(60 * s)
		w.wantHeard("for days")
		w.wantUp("for days", 0, "T0")
		w.wantUp("for days", 1, "T0")
	}
	w.wantOne("after days")
	if hours := 48; w.asked < hours || w.asked > hours*10/9+3 {
		t.Errorf("%d negotiations in %d hours", w.asked, hours)
	}
}

// TestTwoAtOnce: both sides begin within moments of each other, again and
// again, with messages that come late; they end with one pair, and none is
// ever down in between.
func TestTwoAtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newTwo(t, rapid.Uint64().Draw(t, "seed"), day)
		w.jitter = 2 * s
		first := rapid.IntRange(0, 1).Draw(t, "first")
		w.open(first, "T0")
		w.run(time.Duration(rapid.Int64Range(0, int64(3*s)).Draw(t, "later")))
		w.open(1-first, "T0")
		w.run(10 * s)
		w.wantUp("begun at once", 0, "T0")
		w.wantUp("begun at once", 1, "T0")
		for range 5 {
			w.run(61 * s)
			w.wantHeard("begun at once")
			w.wantUp("begun at once", 0, "T0")
			w.wantUp("begun at once", 1, "T0")
		}
		w.wantOne("begun at once")
		if w.asked > 2 {
			t.Fatalf("%d negotiations", w.asked)
		}
	})
}

// TestTwoRekeyAtOnce: both sides are made to rekey in the same moment, by
// volume; one pair is left, and nobody was ever down.
func TestTwoRekeyAtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newTwo(t, rapid.Uint64().Draw(t, "seed"), day)
		w.open(0, "T0")
		w.open(1, "T0")
		w.run(200 * s)
		for round := range rapid.IntRange(1, 5).Draw(t, "rounds") {
			w.jitter, w.always = s, "rekeyed at once"
			for i, s := range w.sides {
				c := s.dbs[0].byPeer[ends[1-i]].current()
				c.soft = w.now.Add(time.Duration(rapid.IntRange(0, 50).Draw(t, "ms")) * time.Millisecond)
				s.schedule(c.socket)
			}
			for range 20 {
				w.run(10 * s)
				w.wantHeard("rekeyed at once")
				w.wantUp("rekeyed at once", 0, "T0")
				w.wantUp("rekeyed at once", 1, "T0")
			}
			w.wantOne("rekeyed at once")
			if most := 2 + 2*(round+1); w.asked > most {
				t.Fatalf("%d negotiations, %d at most", w.asked, most)
			}
		}
	})
}

// TestTwoBadly: negotiations and deletes are lost, tunnels come and go, SAs are
// cleared; once all is quiet, both sides come to one pair again.
func TestTwoBadly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newTwo(t, rapid.Uint64().Draw(t, "seed"), day)
		w.loss, w.jitter = 0.3, s
		side, tunnel := rapid.IntRange(0, 1), rapid.SampledFrom([]string{"T0", "T1"})
		wait := rapid.Int64Range(0, int64(2*time.Hour))
		t.Repeat(map[string]func(*rapid.T){
			"open":  func(t *rapid.T) { w.open(side.Draw(t, "side"), tunnel.Draw(t, "tunnel")) },
			"close": func(t *rapid.T) { w.close(side.Draw(t, "side"), tunnel.Draw(t, "tunnel")) },
			"wait":  func(t *rapid.T) { w.run(time.Duration(wait.Draw(t, "wait"))) },
			"clear": func(t *rapid.T) {
				i := side.Draw(t, "side")
				w.carry(i, w.sides[i].Clear(w.now, Selector{}))
			},
		})
		w.loss = 0
		for i := range w.sides {
			w.open(i, "T0")
		}
		w.run(3 * time.Hour)
		if in, _ := w.spis(0); len(in) > 1 { // just rekeyed
			w.run(linger + lingerMore + s)
		}
		w.wantOne("quiet again")
		for i := range w.sides {
			w.close(i, "T0")
			w.close(i, "T1")
		}
		w.run(2 * time.Hour)
		for i, s := range w.sides {
			if len(s.SAs())+len(s.byKey)+len(s.dbs[0].byPeer)+len(s.queue)+len(s.ups) != 0 {
				t.Fatalf("side %d keeps something: %v, up %v", i, s.Snapshot(), s.ups)
			}
		}
	})
}
