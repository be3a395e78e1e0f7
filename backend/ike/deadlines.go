package ike

import (
	"container/heap"
	"time"
)

// deadlines are the ISAKMP SAs by the time at which each wants to run, those
// of the same time by age: every one that there is, since each has an end.
type deadlines []*phase1

func (d deadlines) Len() int { return len(d) }

func (d deadlines) Less(i, j int) bool {
	if !d[i].due.Equal(d[j].due) {
		return d[i].due.Before(d[j].due)
	}
	return d[i].born < d[j].born
}

func (d deadlines) Swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].place, d[j].place = i, j
}

// Push and Pop are for container/heap.
func (d *deadlines) Push(x any) {
	p := x.(*phase1)
	p.place = len(*d)
	*d = append(*d, p)
}

// Pop removes the last.
func (d *deadlines) Pop() any {
	last := len(*d) - 1
	p := (*d)[last]
	(*d)[last] = nil
	*d = (*d)[:last]
	p.place = -1
	return p
}

// set puts p where its deadline belongs.
func (d *deadlines) set(p *phase1, due time.Time) {
	p.due = due
	if p.place < 0 {
		heap.Push(d, p)
	} else {
		heap.Fix(d, p.place)
	}
}

func (d *deadlines) remove(p *phase1) {
	if p.place >= 0 {
		heap.Remove(d, p.place)
	}
}

// earliest is the earlier of two deadlines, where zero is none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
