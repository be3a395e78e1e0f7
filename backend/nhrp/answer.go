package nhrp

import (
	"net/netip"
	"time"
)

// resolutionRequest answers a request for our own address, and passes on one
// for a client's.
func (t *tunnel) resolutionRequest(now time.Time, p Packet, m Message, out *Output) {
	from := m.seen(m.Src, m.SrcNBMA) // where the requester says it is
	switch {
	case m.Src == t.addr():
		t.refuse(p, m, m.Src, Looped, out)
		t.complain(now, p, m, LoopDetected, out)
	case from != p.NBMA && !t.isServer(p.NBMA):
		t.refuse(p, m, m.Src, Spoofed, out)
		t.complain(now, p, m, ProtocolError, out)
	case m.Dst == t.addr():
		t.reply(now, p, m, from, out)
	default:
		t.passRequest(now, p, m, out)
	}
}

// reply answers a request for our own address straight to the requester, whose
// mapping it brings along, as soon as it is protected.
func (t *tunnel) reply(now time.Time, p Packet, m Message, from netip.Addr, out *Output) {
	t.replyWith(now, p, m, from, t.self(), out)
}

// replyWith answers with a client that is ourselves, or a network behind us.
func (t *tunnel) replyWith(now time.Time, p Packet, m Message, from netip.Addr, c Client, out *Output) {
	if !t.claimable(m.Src) || !t.reachable(from) {
		t.refuse(p, m, m.Src, BadAddress, out)
		return
	}
	if !t.learn(now, p, m, from, out) {
		from = p.NBMA
	}
	answer := m
	answer.Type, answer.Hops = ResolutionReply, hopsFull
	answer.Flags = m.Flags | flagStableTarget
	if t.cfg.Unique {
		answer.Flags |= flagUniqueBinding
	}
	answer.Clients = []Client{c}
	answer.setExtension(extResponder, true, appendClients(nil, []Client{t.self()}))
	answer.setExtension(extNAT, false, appendClients(nil, t.outside()))
	t.answer(now, from, answer, out)
}

// learn takes up the requester's mapping, and says whether it is known. A
// server vouches for what it passes on. What a station says of itself may only
// prolong what is known, or anybody could take anybody's address.
func (t *tunnel) learn(now time.Time, p Packet, m Message, from netip.Addr, out *Output) bool {
	n := t.entries[m.Src]
	same := n != nil && n.nbma == from
	switch {
	case n != nil && (n.kind == static || n.kind == registered):
		return same
	case !same && !t.isServer(p.NBMA), n == nil && t.engine.full():
		return same
	case len(m.Clients) == 0 || m.Clients[0].Hold == 0:
		return same
	case n == nil:
		n = t.insert(now, m.Src)
	}
	t.resolved(now, n, from, m.Clients[0].Hold, out)
	return true
}

// passRequest passes a client's request on to another client.
func (t *tunnel) passRequest(now time.Time, p Packet, m Message, out *Output) {
	src, dst := t.entries[m.Src], t.entries[m.Dst]
	if !src.servedAt(p.NBMA) && !t.isServer(p.NBMA) {
		t.refuse(p, m, m.Src, UnknownSource, out)
		t.complain(now, p, m, ProtocolError, out)
		return
	}
	if t.beyond(m.Dst) {
		r, next, ok := t.route(m.Dst)
		switch {
		case ok && next == nil:
			t.replyFor(now, p, m, r, out)
			return
		case ok && next == t && r.Via.IsValid():
			dst = t.entries[r.Via]
		}
	}
	if dst == nil || dst.kind != registered && dst.kind != static {
		t.deny(now, p, m, out)
		return
	}
	if !t.mayPass(now, p, m, extForwardTransit, out) {
		return
	}
	dst.hits++
	m.addRecord(extForwardTransit, t.transit())
	t.pass(now, dst.addr)
	t.forward(now, dst.nbma, m, out)
}

// servedAt says whether an entry is that of a client at an NBMA address.
func (n *entry) servedAt(nbma netip.Addr) bool {
	return n != nil && (n.kind == registered || n.kind == static) && n.nbma == nbma
}

// passReply passes a client's answer on to the client that asked.
func (t *tunnel) passReply(now time.Time, p Packet, m Message, out *Output) {
	src := t.entries[m.Src]
	if src == nil || src.kind != registered && src.kind != static {
		t.traffic.UnknownReply++
		return
	}
	for _, c := range m.Clients {
		if c.Code == 0 && !t.entries[c.Addr].servedAt(p.NBMA) {
			t.refuse(p, m, c.Addr, Spoofed, out)
			return
		}
	}
	if !t.mayPass(now, p, m, extReverseTransit, out) {
		return
	}
	m.addRecord(extReverseTransit, t.transit())
	t.pass(now, src.addr)
	t.forward(now, src.nbma, m, out)
}

// transit is our entry in a transit record.
func (t *tunnel) transit() Client {
	c := t.self()
	c.Prefix = 0
	return c
}

// mayPass says whether a packet may go on: not if it was here before (section
// 5.3.2), nor at the end of its hops.
func (t *tunnel) mayPass(now time.Time, p Packet, m Message, record uint16, out *Output) bool {
	for _, c := range m.record(record) {
		if c.Addr == t.addr() {
			t.refuse(p, m, m.Dst, Looped, out)
			t.complain(now, p, m, LoopDetected, out)
			return false
		}
	}
	if m.Hops <= 1 {
		t.refuse(p, m, m.Dst, HopsExceeded, out)
		t.complain(now, p, m, HopCountExceeded, out)
		return false
	}
	return true
}

// deny answers that nobody has registered the address.
func (t *tunnel) deny(now time.Time, p Packet, m Message, out *Output) {
	m.Type, m.Hops = ResolutionReply, hopsFull
	m.Clients = []Client{{Code: uint8(NoBinding), Prefix: prefixHost}}
	m.setExtension(extResponder, true, appendClients(nil, []Client{t.self()}))
	t.send(now, p.NBMA, m, out)
}
