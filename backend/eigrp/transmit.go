package eigrp

import (
	"net/netip"
	"slices"
	"time"
)

const (
	paceBurst    = time.Millisecond // how far ahead of its pace an interface may be
	excludedMax  = 100              // neighbours that a Hello can keep from a multicast
	packetMargin = 24               // room for what a tunnel may add
	backlogMax   = 2                // packets of a table that wait: later ones are fresher
)

// transmitter is what an interface is to send reliably.
type transmitter struct {
	changes []netip.Prefix // that are to be told to everyone
	ready   []*neighbor    // whose turn it is, in order
	pace    timer
	free    time.Time // when the bandwidth that was used is over
}

func (t *transmitter) clear() { t.changes, t.ready, t.free = nil, nil, time.Time{} }

// transmit sends what the pace allows, and comes back for the rest.
func (i *iface) transmit() {
	if !i.running {
		return
	}
	for i.mayTransmit() {
		if len(i.ready) > 0 {
			i.turn()
		} else if !i.tellChanges() {
			break
		}
	}
	at := time.Time{}
	if len(i.ready) > 0 || len(i.changes) > 0 {
		at = i.free
	}
	i.engine.timers.set(&i.pace, at)
}

func (i *iface) mayTransmit() bool { return !i.free.After(i.engine.now.Add(paceBurst)) }

// spend books octets, sent so many times, on the share of the bandwidth that
// EIGRP may use.
func (i *iface) spend(octets, copies int) {
	if now := i.engine.now; i.free.Before(now) {
		i.free = now
	}
	i.free = i.free.Add(i.interval(octets * copies))
}

// interval is how long octets occupy that share.
func (i *iface) interval(octets int) time.Duration {
	bits := uint64(octets) * 8 * uint64(time.Second)
	rate := max(uint64(i.cfg.Bandwidth)*uint64(i.cfg.BandwidthPercent)*10, 1)
	return time.Duration(min(bits/rate, uint64(time.Minute)))
}

// turn sends the next packet of the neighbour that waits longest.
func (i *iface) turn() {
	n := i.ready[0]
	i.ready = i.ready[1:]
	n.ready = false
	if n.inFlight {
		return
	}
	n.packAnswers()
	if len(n.queue) < backlogMax {
		n.packTable()
	}
	if len(n.queue) > 0 {
		n.sendHead()
	}
}

// room is how many octets of routes a packet may carry.
func (i *iface) room() int {
	octets := int(i.cfg.MTU) - ipv4HeaderOctets - packetMargin - headerOctets
	if len(i.cfg.Keys) > 0 {
		octets -= authOctets
	}
	return max(octets, 2*classicExternalOctets)
}

// tellChanges makes a packet of changes, and says whether there were any.
func (i *iface) tellChanges() bool {
	var b batch
	room := i.room()
	for len(i.changes) > 0 {
		c, ok := i.change(i.changes[0])
		if ok && !b.takes(c, room) {
			break
		}
		i.changes = i.changes[1:]
		if ok {
			b.add(c)
		}
		i.told(c)
	}
	if len(b.routes) == 0 {
		return false
	}
	i.multicast(&parcel{op: b.op, routes: b.routes}, b.to)
	return true
}

// A batch is changes that fit into one packet: of one kind, for the same
// neighbours.
type batch struct {
	op     Opcode
	to     []*neighbor
	routes []Route
	octets int
}

func (b *batch) takes(c change, room int) bool {
	return len(b.routes) == 0 ||
		b.op == c.op && b.octets+c.route.octets() <= room && slices.Equal(b.to, c.to)
}

func (b *batch) add(c change) {
	b.op, b.to = c.op, c.to
	b.routes = append(b.routes, c.route)
	b.octets += c.route.octets()
}

// multicast sends a packet to those who are ready for it in one go, and leaves
// it in the queues of the others. Who must not hear it yet, or at all, is
// excluded by conditional receive (RFC 7868 section 5.3.1).
func (i *iface) multicast(p *parcel, to []*neighbor) {
	var now []*neighbor
	for _, n := range to {
		n.packAnswers() // what is older has lower numbers
	}
	p.seq = i.engine.nextSeq()
	for _, n := range to {
		if !n.lagging() {
			now = append(now, n)
		}
		n.queue = append(n.queue, p)
	}
	excluded := i.others(now)
	if len(now) == 0 || len(excluded) > excludedMax || len(i.cfg.Neighbors) > 0 {
		for _, n := range to {
			n.wake()
		}
		return
	}
	flags := p.flags
	if len(excluded) > 0 {
		flags |= flagCR
		i.counters.conditional++
		i.send(Group, Message{Op: Hello, Parameters: i.parameters(), Sequence: excluded, NextMulticast: p.seq})
	}
	octets := i.send(Group, Message{Op: p.op, Flags: flags, Seq: p.seq, Routes: p.routes})
	i.counters.multicasts++
	copies := 1
	if i.cfg.Multipoint {
		copies = len(i.neighbors)
	}
	i.spend(octets, copies)
	for _, n := range now {
		n.launched()
	}
}

// others are the addresses of all neighbours but some, which come in the order
// of all.
func (i *iface) others(some []*neighbor) (rest []netip.Addr) {
	for _, n := range i.neighbors {
		if len(some) > 0 && some[0] == n {
			some = some[1:]
		} else {
			rest = append(rest, n.addr)
		}
	}
	return rest
}

// An answer is owed to one neighbour.
type answer struct {
	op     Opcode // Reply, SIAQuery or SIAReply
	prefix netip.Prefix
}

// owe promises a neighbour an answer. It is worded when it is sent.
func (n *neighbor) owe(op Opcode, prefix netip.Prefix) {
	a := answer{op, prefix}
	if !slices.Contains(n.answers, a) {
		n.answers = append(n.answers, a)
		n.wake()
	}
}

// packAnswers makes packets of what the neighbour is owed.
func (n *neighbor) packAnswers() {
	room := n.iface.room()
	for len(n.answers) > 0 {
		p, octets := &parcel{op: n.answers[0].op}, 0
		for len(n.answers) > 0 && n.answers[0].op == p.op && octets+classicExternalOctets <= room {
			route := n.worded(n.answers[0])
			n.answers = n.answers[1:]
			p.routes = append(p.routes, route)
			octets += route.octets()
		}
		p.seq = n.iface.engine.nextSeq()
		n.queue = append(n.queue, p)
	}
	n.answers = nil
}

// sendTable has the whole table sent to a new neighbour.
func (n *neighbor) sendTable() {
	n.table = slices.Clone(n.iface.engine.table.routes)
	n.unsaid = true
	n.wake()
}

// packTable makes a packet of the next part of the table.
func (n *neighbor) packTable() {
	if !n.unsaid {
		return
	}
	p, octets, room := &parcel{op: Update}, 0, n.iface.room()
	for len(n.table) > 0 && octets+classicExternalOctets <= room {
		if route, ok := n.tabled(n.table[0]); ok {
			p.routes = append(p.routes, route)
			octets += route.octets()
		}
		n.table = n.table[1:]
	}
	if len(n.table) == 0 {
		p.flags, n.unsaid, n.table = flagEndOfTable, false, nil
	}
	p.seq = n.iface.engine.nextSeq()
	n.queue = append(n.queue, p)
}
