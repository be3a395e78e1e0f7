package nhrp

import (
	"net/netip"
	"slices"
	"time"
)

// A kind is how an entry came about.
type kind uint8

const (
	incomplete kind = iota // asked for, or known not to exist
	static                 // configured
	registered             // by the client itself: we are its server
	resolved               // by asking, or by being asked

	kinds = 4
)

// An entry maps a tunnel address to an NBMA address.
type entry struct {
	tunnel     *tunnel
	addr, nbma netip.Addr
	peer       *peer // nil: no NBMA address
	kind       kind
	unique     bool
	created    time.Time
	hold       time.Duration // of a resolved entry, when it was last told
	expires    time.Time     // zero: never
	dataAt     time.Time     // data went through it
	usedUntil  time.Time     // control packets went through it within a minute before
	request    request
	hits       uint64
	timer      timer
}

// A cache holds a tunnel's entries, and keeps them in order: a view or a
// forwarding table of ten thousand is not sorted each time.
type cache struct {
	entries map[netip.Addr]*entry
	order   []*entry // by addr
}

func newCache() cache { return cache{entries: map[netip.Addr]*entry{}} }

func (c *cache) add(n *entry) {
	c.entries[n.addr] = n
	i, _ := slices.BinarySearchFunc(c.order, n.addr, compareAddr)
	c.order = slices.Insert(c.order, i, n)
}

func (c *cache) drop(n *entry) {
	delete(c.entries, n.addr)
	if i, found := slices.BinarySearchFunc(c.order, n.addr, compareAddr); found {
		c.order = slices.Delete(c.order, i, i+1)
	}
}

func compareAddr(n *entry, addr netip.Addr) int { return n.addr.Compare(addr) }

// insert makes an incomplete entry.
func (t *tunnel) insert(now time.Time, addr netip.Addr) *entry {
	n := &entry{tunnel: t, addr: addr, created: now}
	n.timer.fire = n.run
	t.add(n)
	t.engine.entries[incomplete]++
	return n
}

// become changes an entry's kind.
func (n *entry) become(k kind) {
	n.tunnel.engine.entries[n.kind]--
	n.tunnel.engine.entries[k]++
	n.kind = k
}

// bind gives an entry its NBMA address. The new peer is held before the old
// one is released.
func (t *tunnel) bind(n *entry, nbma netip.Addr, out *Output) {
	t.engine.changed(out)
	if n.peer != nil && n.nbma == nbma {
		return
	}
	old := n.peer
	n.nbma, n.peer = nbma, t.hold(nbma, out)
	n.peer.entries = append(n.peer.entries, n)
	t.unbind(n, old, out)
}

func (t *tunnel) unbind(n *entry, from *peer, out *Output) {
	if from == nil {
		return
	}
	from.entries = slices.DeleteFunc(from.entries, func(m *entry) bool { return m == n })
	t.release(from, out)
}

// remove forgets an entry.
func (t *tunnel) remove(n *entry, why Reason, out *Output) {
	if n.kind == registered {
		out.Log = append(out.Log, ClientDown{t.cfg.Name, Party{n.addr, n.nbma}, t.local(), why})
	}
	t.remapped(n, out)
	t.engine.entries[n.kind]--
	t.engine.timers.set(&n.timer, time.Time{})
	t.drop(n)
	t.unbind(n, n.peer, out)
	n.peer = nil
	t.endShortcuts(func(s *shortcut) bool { return s.via == n.addr }, out)
}

// remapped says that an entry came or goes, if data goes anywhere by it.
func (t *tunnel) remapped(n *entry, out *Output) {
	if n.target().IsValid() {
		t.engine.changed(out)
	}
}

// local names ourselves.
func (t *tunnel) local() Party { return Party{t.addr(), t.cfg.NBMA} }

// appendNeighbors appends the tunnel's mappings.
func (t *tunnel) appendNeighbors(to []Neighbor) []Neighbor {
	if !t.running || !t.cfg.Multipoint {
		return to
	}
	for _, n := range t.order {
		if nbma := n.target(); nbma.IsValid() && !t.beyond(n.addr) {
			to = append(to, Neighbor{t.cfg.Name, n.addr, nbma})
		}
	}
	return to
}

// target is where data to an entry goes: to a server, which passes it on, as
// long as the peer is not known or not protected.
func (n *entry) target() netip.Addr {
	direct := n.kind == static || n.kind == registered || n.kind == resolved && n.peer.up
	if direct {
		return n.nbma
	}
	if relay := n.tunnel.relay(); relay != nil {
		return relay.nbma
	}
	return n.nbma
}

// appendMulticasts appends the tunnel's destinations of multicast.
func (t *tunnel) appendMulticasts(to []Multicast) []Multicast {
	if !t.running || !t.cfg.Multipoint {
		return to
	}
	all := slices.Clone(t.cfg.Multicast)
	if t.cfg.Dynamic {
		for _, n := range t.order {
			if n.kind == registered {
				all = append(all, n.nbma)
			}
		}
	}
	slices.SortFunc(all, netip.Addr.Compare)
	for _, nbma := range slices.Compact(all) {
		to = append(to, Multicast{t.cfg.Name, nbma})
	}
	return to
}
