package sim

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// delayDefault is how long a frame takes unless a link says otherwise.
const delayDefault = time.Millisecond

// Conditions are how a link treats what one end sends.
type Conditions struct {
	Delay     time.Duration
	Jitter    time.Duration // up to so much more, evenly; frames keep their order
	Rate      uint64        // bits per second; 0: no limit
	Loss      float64       // of 1
	Duplicate float64       // of 1
	Reorder   float64       // of 1: overtaken by what follows
	Cut       bool
}

func (c Conditions) String() string {
	s := []string{"delay " + c.Delay.String()}
	for _, f := range []struct {
		name string
		v    float64
	}{{"loss", c.Loss}, {"duplicate", c.Duplicate}, {"reorder", c.Reorder}} {
		if f.v > 0 {
			s = append(s, fmt.Sprintf("%s %g%%", f.name, f.v*100))
		}
	}
	if c.Jitter > 0 {
		s = append(s, "jitter "+c.Jitter.String())
	}
	if c.Rate > 0 {
		s = append(s, fmt.Sprintf("rate %d", c.Rate))
	}
	if c.Cut {
		s = append(s, "down")
	}
	return strings.Join(s, ", ")
}

// A Link joins two ports, or any number of them as a segment, which is
// switched: a frame to one of them goes to that one alone.
type Link struct {
	world *World
	name  string
	ends  []*End
	owner map[[6]byte]*End // by hardware address
	dice  *rand.Rand
	taps  []Tap
	fault Fault // nil: none
}

// An End is where a port is on a link.
type End struct {
	link *Link
	node *Node
	dev  string
	cond Conditions
	free time.Time // when what was sent before has been put on the wire
	last time.Time // when what was sent before arrives

	deliver func(frame []byte) // to the port
}

// A Tap sees every frame that is put on a link, lost or not.
type Tap func(now time.Time, frame []byte)

// A Fault says what befalls a frame, beside what the conditions of its end
// have for it: it may be lost, or come so much later, overtaken by others.
type Fault func(now time.Time, frame []byte) (lost bool, late time.Duration)

// Connect joins ports by a link.
func (w *World) Connect(name string, ends ...*End) *Link {
	l := &Link{world: w, name: name, owner: map[[6]byte]*End{}, dice: w.dice("link " + name)}
	for _, e := range ends {
		e.link = l
		if e.cond == (Conditions{}) {
			e.cond.Delay = delayDefault
		}
		e.node.ends[e.dev] = e
		l.owner[e.node.macOf(e.dev)] = e
		l.ends = append(l.ends, e)
	}
	w.links = append(w.links, l)
	return l
}

// Name is the link's.
func (l *Link) Name() string { return l.name }

// Ends are all ends.
func (l *Link) Ends() []*End { return l.ends }

// Node is whose end it is.
func (e *End) Node() *Node { return e.node }

// Dev is the port at the end.
func (e *End) Dev() string { return e.dev }

// Link is the link of the end.
func (e *End) Link() *Link { return e.link }

// Conditions are those of what this end sends.
func (e *End) Conditions() Conditions { return e.cond }

// Set changes the conditions of what this end sends. A cut end has no carrier.
func (e *End) Set(c Conditions) {
	e.cond = c
	e.node.carrier(e.dev, !c.Cut)
}

// SetAll changes the conditions of all ends.
func (l *Link) SetAll(change func(*Conditions)) {
	for _, e := range l.ends {
		c := e.cond
		change(&c)
		e.Set(c)
	}
}

// Tap has f see every frame from now on.
func (l *Link) Tap(f Tap) { l.taps = append(l.taps, f) }

// SetFault has f decide from now on; nil: there is none.
func (l *Link) SetFault(f Fault) { l.fault = f }

// send puts a frame on the link.
func (e *End) send(frame []byte) {
	w, l := e.link.world, e.link
	if e.cond.Cut {
		return
	}
	for _, tap := range l.taps {
		tap(w.now, frame)
	}
	lost, late := l.befalls(frame)
	begin := later(w.now, e.free)
	if e.cond.Rate > 0 {
		e.free = begin.Add(time.Duration(uint64(len(frame)) * 8 * uint64(time.Second) / e.cond.Rate))
		begin = e.free
	}
	if e.happens(e.cond.Loss) || lost {
		return
	}
	e.arrive(begin, frame, late)
	if e.happens(e.cond.Duplicate) {
		e.arrive(begin, frame, late)
	}
}

func (l *Link) befalls(frame []byte) (lost bool, late time.Duration) {
	if l.fault == nil {
		return false, 0
	}
	return l.fault(l.world.now, frame)
}

// happens throws the dice, but only if there is something to throw for.
func (e *End) happens(p float64) bool { return p > 0 && e.link.dice.Float64() < p }

func (e *End) arrive(begin time.Time, frame []byte, late time.Duration) {
	at := begin.Add(e.cond.Delay)
	if e.cond.Jitter > 0 {
		at = at.Add(time.Duration(e.link.dice.Int64N(int64(e.cond.Jitter))))
	}
	if e.happens(e.cond.Reorder) {
		at = at.Add(e.cond.Delay + 2*delayDefault)
	} else if late > 0 {
		at = at.Add(late)
	} else {
		at = later(at, e.last)
		e.last = at
	}
	if len(frame) >= len([6]byte{}) {
		if owner := e.link.owner[[6]byte(frame)]; owner != nil && owner != e {
			e.link.world.at(at, func() { owner.receive(frame) })
			return
		}
	}
	e.link.world.at(at, func() {
		for _, other := range e.link.ends {
			if other != e {
				other.receive(frame)
			}
		}
	})
}

func (e *End) receive(frame []byte) {
	if !e.cond.Cut {
		e.deliver(frame)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
