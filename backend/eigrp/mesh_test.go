package eigrp

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// A mesh is routers with a LAN each, and links between them at random. All
// links have the same bandwidth: then the distance is a sum, and the shortest
// paths are those of Dijkstra.
type mesh struct {
	*network
	links []*link
	lans  []netip.Prefix
	story []string
	quiet time.Duration // that is needed after what happened
}

type link struct {
	*segment
	a, b  int
	net   netip.Prefix
	delay uint32
}

const (
	meshRouters = 12
	meshLinks   = 20
	lanDelay    = 10
	meshKbits   = 10000
)

func newMesh(t testing.TB, seed uint64) *mesh {
	m := &mesh{network: newNetwork(t, seed)}
	m.network.delay = func() time.Duration { return time.Duration(1+m.rand.IntN(50)) * time.Millisecond }
	for i := range meshRouters {
		n := m.router(fmt.Sprintf("R%d", i))
		n.cfg.MaximumPaths = 16
		lan := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 168, byte(i), 1}), 24)
		m.lans = append(m.lans, lan.Masked())
		m.attach(n, nil, Interface{Name: "Lan", Addr: lan, Bandwidth: meshKbits, Delay: lanDelay, Passive: true})
	}
	for i := range meshLinks {
		a, b := i, m.rand.IntN(meshRouters)
		if i < meshRouters-1 {
			a, b = i+1, m.rand.IntN(i+1) // a tree first
		} else {
			a = m.rand.IntN(meshRouters)
		}
		if a != b {
			m.link(a, b)
		}
	}
	m.boot()
	m.network.after = m.check
	return m
}

func (m *mesh) link(a, b int) {
	k := len(m.links)
	l := &link{segment: &segment{}, a: a, b: b, delay: uint32(1 + m.rand.IntN(8))}
	for side, n := range []int{a, b} {
		addr := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(k), byte(side + 1)}), 24)
		l.net = addr.Masked()
		m.attach(m.nodes[n], l.segment, Interface{Name: fmt.Sprintf("Link%d", k), Addr: addr,
			Bandwidth: meshKbits, Delay: l.delay, Hello: 60 * time.Second, Hold: 180 * time.Second})
	}
	m.links = append(m.links, l)
}

// check looks for a loop after every event.
func (m *mesh) check(n *node, out Output) {
	for _, c := range out.Routes {
		if found := m.loop(c.Prefix); found != nil {
			m.t.Fatalf("at %v, after %s: a loop to %v: %v\n%v", m.now.Sub(boot), n.name, c.Prefix, found, m.story)
		}
	}
}

// rough loses, repeats and overtakes packets. Hellos arrive: a neighbour that
// only one side has given up is not what DUAL is about.
func (m *mesh) rough(from, to *node, p Message) int {
	switch k := m.rand.IntN(100); {
	case p.Op == Hello && !p.acknowledgment():
		return 1
	case k < 5:
		return 0
	case k < 8:
		return 2
	}
	return 1
}

// disturb lets something happen.
func (m *mesh) disturb() {
	l := m.links[m.rand.IntN(len(m.links))]
	n := m.nodes[m.rand.IntN(len(m.nodes))]
	switch m.rand.IntN(9) {
	case 0, 1, 2:
		m.tell("link %s-%s up: %v", m.nodes[l.a].name, m.nodes[l.b].name, l.cut)
		m.carrier(l.segment, l.cut)
	case 3, 4, 5:
		l.delay = uint32(1 + m.rand.IntN(8))
		m.tell("link %s-%s delay %d", m.nodes[l.a].name, m.nodes[l.b].name, l.delay)
		for _, p := range l.members {
			m.edit(p.node, p.iface, func(i *Interface) { i.Delay = l.delay })
		}
	case 6, 7:
		up := m.rand.IntN(2) == 0
		m.tell("%s's LAN up: %v", n.name, up)
		m.edit(n, "Lan", func(i *Interface) { i.Up = up })
	case 8:
		m.tell("%s dies", n.name)
		m.crash(n)
		m.quiet = 190 * time.Second
	}
}

func (m *mesh) tell(format string, args ...any) {
	m.story = append(m.story, fmt.Sprintf("%v ", m.now.Sub(boot))+fmt.Sprintf(format, args...))
}

// distances are the sums of delays from every router to a prefix.
func (m *mesh) distances(target netip.Prefix) (dist []int) {
	const far = 1 << 30
	dist = slices.Repeat([]int{far}, len(m.nodes))
	for i, n := range m.nodes {
		for _, c := range n.cfg.Interfaces {
			if c.Up && !n.dead && c.Addr.Masked() == target {
				dist[i] = int(c.Delay)
			}
		}
	}
	for done := map[int]bool{}; ; {
		at := -1
		for i, d := range dist {
			if !done[i] && d < far && !m.nodes[i].dead && (at < 0 || d < dist[at]) {
				at = i
			}
		}
		if at < 0 {
			return dist
		}
		done[at] = true
		for _, l := range m.links {
			for _, pair := range [][2]int{{l.a, l.b}, {l.b, l.a}} {
				if !l.cut && pair[0] == at && !m.nodes[pair[1]].dead {
					dist[pair[1]] = min(dist[pair[1]], dist[at]+int(l.delay))
				}
			}
		}
	}
}

// compare compares what every router forwards by with the shortest paths.
func (m *mesh) compare() {
	targets := slices.Clone(m.lans)
	for _, l := range m.links {
		targets = append(targets, l.net)
	}
	for _, p := range targets {
		dist := m.distances(p)
		for i, n := range m.nodes {
			if n.dead {
				continue
			}
			var want []netip.Addr
			if !m.attached(n, p) {
				for _, l := range m.links {
					for _, s := range l.members {
						j := m.index(s.node)
						if !l.cut && (l.a == i || l.b == i) && j != i && !s.dead && dist[i] < 1<<30 && dist[j]+int(l.delay) == dist[i] {
							want = append(want, s.addr)
						}
					}
				}
			}
			var got []netip.Addr
			for _, r := range n.fib[p] {
				got = append(got, r.Via)
				if metric := uint32(scale * (10_000_000/meshKbits + dist[i])); r.Metric != metric {
					m.t.Errorf("%s to %v: metric %d, want %d", n.name, p, r.Metric, metric)
				}
			}
			for _, a := range got {
				if !slices.Contains(want, a) {
					m.t.Fatalf("%s to %v goes by %v, the shortest paths by %v\n%v", n.name, p, got, want, m.story)
				}
			}
			for _, a := range want {
				if !slices.Contains(got, a) && n.feasible(p, a) || len(got) == 0 {
					m.t.Fatalf("%s to %v does not go by %v\n%v", n.name, p, a, m.story)
				}
			}
		}
	}
}

// feasible says whether a neighbour meets the feasibility condition: one that
// does not gives no path, however short.
func (n *node) feasible(p netip.Prefix, via netip.Addr) bool {
	r := n.table.by[p]
	return slices.ContainsFunc(r.entries, func(x *entry) bool { return x.via == via && r.satisfies(x) })
}

func (m *mesh) attached(n *node, p netip.Prefix) bool {
	return slices.ContainsFunc(n.cfg.Interfaces, func(c Interface) bool { return c.Up && c.Addr.Masked() == p })
}

func (m *mesh) index(n *node) int { return slices.Index(m.nodes, n) }

// TestNoLoopAtAnyInstant is the promise of DUAL: whatever happens in a mesh,
// however packets are lost, repeated and overtaken, the routers' forwarding
// never has a loop, and after quiet it is the shortest paths.
func TestNoLoopAtAnyInstant(t *testing.T) {
	meshes, histories := 50, 20
	if testing.Short() {
		meshes = 3
	}
	for seed := range meshes {
		m := newMesh(t, uint64(seed))
		m.network.fate = m.rough
		m.run(10 * time.Second)
		for range histories {
			m.history()
		}
		if t.Failed() {
			t.Fatalf("mesh %d", seed)
		}
	}
}

// history lets some things happen, waits until all is quiet, and brings the
// dead back.
func (m *mesh) history() {
	m.story, m.quiet = nil, 30*time.Second
	for range 6 {
		m.disturb()
		m.run(time.Duration(m.rand.IntN(400)) * time.Millisecond)
	}
	m.run(m.quiet)
	m.compare()
	for _, n := range m.nodes {
		if n.dead {
			m.reboot(n)
		}
	}
	m.run(10 * time.Second)
}
