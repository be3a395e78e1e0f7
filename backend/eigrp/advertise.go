package eigrp

import (
	"net/netip"
	"slices"
)

// An advert is what the neighbours on an interface have been told of a route.
type advert struct {
	told     *entry // by the last packet; nil: nothing, or that it is unreachable
	hop      bool   // with its next hop
	queued   bool   // there may be news
	query    bool   // they are to be asked
	doubtful bool   // not all of them have been told the same
}

// advert returns the advert of a route on an interface. It must not be kept.
func (r *route) advert(i *iface) *advert {
	for len(r.adverts) <= i.slot {
		r.adverts = append(r.adverts, advert{})
	}
	return &r.adverts[i.slot]
}

// say is what is to be told of a route on an interface; nil: nothing.
func (i *iface) say(r *route) (n *entry, hop bool) {
	n = r.reported
	switch {
	case n == nil || !i.engine.permits(n):
		return nil, false
	case n.origin == summary:
		if !slices.ContainsFunc(i.cfg.Summaries, func(s Summary) bool { return s.Prefix == r.prefix }) {
			return nil, false
		}
		return n, false
	case i.covers(r.prefix):
		return nil, false
	case n.iface == i && !i.cfg.NoSplitHorizon:
		return nil, false
	}
	return n, i.cfg.NoNextHopSelf && n.iface == i && n.from != nil
}

// covers says whether a summary is announced in place of a prefix.
func (i *iface) covers(p netip.Prefix) bool {
	return slices.ContainsFunc(i.cfg.Summaries, func(s Summary) bool { return within(p, s.Prefix) })
}

// within says whether p is a part of whole, and not all of it.
func within(p, whole netip.Prefix) bool { return p.Bits() > whole.Bits() && whole.Contains(p.Addr()) }

// permits says whether a stub router announces an entry.
func (e *Engine) permits(n *entry) bool {
	s := e.cfg.Stub
	switch {
	case s == 0:
		return true
	case n.from != nil || s&StubReceiveOnly != 0:
		return false
	case n.origin == connected:
		return s&StubConnected != 0
	case n.origin == summary:
		return s&StubSummary != 0
	case n.external.Protocol == FromConnected:
		return s&StubConnected != 0
	case n.external.Protocol == FromStatic:
		return s&StubStatic != 0
	}
	return s&StubRedistributed != 0
}

// is says whether neighbours know already what they would be told.
func (a *advert) is(n *entry, hop bool) bool {
	if n == nil || a.told == nil {
		return n == a.told
	}
	return n.metric == a.told.metric && n.tag == a.told.tag && n.flags == a.told.flags &&
		hop == a.hop && (!hop || n.via == a.told.via) && sameExternal(n.external, a.told.external)
}

func sameExternal(a, b *External) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// queue has news of a route told on an interface.
func (i *iface) queue(r *route) {
	if a := r.advert(i); !a.queued {
		a.queued = true
		i.changes = append(i.changes, r.prefix)
	}
}

// advertise tells the news of a passive route wherever there are any.
func (e *Engine) advertise(r *route) {
	for _, i := range e.ifaces {
		e.advertiseOn(i, r)
	}
}

func (e *Engine) advertiseOn(i *iface, r *route) {
	if !i.running {
		return
	}
	n, hop := i.say(r)
	if a := r.advert(i); a.doubtful || !a.is(n, hop) {
		i.queue(r)
	}
}

// readvertise tells what a new configuration of an interface changes.
func (e *Engine) readvertise(i *iface) {
	for _, r := range e.table.routes {
		if r.state == passive {
			e.advertiseOn(i, r)
		}
	}
}

// repeat has a route told again wherever it is told: there may be neighbours
// that came while it was active, and have been told nothing.
func (e *Engine) repeat(r *route) {
	for _, i := range e.ifaces {
		if n, _ := i.say(r); n != nil && i.running {
			r.advert(i).doubtful = true
			i.queue(r)
		}
	}
}

// A change is news of a route, ready for a packet.
type change struct {
	r     *route
	said  *entry
	hop   bool
	op    Opcode // 0: there are none
	to    []*neighbor
	route Route
}

// change words the news of a prefix, and says whether there are any, and
// somebody to tell.
func (i *iface) change(p netip.Prefix) (c change, ok bool) {
	r := i.engine.table.by[p]
	if r == nil {
		return c, false
	}
	c.r = r
	a := r.advert(i)
	c.said, c.hop = i.say(r)
	switch {
	case r.state != passive && !a.query:
		return c, false // they are told when it is over
	case r.state != passive:
		c.op = Query
		for _, n := range i.neighbors {
			if q := r.computing.asked[n]; q != nil && !q.answered {
				c.to = append(c.to, n)
			}
		}
	case a.doubtful || !a.is(c.said, c.hop):
		c.op = Update
		c.to = i.listeners()
	}
	c.route = i.engine.word(p, c.said, c.hop)
	return c, len(c.to) > 0
}

// listeners are the neighbours that are told of changes.
func (i *iface) listeners() (list []*neighbor) {
	for _, n := range i.neighbors {
		if n.state == up {
			list = append(list, n)
		}
	}
	return list
}

// told books that news have gone out.
func (i *iface) told(c change) {
	if c.r == nil {
		return
	}
	a := c.r.advert(i)
	a.queued, a.query = false, false
	if c.op != 0 {
		a.told, a.hop, a.doubtful = c.said, c.hop, false
	}
	i.engine.table.drop(c.r)
}

// word says of a prefix what stands on the wire.
func (e *Engine) word(p netip.Prefix, n *entry, hop bool) Route {
	if n == nil {
		return Route{Prefix: p, Metric: unreachable}
	}
	r := Route{Prefix: p, Metric: n.metric, Tag: n.tag, Flags: n.flags, External: n.external}
	if hop {
		r.NextHop = n.via
	}
	if e.cfg.NoDefaultOut {
		r.Flags &^= routeDefault
	}
	return r
}

// worded says what a neighbour is answered. While a route is active, only who
// was asked may hear its distance: when the computation ends, nobody else
// would have agreed to a longer one.
func (n *neighbor) worded(a answer) Route {
	e := n.iface.engine
	r := e.table.by[a.prefix]
	if r == nil {
		return Route{Prefix: a.prefix, Metric: unreachable}
	}
	said, hop := n.iface.say(r)
	if r.state != passive && r.computing.asked[n] == nil {
		said = nil
	}
	route := e.word(a.prefix, said, hop)
	if r.state != passive && a.op != Reply {
		route.Flags |= routeActive
	}
	n.learns(r, said, hop)
	return route
}

// tabled says what a new neighbour is told of a route, if anything.
func (n *neighbor) tabled(r *route) (Route, bool) {
	e := n.iface.engine
	said, hop := n.iface.say(r)
	if said == nil || r.state != passive || e.table.by[r.prefix] != r {
		return Route{}, false
	}
	n.learns(r, said, hop)
	return e.word(r.prefix, said, hop), true
}

// learns books that one neighbour has been told of a route before the others.
func (n *neighbor) learns(r *route, said *entry, hop bool) {
	a := r.advert(n.iface)
	if said != nil && !a.is(said, hop) {
		a.doubtful = true
	}
}
