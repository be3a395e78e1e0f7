package eigrp

import (
	"slices"
	"time"
)

// The reliable transport (RFC 7868 section 5.3): every neighbour has one packet
// in flight at most. A packet that is not acknowledged is sent again, after a
// time that follows from how long acknowledgments take, until the limit.
const (
	retriesMax = 16
	rtoMin     = 200 * time.Millisecond
	rtoMax     = 5 * time.Second // and as long as nothing was acknowledged
)

// A parcel is a reliable packet, for one neighbour or for several.
type parcel struct {
	op     Opcode
	flags  uint32
	seq    uint32
	routes []Route
}

// transport is what a neighbour is sent reliably.
type transport struct {
	queue     []*parcel // in the order of their numbers; the first may be in flight
	inFlight  bool
	ready     bool // waits for its turn on the interface
	initAcked bool
	sentAt    time.Time
	retries   int // of the packet in flight
	resend    timer
	srtt, rto time.Duration
	resent    uint64 // packets so far
	answers   []answer
	table     []*route // that are to be sent to a new neighbour
	unsaid    bool     // its table has not been ended yet
}

// enqueue adds a packet to what a neighbour gets.
func (n *neighbor) enqueue(p *parcel) {
	n.queue = append(n.queue, p)
	n.wake()
}

// wake asks for a turn, if there is something to send.
func (n *neighbor) wake() {
	if n.ready || n.inFlight || n.dropped {
		return
	}
	if len(n.queue) > 0 || len(n.answers) > 0 || n.unsaid {
		n.ready = true
		n.iface.ready = append(n.iface.ready, n)
	}
}

// unready takes a neighbour out of the line.
func (i *iface) unready(n *neighbor) {
	if n.ready {
		n.ready = false
		i.ready = slices.DeleteFunc(i.ready, func(o *neighbor) bool { return o == n })
	}
}

// lagging says whether a multicast would come before what is to come first.
func (n *neighbor) lagging() bool { return n.state != up || len(n.queue) > 0 || n.unsaid }

// again brings the packet in flight forward.
func (n *neighbor) again() {
	if n.inFlight {
		n.inFlight = false
		n.wake()
	}
}

// sendHead sends the first packet of the queue to the neighbour alone.
func (n *neighbor) sendHead() {
	p := n.queue[0]
	n.ackDue = false
	octets := n.send(Message{Op: p.op, Flags: p.flags, Seq: p.seq, Ack: n.last, Routes: p.routes})
	n.iface.spend(octets, 1)
	n.iface.counters.unicasts++
	n.launched()
}

// launched starts the clock for the packet that was just sent: it takes its
// time, and that of what was sent before it, to be through.
func (n *neighbor) launched() {
	e := n.iface.engine
	n.inFlight = true
	if n.sentAt.IsZero() {
		n.sentAt = e.now
	}
	e.timers.set(&n.resend, n.iface.free.Add(n.rto))
}

// unanswered sends the packet in flight again, or gives up.
func (n *neighbor) unanswered() {
	if n.retries++; n.retries > retriesMax {
		n.drop(RetryLimitExceeded)
		return
	}
	n.resent++
	n.iface.counters.resent++
	n.rto = min(n.rto*3/2, rtoMax)
	n.again()
}

// acknowledged takes an acknowledgment.
func (n *neighbor) acknowledged(seq uint32) {
	if len(n.queue) == 0 || n.queue[0].seq != seq || n.sentAt.IsZero() {
		return
	}
	e := n.iface.engine
	if n.retries == 0 {
		n.measure(e.now.Sub(n.sentAt))
	}
	p := n.queue[0]
	n.queue = n.queue[1:]
	n.inFlight, n.retries, n.sentAt = false, 0, time.Time{}
	e.timers.set(&n.resend, time.Time{})
	n.iface.unready(n)
	if p.flags&flagInit != 0 {
		n.initAcked = true
		n.ascend()
	}
	n.wake()
}

// measure takes a round trip time.
func (n *neighbor) measure(rtt time.Duration) {
	if n.srtt == 0 {
		n.srtt = rtt
	} else {
		n.srtt = (4*n.srtt + rtt) / 5
	}
	n.rto = min(max(6*n.srtt, rtoMin), rtoMax)
}
