package rib

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// resolveDepthMax bounds recursion of next hops.
const resolveDepthMax = 8

// A Table holds the best routes of a moment. It is a value made whole by
// Build; the zero Table is empty.
type Table struct {
	best      map[netip.Prefix][]Route // equal-cost routes, sorted by next hop
	lengths   [33]bool                 // which prefix lengths occur
	shortcuts map[netip.Prefix]Route   // of NHRP
}

// An Entry is a prefix with its next hops resolved to interfaces.
type Entry struct {
	Prefix netip.Prefix
	Hops   []Hop // none: the route discards
}

// A Hop is an interface, and the neighbour there; Via is invalid when the
// destination itself is on the link.
type Hop struct {
	Dev string
	Via netip.Addr
}

// Null0 is the interface of a route that discards.
const Null0 = "Null0"

// Build chooses the best of the candidates per prefix: the smallest distance,
// then the smallest metric; equals share the load. A route whose next hop
// cannot be resolved to an interface is left out. A route that old held
// already keeps its age, a new one is of age now.
func Build(now time.Time, old Table, candidates []Route) Table {
	t := Table{best: map[netip.Prefix][]Route{}, shortcuts: map[netip.Prefix]Route{}}
	var sorted []Route
	for _, r := range candidates {
		if r.Source == NHRP {
			t.addShortcut(now, old, r)
		} else {
			sorted = append(sorted, r)
		}
	}
	slices.SortStableFunc(sorted, compare)
	// A recursive route may lean on another one: those that need no
	// resolution come first, then the rest until nothing more resolves.
	pending := t.admit(now, old, sorted, func(r Route) bool { return r.Dev != "" })
	for range resolveDepthMax {
		left := t.admit(now, old, pending, func(r Route) bool {
			_, ok := t.resolve(r, resolveDepthMax)
			return ok
		})
		if len(left) == len(pending) {
			break
		}
		pending = left
	}
	return t
}

// addShortcut adds a route of NHRP. It decides nothing about the others: it is
// only where their packets go meanwhile.
func (t *Table) addShortcut(now time.Time, old Table, r Route) {
	r.Prefix = r.Prefix.Masked()
	r.Since = now
	if o, ok := old.shortcuts[r.Prefix]; ok && o.sameHop(r) {
		r.Since = o.Since
	}
	t.shortcuts[r.Prefix] = r
}

// admit adds the routes that ready accepts and that no better one excludes,
// and returns those that were not ready.
func (t *Table) admit(now time.Time, old Table, routes []Route, ready func(Route) bool) []Route {
	var left []Route
	for _, r := range routes {
		r.Prefix = r.Prefix.Masked()
		if !ready(r) {
			left = append(left, r)
			continue
		}
		r.Since = old.since(r, now)
		have := t.best[r.Prefix]
		switch {
		case len(have) == 0 || rank(r, have[0]) < 0:
			t.best[r.Prefix] = []Route{r}
		case rank(r, have[0]) == 0 && !slices.ContainsFunc(have, r.sameHop):
			t.best[r.Prefix] = append(have, r)
		}
		t.lengths[r.Prefix.Bits()] = true
	}
	return left
}

func (r Route) sameHop(o Route) bool { return r.Via == o.Via && r.Dev == o.Dev }

func rank(a, b Route) int {
	return cmp.Or(cmp.Compare(a.Distance, b.Distance), cmp.Compare(a.Metric, b.Metric))
}

func compare(a, b Route) int {
	return cmp.Or(a.Prefix.Addr().Compare(b.Prefix.Addr()), cmp.Compare(a.Prefix.Bits(), b.Prefix.Bits()),
		rank(a, b), a.Via.Compare(b.Via), cmp.Compare(a.Dev, b.Dev))
}

func (t Table) since(r Route, now time.Time) time.Time {
	for _, o := range t.best[r.Prefix] {
		if o.Source == r.Source && o.sameHop(r) {
			return o.Since
		}
	}
	return now
}

// Lookup returns the routes of the longest prefix that holds the address; nil
// if there is none. Shortcuts are none of them.
func (t Table) Lookup(a netip.Addr) []Route {
	for bits := 32; bits >= 0; bits-- {
		if !t.lengths[bits] {
			continue
		}
		p, err := a.Prefix(bits)
		if err != nil {
			return nil // not IPv4
		}
		if rs := t.best[p]; rs != nil {
			return rs
		}
	}
	return nil
}

// resolve follows a route's next hop to an interface, through other routes if
// need be. A route must not lean on itself.
func (t Table) resolve(r Route, depth int) (Hop, bool) {
	if r.Dev != "" {
		return Hop{r.Dev, r.Via}, true
	}
	if depth == 0 || r.Prefix.Contains(r.Via) && r.Prefix.Bits() == 32 {
		return Hop{}, false
	}
	for _, next := range t.Lookup(r.Via) {
		if next.Prefix == r.Prefix.Masked() || next.Prefix.Bits() == 0 && r.Prefix.Bits() == 0 {
			continue
		}
		hop, ok := t.resolve(next, depth-1)
		if !ok {
			continue
		}
		if !hop.Via.IsValid() {
			hop.Via = r.Via // the next hop is on the link
		}
		return hop, true
	}
	return Hop{}, false
}

// Routes returns all the best routes, by prefix. Behind those of a prefix stands
// the shortcut in their place; of one that is for no more than its own prefix
// there is nothing else.
func (t Table) Routes() []Route {
	var all []Route
	for p, rs := range t.best {
		_, overridden := t.shortcuts[p]
		for _, r := range rs {
			r.Overridden = overridden
			all = append(all, r)
		}
	}
	for p, r := range t.shortcuts {
		_, r.Overrides = t.best[p]
		all = append(all, r)
	}
	slices.SortFunc(all, compare)
	return all
}

// Entries returns what to forward by, by prefix.
func (t Table) Entries() []Entry {
	var all []Entry
	for _, r := range t.Routes() {
		if r.Overridden {
			continue
		}
		hop, ok := t.resolve(r, resolveDepthMax)
		if !ok {
			continue
		}
		if len(all) == 0 || all[len(all)-1].Prefix != r.Prefix {
			all = append(all, Entry{Prefix: r.Prefix})
		}
		e := &all[len(all)-1]
		if hop.Dev != Null0 && !slices.Contains(e.Hops, hop) {
			e.Hops = append(e.Hops, hop)
		}
	}
	return all
}

// Resolve follows a route to the interface and the neighbour there; not ok if
// it leads nowhere.
func (t Table) Resolve(r Route) (Hop, bool) { return t.resolve(r, resolveDepthMax) }
