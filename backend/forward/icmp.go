package forward

import (
	"encoding/binary"
	"net/netip"
	"time"

	"gresh/backend/inet"
)

// The ICMP messages that a router sends (RFC 792, RFC 1812 section 5.2.7).
const (
	icmpEchoReply    = 0
	icmpUnreachable  = 3
	icmpEchoRequest  = 8
	icmpTimeExceeded = 11

	icmpHostUnreachable     = 1
	icmpProtocolUnreachable = 2
	icmpPortUnreachable     = 3
	icmpNeedsFragment       = 4
	icmpReassembly          = 1 // code of time exceeded
)

// An errorKey is what ICMP errors are limited by.
type errorKey struct {
	to    netip.Addr
	class uint8
}

// The classes of errors, each with a limit of its own.
const (
	classUnreachable uint8 = iota
	classTooBig
	classTimeExceeded
)

// unreachableEvery is IOS's "ip icmp rate-limit unreachable". It is why the
// second probe of a traceroute's last hop goes unanswered.
const unreachableEvery = 500 * time.Millisecond

func (p *Path) unreachable(h header, packet []byte, code uint8) {
	p.icmpError(h, packet, icmpUnreachable, code, 0)
}

// tooBig says that a packet with DF does not fit. The router's own prober has
// to know too.
func (p *Path) tooBig(h header, packet []byte, mtu int, mine bool) {
	if !mine {
		p.icmpError(h, packet, icmpUnreachable, icmpNeedsFragment, uint32(mtu))
	} else if p.own[h.src] != nil {
		message := errorMessage(h, packet, icmpUnreachable, icmpNeedsFragment, uint32(mtu))
		p.up(ICMP{From: h.src, TTL: 255, Message: message})
	}
}

// icmpError tells the sender of a packet what became of it; never about an
// ICMP error, a fragment but the first, or what went to many (RFC 1812 section
// 4.3.2.7).
func (p *Path) icmpError(h header, packet []byte, kind, code uint8, more uint32) {
	body := packet[h.length:]
	switch {
	case h.offset > 0 || h.many || h.dst.IsMulticast() || h.src.IsUnspecified() || p.own[h.src] != nil:
		return
	case h.protocol == protoICMP && (len(body) == 0 || body[0] != icmpEchoRequest && body[0] != icmpEchoReply):
		return
	case !p.mayComplain(h.src, kind, code):
		return
	}
	from := netip.Addr{}
	if kind == icmpUnreachable && p.own[h.dst] != nil {
		from = h.dst
	}
	message := errorMessage(h, packet, kind, code, more)
	p.originate(header{ttl: 255, protocol: protoICMP, src: from, dst: h.src}, message)
}

func (p *Path) mayComplain(to netip.Addr, kind, code uint8) bool {
	switch {
	case kind == icmpTimeExceeded:
		return p.limits.allow(p.now, errorKey{to, classTimeExceeded}, 100*time.Millisecond, 10)
	case code == icmpNeedsFragment:
		return p.limits.allow(p.now, errorKey{to, classTooBig}, unreachableEvery, 4)
	}
	return p.limits.allow(p.now, errorKey{to, classUnreachable}, unreachableEvery, 1)
}

// errorMessage quotes the header and eight octets, as RFC 792 has it.
func errorMessage(h header, packet []byte, kind, code uint8, more uint32) []byte {
	message := []byte{kind, code, 0, 0}
	message = binary.BigEndian.AppendUint32(message, more)
	message = append(message, packet[:min(len(packet), h.length+8)]...)
	binary.BigEndian.PutUint16(message[2:], inet.Checksum(0, message))
	return message
}

// deliverICMP answers echo requests and hands up what is not a request.
func (p *Path) deliverICMP(i *port, h header, packet []byte) {
	body := packet[h.length:]
	if len(body) < 8 || inet.Checksum(0, body) != 0 {
		p.refuseIn(i, BadPacket)
		return
	}
	if body[0] != icmpEchoRequest {
		p.up(ICMP{From: h.src, TTL: h.ttl, Message: body})
		return
	}
	from := h.dst
	if h.many {
		from = i.addressFor(h.src)
	}
	body[0] = icmpEchoReply
	body[2], body[3] = 0, 0
	binary.BigEndian.PutUint16(body[2:], inet.Checksum(0, body))
	p.originate(header{tos: h.tos, ttl: 255, protocol: protoICMP, src: from, dst: h.src}, body)
}
