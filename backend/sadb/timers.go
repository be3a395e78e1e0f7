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

// next is the earliest of the socket's deadlines; zero if it has none.
func (s *socket) next() (due time.Time) {
	sooner := func(t time.Time) {
		if !t.IsZero() && (due.IsZero() || t.Before(due)) {
			due = t
		}
	}
	for _, p := range s.pairs {
		sooner(p.hard)
		if len(s.tunnels) > 0 && !s.asked {
			sooner(p.soft)
		}
	}
	if len(s.tunnels) > 0 {
		sooner(s.retry)
	}
	return due
}

// Next returns when Advance will have work; zero: never.
func (e *Engine) Next() time.Time {
	if len(e.queue) == 0 {
		return time.Time{}
	}
	return e.queue[0].due
}

// Advance does what is due at now. It does nothing if called early.
func (e *Engine) Advance(now time.Time) (out Output) {
	for len(e.queue) > 0 && !now.Before(e.queue[0].due) {
		e.advance(now, e.queue[0], &out)
	}
	return out
}

func (e *Engine) advance(now time.Time, s *socket, out *Output) {
	for at, p := range s.pairs {
		if !now.Before(p.hard) {
			e.drop(now, s, at, true, out)
			return
		}
	}
	held := len(s.tunnels) > 0
	if held && !s.retry.IsZero() && !now.Before(s.retry) {
		s.asked, s.retry = false, time.Time{}
		if len(s.pairs) == 0 {
			e.ask(now, s, out)
		}
	}
	if n := len(s.pairs); held && n > 0 && s.pairs[n-1].soft.Compare(now) <= 0 && !s.pairs[n-1].soft.IsZero() {
		e.ask(now, s, out)
	}
	e.schedule(s)
}
