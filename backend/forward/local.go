package forward

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"gresh/backend/esp"
	"gresh/backend/inet"
	"gresh/backend/sadb"
)

const (
	portBOOTPS = 67
	portBOOTPC = 68
	portIKE    = 500
	portIKENAT = 4500
)

// deliver takes a packet for this router.
func (p *Path) deliver(i *port, h header, packet []byte) {
	if h.fragment() {
		var ok bool
		if h, packet, ok = p.reassemble(h, packet); !ok {
			return
		}
	}
	switch h.protocol {
	case protoICMP:
		p.deliverICMP(i, h, packet)
	case protoUDP:
		p.deliverUDP(i, h, packet)
	case protoESP:
		p.open(h, packet[:h.length], packet[h.length:], sadb.ESP, 0)
	case protoAH:
		p.open(h, packet[:h.length], packet[h.length:], sadb.AH, 0)
	case protoGRE:
		p.deliverGRE(h, packet[h.length:], "")
	case protoEIGRP:
		p.deliverRouting(i, h, packet)
	case protoTCP:
		p.drop(NoPort)
		p.unreachable(h, packet, icmpPortUnreachable)
	default:
		p.drop(NoPort)
		p.unreachable(h, packet, icmpProtocolUnreachable)
	}
}

// deliverRouting hands up what a routing protocol says to this router, or to a
// group that it listens to where the packet came in.
func (p *Path) deliverRouting(i *port, h header, packet []byte) {
	if h.dst.IsMulticast() && !slices.Contains(i.Groups, h.dst) {
		p.drop(NoPort)
		return
	}
	p.up(Routing{Dev: i.Name, Src: h.src, Dst: h.dst, Protocol: h.protocol, Payload: packet[h.length:]})
}

// deliverUDP hands up what is for IKE and DHCP, and opens ESP in UDP.
func (p *Path) deliverUDP(i *port, h header, packet []byte) {
	body, ok := parseUDP(h, packet[h.length:])
	if !ok {
		p.refuseIn(i, BadPacket)
		return
	}
	u := UDP{
		Remote:  netip.AddrPortFrom(h.src, binary.BigEndian.Uint16(body)),
		Local:   netip.AddrPortFrom(h.dst, binary.BigEndian.Uint16(body[2:])),
		Payload: body[8:], Dev: i.Name,
	}
	switch u.Local.Port() {
	case portIKENAT:
		if esp.InUDP(u.Payload) {
			p.open(h, nil, u.Payload, sadb.ESP, 0)
			return
		}
		p.up(u)
	case portIKE, portBOOTPS, portBOOTPC:
		p.up(u)
	default:
		p.drop(NoPort)
		p.unreachable(h, packet, icmpPortUnreachable)
	}
}

// parseUDP returns a datagram without what follows it, if it is sound. A
// checksum of zero is none (RFC 768).
func parseUDP(h header, b []byte) (datagram []byte, ok bool) {
	if len(b) < 8 {
		return nil, false
	}
	length := int(binary.BigEndian.Uint16(b[4:]))
	if length < 8 || length > len(b) {
		return nil, false
	}
	b = b[:length]
	if b[6]|b[7] != 0 && inet.Checksum(pseudo(h.src, h.dst, protoUDP, length), b) != 0 {
		return nil, false
	}
	return b, true
}
