// Package sim is a network in one process: a virtual clock, links with faults,
// and nodes, each of which is a Host for a router. Everything happens in one
// order, by time and then by birth, and everything random comes from one seed:
// the same seed makes the same history, to the byte.
//
// It decides nothing about routing or protection: a node shares every line
// with a real router but its Host. It knows no terminals either.
package sim

import (
	"container/heap"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"time"
)

// A World is a network and its clock. Only one goroutine may use it: see
// Runner and Stepped.
type World struct {
	seed   uint64
	now    time.Time
	births uint64
	events events
	nodes  []*Node
	links  []*Link
}

// New makes an empty world whose clock stands at start.
func New(seed uint64, start time.Time) *World { return &World{seed: seed, now: start} }

// Now is the time in the world.
func (w *World) Now() time.Time { return w.now }

// Nodes are all nodes, in the order in which they were added.
func (w *World) Nodes() []*Node { return w.nodes }

// Links are all links, in the order in which they were added.
func (w *World) Links() []*Link { return w.links }

// Node returns the node of that name, nil if there is none.
func (w *World) Node(name string) *Node {
	for _, n := range w.nodes {
		if n.name == name {
			return n
		}
	}
	return nil
}

// Link returns the link of that name, nil if there is none.
func (w *World) Link(name string) *Link {
	for _, l := range w.links {
		if l.name == name {
			return l
		}
	}
	return nil
}

// An event is something that happens at a time.
type event struct {
	at    time.Time
	birth uint64
	do    func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	if e[i].at.Equal(e[j].at) {
		return e[i].birth < e[j].birth
	}
	return e[i].at.Before(e[j].at)
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push is for package heap.
func (e *events) Push(x any) { *e = append(*e, x.(event)) }

// Pop is for package heap.
func (e *events) Pop() any {
	old := *e
	last := old[len(old)-1]
	old[len(old)-1] = event{}
	*e = old[:len(old)-1]
	return last
}

// at has f happen at a time; one that has passed is now.
func (w *World) at(t time.Time, f func()) {
	if t.Before(w.now) {
		t = w.now
	}
	w.births++
	heap.Push(&w.events, event{t, w.births, f})
}

// After has f happen after a while.
func (w *World) After(d time.Duration, f func()) { w.at(w.now.Add(d), f) }

// Next says when something will happen; zero: never.
func (w *World) Next() time.Time {
	if len(w.events) == 0 {
		return time.Time{}
	}
	return w.events[0].at
}

// Step lets the next thing happen, and says whether there was one.
func (w *World) Step() bool {
	if len(w.events) == 0 {
		return false
	}
	e := heap.Pop(&w.events).(event)
	w.now = e.at
	e.do()
	return true
}

// RunUntil lets everything happen up to t, and the clock stand there.
func (w *World) RunUntil(t time.Time) {
	for len(w.events) > 0 && !w.events[0].at.After(t) {
		w.Step()
	}
	if t.After(w.now) {
		w.now = t
	}
}

// Run lets time pass.
func (w *World) Run(d time.Duration) { w.RunUntil(w.now.Add(d)) }

// dice are random numbers that depend on the seed and on what they are for,
// and on nothing else that happens.
func (w *World) dice(what string) *rand.Rand {
	return rand.New(rand.NewPCG(w.seed, hash(what)))
}

// random are random octets, likewise.
func (w *World) random(what string) io.Reader {
	var key [32]byte
	d := w.dice("octets of " + what)
	for i := range key {
		key[i] = byte(d.Uint32())
	}
	return rand.NewChaCha8(key)
}

func hash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}
