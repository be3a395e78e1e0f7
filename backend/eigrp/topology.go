package eigrp

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"gresh/backend/rib"
)

// A topology is every prefix that somebody announces.
type topology struct {
	routes []*route // by prefix
	by     map[netip.Prefix]*route
}

func newTopology() topology { return topology{by: map[netip.Prefix]*route{}} }

// A route is a prefix in the topology table, and where DUAL stands with it.
// See fsm.go.
type route struct {
	prefix    netip.Prefix
	entries   []*entry // one per neighbour that can reach it, in their order
	state     dualState
	successor *entry // whose path is used; nil: there is none
	reported  *entry // what neighbours are told; frozen while active
	feasible  uint32 // FD: no neighbour has been told less
	computing *computation

	adverts   []advert // by slot of the interface
	installed []rib.Route
	dirty     bool
	since     time.Time // of the state
}

// An origin is how an entry came here.
type origin uint8

const (
	learned origin = iota
	connected
	summary
	redistributed
)

// An entry is one way to a prefix. It is never changed, only replaced: what
// was reported stays what it was.
type entry struct {
	from     *neighbor // nil: this router
	origin   origin
	iface    *iface     // nil: of no interface of ours
	via      netip.Addr // the next hop
	said     Metric     // by the neighbour
	metric   Metric     // with the link to it
	reported uint32     // RD: the distance from the neighbour
	distance uint32     // from here
	tag      uint32
	flags    uint8
	external *External
}

// class orders entries whatever their distance: what is our own before what is
// not, internal before external.
func (n *entry) class() int {
	switch n.origin {
	case connected:
		return 0
	case summary:
		return 1
	case redistributed:
		return 2
	}
	if n.external == nil {
		return 3
	}
	return 4
}

// sameWay says whether two entries are of the same neighbour, or both of the
// same origin here.
func (n *entry) sameWay(o *entry) bool {
	return n.from == o.from && n.origin == o.origin && (n.from != nil || n.iface == o.iface)
}

func compareEntries(a, b *entry) int {
	if a.from == nil || b.from == nil {
		return cmp.Or(cmp.Compare(a.class(), b.class()), cmp.Compare(a.slot(), b.slot()))
	}
	return compareNeighbors(a.from, b.from)
}

func (n *entry) slot() int {
	if n.iface == nil {
		return -1
	}
	return n.iface.slot
}

func comparePrefix(a, b netip.Prefix) int {
	return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
}

func (t *topology) find(p netip.Prefix) (int, bool) {
	return slices.BinarySearchFunc(t.routes, p, func(r *route, p netip.Prefix) int { return comparePrefix(r.prefix, p) })
}

// need returns the route to a prefix, which may be new.
func (e *Engine) need(p netip.Prefix) *route {
	t := &e.table
	if r := t.by[p]; r != nil {
		return r
	}
	r := &route{prefix: p, feasible: infinite, since: e.now}
	at, _ := t.find(p)
	t.routes = slices.Insert(t.routes, at, r)
	t.by[p] = r
	return r
}

// drop forgets a route that nobody knows and nobody is to be told of.
func (t *topology) drop(r *route) {
	if r.state != passive || len(r.entries) > 0 || len(r.installed) > 0 || t.by[r.prefix] != r {
		return
	}
	for _, a := range r.adverts {
		if a.queued || a.doubtful || a.told != nil {
			return
		}
	}
	at, _ := t.find(r.prefix)
	t.routes = slices.Delete(t.routes, at, at+1)
	delete(t.by, r.prefix)
}

// forget clears what was told on an interface, whose slot may be used anew.
func (t *topology) forget(i *iface) {
	for _, r := range t.routes {
		if i.slot < len(r.adverts) {
			r.adverts[i.slot] = advert{}
		}
	}
}

// set puts an entry in place of what was there of the same way; with an
// infinite distance it only takes away.
func (r *route) set(n *entry) {
	at, found := slices.BinarySearchFunc(r.entries, n, compareEntries)
	if found && r.entries[at].from != nil {
		r.entries[at].from.prefixes--
	}
	if found && n.distance == infinite {
		r.entries = slices.Delete(r.entries, at, at+1)
	} else if found {
		r.entries[at] = n
	} else if n.distance != infinite {
		r.entries = slices.Insert(r.entries, at, n)
	}
	if n.from != nil && n.distance != infinite {
		n.from.prefixes++
	}
}

// of returns the entry that a neighbour has given; nil: none.
func (r *route) of(from *neighbor) *entry {
	for _, n := range r.entries {
		if n.from == from {
			return n
		}
	}
	return nil
}

// current returns what has become of an entry; nil: it is gone.
func (r *route) current(old *entry) *entry {
	if old == nil {
		return nil
	}
	for _, n := range r.entries {
		if n.sameWay(old) {
			return n
		}
	}
	return nil
}

// best returns the entry of the shortest path; nil: there is none. Among
// equals a feasible one is preferred, then the one in use.
func (r *route) best() (best *entry) {
	for _, n := range r.entries {
		if best == nil || r.better(n, best) {
			best = n
		}
	}
	return best
}

func (r *route) better(n, than *entry) bool {
	if c := cmp.Or(cmp.Compare(n.class(), than.class()), cmp.Compare(n.distance, than.distance)); c != 0 {
		return c < 0
	}
	if f := r.satisfies(n); f != r.satisfies(than) {
		return f
	}
	return r.successor != nil && n.sameWay(r.successor)
}

// satisfies is the feasibility condition (RFC 7868 section 3.3): the
// neighbour is nearer than we have ever been, so its path cannot lead through
// us. Nil stands for no path at all.
func (r *route) satisfies(n *entry) bool {
	if n == nil {
		return r.feasible == infinite
	}
	return n.from == nil || n.reported < r.feasible
}
