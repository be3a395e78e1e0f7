package sadb

import (
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// lawWorlds are the configurations that the laws go to and fro between.
var lawWorlds = []string{"shared", "T0 left", "two", "none", "moved", "other policy", "idle", "T0 to A"}

// A law is two engines that are told the same, and what they were told and said.
type law struct {
	*rapid.T
	twins  [2]*Engine
	now    time.Time
	config Policies
	holds  map[Ref]bool // a dumb second opinion
	ups    map[Ref]bool // as told
	sas    []Key        // of every pair installed, gone or not
	spi    uint32
	sent   map[way][]Key // what each peer was sent under last
}

// A way is where an SADB sends to.
type way struct {
	db   string
	peer netip.Addr
}

// tell tells both, and wants them to say the same.
func (l *law) tell(do func(*Engine) Output) Output {
	out := do(l.twins[0])
	if again := do(l.twins[1]); !reflect.DeepEqual(out, again) {
		l.Fatalf("one history, two outputs:\n%+v\n%+v", out, again)
	}
	for _, r := range out.Down {
		if !l.ups[r] {
			l.Fatalf("%v is told down, and was not up", r)
		}
		delete(l.ups, r)
	}
	for _, r := range out.Up {
		if l.ups[r] {
			l.Fatalf("%v is told up, and was up", r)
		}
		l.ups[r] = true
	}
	return out
}

// mayHold says whether a tunnel is anywhere, and leads to a peer.
func (l *law) mayHold(r Ref) bool {
	return slices.ContainsFunc(l.config, func(p Policy) bool {
		return slices.ContainsFunc(p.Tunnels, func(m Member) bool {
			return m.Name == r.Tunnel && (!m.Remote.IsValid() || m.Remote == r.Peer)
		})
	})
}

func (l *law) configure(name string) {
	l.config = configs[name]
	for r := range l.holds {
		if !l.mayHold(r) {
			delete(l.holds, r)
		}
	}
	l.tell(func(e *Engine) Output { return e.Configure(l.now, Config{l.config}) })
}

// check is the invariants.
func (l *law) check(*rapid.T) {
	e := l.twins[0]
	var sas []SA
	holds, ups, keys := map[Ref]bool{}, map[Ref]bool{}, 0
	for at, db := range e.dbs {
		last := HeadSequence
		for _, i := range e.Snapshot().SADBs[at].Instances {
			s := db.byPeer[i.Peer]
			if i.Sequence <= last || s.sequence != i.Sequence {
				l.Fatalf("instance %d after %d, and %d", i.Sequence, last, s.sequence)
			}
			last = i.Sequence
			for _, t := range i.Tunnels {
				holds[Ref{t, i.Peer}] = true
				if len(i.Pairs) > 0 {
					ups[Ref{t, i.Peer}] = true
				}
			}
			for n, p := range i.Pairs {
				sas = append(sas, p.In...)
				keys += len(p.In) + len(p.Out)
				if !p.Superseded && n != len(i.Pairs)-1 {
					l.Fatalf("two pairs to send under: %v", e.Snapshot())
				}
			}
			for _, p := range s.pairs {
				if p.sent {
					sas = append(sas, p.Out...)
				}
			}
			l.checkSocket(s)
		}
	}
	l.checkOrder(e.SAs())
	switch {
	case !reflect.DeepEqual(holds, l.holds):
		l.Fatalf("held: %v, want %v", holds, l.holds)
	case !reflect.DeepEqual(ups, l.ups):
		l.Fatalf("told up: %v, up: %v", l.ups, ups)
	case len(sas) != len(e.SAs()) || len(sas) > 0 && !reflect.DeepEqual(sas, e.SAs()):
		l.Fatalf("SAs %s, of the pairs %s", spisOf(e.SAs()), spisOf(sas))
	case keys != len(e.byKey):
		l.Fatalf("%d SAs in the index, %d in pairs", len(e.byKey), keys)
	}
}

// checkOrder wants what is to be sent under to have come last, for each peer.
func (l *law) checkOrder(sas []SA) {
	was := l.sent
	l.sent = map[way][]Key{}
	for _, sa := range sas {
		if sa.Src == hubAddr || sa.Src == elsewhere {
			to := way{sa.SADB, sa.Dst}
			l.sent[to] = append(l.sent[to], sa.Key())
		}
	}
	for to, now := range l.sent {
		left := slices.DeleteFunc(was[to], func(k Key) bool { return !slices.Contains(now, k) })
		if !slices.Equal(left, now[:len(left)]) {
			l.Fatalf("to %v it was sent under %v, and is under %v", to, left, now)
		}
	}
}

// checkSocket is the invariants of one socket.
func (l *law) checkSocket(s *socket) {
	scheduled := time.Time{}
	if s.at >= 0 {
		scheduled = l.twins[0].queue[s.at].due
	}
	switch {
	case !s.held() && len(s.pairs) == 0:
		l.Fatalf("%v is nobody's", s.peer)
	case s.held() && len(s.pairs) == 0 && s.retry.IsZero():
		l.Fatalf("%v is held, and nothing is done for it", s.peer)
	case len(s.pairs) > 0 && !slices.ContainsFunc(s.pairs, func(p *pair) bool { return p.sent }):
		l.Fatalf("nothing to send to %v under", s.peer)
	case len(s.pairs) > pairsMost:
		l.Fatalf("%d pairs", len(s.pairs))
	case !scheduled.Equal(s.next()):
		l.Fatalf("%v is to run at %v, and wants to at %v", s.peer, scheduled, s.next())
	}
}

// wantLowest wants an instance that is new to have the lowest free number.
func (l *law) wantLowest(was Snapshot) {
	for at, db := range l.twins[0].Snapshot().SADBs {
		before := was.SADBs[at].Instances
		for _, i := range db.Instances {
			if slices.ContainsFunc(before, func(o Instance) bool { return o.Peer == i.Peer }) {
				continue
			}
			for n := HeadSequence + 1; n < i.Sequence; n++ {
				if !slices.ContainsFunc(before, func(o Instance) bool { return o.Sequence == n }) {
					l.Fatalf("the new instance is %d, though %d is free", i.Sequence, n)
				}
			}
		}
	}
}

var lawPeers = []netip.Addr{spokeAddr, otherAddr, netip.MustParseAddr("172.17.0.13"), netip.MustParseAddr("172.17.0.14")}

func (l *law) ref() Ref {
	return Ref{rapid.SampledFrom([]string{"T0", "T1"}).Draw(l.T, "tunnel"), rapid.SampledFrom(lawPeers).Draw(l.T, "peer")}
}

func (l *law) install() {
	names := []string{"vpnprof", "one"}
	name, local := rapid.SampledFrom(names).Draw(l.T, "SADB"), hubAddr
	if len(l.config) > 0 && rapid.IntRange(0, 9).Draw(l.T, "old address") > 0 {
		local = l.config[0].Local
	}
	l.spi = l.spi + 2
	spi := l.spi ^ uint32(rapid.IntRange(0, 1).Draw(l.T, "high or low"))<<20
	p := pairOf(name, local, l.ref().Peer, rapid.Bool().Draw(l.T, "initiator"), spi)
	p.Lifetime.Seconds = rapid.SampledFrom([]uint32{0, 30, 120, 3600}).Draw(l.T, "lifetime")
	l.sas = append(l.sas, p.In[0].Key(), p.Out[0].Key())
	was := l.twins[0].Snapshot()
	l.tell(func(e *Engine) Output { return e.Installed(l.now, p) })
	l.wantLowest(was)
}

// advance goes on to the next deadline, or a little, and wants no deadline to be left behind.
func (l *law) advance() {
	next := l.twins[0].Next()
	l.now = l.now.Add(time.Duration(rapid.Int64Range(0, int64(90*s)).Draw(l.T, "wait")))
	if !next.IsZero() && rapid.Bool().Draw(l.T, "until due") {
		l.now = next
	}
	out := l.tell(func(e *Engine) Output { return e.Advance(l.now) })
	if l.now.Before(next) && !reflect.DeepEqual(out, Output{}) {
		l.Fatalf("early, and yet %v", out)
	}
	if after := l.twins[0].Next(); !after.IsZero() && !after.After(l.now) {
		l.Fatalf("due at %v, at %v", after, l.now)
	}
}

// TestLaws tells an engine anything at all, in any order.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &law{T: t, twins: [2]*Engine{New(), New()}, now: boot, holds: map[Ref]bool{}, ups: map[Ref]bool{}, spi: 1000}
		l.configure("shared")
		some := func() (keys []Key) {
			for range rapid.IntRange(0, 3).Draw(t, "keys") {
				if len(l.sas) > 0 {
					keys = append(keys, rapid.SampledFrom(l.sas).Draw(t, "key"))
				}
			}
			return keys
		}
		open := func(*rapid.T) {
			r, was := l.ref(), l.twins[0].Snapshot()
			if l.mayHold(r) {
				l.holds[r] = true
			}
			l.tell(func(e *Engine) Output { return e.Open(l.now, r.Tunnel, r.Peer) })
			l.wantLowest(was)
		}
		t.Repeat(map[string]func(*rapid.T){
			"":          l.check,
			"configure": func(t *rapid.T) { l.configure(rapid.SampledFrom(lawWorlds).Draw(t, "configuration")) },
			"open":      open, "open another": open, // more often than what ends sockets
			"install": func(*rapid.T) { l.install() }, "install another": func(*rapid.T) { l.install() },
			"close": func(*rapid.T) {
				r := l.ref()
				delete(l.holds, r)
				l.tell(func(e *Engine) Output { return e.Close(l.now, r.Tunnel, r.Peer) })
			},
			"deleted": func(*rapid.T) {
				keys := some()
				l.tell(func(e *Engine) Output { return e.Deleted(l.now, keys) })
			},
			"unconfirmed": func(*rapid.T) {
				for _, key := range some() {
					l.tell(func(e *Engine) Output { return e.Unconfirmed(l.now, key) })
				}
			},
			"failed": func(*rapid.T) {
				p := l.ref().Peer
				l.tell(func(e *Engine) Output {
					return e.Failed(l.now, Request{SADB: "vpnprof", Local: hubAddr, Peer: p}, "no reason")
				})
			},
			"acquire": func(*rapid.T) {
				p := l.ref().Peer
				l.tell(func(e *Engine) Output { return e.Acquire(l.now, "vpnprof", "T0", p) })
			},
			"volume": func(t *rapid.T) {
				octets := rapid.Uint64Range(0, 1100*1024).Draw(t, "octets")
				for _, key := range some() {
					l.tell(func(e *Engine) Output { return e.Volume(l.now, key, octets) })
				}
			},
			"clear": func(*rapid.T) {
				which := Selector{Peer: l.ref().Peer}
				l.tell(func(e *Engine) Output { return e.Clear(l.now, which) })
			},
			"advance": func(*rapid.T) { l.advance() },
		})
		l.end()
	})
}

// end closes everything, and wants nothing to be left.
func (l *law) end() {
	for _, tunnel := range []string{"T0", "T1"} {
		for _, p := range lawPeers {
			delete(l.holds, Ref{tunnel, p})
			l.tell(func(e *Engine) Output { return e.Close(l.now, tunnel, p) })
		}
	}
	l.check(nil)
	l.tell(func(e *Engine) Output { return e.Clear(l.now, Selector{}) })
	e := l.twins[0]
	left := len(e.byKey) + len(e.queue) + len(e.SAs()) + len(l.ups)
	for _, db := range e.dbs {
		left += len(db.byPeer) + len(db.slots) + len(db.free)
	}
	if left != 0 || !e.Next().IsZero() {
		l.Fatalf("something is left: %v", e.Snapshot())
	}
}
