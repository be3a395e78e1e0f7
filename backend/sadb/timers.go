package sadb

import (
	"container/heap"
	"time"
)

// deadlines orders the sockets by what they have to do next, so that a router
// with many peers looks only at those that are due.
type deadlines []*socket

func (d deadlines) Len() int { return len(d) }
func (d deadlines) Less(i, j int) bool {
	if d[i].due.Equal(d[j].due) {
		return d[i].peer.Less(d[j].peer)
	}
	return d[i].due.Before(d[j].due)
}
func (d deadlines) Swap(i, j int) { d[i], d[j] = d[j], d[i]; d[i].at, d[j].at = i, j }

// Push is for package heap.
func (d *deadlines) Push(x any) { s := x.(*socket); s.at = len(*d); *d = append(*d, s) }

// Pop is for package heap.
func (d *deadlines) Pop() any {
	old := *d
	s := old[len(old)-1]
	old[len(old)-1] = nil
	s.at, *d = -1, old[:len(old)-1]
	return s
}

func (d *deadlines) remove(s *socket) {
	if s.at >= 0 {
		heap.Remove(d, s.at)
	}
}

// schedule puts the socket where its next deadline belongs.
func (e *Engine) schedule(s *socket) {
	due := s.next()
	switch {
	case due.IsZero():
		e.queue.remove(s)
	case s.at >= 0:
		s.due = due
		heap.Fix(&e.queue, s.at)
	default:
		s.due = due
		heap.Push(&e.queue, s)
	}
}

// next is the earliest of the socket's deadlines; zero if it has none. While
// IKE is at work, or a retry waits, a rekey that is due is not due again.
func (s *socket) next() (due time.Time) {
	for _, p := range s.pairs {
		due = first(due, p.hard)
	}
	if c := s.current(); c != nil {
		due = first(due, c.waits)
	}
	switch {
	case !s.held():
		return first(due, s.idle())
	case !s.retry.IsZero():
		return first(due, s.retry)
	case s.current() != nil:
		return first(due, s.current().soft)
	}
	return due
}

// idle is when a pair that no tunnel holds ends before its time; zero: never.
// Nothing of ours is sent under it; a tunnel that holds a socket uses it.
func (s *socket) idle() time.Time {
	if p := s.current(); p != nil && s.db.policy.IdleTime > 0 {
		return p.born.Add(s.db.policy.IdleTime)
	}
	return time.Time{}
}

// first is the earlier of two times that may be zero, which is never.
func first(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// passed says whether a deadline is set and is due.
func passed(now, deadline time.Time) bool { return !deadline.IsZero() && !now.Before(deadline) }

// Next returns when Advance will have work; zero: never.
func (e *Engine) Next() time.Time {
	if len(e.queue) == 0 {
		return time.Time{}
	}
	return e.queue[0].due
}

// Advance does what is due at now. It does nothing if called early.
func (e *Engine) Advance(now time.Time) (out Output) {
	for len(e.queue) > 0 && passed(now, e.queue[0].due) {
		e.advance(now, e.queue[0], &out)
	}
	return out
}

// advance leaves the socket with a later deadline, or none.
func (e *Engine) advance(now time.Time, s *socket, out *Output) {
	idle := !s.held() && passed(now, s.idle())
	if passed(now, s.retry) {
		s.asked, s.retry = false, time.Time{}
	}
	e.drop(now, s, func(p *pair) bool { return idle || passed(now, p.hard) }, true, out)
}
