package eigrp

import (
	"cmp"
	"slices"

	"gresh/backend/rib"
)

// touch says that the paths of a route, and what they are part of, are to be
// looked at before the call ends.
func (e *Engine) touch(r *route) {
	e.resum = true
	if !r.dirty {
		r.dirty = true
		e.dirty = append(e.dirty, r)
	}
}

// install says which routes have changed.
func (e *Engine) install() {
	for _, r := range e.dirty {
		r.dirty = false
		routes := e.ribRoutes(r)
		if !slices.Equal(routes, r.installed) {
			r.installed = routes
			e.out.Routes = append(e.out.Routes, Change{r.prefix, routes})
		}
		e.table.drop(r)
	}
	e.dirty = e.dirty[:0]
}

// Routes returns all routes, by prefix.
func (e *Engine) Routes() (all []rib.Route) {
	for _, r := range e.table.routes {
		all = append(all, r.installed...)
	}
	return all
}

// ribRoutes are the routes of the paths that a prefix is forwarded by. Their
// metric is that of the shortest: those that variance admits share the load.
func (e *Engine) ribRoutes(r *route) (routes []rib.Route) {
	if s := r.successor; s != nil && s.origin == summary {
		distance := e.summaryDistance(r.prefix)
		if distance == 255 {
			return nil
		}
		return []rib.Route{{Prefix: r.prefix, Dev: rib.Null0, Source: rib.EIGRP, Distance: distance, Metric: s.distance}}
	}
	paths := e.paths(r)
	for _, n := range paths {
		route := rib.Route{Prefix: r.prefix, Via: n.via, Dev: n.iface.cfg.Name, Source: rib.EIGRP,
			Distance: e.cfg.Internal, Metric: paths[0].distance, Tag: n.tag}
		if n.external != nil {
			route.Source, route.Distance = rib.EIGRPExternal, e.cfg.External
		}
		routes = append(routes, route)
	}
	return routes
}

// paths are the entries that a prefix is forwarded by, the shortest first. All
// but the successor meet the feasibility condition, whatever the state; while
// it is active, no new one is taken.
func (e *Engine) paths(r *route) (paths []*entry) {
	s := r.successor
	if s != nil && s.from == nil {
		return nil
	}
	for _, n := range r.entries {
		switch {
		case n == s:
			paths = append(paths, n)
		case n.from == nil || n.reported >= r.feasible:
		case r.state != passive && r.uses(n):
			paths = append(paths, n)
		case r.state == passive && s != nil && n.class() == s.class() &&
			uint64(n.distance) <= uint64(s.distance)*uint64(e.cfg.Variance):
			paths = append(paths, n)
		}
	}
	slices.SortStableFunc(paths, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), a.via.Compare(b.via))
	})
	var ways []*entry // two neighbours may name the same next hop
	for _, n := range paths {
		same := func(o *entry) bool { return o.via == n.via && o.iface == n.iface }
		if !slices.ContainsFunc(ways, same) && len(ways) < e.cfg.MaximumPaths {
			ways = append(ways, n)
		}
	}
	return ways
}

// uses says whether an entry is forwarded by now.
func (r *route) uses(n *entry) bool {
	return slices.ContainsFunc(r.installed, func(o rib.Route) bool {
		return o.Via == n.via && o.Dev == n.iface.cfg.Name
	})
}
