package eigrp

import (
	"container/heap"
	"time"
)

// A timer is one thing's next deadline and what to do then.
type timer struct {
	at    time.Time
	fire  func()
	born  uint64 // deadlines of the same instant fire in the order they were set
	index int    // in the schedule, from 1; 0: not set
}

// A schedule orders deadlines, so that neither the next one nor the due ones
// need a look at all of them.
type schedule struct {
	queue  timerQueue
	births uint64
}

// set moves a timer's deadline; a zero one unsets it.
func (s *schedule) set(t *timer, at time.Time) {
	if at.Equal(t.at) && (t.index > 0) == !at.IsZero() {
		return
	}
	s.births++
	t.at, t.born = at, s.births
	switch {
	case at.IsZero() && t.index > 0:
		heap.Remove(&s.queue, t.index-1)
	case at.IsZero():
	case t.index > 0:
		heap.Fix(&s.queue, t.index-1)
	default:
		heap.Push(&s.queue, t)
	}
}

// next is the first deadline; zero: none.
func (s *schedule) next() time.Time {
	if len(s.queue) == 0 {
		return time.Time{}
	}
	return s.queue[0].at
}

// due takes out the first timer whose deadline has come; nil: none has.
func (s *schedule) due(now time.Time) *timer {
	if len(s.queue) == 0 || now.Before(s.queue[0].at) {
		return nil
	}
	t := heap.Pop(&s.queue).(*timer)
	t.at = time.Time{}
	return t
}

// A timerQueue is the heap.
type timerQueue []*timer

func (q timerQueue) Len() int { return len(q) }

func (q timerQueue) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].born < q[j].born
	}
	return q[i].at.Before(q[j].at)
}

func (q timerQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i+1, j+1
}

func (q *timerQueue) Push(x any) {
	t := x.(*timer)
	*q = append(*q, t)
	t.index = len(*q)
}

func (q *timerQueue) Pop() any {
	old := *q
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	t.index = 0
	return t
}
