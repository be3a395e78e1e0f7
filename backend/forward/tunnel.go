package forward

import (
	"net/netip"

	"gresh/backend/gre"
	"gresh/backend/sadb"
)

// tunnel sends a packet through a tunnel interface.
func (p *Path) tunnel(out *port, via netip.Addr, packet []byte) {
	dst := netip.AddrFrom4([4]byte(packet[16:20]))
	switch {
	case out.Tunnel.Remote.IsValid():
		p.encapsulate(out, out.Tunnel.Remote, gre.IPv4, packet)
	case dst.IsMulticast() || out.isBroadcast(dst):
		for _, nbma := range p.multicast[out.Name] {
			p.encapsulate(out, nbma, gre.IPv4, packet)
		}
	default:
		p.toNeighbor(out, via, packet)
	}
}

// toNeighbor sends a packet to a next hop of a multipoint tunnel, or has it
// wait until its NBMA address is known.
func (p *Path) toNeighbor(out *port, via netip.Addr, packet []byte) {
	key := hopKey{out.Name, via}
	if n := p.neighbors[key]; n != nil {
		n.packets++
		n.used = p.now
		p.encapsulate(out, n.nbma, gre.IPv4, packet)
		return
	}
	q := p.waiting[key]
	if q == nil {
		if len(p.waiting) >= tablesMax {
			p.drop(NoNeighbor)
			return
		}
		q = &queue{until: p.now.Add(missLife)}
		p.waiting[key] = q
	}
	if len(q.packets) >= missLimit {
		p.drop(NoNeighbor)
	} else {
		q.packets = append(q.packets, packet)
	}
	if !p.limited(Miss{out.Name, via}) {
		p.up(Miss{out.Name, via})
	}
}

// encapsulate puts a payload into GRE and sends it to an NBMA address, under
// the tunnel's protection. A tunnel that has none does not send what a policy
// keeps for another.
func (p *Path) encapsulate(out *port, to netip.Addr, protocol uint16, payload []byte) {
	t := out.Tunnel
	out.counters.OutPackets++
	out.counters.OutOctets += uint64(len(payload))
	head := gre.Header{Protocol: protocol, Key: t.Key, HasKey: t.HasKey}
	body := head.AppendTo(make([]byte, 0, 8+len(payload)), payload)
	outer := header{ttl: t.TTL, protocol: protoGRE, src: t.Local, dst: to}
	if protocol == gre.IPv4 {
		outer.tos = payload[1]
	}
	if t.SADB != "" {
		var ok bool
		if outer.protocol, body, ok = p.seal(out, outer, body); !ok {
			return
		}
	} else if p.closed(t) {
		p.drop(ClosedPolicy)
		return
	}
	p.sendOuter(outer, body)
}

// closed says whether a policy forbids GRE of an unprotected tunnel.
func (p *Path) closed(t Tunnel) bool {
	for _, c := range p.table.Policies {
		if c.Local == t.Local && (!c.HasKey || t.HasKey && c.Key == t.Key) {
			return true
		}
	}
	return false
}

// sendOuter sends a packet of the router's own. What leads back into tunnel
// after tunnel is dropped.
func (p *Path) sendOuter(h header, body []byte) {
	if p.depth >= depthMax {
		p.drop(Recursion)
		return
	}
	p.depth++
	p.ident++
	h.id = p.ident
	p.route(h, append(appendIP(make([]byte, 0, ipHeaderLen+len(body)), h, len(body)), body...), true)
	p.depth--
}

// seal protects what goes to a peer with the newest SAs there are, and returns
// the protocol and the body of the outer packet.
func (p *Path) seal(out *port, outer header, body []byte) (protocol uint8, sealed []byte, ok bool) {
	key := SocketKey{out.Tunnel.SADB, outer.dst}
	bundle := p.outbound[key]
	if len(bundle) == 0 {
		out.counters.OutDrops++
		p.drop(NoSA)
		p.sendErrors[key]++
		if a := (Acquire{out.Tunnel.SADB, out.Name, outer.dst}); !p.limited(a) {
			p.up(a)
		}
		return 0, nil, false
	}
	protocol = protoGRE
	if bundle[0].sa.Mode == sadb.TunnelMode {
		body = append(appendIP(make([]byte, 0, ipHeaderLen+len(body)), outer, len(body)), body...)
		protocol = protoIPIP
	}
	for _, s := range bundle {
		size := uint64(len(body))
		var err error
		if protocol, body, err = s.seal(outer, body, protocol); err != nil {
			s.counters.OtherErrors++
			p.drop(NoSA)
			return 0, nil, false
		}
		p.count(s, size)
	}
	return protocol, body, true
}

// seal puts one SA's protection around a payload.
func (s *saState) seal(outer header, body []byte, next uint8) (uint8, []byte, error) {
	if s.sa.Proto == sadb.AH {
		outer.protocol = protoAH
		head := appendIP(nil, outer, s.esp.AHLen()+len(body))
		sealed, err := s.esp.SealAH(nil, head, body, next)
		return protoAH, sealed, err
	}
	sealed, err := s.esp.Seal(make([]byte, 0, len(body)+80), body, next)
	if err == nil && s.sa.Encap.DstPort != 0 {
		return protoUDP, encapUDP(s.sa.Encap, sealed), nil
	}
	return protoESP, sealed, err
}

// count adds what an SA has carried, and tells when it passes a limit.
func (p *Path) count(s *saState, octets uint64) {
	s.counters.Packets++
	s.counters.Octets += octets
	for _, limit := range []uint64{s.sa.SoftOctets, s.sa.HardOctets} {
		if limit > s.told && s.counters.Octets >= limit {
			s.told = s.counters.Octets
			p.up(Volume{s.sa.Key(), s.counters.Octets})
		}
	}
}
