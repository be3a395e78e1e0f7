package forward

import (
	"encoding/binary"
	"net/netip"
)

// The ICMP errors that a router sends (RFC 792, RFC 1812 section 5.2.7).
const (
	icmpUnreachable  = 3
	icmpTimeExceeded = 11

	icmpHostUnreachable     = 1
	icmpProtocolUnreachable = 2
	icmpPortUnreachable     = 3
	icmpNeedsFragment       = 4
)

func (p *Path) unreachable(packet []byte, code uint8) { p.icmpError(packet, icmpUnreachable, code, 0) }

// errorKey limits errors by whom they go to.
type errorKey struct {
	to         netip.Addr
	kind, code uint8
}

// icmpError tells the sender of a packet what became of it, never about an
// ICMP error, a fragment but the first, or what went to many (RFC 1812 section
// 4.3.2.7).
func (p *Path) icmpError(packet []byte, kind, code uint8, more uint32) {
	h, packet, ok := parseIP(packet)
	if !ok && len(packet) < ipHeaderLen {
		return
	}
	if h.offset > 0 || h.dst.IsMulticast() || !h.src.IsValid() || h.src.IsUnspecified() || p.own[h.src] != nil {
		return
	}
	body := packet[h.length:]
	if h.protocol == protoICMP && (len(body) == 0 || body[0] != icmpEchoRequest && body[0] != icmpEchoReply) {
		return
	}
	if kind != icmpTimeExceeded && code != icmpPortUnreachable && p.limited(errorKey{h.src, kind, code}) {
		return
	}
	message := []byte{kind, code, 0, 0}
	message = binary.BigEndian.AppendUint32(message, more)
	message = append(message, packet[:min(len(packet), h.length+8)]...)
	binary.BigEndian.PutUint16(message[2:], checksum(0, message))
	from := netip.Addr{}
	if kind == icmpUnreachable && p.own[h.dst] != nil {
		from = h.dst
	}
	p.originate(header{ttl: 255, protocol: protoICMP, src: from, dst: h.src}, message)
}

// originate sends a packet of the router's own. A source that is not valid is
// the address of the interface it leaves by.
func (p *Path) originate(h header, body []byte) {
	if !h.src.IsValid() {
		h.src = p.sourceFor(h.dst)
	}
	if !h.src.IsValid() {
		p.drop(NoRoute)
		return
	}
	p.ident++
	h.id = p.ident
	p.route(h, append(appendIP(make([]byte, 0, ipHeaderLen+len(body)), h, len(body)), body...), true)
}

func (p *Path) sourceFor(dst netip.Addr) netip.Addr {
	if p.own[dst] != nil {
		return dst
	}
	hops, ok := p.routes.lookup(dst)
	if !ok || len(hops) == 0 {
		return netip.Addr{}
	}
	hop := hops[0]
	out := p.ports[hop.Dev]
	if out == nil || len(out.Addresses) == 0 {
		return netip.Addr{}
	}
	if hop.Via.IsValid() {
		return out.addressFor(hop.Via)
	}
	return out.addressFor(dst)
}
