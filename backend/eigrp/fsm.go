package eigrp

import (
	"maps"
	"slices"
	"time"
)

// DUAL (RFC 7868 section 3). A route is passive while a neighbour that meets
// the feasibility condition gives the shortest path. When none does, it goes
// active: the path in use is frozen, all who may count on it are asked, and
// only when each of them has replied may the feasible distance rise. What the
// number of an active state says is whose doing it was, and whether the path
// became worse meanwhile.
type dualState uint8

const (
	passive dualState = iota
	active0           // our own doing, and the path became worse
	active1           // our own doing
	active2           // the successor asked, and the path became worse or was already active
	active3           // the successor asked
)

// A dualEvent is what moves a route from state to state. The numbers are those
// of the input events of RFC 7868.
type dualEvent uint8

const (
	infeasible     dualEvent = iota // 3: no feasible successor, and the successor did not ask
	successorAsks                   // 4, 5
	farther                         // 9, 10: the frozen path is longer than was said
	lastFeasible                    // 13 to 16: all have replied, and there is a feasible successor
	lastInfeasible                  // 11, 12: all have replied, and there is none
)

// dual is the machine. Where an event cannot be, nothing changes. In active1
// and active3 the last reply voids the feasible distance, so that whatever is
// left is feasible.
var dual = [...][5]dualState{
	passive: {infeasible: active1, successorAsks: active3, farther: passive, lastFeasible: passive, lastInfeasible: passive},
	active0: {infeasible: active0, successorAsks: active2, farther: active0, lastFeasible: passive, lastInfeasible: active1},
	active1: {infeasible: active1, successorAsks: active2, farther: active0, lastFeasible: passive, lastInfeasible: active1},
	active2: {infeasible: active2, successorAsks: active2, farther: active2, lastFeasible: passive, lastInfeasible: active3},
	active3: {infeasible: active3, successorAsks: active3, farther: active2, lastFeasible: passive, lastInfeasible: active3},
}

// A computation is what an active route waits for.
type computation struct {
	asked   map[*neighbor]*question
	waiting int       // for so many replies
	parent  *neighbor // of the frozen path; nil: none, or this router
	origin  *neighbor // the parent, if it has asked: it gets its reply last
	timer   timer
}

// A question was put to a neighbour.
type question struct {
	answered bool
	sia      int  // how often it was reminded
	alive    bool // it answered the last reminder
}

const siaMax = 3 // reminders (section 4.4.1.1)

// heard takes what a packet of a neighbour says of a prefix.
func (e *Engine) heard(n *neighbor, op Opcode, said Route) {
	if a := said.Prefix.Addr(); a.IsMulticast() || a.IsLoopback() || op == Request || op == Hello {
		return
	}
	if op == SIAQuery {
		n.owe(SIAReply, said.Prefix)
		return
	}
	r, entry := e.table.by[said.Prefix], n.entry(said)
	if r == nil && entry.distance == infinite {
		if op == Query {
			n.owe(Reply, said.Prefix)
		}
		return
	}
	r = e.need(said.Prefix)
	if op == SIAReply && said.Flags&routeActive != 0 {
		r.reminded(n)
		return
	}
	if op == Reply || op == SIAReply {
		r.replied(n)
	}
	r.set(entry)
	e.input(r, n, op == Query)
}

// input goes on after the entries of a route have changed. From is the
// neighbour that changed them, if one did, and asks whether it wants a reply.
func (e *Engine) input(r *route, from *neighbor, asks bool) {
	if r.state == passive {
		e.inputPassive(r, from, asks)
	} else {
		e.inputActive(r, from, asks)
	}
	e.touch(r)
}

func (e *Engine) inputPassive(r *route, from *neighbor, asks bool) {
	best := r.best()
	if r.satisfies(best) {
		e.adopt(r, best)
		if asks {
			from.owe(Reply, r.prefix)
		}
		return
	}
	c := &computation{}
	if r.successor != nil {
		c.parent = r.successor.from
	}
	r.computing = c
	event := infeasible
	switch {
	case asks && from == c.parent:
		event, c.origin = successorAsks, from
	case asks:
		from.owe(Reply, r.prefix)
	}
	e.become(r, event)
	e.ask(r)
	e.conclude(r)
}

func (e *Engine) inputActive(r *route, from *neighbor, asks bool) {
	c := r.computing
	r.successor = r.current(r.successor)
	switch {
	case asks && from == c.parent:
		c.origin = from
		e.become(r, successorAsks)
	case asks:
		from.owe(Reply, r.prefix)
		fallthrough
	default:
		if distanceOf(r.successor) > distanceOf(r.reported) {
			e.become(r, farther)
		}
	}
	e.conclude(r)
}

func distanceOf(n *entry) uint32 {
	if n == nil {
		return infinite
	}
	return n.distance
}

// become changes the state.
func (e *Engine) become(r *route, event dualEvent) {
	if next := dual[r.state][event]; next != r.state {
		r.state, r.since = next, e.now
	}
}

// ask freezes the path in use, and puts its distance to all who may count on a
// shorter one.
func (e *Engine) ask(r *route) {
	c := r.computing
	r.successor = r.current(r.successor)
	r.reported = r.successor
	c.asked, c.waiting = map[*neighbor]*question{}, 0
	for _, i := range e.ifaces {
		a := r.advert(i)
		asked := false
		for _, n := range i.neighbors {
			if n.state == up && n.stub == nil && (a.told != nil || a.doubtful || len(n.queue) > 0) {
				c.asked[n] = &question{}
				asked = true
			}
		}
		if asked {
			a.query = true
			i.queue(r)
		}
	}
	c.waiting = len(c.asked)
	if c.waiting > 0 {
		c.timer.fire = func() { e.remind(r) }
		e.setActiveTimer(c)
	}
}

func (e *Engine) setActiveTimer(c *computation) {
	if e.cfg.Active > 0 {
		e.timers.set(&c.timer, e.now.Add(e.cfg.Active/2))
	}
}

// replied takes a reply.
func (r *route) replied(n *neighbor) {
	if r.computing == nil {
		return
	}
	if q := r.computing.asked[n]; q != nil && !q.answered {
		q.answered = true
		r.computing.waiting--
	}
}

// conclude ends the computation when all have replied. In active0 and active2
// the path became worse after it was asked about: they know of the distance
// that was asked, and a path that is not feasible by that needs another round.
func (e *Engine) conclude(r *route) {
	for r.state != passive && r.computing.waiting == 0 {
		r.feasible = infinite
		if r.state == active0 || r.state == active2 {
			r.feasible = distanceOf(r.reported)
		}
		best := r.best()
		if !r.satisfies(best) {
			e.become(r, lastInfeasible)
			e.ask(r)
			continue
		}
		c := r.computing
		e.become(r, lastFeasible)
		r.computing = nil
		e.timers.set(&c.timer, time.Time{})
		e.adopt(r, best)
		e.repeat(r)
		if c.origin != nil {
			c.origin.owe(Reply, r.prefix)
		}
	}
}

// adopt makes an entry the path of a passive route; nil: there is none.
func (e *Engine) adopt(r *route, best *entry) {
	r.successor = best
	r.feasible = min(r.feasible, distanceOf(best))
	if best == nil {
		r.feasible = infinite
	}
	r.reported = best
	e.advertise(r)
}

// lost goes on without a neighbour: what it said is void, and it owes no reply
// any more.
func (e *Engine) lost(n *neighbor) {
	for _, r := range slices.Clone(e.table.routes) {
		touched := false
		if c := r.computing; c != nil {
			waiting := c.waiting
			r.replied(n)
			touched = c.waiting != waiting
			delete(c.asked, n)
			if c.origin == n {
				c.origin = nil
			}
			if c.parent == n {
				c.parent = nil
			}
		}
		if r.of(n) != nil {
			r.set(&entry{from: n, distance: infinite})
			touched = true
		}
		if touched {
			e.input(r, nil, false)
		}
	}
}

// reminded notes that a neighbour still works on its reply.
func (r *route) reminded(n *neighbor) {
	if r.computing != nil && r.computing.asked[n] != nil {
		r.computing.asked[n].alive = true
	}
}

// remind asks those who have not replied whether they are still at it, and
// drops those who did not answer that, or have been asked often enough.
func (e *Engine) remind(r *route) {
	c := r.computing
	e.setActiveTimer(c)
	for _, n := range slices.SortedFunc(maps.Keys(c.asked), compareNeighbors) {
		q := c.asked[n]
		switch {
		case r.computing != c || q == nil || q.answered:
		case q.sia > 0 && !q.alive || q.sia == siaMax:
			e.out.Log = append(e.out.Log, Stuck{e.cfg.AS, r.prefix, n.iface.cfg.Name, n.addr})
			n.drop(StuckInActive)
		default:
			q.sia, q.alive = q.sia+1, false
			n.owe(SIAQuery, r.prefix)
		}
	}
}

// entry makes an entry of what a neighbour says.
func (n *neighbor) entry(said Route) *entry {
	i, e := n.iface, n.iface.engine
	x := &entry{from: n, iface: i, via: n.addr, said: said.Metric, tag: said.Tag, flags: said.Flags &^ routeActive,
		external: said.External}
	if hop := said.NextHop; hop.IsValid() && i.cfg.Addr.Masked().Contains(hop) {
		x.via = hop
	}
	if e.cfg.NoDefaultIn {
		x.flags &^= routeDefault
	}
	if x.via == i.local() || said.External != nil && said.External.Router == e.cfg.RouterID {
		x.said = unreachable // it has come back
	}
	x.measure()
	return x
}

// measure fills in the distances.
func (n *entry) measure() {
	e := n.iface.engine
	n.metric = n.said.over(n.iface.link)
	if int(n.metric.Hops) > e.cfg.MaximumHops {
		n.metric = unreachable
	}
	n.reported, n.distance = e.cfg.Weights.Distance(n.said), e.cfg.Weights.Distance(n.metric)
}

// relink measures anew what is reached over an interface.
func (i *iface) relink() {
	e := i.engine
	for _, r := range slices.Clone(e.table.routes) {
		touched := false
		for _, old := range slices.Clone(r.entries) {
			if old.iface == i && old.from != nil {
				n := *old
				n.measure()
				r.set(&n)
				touched = true
			}
		}
		if touched {
			e.input(r, nil, false)
		}
	}
}
