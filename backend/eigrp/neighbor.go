package eigrp

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// A neighborState is how far an adjacency has come.
type neighborState uint8

const (
	pending neighborState = iota // our Init or theirs is missing
	up                           // tables are exchanged
)

// A neighbor is a router on an interface that says Hello.
type neighbor struct {
	iface   *iface
	addr    netip.Addr
	handle  int
	state   neighborState
	dropped bool
	since   time.Time
	hold    timer
	holdFor time.Duration
	version Version
	stub    *Stub

	// What it sends.
	initSeq     uint32 // of its Init; 0: none was heard
	last        uint32 // sequence number that was taken
	lastBody    uint32
	begun       bool   // a packet of its table was heard
	conditional uint32 // the multicast that is for us, of those with CR
	ackDue      bool
	prefixes    int       // how many it announces
	told        time.Time // when it last said something of routes

	transport
}

// meet makes a neighbour of who said Hello.
func (i *iface) meet(addr netip.Addr) *neighbor {
	e := i.engine
	n := &neighbor{iface: i, addr: addr, since: e.now, holdFor: i.cfg.Hold, handle: e.nextHandle()}
	n.hold.fire = func() { n.drop(HoldingTimeExpired) }
	n.resend.fire = func() { n.unanswered() }
	n.rto = rtoMax
	at, _ := slices.BinarySearchFunc(i.neighbors, addr, func(n *neighbor, a netip.Addr) int { return n.addr.Compare(a) })
	i.neighbors = slices.Insert(i.neighbors, at, n)
	i.byAddr[addr] = n
	e.out.Log = append(e.out.Log, NeighborUp{e.cfg.AS, i.cfg.Name, addr})
	n.greet()
	n.enqueue(&parcel{op: Update, flags: flagInit, seq: e.nextSeq()})
	return n
}

// nextHandle numbers neighbours as they come.
func (e *Engine) nextHandle() int {
	e.born++
	return e.born - 1
}

// greet says Hello at once, so that the neighbour knows us before our Init
// comes. Where multicast is replicated, the others are left in peace.
func (n *neighbor) greet() {
	if n.iface.cfg.Multipoint {
		n.iface.counters.hellos++
		n.send(n.iface.greeting())
		return
	}
	n.iface.sayHello()
}

// alive puts off the end of the holding time.
func (n *neighbor) alive() {
	e := n.iface.engine
	e.timers.set(&n.hold, e.now.Add(n.holdFor))
}

// restartsEvery is how often a neighbour may begin anew. Who does sends its Init
// again; but two that have one address by mistake would drive each other on as
// fast as their packets go.
const restartsEvery = 5 * time.Second

// heardInit takes an Init, and says whether it is to be acknowledged. One from
// a neighbour that had sent another means that it began anew.
func (n *neighbor) heardInit(seq uint32) bool {
	switch n.initSeq {
	case seq:
		return true
	case 0:
		n.initSeq = seq
		n.last = seq - 1
		n.again()
		n.ascend()
		return true
	}
	i := n.iface
	if i.engine.now.Sub(n.since) < restartsEvery {
		return false
	}
	version, stub, hold := n.version, n.stub, n.holdFor
	n.drop(PeerRestarted)
	anew := i.meet(n.addr)
	anew.version, anew.stub, anew.holdFor = version, stub, hold
	anew.initSeq, anew.last = seq, seq
	anew.alive()
	anew.owesAck()
	return false
}

// ascend begins the exchange of tables as soon as both Inits are through.
func (n *neighbor) ascend() {
	if n.state != pending || n.initSeq == 0 || !n.initAcked {
		return
	}
	n.state = up
	n.sendTable()
}

// drop ends the adjacency.
func (n *neighbor) drop(why Reason) {
	if n.dropped {
		return
	}
	n.dropped = true
	i, e := n.iface, n.iface.engine
	i.neighbors = slices.DeleteFunc(i.neighbors, func(o *neighbor) bool { return o == n })
	delete(i.byAddr, n.addr)
	e.timers.set(&n.hold, time.Time{})
	e.timers.set(&n.resend, time.Time{})
	i.unready(n)
	e.out.Log = append(e.out.Log, NeighborDown{e.cfg.AS, i.cfg.Name, n.addr, why})
	e.lost(n)
}

// send sends a packet that is not acknowledged, but may acknowledge.
func (n *neighbor) send(m Message) int {
	return n.iface.send(n.addr, m)
}

// owesAck says that a packet of the neighbour is to be acknowledged before the
// call ends, by whatever goes to it.
func (n *neighbor) owesAck() {
	if !n.ackDue {
		n.ackDue = true
		n.iface.engine.acks = append(n.iface.engine.acks, n)
	}
}

// acknowledge sends the acknowledgments that nothing else has carried.
func (e *Engine) acknowledge() {
	for _, n := range e.acks {
		if n.ackDue && !n.dropped {
			n.send(Message{Op: Hello, Ack: n.last})
		}
		n.ackDue = false
	}
	e.acks = e.acks[:0]
}

// compareNeighbors orders by interface, then by address.
func compareNeighbors(a, b *neighbor) int {
	return cmp.Or(cmp.Compare(a.iface.slot, b.iface.slot), a.addr.Compare(b.addr))
}
