package nhrp

import (
	"net/netip"
	"time"
)

// How a request is repeated: at 1, 2, 4, … 64 seconds.
const (
	retryFirst = 1 * time.Second
	retryMost  = 64 * time.Second
	retryLimit = 4 // unanswered registrations after which a server counts as down
)

// backoff is how long to wait for an answer to the nth request, from 0.
func backoff(n int) time.Duration { return min(retryFirst<<min(n, 6), retryMost) }

// A request is one that is in flight, or none.
type request struct {
	id    uint32
	tries int       // how often it was sent
	next  time.Time // when it will be again
}

func (r request) pending() bool { return r.tries > 0 }

// A registration is ours with one next-hop server.
type registration struct {
	tunnel     *tunnel
	addr, nbma netip.Addr // nbma invalid: no map, so the server cannot be reached
	responding bool
	since      time.Time // of the state
	request    request
	refused    Code
	sent       uint64
	failed     uint64
	received   uint64
	lastReply  time.Time
	timer      timer
}

func newRegistration(now time.Time, t *tunnel, addr netip.Addr) *registration {
	s := &registration{tunnel: t, addr: addr, since: now}
	s.timer.fire = s.advance
	return s
}

// locate finds the server's NBMA address, and says whether it moved.
func (s *registration) locate(now time.Time, out *Output) (moved bool) {
	nbma := s.tunnel.cfg.Remote
	if n := s.tunnel.entries[s.addr]; n != nil && n.kind == static {
		nbma = n.nbma
	}
	if nbma == s.nbma {
		return false
	}
	s.down(NoReason, out)
	s.nbma = nbma
	s.wait(now)
	return true
}

// reachable says whether there is a point in sending.
func (s *registration) reachable() bool {
	p := s.tunnel.peers[s.nbma]
	return s.nbma.IsValid() && (p == nil || p.up)
}

// start registers at once, if the server can be reached.
func (s *registration) start(now time.Time, out *Output) {
	s.wait(now)
	s.advance(now, out)
}

// wait gives up the request in flight; nothing happens until start.
func (s *registration) wait(now time.Time) {
	if !s.responding && s.request.pending() {
		s.since = now
	}
	s.request = request{}
	s.tunnel.engine.timers.set(&s.timer, time.Time{})
}

// end is for a registration that will not be used again.
func (s *registration) end() { s.tunnel.engine.timers.set(&s.timer, time.Time{}) }

// advance sends the request: the first, one more because the last was not
// answered, or, after a while, a new one.
func (s *registration) advance(now time.Time, out *Output) {
	if !s.reachable() {
		return
	}
	if s.request.pending() {
		s.failed++
	} else {
		s.tunnel.unpurge(s.nbma, s.tunnel.addr(), out)
		s.request.id = s.tunnel.engine.requestID()
		if !s.responding {
			s.since = now
		}
	}
	if s.request.tries >= retryLimit {
		s.down(NoAnswer, out)
	}
	s.tunnel.send(now, s.nbma, s.message(), out)
	s.tunnel.pass(now, s.addr)
	s.sent++
	s.request.next = now.Add(backoff(s.request.tries))
	s.request.tries++
	s.tunnel.engine.timers.set(&s.timer, s.request.next)
}

// message is the registration request (section 5.2.3). The NAT extension tells
// the server under which address we see it.
func (s *registration) message() Message {
	t := s.tunnel
	c := Client{Prefix: prefixHost, MTU: t.cfg.MTU, Hold: seconds(t.holdtime())}
	flags := uint16(flagNAT)
	if t.cfg.Unique {
		// What is unique is a host, and its prefix length is said to be 0xff.
		c.Prefix, flags = prefixHostUnique, flags|flagUnique
	}
	m := t.message(RegistrationRequest, flags, s.request.id, s.addr)
	m.Clients = []Client{c}
	return t.begin(m, []Client{{Prefix: prefixHost, NBMA: s.nbma, Addr: s.addr}})
}

// replied takes the server's reply.
func (s *registration) replied(now time.Time, m Message, out *Output) {
	s.received++
	s.lastReply = now
	s.refused = Code(m.Clients[0].Code)
	if s.refused != Success {
		// The retransmission that is due goes on backing off: to ask a server
		// again that has said no is no use before something has changed.
		s.down(Rejected, out)
		out.Log = append(out.Log, RegistrationRefused{s.tunnel.cfg.Name, s.party(), s.refused})
		return
	}
	s.request = request{}
	s.tunnel.learnNAT(m)
	s.up(now, out)
	s.tunnel.engine.timers.set(&s.timer, now.Add(s.interval()))
}

// interval is the time between registrations.
func (s *registration) interval() time.Duration {
	if s.tunnel.cfg.RegTimeout > 0 {
		return s.tunnel.cfg.RegTimeout
	}
	return s.tunnel.holdtime() / 3
}

func (s *registration) up(now time.Time, out *Output) {
	if s.responding {
		return
	}
	s.responding, s.since = true, now
	out.Log = append(out.Log, ServerUp{s.tunnel.cfg.Name, s.party(), s.tunnel.local()})
	s.tunnel.engine.changed(out)
}

func (s *registration) down(why Reason, out *Output) {
	if !s.responding {
		return
	}
	s.responding = false
	out.Log = append(out.Log, ServerDown{s.tunnel.cfg.Name, s.party(), s.tunnel.local(), why})
	s.tunnel.engine.changed(out)
}

func (s *registration) party() Party { return Party{s.addr, s.nbma} }

// withdraw has a server that we are registered with forget our address.
func (s *registration) withdraw(now time.Time, out *Output) {
	if s.responding && s.reachable() {
		s.tunnel.purge(now, s.party(), s.tunnel.addr(), out)
	}
}

// relay is the server by which data goes that has no better way; nil: none.
func (t *tunnel) relay() *registration {
	for _, s := range t.servers {
		if s.responding && s.reachable() {
			return s
		}
	}
	return nil
}

// isServer says whether an NBMA address is that of a server of ours, which is
// trusted with what it passes on.
func (t *tunnel) isServer(nbma netip.Addr) bool {
	for _, s := range t.servers {
		if s.nbma == nbma {
			return true
		}
	}
	return false
}

// registrationReply takes a reply that is for us.
func (t *tunnel) registrationReply(now time.Time, p Packet, m Message, out *Output) {
	for _, s := range t.servers {
		if s.nbma == p.NBMA && s.request.pending() && s.request.id == m.ID && len(m.Clients) > 0 {
			s.replied(now, m, out)
			return
		}
	}
	t.traffic.UnknownReply++
}

// learnNAT keeps the address under which a server sees us, if it is not ours.
func (t *tunnel) learnNAT(m Message) {
	t.nat = netip.Addr{}
	if seen := m.seen(t.addr(), t.cfg.NBMA); seen != t.cfg.NBMA {
		t.nat = seen
	}
}
