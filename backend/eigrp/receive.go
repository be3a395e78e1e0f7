package eigrp

import (
	"hash/crc32"
	"net/netip"
	"slices"
	"time"
)

// receive takes a packet that came in.
func (i *iface) receive(p Packet) {
	e := i.engine
	m, err := Parse(p.Payload)
	if err != nil {
		e.traffic.Malformed++
		i.warn(Malformed{e.cfg.AS, i.cfg.Name, p.Addr, err})
		return
	}
	if m.AS != e.cfg.AS || m.VRID != 0 || p.Addr == i.local() || i.ignores(p) {
		return
	}
	if !authentic(p.Payload, i.cfg.Keys) {
		e.traffic.Refused++
		i.warn(AuthenticationFailed{e.cfg.AS, i.cfg.Name, p.Addr})
		return
	}
	if !i.cfg.Addr.Masked().Contains(p.Addr) {
		e.traffic.Refused++
		i.warn(NotOnSubnet{e.cfg.AS, i.cfg.Name, p.Addr, i.cfg.Addr})
		return
	}
	e.traffic.received(&m)
	n := i.byAddr[p.Addr]
	if m.Op == Hello && !m.acknowledgment() {
		i.receiveHello(n, p.Addr, m)
		return
	}
	if n != nil {
		n.receive(m, p)
	}
}

// ignores says whether a packet is not from a static neighbour, where there
// are such.
func (i *iface) ignores(p Packet) bool {
	return len(i.cfg.Neighbors) > 0 && (p.Multicast || !slices.Contains(i.cfg.Neighbors, p.Addr))
}

// receiveHello takes a Hello, be it from somebody new.
func (i *iface) receiveHello(n *neighbor, from netip.Addr, m Message) {
	if n != nil {
		if why := i.objection(m); why != 0 {
			n.drop(why)
			return
		}
		n.heardHello(m)
		return
	}
	switch {
	case m.Parameters == nil || m.Parameters.K == goodbye || slices.Contains(m.Terminated, i.local()):
	case Weights(m.Parameters.K) != i.engine.cfg.Weights:
		i.warn(NeighborDown{i.engine.cfg.AS, i.cfg.Name, from, KMismatch})
	default:
		i.meet(from).heardHello(m)
	}
}

// objection is why a neighbour cannot stay one after a Hello.
func (i *iface) objection(m Message) Reason {
	switch {
	case slices.Contains(m.Terminated, i.local()):
		return PeerTerminated
	case m.Parameters == nil:
	case m.Parameters.K == goodbye:
		return GoodbyeReceived
	case Weights(m.Parameters.K) != i.engine.cfg.Weights:
		return KMismatch
	}
	return 0
}

// heardHello takes what a Hello of a neighbour says.
func (n *neighbor) heardHello(m Message) {
	if p := m.Parameters; p != nil {
		n.holdFor = time.Duration(max(p.Hold, 1)) * time.Second
		n.stub = m.Stub
	}
	if m.Version != nil {
		n.version = *m.Version
	}
	if m.NextMulticast != 0 {
		n.conditional = 0
		if !slices.Contains(m.Sequence, n.iface.local()) {
			n.conditional = m.NextMulticast
		}
	}
	n.alive()
}

// receive takes anything but a Hello from a neighbour.
func (n *neighbor) receive(m Message, p Packet) {
	n.alive()
	if m.Ack != 0 {
		n.acknowledged(m.Ack)
	}
	if !m.reliable() || !n.accepts(&m, p.Multicast) {
		return
	}
	n.owesAck()
	if n.repeated(&m) {
		return
	}
	n.last, n.lastBody, n.told = m.Seq, body(&m), n.iface.engine.now
	for _, r := range m.Routes {
		n.iface.engine.heard(n, m.Op, r)
		if n.dropped {
			return
		}
	}
}

// accepts says whether a reliable packet may be looked at, and lets an Init
// begin the neighbour anew.
func (n *neighbor) accepts(m *Message, multicast bool) bool {
	if m.Flags&flagInit != 0 && !multicast {
		return n.heardInit(m.Seq)
	}
	if n.state != up {
		return false // it will be sent again
	}
	if m.Flags&flagCR != 0 {
		if n.conditional != m.Seq {
			return false
		}
		n.conditional = 0
	}
	// Before the first packet of its table a multicast of a neighbour is for
	// others: it does not know yet that we listen.
	if multicast && !n.begun {
		return false
	}
	n.begun = true
	return true
}

// repeated says whether a packet was here before. One with the number of the
// last is not, if it says something else: there are senders that give their
// first multicast the number of the unicast before it.
func (n *neighbor) repeated(m *Message) bool {
	ahead := int32(m.Seq - n.last)
	return ahead < 0 || ahead == 0 && n.lastBody == body(m)
}

// body is a sum over what of a packet does not change when it is sent again.
func body(m *Message) uint32 {
	var b []byte
	for _, r := range m.Routes {
		b = r.appendTo(b)
	}
	return crc32.ChecksumIEEE(append(b, byte(m.Op), byte(m.Flags&(flagInit|flagEndOfTable))))
}
