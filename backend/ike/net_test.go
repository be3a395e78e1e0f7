package ike

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"gresh/backend/sadb"
)

var boot = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

var (
	hub   = netip.MustParseAddr("172.17.0.1")
	spoke = netip.MustParseAddr("172.17.0.11")
)

// A world is engines on a network whose faults are known in advance.
type world struct {
	t       testing.TB
	now     time.Time
	nodes   []*node
	flying  []flight
	serial  uint64
	delay   time.Duration
	chance  *rand.Rand
	loss    float64
	twice   float64
	jitter  time.Duration
	drop    func(d Datagram) bool // nil: none
	rewrite func(d *Datagram)     // what a NAT does, nil: nothing
	sent    int
	slow    time.Duration // how long computing takes
	jobs    int
}

// A node is an engine and the part of sadb that a test needs: which pairs it
// has, and the rule by which it keeps one of two.
type node struct {
	*Engine
	addr   netip.Addr
	cfg    Config
	pairs  []sadb.Pair
	failed []Failure
	gone   []sadb.Key
	moves  []Moved
	log    []Event
}

type flight struct {
	at     time.Time
	serial uint64
	d      Datagram
	do     func() // not nil: no datagram, but a result
}

func newWorld(t testing.TB, seed uint64, addrs ...netip.Addr) *world {
	w := &world{t: t, now: boot, delay: 10 * time.Millisecond, chance: rand.New(rand.NewPCG(seed, 1))}
	for i, a := range addrs {
		n := &node{Engine: New(), addr: a, cfg: standard(a)}
		n.cfg.Rand = rand.NewChaCha8([32]byte{byte(seed), byte(i + 1)})
		w.nodes = append(w.nodes, n)
		w.carry(n, n.Configure(w.now, n.cfg))
	}
	return w
}

// standard is a configuration as the guide's: AES and SHA-1 in group 2 stand
// in for what is weaker there, and one shared SADB for every peer.
func standard(local netip.Addr) Config {
	return Config{
		Policies: []Policy{{Priority: 1, Encryption: AES128, Hash: SHA1, Group: 2, Lifetime: 24 * time.Hour}},
		Keys:     []Key{{netip.MustParsePrefix("0.0.0.0/0"), "cisco47"}},
		SADBs: sadb.Policies{{
			SADB: "vpnprof-head-1", Profile: "vpnprof", Local: local, Shared: true,
			Sets: []sadb.TransformSet{{Name: "trans2", Cipher: sadb.AES, KeyBits: 128, Auth: sadb.SHA1,
				Mode: sadb.TransportMode}},
			Lifetime: sadb.Lifetime{Seconds: 3600, Kilobytes: 4608000}, ReplayWindow: 64,
		}},
	}
}

// configure changes a node's configuration.
func (w *world) configure(i int, change func(c *Config)) {
	n := w.nodes[i]
	change(&n.cfg)
	w.carry(n, n.Configure(w.now, n.cfg))
}

func (w *world) initiate(i, peer int) {
	n := w.nodes[i]
	w.carry(n, n.Initiate(w.now, Request{SADB: n.cfg.SADBs[0].SADB, Local: n.addr, Peer: w.nodes[peer].addr}))
}

// carry does what an output asks, in its order.
func (w *world) carry(n *node, out Output) {
	for _, k := range out.Deleted {
		n.gone = append(n.gone, k)
		n.pairs = slices.DeleteFunc(n.pairs, func(p sadb.Pair) bool {
			return p.In[0].Key() == k || p.Out[0].Key() == k
		})
	}
	n.pairs = append(n.pairs, out.Install...)
	n.moves = append(n.moves, out.Moved...)
	n.failed = append(n.failed, out.Failed...)
	n.log = append(n.log, out.Log...)
	for _, d := range out.Send {
		w.fly(d)
	}
	for _, j := range out.Compute {
		w.jobs++
		if w.slow == 0 {
			w.carry(n, n.Computed(w.now, j.ID, j.Run()))
			continue
		}
		w.serial++
		w.flying = append(w.flying, flight{w.now.Add(w.slow), w.serial, Datagram{},
			func() { w.carry(n, n.Computed(w.now, j.ID, j.Run())) }})
	}
}

func (w *world) fly(d Datagram) {
	w.sent++
	if w.drop != nil && w.drop(d) || w.chance.Float64() < w.loss {
		return
	}
	copies := 1
	if w.chance.Float64() < w.twice {
		copies = 2
	}
	for range copies {
		at := w.now.Add(w.delay)
		if w.jitter > 0 {
			at = at.Add(time.Duration(w.chance.Int64N(int64(w.jitter))))
		}
		w.serial++
		w.flying = append(w.flying, flight{at, w.serial, d, nil})
	}
}

// next is the moment at which something happens.
func (w *world) next() (at time.Time) {
	for _, f := range w.flying {
		at = earliest(at, f.at)
	}
	for _, n := range w.nodes {
		at = earliest(at, n.Next())
	}
	return at
}

// run lets time pass.
func (w *world) run(d time.Duration) {
	end := w.now.Add(d)
	for range 1_000_000 {
		at := w.next()
		if at.IsZero() || at.After(end) {
			w.now = end
			return
		}
		if at.After(w.now) {
			w.now = at
		}
		w.step()
	}
	w.t.Fatal("the world never comes to rest")
}

func (w *world) step() {
	slices.SortFunc(w.flying, func(a, b flight) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.serial, b.serial))
	})
	if len(w.flying) > 0 && !w.flying[0].at.After(w.now) {
		f := w.flying[0]
		w.flying = w.flying[1:]
		if f.do != nil {
			f.do()
		} else {
			w.deliver(f.d)
		}
		return
	}
	for _, n := range w.nodes {
		if due := n.Next(); !due.IsZero() && !due.After(w.now) {
			w.carry(n, n.Advance(w.now))
			if next := n.Next(); !next.IsZero() && !next.After(w.now) {
				w.t.Fatalf("%v: still due at %v after Advance", n.addr, next)
			}
		}
	}
}

func (w *world) deliver(d Datagram) {
	if w.rewrite != nil {
		w.rewrite(&d)
	}
	for _, n := range w.nodes {
		if n.addr == d.Remote.Addr() {
			w.receive(n, Datagram{Local: d.Remote, Remote: d.Local, Payload: d.Payload})
		}
	}
}

// receive hands a datagram to a node, and holds it to one reply at most.
func (w *world) receive(n *node, d Datagram) Output {
	out := n.Receive(w.now, d)
	w.carry(n, out)
	return out
}

// wantPairs says which pairs a node must have now, by peer.
func (w *world) wantPairs(sentence string, i int, peers ...netip.Addr) {
	w.t.Helper()
	var got []netip.Addr
	for _, p := range w.nodes[i].pairs {
		got = append(got, p.Peer)
	}
	if !slices.Equal(got, peers) {
		w.t.Fatalf("%s: node %d has pairs with %v, want %v; log %s", sentence, i, got, peers, w.nodes[i].story())
	}
}

// wantMirrored says that two nodes hold the two ends of the same SAs.
func (w *world) wantMirrored(sentence string, a, b sadb.Pair) {
	w.t.Helper()
	same := func(x, y sadb.SA) bool {
		x.Replay, y.Replay = 0, 0
		x.SADB, y.SADB = "", ""
		return fmt.Sprint(x) == fmt.Sprint(y)
	}
	if !slices.EqualFunc(a.In, b.Out, same) || !slices.EqualFunc(a.Out, b.In, same) || len(a.In) == 0 {
		w.t.Fatalf("%s: the pairs are not each other's mirror:\n%+v\n%+v", sentence, a, b)
	}
	if a.Lifetime != b.Lifetime || a.Set.Cipher != b.Set.Cipher || a.PFS != b.PFS ||
		a.Initiator == b.Initiator {
		w.t.Fatalf("%s: the ends agreed on different things:\n%+v\n%+v", sentence, a, b)
	}
}

// wantSAs says how many ISAKMP SAs a node has that are not gone.
func (w *world) wantSAs(sentence string, i, want int) {
	w.t.Helper()
	got := 0
	for _, s := range w.nodes[i].Snapshot().SAs {
		if !s.Deleted {
			got++
		}
	}
	if got != want {
		w.t.Fatalf("%s: node %d has %d ISAKMP SAs, want %d; log %s", sentence, i, got, want, w.nodes[i].story())
	}
}

// story is the log of a node in one line.
func (n *node) story() string {
	var out []string
	for _, e := range n.log {
		out = append(out, strings.TrimPrefix(fmt.Sprintf("%T%+v", e, e), "ike."))
	}
	return strings.Join(out, "; ")
}

// wantEvent says that a node must have logged something of the same type, and
// of the same words where the wanted one has any.
func (w *world) wantEvent(sentence string, i int, want string) {
	w.t.Helper()
	if !strings.Contains(w.nodes[i].story(), want) {
		w.t.Fatalf("%s: node %d did not log %s, but: %s", sentence, i, want, w.nodes[i].story())
	}
}
