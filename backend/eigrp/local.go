package eigrp

import (
	"net/netip"
	"slices"
)

// configureLocal makes entries of what this router itself can reach: the
// networks of its interfaces, and what is redistributed.
func (e *Engine) configureLocal() {
	wanted := map[netip.Prefix][]*entry{}
	want := func(p netip.Prefix, n *entry) {
		n.distance = e.cfg.Weights.Distance(n.metric)
		wanted[p] = append(wanted[p], n)
	}
	for _, i := range e.ifaces {
		if i.cfg.Up && i.cfg.Addr.IsValid() {
			want(i.cfg.Addr.Masked(), &entry{origin: connected, iface: i, metric: i.link})
		}
	}
	for _, o := range e.cfg.Redistributed {
		n := &entry{origin: redistributed, metric: o.Metric, tag: o.Tag,
			external: &External{Router: e.cfg.RouterID, AS: o.AS, Metric: o.ProtocolMetric, Protocol: o.Protocol}}
		if o.Default {
			n.flags = routeDefault
		}
		want(o.Prefix.Masked(), n)
	}
	for p := range wanted {
		e.need(p)
	}
	for _, r := range slices.Clone(e.table.routes) {
		e.setLocal(r, wanted[r.prefix], connected, redistributed)
	}
}

// setLocal makes the entries of a route that have one of the origins those
// that are wanted.
func (e *Engine) setLocal(r *route, wanted []*entry, origins ...origin) {
	touched := false
	for _, n := range slices.Clone(r.entries) {
		if slices.Contains(origins, n.origin) && !slices.ContainsFunc(wanted, n.sameWay) {
			gone := *n
			gone.distance = infinite
			r.set(&gone)
			touched = true
		}
	}
	for _, n := range wanted {
		if old := r.current(n); old == nil || !n.says(old) {
			r.set(n)
			touched = true
		}
	}
	if touched {
		e.input(r, nil, false)
	} else {
		e.table.drop(r)
	}
}

// says says whether two entries say the same.
func (n *entry) says(o *entry) bool {
	return n.metric == o.metric && n.tag == o.tag && n.flags == o.flags && sameExternal(n.external, o.external)
}

// summarize keeps the summaries: there is one as long as there is a part of
// it, and it has the metric of the nearest.
func (e *Engine) summarize() {
	if !e.resum {
		return
	}
	var there []netip.Prefix
	for _, p := range e.summaries() {
		if part := e.nearest(p); part != nil {
			there = append(there, p)
			n := &entry{origin: summary, metric: part.metric, distance: part.distance}
			e.setLocal(e.need(p), []*entry{n}, summary)
		}
	}
	for _, p := range e.summarized {
		if r := e.table.by[p]; r != nil && !slices.Contains(there, p) {
			e.setLocal(r, nil, summary)
		}
	}
	e.summarized = there
	e.resum = false
}

// summaries are those of all interfaces.
func (e *Engine) summaries() (list []netip.Prefix) {
	for _, i := range e.ifaces {
		for _, s := range i.cfg.Summaries {
			if !slices.Contains(list, s.Prefix) {
				list = append(list, s.Prefix)
			}
		}
	}
	return list
}

// nearest is the shortest path to a part of a prefix; nil: there is none.
func (e *Engine) nearest(whole netip.Prefix) (best *entry) {
	at, _ := e.table.find(whole)
	for _, r := range e.table.routes[at:] {
		if !whole.Contains(r.prefix.Addr()) {
			break
		}
		if n := r.successor; n != nil && n.origin != summary && within(r.prefix, whole) &&
			(best == nil || n.distance < best.distance) {
			best = n
		}
	}
	return best
}

// summaryDistance is how far the discard route of a summary is from the
// table, if it is to be there at all.
func (e *Engine) summaryDistance(p netip.Prefix) uint8 {
	for _, i := range e.ifaces {
		for _, s := range i.cfg.Summaries {
			if s.Prefix == p && s.Distance != 0 {
				return s.Distance
			}
		}
	}
	return summaryDistance
}
