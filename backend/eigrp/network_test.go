package eigrp

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"gresh/backend/rib"
)

var boot = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// A network is routers on segments, with real packets between them and a clock
// of its own. The same seed gives the same history.
type network struct {
	t        testing.TB
	now      time.Time
	agenda   agenda
	births   int
	rand     *rand.Rand
	nodes    []*node
	segments []*segment
	owner    map[netip.Addr]port
	delay    func() time.Duration
	fate     func(from, to *node, m Message) int // how many copies arrive
	after    func(n *node, out Output)           // every call of an engine
	log      []string
	packets  int
	trace    func(from, to *node, m Message)
}

// A node is a router: its engine, and what it forwards by.
type node struct {
	*Engine
	name  string
	cfg   Config
	ports map[string]*segment
	addrs map[string]netip.Addr
	fib   map[netip.Prefix][]rib.Route
	wake  time.Time
	dead  bool
}

// A segment joins interfaces. If it has a hub, multicast passes between the hub
// and the others only.
type segment struct {
	members []port
	hub     *node
	cut     bool
}

type port struct {
	*node
	iface string
	addr  netip.Addr
	on    *segment
}

type happening struct {
	at   time.Time
	born int
	do   func()
}

type agenda []happening

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].at.Before(a[j].at) || a[i].at.Equal(a[j].at) && a[i].born < a[j].born
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(happening)) }
func (a *agenda) Pop() any {
	old := *a
	last := old[len(old)-1]
	*a = old[:len(old)-1]
	return last
}

func newNetwork(t testing.TB, seed uint64) *network {
	w := &network{t: t, now: boot, rand: rand.New(rand.NewPCG(seed, 1)), owner: map[netip.Addr]port{}}
	w.delay = func() time.Duration { return 10 * time.Millisecond }
	return w
}

// router adds a router of AS 1.
func (w *network) router(name string) *node {
	n := &node{Engine: New(), name: name, ports: map[string]*segment{}, addrs: map[string]netip.Addr{}, fib: map[netip.Prefix][]rib.Route{}}
	n.cfg = Config{AS: 1, RouterID: netip.AddrFrom4([4]byte{1, 1, byte(len(w.nodes) >> 8), byte(len(w.nodes))})}
	w.nodes = append(w.nodes, n)
	return n
}

// attach gives a router an interface on a segment; nil: one with nobody else.
func (w *network) attach(n *node, s *segment, i Interface) {
	i.Up = true
	n.cfg.Interfaces = append(n.cfg.Interfaces, i)
	if s == nil {
		s = &segment{}
	}
	if !slices.Contains(w.segments, s) {
		w.segments = append(w.segments, s)
	}
	p := port{n, i.Name, i.Addr.Addr(), s}
	s.members = append(s.members, p)
	n.ports[i.Name], n.addrs[i.Name] = s, p.addr
	w.owner[p.addr] = p
}

// boot configures every router.
func (w *network) boot() {
	for _, n := range w.nodes {
		w.configure(n)
	}
}

func (w *network) configure(n *node) {
	n.cfg.Interfaces = slices.Clone(n.cfg.Interfaces)
	w.carry(n, n.Configure(w.now, n.cfg))
}

// edit changes an interface of a router.
func (w *network) edit(n *node, name string, change func(*Interface)) {
	for i := range n.cfg.Interfaces {
		if n.cfg.Interfaces[i].Name == name {
			n.cfg.Interfaces = slices.Clone(n.cfg.Interfaces)
			change(&n.cfg.Interfaces[i])
		}
	}
	if !n.dead {
		w.configure(n)
	}
}

// carrier takes a segment away, or brings it back; its interfaces see that.
func (w *network) carrier(s *segment, up bool) {
	s.cut = !up
	for _, p := range s.members {
		w.edit(p.node, p.iface, func(i *Interface) { i.Up = up })
	}
}

// crash stops a router without a word.
func (w *network) crash(n *node) {
	n.dead, n.wake = true, time.Time{}
	n.fib = map[netip.Prefix][]rib.Route{}
}

func (w *network) reboot(n *node) {
	n.dead, n.Engine = false, New()
	w.configure(n)
}

func (w *network) later(d time.Duration, do func()) {
	w.births++
	heap.Push(&w.agenda, happening{w.now.Add(d), w.births, do})
}

// carry carries an output out, in the documented order.
func (w *network) carry(n *node, out Output) {
	for _, c := range out.Routes {
		if len(c.Routes) == 0 {
			delete(n.fib, c.Prefix)
		} else {
			n.fib[c.Prefix] = c.Routes
		}
	}
	if w.after != nil {
		w.after(n, out)
	}
	for _, e := range out.Log {
		w.log = append(w.log, fmt.Sprintf("%v %s: %s", w.now.Sub(boot), n.name, spell(e)))
	}
	for _, p := range out.Send {
		w.send(n, p)
	}
	if next := n.Next(); !next.Equal(n.wake) {
		n.wake = next
		if !next.IsZero() {
			w.later(max(next.Sub(w.now), 0), func() { w.advance(n, next) })
		}
	}
}

func (w *network) advance(n *node, at time.Time) {
	if !n.dead && n.wake.Equal(at) {
		n.wake = time.Time{}
		w.carry(n, n.Advance(w.now))
	}
}

func (w *network) send(from *node, p Packet) {
	s := from.ports[p.Interface]
	me := w.owner[from.addrs[p.Interface]]
	if p.Addr != Group {
		if to := w.owner[p.Addr]; to.on == s {
			w.fly(me, to, p)
		}
		return
	}
	for _, to := range s.members {
		if to.node != from && (s.hub == nil || s.hub == from || s.hub == to.node) {
			w.fly(me, to, p)
		}
	}
}

func (w *network) fly(from, to port, p Packet) {
	copies := 1
	if w.fate != nil || w.trace != nil {
		m, err := Parse(p.Payload)
		if err != nil {
			w.t.Fatalf("%s sends what cannot be read: %v", from.name, err)
		}
		if w.trace != nil {
			w.trace(from.node, to.node, m)
		}
		if w.fate != nil {
			copies = w.fate(from.node, to.node, m)
		}
	}
	engine := to.Engine
	for range copies {
		w.packets++
		w.later(w.delay(), func() {
			if !from.on.cut && !to.dead && to.node.Engine == engine {
				in := Packet{Interface: to.iface, Addr: from.addr, Multicast: p.Addr == Group, Payload: p.Payload}
				w.carry(to.node, to.Receive(w.now, in))
			}
		})
	}
}

// run lets d pass.
func (w *network) run(d time.Duration) {
	until := w.now.Add(d)
	for len(w.agenda) > 0 && !w.agenda[0].at.After(until) {
		next := heap.Pop(&w.agenda).(happening)
		w.now = next.at
		next.do()
	}
	w.now = until
}

// said returns what was logged since the last call.
func (w *network) said() string {
	all := strings.Join(w.log, "\n")
	w.log = nil
	return all
}

func (w *network) want(what, got, want string) {
	w.t.Helper()
	if strings.TrimSpace(got) != strings.TrimSpace(want) {
		w.t.Errorf("%s:\n%s\nwant:\n%s", what, strings.TrimSpace(got), strings.TrimSpace(want))
	}
}

// spell says an event.
func spell(e Event) string {
	switch e := e.(type) {
	case NeighborUp:
		return fmt.Sprintf("%v (%s) up", e.Addr, e.Interface)
	case NeighborDown:
		return fmt.Sprintf("%v (%s) down: %s", e.Addr, e.Interface, reasons[e.Reason])
	}
	return fmt.Sprintf("%T%v", e, e)
}

var reasons = map[Reason]string{
	HoldingTimeExpired: "holding time", RetryLimitExceeded: "retry limit", GoodbyeReceived: "goodbye",
	PeerTerminated: "terminated", PeerRestarted: "peer restarted", KMismatch: "K values", ManuallyCleared: "cleared",
	InterfaceDown: "interface down", InterfacePassive: "passive", StuckInActive: "stuck in active",
	ConfigurationChanged: "configuration",
}

// forwarding says what a router forwards by.
func (n *node) forwarding() string {
	var lines []string
	for _, p := range slices.SortedFunc(func(yield func(netip.Prefix) bool) {
		for p := range n.fib {
			if !yield(p) {
				return
			}
		}
	}, comparePrefix) {
		for _, r := range n.fib[p] {
			kind := "D"
			if r.Source == rib.EIGRPExternal {
				kind = "D EX"
			}
			via := ""
			if r.Via.IsValid() {
				via = fmt.Sprintf("via %v, ", r.Via)
			}
			lines = append(lines, fmt.Sprintf("%s %v [%d/%d] %s%s", kind, p, r.Distance, r.Metric, via, r.Dev))
		}
	}
	return strings.Join(lines, "\n")
}

// loop returns a loop among the routers' forwarding to a prefix, if there is
// one: every path of a load share counts.
func (w *network) loop(p netip.Prefix) (found []string) {
	const open, closed = 1, 2
	state := map[*node]int{}
	var walk func(n *node, path []string) bool
	walk = func(n *node, path []string) bool {
		path = append(path, n.name)
		if state[n] != 0 {
			if state[n] == open {
				found = path
			}
			return state[n] == open
		}
		state[n] = open
		for _, r := range n.fib[p] {
			to, ok := w.owner[r.Via]
			if ok && !to.on.cut && !to.dead && walk(to.node, path) {
				return true
			}
		}
		state[n] = closed
		return false
	}
	for _, n := range w.nodes {
		if walk(n, nil) {
			return found
		}
	}
	return nil
}
