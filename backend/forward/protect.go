package forward

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"gresh/backend/esp"
	"gresh/backend/sadb"
)

// An association is an SA at work.
type association struct {
	sa       sadb.SA
	state    *esp.State
	counters SACounters
	told     uint64 // octets at the last Volume
}

func newAssociation(sa sadb.SA, rand io.Reader) (*association, error) {
	state, err := esp.New(sa, rand)
	return &association{sa: sa, state: state}, err
}

// setSA installs, changes or takes away an SA. fresh is its state when it is
// new, or has new keys.
func (p *Path) setSA(sa sadb.SA, add bool, fresh *association) {
	key := sa.Key()
	have := p.sas[key]
	if have != nil {
		p.takeOutbound(have)
		delete(p.sas, key)
	}
	if !add {
		return
	}
	if fresh == nil {
		fresh = have
	}
	fresh.sa = sa
	p.sas[key] = fresh
	to := SocketKey{sa.SADB, sa.Dst}
	p.outbound[to] = append(p.outbound[to], fresh)
}

func (p *Path) takeOutbound(s *association) {
	to := SocketKey{s.sa.SADB, s.sa.Dst}
	rest := slices.DeleteFunc(p.outbound[to], func(o *association) bool { return o == s })
	if p.outbound[to] = rest; len(rest) == 0 {
		delete(p.outbound, to)
	}
}

// exhausted says that an SA has carried all it may (RFC 4301 section 4.4.2.1).
func (s *association) exhausted() bool {
	return s.sa.HardOctets > 0 && s.counters.Octets >= s.sa.HardOctets
}

// newest finds the SA that was installed last of those that protect traffic to
// a peer, and the AH around it if it is half of a bundle.
func (p *Path) newest(to SocketKey) (inner, around *association) {
	all := p.outbound[to]
	for n := len(all) - 1; n >= 0; n-- {
		s := all[n]
		if s.exhausted() || s.sa.Proto == sadb.AH && s.sa.Bundle != 0 {
			continue // the AH of a bundle is found by its ESP
		}
		if s.sa.Bundle == 0 {
			return s, nil
		}
		ah := p.sas[sadb.Key{Proto: sadb.AH, Dst: s.sa.Dst, SPI: s.sa.Bundle}]
		if ah != nil && !ah.exhausted() {
			return s, ah
		}
	}
	return nil, nil
}

// protect makes the packet that carries GRE to a peer under the newest SA of
// the tunnel's SADB; nil if it was dropped. It completes the outer header.
func (p *Path) protect(out *port, outer *header, body []byte) []byte {
	key := SocketKey{out.Tunnel.SADB, outer.dst}
	inner, around := p.newest(key)
	if inner == nil {
		p.refuseOut(out, NoSA)
		p.peer(key).SendErrors++
		p.tell(Acquire{out.Tunnel.SADB, out.Name, outer.dst})
		return nil
	}
	next := outer.protocol
	if inner.sa.Mode == sadb.TunnelMode {
		p.scratch.inner = appendIP(p.scratch.inner[:0], *outer, len(body))
		p.scratch.inner = append(p.scratch.inner, body...)
		body, next = p.scratch.inner, protoIPIP
	}
	packet, err := p.seal(inner, around, outer, body, next)
	if err != nil || len(packet) > packetMax {
		inner.counters.SendErrors++
		p.peer(key).SendErrors++
		p.refuseOut(out, NoSA)
		return nil
	}
	return appendIP(packet[:0], *outer, len(packet)-ipHeaderLen)[:len(packet)]
}

// seal returns a packet with room for the outer header, and sets its protocol.
func (p *Path) seal(
	inner, around *association, outer *header, body []byte, next uint8,
) (packet []byte, err error) {
	size := uint64(len(body))
	switch {
	case around != nil:
		if p.scratch.sealed, err = inner.state.Seal(p.scratch.sealed[:0], body, next); err != nil {
			return nil, err
		}
		packet, err = p.sealAH(around, outer, p.scratch.sealed, protoESP)
	case inner.sa.Proto == sadb.AH:
		packet, err = p.sealAH(inner, outer, body, next)
	default:
		packet, err = sealESP(inner, outer, body, next)
	}
	if err != nil {
		return nil, err
	}
	p.count(inner, size)
	p.peer(SocketKey{inner.sa.SADB, inner.sa.Dst}).OutPackets++
	if around != nil {
		p.count(around, size)
	}
	return packet, nil
}

func sealESP(s *association, outer *header, body []byte, next uint8) ([]byte, error) {
	begin := ipHeaderLen
	outer.protocol = protoESP
	if s.sa.Encap.DstPort != 0 {
		begin += esp.UDPHeaderLen
		outer.protocol = protoUDP
	}
	packet, err := s.state.Seal(make([]byte, begin, begin+len(body)+s.state.Overhead()), body, next)
	if outer.protocol == protoUDP {
		esp.AppendUDP(packet[:ipHeaderLen], s.sa.Encap, len(packet)-begin)
	}
	return packet, err
}

func (p *Path) sealAH(s *association, outer *header, body []byte, next uint8) ([]byte, error) {
	size := s.state.AHLen() + len(body)
	outer.protocol = protoAH
	p.scratch.head = appendIP(p.scratch.head[:0], *outer, size)
	return s.state.SealAH(make([]byte, ipHeaderLen, ipHeaderLen+size), p.scratch.head, body, next)
}

// count adds what an SA has carried, and tells when it passes a limit.
func (p *Path) count(s *association, octets uint64) {
	s.counters.Packets++
	s.counters.Octets += octets
	for _, limit := range [...]uint64{s.sa.SoftOctets, s.sa.HardOctets} {
		if limit > s.told && s.counters.Octets >= limit {
			s.told = s.counters.Octets
			p.up(Volume{s.sa.Key(), s.counters.Octets})
		}
	}
}

// open takes what is sealed under an SA of ours; around is the SPI of the AH
// it came out of, or 0.
func (p *Path) open(h header, ipHeader, body []byte, protocol sadb.Protocol, around uint32) {
	at := 0
	if protocol == sadb.AH {
		at = 4 // behind next header, length and reserved octets
	}
	if len(body) < at+4 {
		p.drop(BadPacket)
		return
	}
	key := sadb.Key{Proto: protocol, Dst: h.dst, SPI: binary.BigEndian.Uint32(body[at:])}
	s := p.sas[key]
	switch {
	case s == nil:
		p.drop(UnknownSPI)
		p.tell(InvalidSPI{h.src, h.dst, protocol, key.SPI})
	case s.exhausted():
		p.drop(Exhausted)
	case h.src != s.sa.Src || protocol == sadb.ESP && s.sa.Bundle != around:
		// Before the window moves: without its AH, ESP may prove nothing.
		p.mismatched(s)
	default:
		p.unseal(h, ipHeader, body, s)
	}
}

func (p *Path) unseal(h header, ipHeader, body []byte, s *association) {
	var inner []byte
	var next uint8
	var err error
	if s.sa.Proto == sadb.AH {
		inner, next, err = s.state.OpenAH(ipHeader, body)
	} else {
		inner, next, err = s.state.Open(body)
	}
	if err != nil {
		p.refuseSealed(s, err)
		return
	}
	p.opened(h, s, inner, next)
}

func (p *Path) refuseSealed(s *association, err error) {
	p.peer(SocketKey{s.sa.SADB, s.sa.Src}).RecvErrors++
	switch {
	case errors.Is(err, esp.ErrReplay):
		s.counters.ReplayErrors++
		p.drop(Replayed)
	case errors.Is(err, esp.ErrICV):
		s.counters.AuthErrors++
		p.drop(AuthFailed)
	default:
		s.counters.ReceiveErrors++
		p.drop(BadPacket)
	}
}

// opened goes on with what was inside, if it is what the SA was negotiated for
// (RFC 4301 section 5.2): GRE between its two ends, in tunnel mode within an
// IP packet, or the ESP of the bundle.
func (p *Path) opened(h header, s *association, inner []byte, next uint8) {
	if inner == nil {
		return // a dummy
	}
	p.count(s, uint64(len(inner)))
	if s.sa.Proto == sadb.ESP || s.sa.Bundle == 0 {
		p.peer(SocketKey{s.sa.SADB, s.sa.Src}).InPackets++
	}
	switch {
	case s.sa.Proto == sadb.AH && s.sa.Bundle != 0 && next == protoESP:
		p.open(h, nil, inner, sadb.ESP, s.sa.SPI)
	case s.sa.Proto == sadb.AH && s.sa.Bundle != 0:
		p.mismatched(s)
	case next == protoGRE && s.sa.Mode == sadb.TransportMode:
		p.deliverGRE(h, inner, s.sa.SADB)
	case next == protoIPIP && s.sa.Mode == sadb.TunnelMode:
		p.openedTunnel(h, s, inner)
	default:
		p.mismatched(s)
	}
}

func (p *Path) openedTunnel(h header, s *association, inner []byte) {
	ih, packet, ok := parseIP(inner)
	if !ok || ih.protocol != protoGRE || ih.src != h.src || ih.dst != h.dst || ih.fragment() {
		p.mismatched(s)
		return
	}
	p.deliverGRE(ih, packet[ih.length:], s.sa.SADB)
}

func (p *Path) mismatched(s *association) {
	p.peer(SocketKey{s.sa.SADB, s.sa.Src}).RecvErrors++
	s.counters.ReceiveErrors++
	p.drop(Mismatch)
}
