package sadb

import (
	"net/netip"
	"time"
)

const (
	retryFirst = 5 * time.Second // after a failed negotiation; doubles
	retryMost  = 60 * time.Second
	retryLeast = time.Second // after a failure, however much traffic waits
	// A request that IKE does not answer is put again: IKE gives up long before.
	askLimit = 3 * time.Minute
)

// goOn hands over to the pair to send under, asks for one if the socket wants
// one, and gives the socket its next deadline.
func (e *Engine) goOn(now time.Time, s *socket, out *Output) {
	if s.handOver(now) {
		e.changed(out)
	}
	if s.held() && s.retry.IsZero() && s.wanting(now) {
		e.ask(now, s, out)
	}
	e.schedule(s)
}

// wanting says whether the pair to send under is missing, or is to be rekeyed.
func (s *socket) wanting(now time.Time) bool {
	p := s.current()
	return p == nil || passed(now, p.soft)
}

func (e *Engine) ask(now time.Time, s *socket, out *Output) {
	s.asked, s.retry = true, now.Add(askLimit)
	q := Request{SADB: s.db.policy.SADB, Local: s.local, Peer: s.peer}
	if p := s.current(); p != nil {
		for _, sa := range p.In {
			q.Replaces = append(q.Replaces, sa.Key())
		}
	}
	out.Negotiate = append(out.Negotiate, q)
}

// Failed says that a request came to nothing. While a tunnel holds the socket
// it is tried again, later each time; a live SA is left alone. One from an
// address that is not ours any more has been followed by another.
func (e *Engine) Failed(now time.Time, q Request, reason string) (out Output) {
	db := e.byName[q.SADB]
	if db == nil || db.byPeer[q.Peer] == nil {
		return out
	}
	s := db.byPeer[q.Peer]
	if !s.asked || s.local != q.Local {
		return out
	}
	s.backOff(now)
	out.Log = append(out.Log, NegotiationFailed{q.SADB, q.Peer, reason})
	e.schedule(s)
	return out
}

// backOff has the socket wait, the longer the more often it had to.
func (s *socket) backOff(now time.Time) {
	s.asked, s.failed = false, now
	s.retry = now.Add(min(retryFirst<<min(s.failures, 8), retryMost))
	s.failures++
}

// Acquire says that traffic wants a peer: a retry that waits is made sooner.
func (e *Engine) Acquire(now time.Time, name, _ string, peer netip.Addr) (out Output) {
	db := e.byName[name]
	if db == nil || db.byPeer[peer] == nil {
		return out
	}
	s := db.byPeer[peer]
	if s.asked || s.retry.IsZero() || s.current() != nil {
		return out
	}
	if s.retry = s.failed.Add(retryLeast); passed(now, s.retry) {
		s.retry = time.Time{}
	}
	e.goOn(now, s, &out)
	return out
}
