package forward

import (
	"encoding/binary"
	"errors"
	"net/netip"

	"gresh/backend/esp"
	"gresh/backend/gre"
	"gresh/backend/sadb"
)

const (
	portIKE    = 500
	portIKENAT = 4500
	portBOOTPS = 67
	portBOOTPC = 68

	icmpEchoReply   = 0
	icmpEchoRequest = 8
)

// deliver takes a packet for this router.
func (p *Path) deliver(i *port, h header, packet []byte, under string) {
	if h.fragment() {
		var ok bool
		if h, packet, ok = p.reassemble(h, packet); !ok {
			return
		}
	}
	body := packet[h.length:]
	switch h.protocol {
	case protoICMP:
		p.deliverICMP(i, h, packet)
	case protoUDP:
		p.deliverUDP(i, h, packet)
	case protoESP:
		p.open(i, h, packet, body, sadb.ESP)
	case protoAH:
		p.open(i, h, packet, body, sadb.AH)
	case protoGRE:
		p.deliverGRE(i, h, body, under)
	default:
		p.drop(NoPort)
		p.unreachable(packet, icmpProtocolUnreachable)
	}
}

func (p *Path) deliverICMP(i *port, h header, packet []byte) {
	body := packet[h.length:]
	if len(body) < 8 || checksum(0, body) != 0 {
		p.drop(BadPacket)
		return
	}
	if body[0] != icmpEchoRequest {
		p.up(ICMP{From: h.src, TTL: h.ttl, Message: body})
		return
	}
	reply := append([]byte(nil), body...)
	reply[0] = icmpEchoReply
	reply[2], reply[3] = 0, 0
	binary.BigEndian.PutUint16(reply[2:], checksum(0, reply))
	from := h.dst
	if p.own[from] == nil {
		from = i.addressFor(h.src)
	}
	p.originate(header{tos: h.tos, ttl: 255, protocol: protoICMP, src: from, dst: h.src, df: h.df}, reply)
}

// deliverUDP hands up what is for IKE and DHCP, and opens ESP in UDP.
func (p *Path) deliverUDP(i *port, h header, packet []byte) {
	body := packet[h.length:]
	if len(body) < 8 || int(binary.BigEndian.Uint16(body[4:])) > len(body) || binary.BigEndian.Uint16(body[4:]) < 8 {
		p.drop(BadPacket)
		return
	}
	body = body[:binary.BigEndian.Uint16(body[4:])]
	if body[6]|body[7] != 0 && checksum(pseudo(h.src, h.dst, protoUDP, len(body)), body) != 0 {
		p.drop(BadPacket)
		return
	}
	u := UDP{
		Remote:  netip.AddrPortFrom(h.src, binary.BigEndian.Uint16(body)),
		Local:   netip.AddrPortFrom(h.dst, binary.BigEndian.Uint16(body[2:])),
		Payload: body[8:], Dev: i.Name,
	}
	switch u.Local.Port() {
	case portIKENAT:
		// RFC 3948 section 2: IKE has four octets of zero where ESP has its SPI.
		if len(u.Payload) > 4 && binary.BigEndian.Uint32(u.Payload) != 0 {
			p.open(i, h, packet, u.Payload, sadb.ESP)
			return
		}
		p.up(u)
	case portIKE, portBOOTPS, portBOOTPC:
		p.up(u)
	default:
		p.drop(NoPort)
		p.unreachable(packet, icmpPortUnreachable)
	}
}

// open takes what is sealed under an SA of ours.
func (p *Path) open(i *port, h header, packet, body []byte, protocol sadb.Protocol) {
	at := 0
	if protocol == sadb.AH {
		at = 4
	}
	if len(body) < at+4 {
		p.drop(BadPacket)
		return
	}
	key := sadb.Key{Proto: protocol, Dst: h.dst, SPI: binary.BigEndian.Uint32(body[at:])}
	s := p.inbound[key]
	if s == nil {
		p.drop(UnknownSPI)
		if u := (InvalidSPI{h.src, h.dst, protocol, key.SPI}); !p.limited(u) {
			p.up(u)
		}
		return
	}
	size := uint64(len(body))
	inner, next, err := s.open(packet[:h.length], body)
	if err != nil {
		p.refuse(s, err)
		return
	}
	p.count(s, size)
	h.protocol = next
	p.opened(i, h, inner, s.sa)
}

func (s *saState) open(ipHeader, body []byte) ([]byte, uint8, error) {
	if s.sa.Proto == sadb.AH {
		return s.esp.OpenAH(ipHeader, body)
	}
	return s.esp.Open(body)
}

func (p *Path) refuse(s *saState, err error) {
	switch {
	case errors.Is(err, esp.ErrReplay):
		s.counters.ReplayErrors++
		p.drop(Replayed)
	case errors.Is(err, esp.ErrICV):
		s.counters.AuthErrors++
		p.drop(AuthFailed)
	default:
		s.counters.OtherErrors++
		p.drop(BadPacket)
	}
}

// opened goes on with what was inside: ESP within AH, GRE, or, in tunnel mode,
// an IP packet with GRE in it. Nothing else is negotiated for.
func (p *Path) opened(i *port, h header, inner []byte, sa sadb.SA) {
	switch h.protocol {
	case protoESP:
		p.open(i, h, nil, inner, sadb.ESP)
	case protoGRE:
		p.deliverGRE(i, h, inner, sa.SADB)
	case protoIPIP:
		ih, whole, ok := parseIP(inner)
		if !ok || ih.protocol != protoGRE || ih.src != h.src || ih.dst != h.dst || ih.fragment() {
			p.drop(BadPacket)
			return
		}
		p.deliverGRE(i, ih, whole[ih.length:], sa.SADB)
	default:
		p.drop(BadPacket)
	}
}

// deliverGRE takes GRE that came in clear (under is "") or under an SA of an
// SADB, and finds the tunnel it belongs to. A tunnel takes only what came as
// its own protection has it.
func (p *Path) deliverGRE(_ *port, h header, body []byte, under string) {
	g, payload, err := gre.Parse(body)
	if err != nil {
		p.drop(BadPacket)
		return
	}
	name, ok := p.demux.Find(h.dst, h.src, g)
	if !ok {
		p.drop(NoTunnel)
		return
	}
	i := p.ports[name]
	if i.Tunnel.SADB != under {
		i.counters.InDrops++
		p.drop(map[bool]Reason{true: ClearText, false: WrongSADB}[under == ""])
		if c := (Clear{name, h.src, h.dst}); !p.limited(c) {
			p.up(c)
		}
		return
	}
	i.counters.InPackets++
	i.counters.InOctets += uint64(len(payload))
	if g.Protocol != gre.IPv4 {
		p.up(TunnelPacket{Tunnel: name, NBMA: h.src, Protocol: g.Protocol, Payload: payload})
		return
	}
	if p.depth >= depthMax {
		p.drop(Recursion)
		return
	}
	p.depth++
	p.receiveIP(i, payload, "", false)
	p.depth--
}

// encapUDP puts ESP into UDP (RFC 3948 section 2.1). The checksum is zero.
func encapUDP(e sadb.Encap, sealed []byte) []byte {
	b := make([]byte, 0, 8+len(sealed))
	b = binary.BigEndian.AppendUint16(b, e.SrcPort)
	b = binary.BigEndian.AppendUint16(b, e.DstPort)
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(sealed)))
	return append(append(b, 0, 0), sealed...)
}
