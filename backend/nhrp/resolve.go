package nhrp

import (
	"net/netip"
	"time"
)

const (
	// incompleteHold is how long an address is asked for.
	incompleteHold = 3 * time.Minute
	// negativeHold is how long "no such address" is believed: short, since a
	// station that is booting is no such address either.
	negativeHold = 30 * time.Second
	// refreshMost is how long before its end an entry in use is asked for again.
	refreshMost = 1 * time.Minute
	// inUseFor is how long ago data may have gone through an entry in use.
	inUseFor = 1 * time.Minute
	// usedFor is how long a control packet leaves its mark.
	usedFor = 1 * time.Minute
)

func inUse(last, now time.Time) bool {
	return !last.IsZero() && now.Sub(last) < inUseFor
}

// resolve asks for an address that data is to go to.
func (t *tunnel) resolve(now time.Time, addr netip.Addr, out *Output) {
	if !t.cfg.Multipoint || t.cfg.ServerOnly || !t.claimable(addr) && !(t.cfg.Shortcut && t.beyond(addr)) {
		return
	}
	if n := t.entries[addr]; n != nil {
		n.hits++
		return // known, asked for already, or known not to exist
	}
	if t.engine.askedEnough() {
		return
	}
	n := t.insert(now, addr)
	n.hits, n.expires = 1, now.Add(incompleteHold)
	t.remapped(n, out)
	if len(t.servers) > 0 {
		t.ask(now, n, out)
	}
	n.schedule()
}

func (n *entry) pending() bool { return n.request.pending() }

// ask sends a resolution request, the first or one more, by a server.
func (t *tunnel) ask(now time.Time, n *entry, out *Output) {
	if !n.pending() {
		n.request.id = t.engine.requestID()
	}
	if s := t.relay(); s != nil {
		t.send(now, s.nbma, t.resolutionMessage(n), out)
		t.pass(now, s.addr)
	}
	n.request.next = now.Add(backoff(n.request.tries))
	n.request.tries++
}

func (t *tunnel) resolutionMessage(n *entry) Message {
	flags := uint16(flagRouter | flagAuthoritative | flagStableSource | flagNAT)
	m := t.message(ResolutionRequest, flags, n.request.id, n.addr)
	c := t.self()
	m.Clients = []Client{{Prefix: prefixHost, MTU: c.MTU, Hold: c.Hold}}
	return t.begin(m, t.outside())
}

// pass marks the entry that a control packet goes through.
func (t *tunnel) pass(now time.Time, addr netip.Addr) {
	if n := t.entries[addr]; n != nil {
		n.usedUntil = now.Add(usedFor)
		n.schedule()
	}
}

// run does what is due of an entry.
func (n *entry) run(now time.Time, out *Output) {
	t := n.tunnel
	if due(n.expires, now) {
		t.expire(n, out)
		return
	}
	if due(n.usedUntil, now) {
		n.usedUntil = time.Time{}
	}
	if due(n.request.next, now) || due(n.refreshAt(), now) {
		t.ask(now, n, out)
	}
	n.schedule()
}

func (t *tunnel) expire(n *entry, out *Output) {
	if n.kind == incomplete && n.pending() {
		out.Log = append(out.Log, ResolutionFailed{t.cfg.Name, n.addr, Success})
	}
	t.remove(n, Expired, out)
}

func due(at, now time.Time) bool { return !at.IsZero() && !now.Before(at) }

// refreshAt is when an entry will have to be asked for again; zero: it need
// not, because nothing uses it, or it is being asked for.
//
// Used is what the last part of its life saw data: a part so small that an
// entry which has just been refreshed is not used yet.
func (n *entry) refreshAt() time.Time {
	window := min(refreshMost, n.hold/3)
	at := n.expires.Add(-window)
	if n.kind != resolved || n.pending() || !n.dataAt.After(at.Add(-window)) {
		return time.Time{}
	}
	return at
}

// schedule sets the timer to the first of the entry's deadlines.
func (n *entry) schedule() {
	first := firstTime(n.expires, n.request.next, n.usedUntil, n.refreshAt())
	n.tunnel.engine.timers.set(&n.timer, first)
}

// resolved takes up a mapping that a reply gave, or a request of that station.
func (t *tunnel) resolved(now time.Time, n *entry, nbma netip.Addr, hold uint16, out *Output) {
	n.become(resolved)
	n.request = request{}
	n.hold = time.Duration(hold) * time.Second
	n.expires = now.Add(n.hold)
	t.bind(n, nbma, out)
	n.schedule()
}

// resolutionReply takes a reply to us.
func (t *tunnel) resolutionReply(now time.Time, p Packet, m Message, out *Output) {
	n := t.entries[m.Dst]
	if n == nil || !n.pending() || n.request.id != m.ID || len(m.Clients) == 0 {
		t.traffic.UnknownReply++
		return
	}
	c := m.Clients[0]
	nbma := m.seen(c.Addr, c.NBMA)
	switch {
	case p.NBMA != nbma && !t.isServer(p.NBMA):
		t.refuse(p, m, m.Dst, Spoofed, out)
	case c.Code != 0:
		t.denied(now, n, Code(c.Code), out)
	case t.beyond(m.Dst) && t.claimable(c.Addr) && t.reachable(nbma) && c.Hold > 0:
		t.shorten(now, m.Dst, c, nbma, out)
	case c.Addr != m.Dst || !t.reachable(nbma) || c.Hold == 0:
		t.refuse(p, m, m.Dst, BadAddress, out)
		t.complain(now, p, m, InvalidReply, out)
	default:
		t.resolved(now, n, nbma, c.Hold, out)
	}
}

// denied ends a request that was answered with no. What was known stays until
// its time is over.
func (t *tunnel) denied(now time.Time, n *entry, code Code, out *Output) {
	n.request = request{}
	if n.kind == incomplete {
		n.expires = now.Add(negativeHold)
	}
	out.Log = append(out.Log, ResolutionFailed{t.cfg.Name, n.addr, code})
	n.schedule()
}
