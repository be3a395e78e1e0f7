package forward

import (
	"encoding/binary"
	"net/netip"
	"slices"
)

const depthMax = 4

// receiveIP takes a packet that came in by an interface, under the SA of an
// SADB if one is named. The Path owns the packet.
func (p *Path) receiveIP(i *port, packet []byte, under string, linkBroadcast bool) {
	h, packet, ok := parseIP(packet)
	if !ok || h.src.IsMulticast() {
		i.counters.InDrops++
		p.drop(BadPacket)
		return
	}
	switch {
	case p.own[h.dst] != nil || i.isBroadcast(h.dst):
		p.deliver(i, h, packet, under)
	case h.dst.IsMulticast() || linkBroadcast:
		// Nobody here has joined anything but by its protocol.
		p.deliver(i, h, packet, under)
	default:
		p.forward(i, h, packet)
	}
}

func (i *port) isBroadcast(a netip.Addr) bool {
	if a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return true
	}
	return slices.ContainsFunc(i.Addresses, func(n netip.Prefix) bool {
		return n.Bits() < 31 && n.Contains(a) && a == lastOf(n)
	})
}

// lastOf is the broadcast address of a network.
func lastOf(n netip.Prefix) netip.Addr {
	b := n.Addr().As4()
	v := binary.BigEndian.Uint32(b[:]) | ^uint32(0)>>n.Bits()
	binary.BigEndian.PutUint32(b[:], v)
	return netip.AddrFrom4(b)
}

// forward passes a packet on.
func (p *Path) forward(in *port, h header, packet []byte) {
	if h.ttl <= 1 {
		p.drop(TTLExpired)
		p.icmpError(packet, icmpTimeExceeded, 0, 0)
		return
	}
	packet[8]--
	reseal(packet)
	if in.AdjustMSS > 0 {
		adjustMSS(packet, in.AdjustMSS)
	}
	p.route(h, packet, false)
}

// route sends a packet where the table says. mine: it is the router's own.
func (p *Path) route(h header, packet []byte, mine bool) {
	if i := p.own[h.dst]; i != nil {
		p.deliver(i, h, packet, "")
		return
	}
	hops, ok := p.routes.lookup(h.dst)
	switch {
	case !ok:
		p.drop(NoRoute)
		if !mine {
			p.unreachable(packet, icmpHostUnreachable)
		}
		return
	case len(hops) == 0:
		p.drop(Discarded)
		return
	}
	hop := choose(hops, h.src, h.dst)
	out := p.ports[hop.Dev]
	if out == nil || !out.running() {
		p.drop(InterfaceDown)
		return
	}
	via := hop.Via
	if !via.IsValid() {
		via = h.dst
	}
	if out.AdjustMSS > 0 {
		adjustMSS(packet, out.AdjustMSS)
	}
	p.output(out, via, h, packet, mine)
}

// output sends a packet by an interface, in pieces if it is too large for it.
func (p *Path) output(out *port, via netip.Addr, h header, packet []byte, mine bool) {
	mtu := out.MTU
	if mtu == 0 || len(packet) <= mtu {
		p.transmit(out, via, packet)
		return
	}
	if h.df {
		out.counters.OutDrops++
		p.drop(NeedsFragment)
		if !mine {
			p.icmpError(packet, icmpUnreachable, icmpNeedsFragment, uint32(mtu))
		}
		return
	}
	for _, piece := range split(h, packet, mtu) {
		p.transmit(out, via, piece)
	}
}

// transmit sends a packet that fits by an interface.
func (p *Path) transmit(out *port, via netip.Addr, packet []byte) {
	switch out.Kind {
	case GRE:
		p.tunnel(out, via, packet)
	case Loopback:
		if h, whole, ok := parseIP(packet); ok {
			p.deliver(out, h, whole, "")
		}
	default:
		dst := netip.AddrFrom4([4]byte(packet[16:20]))
		switch {
		case out.isBroadcast(via) || out.isBroadcast(dst):
			p.frame(out, broadcastMAC, etherIPv4, packet)
		case dst.IsMulticast():
			a := dst.As4()
			p.frame(out, [6]byte{1, 0, 0x5e, a[1] & 0x7f, a[2], a[3]}, etherIPv4, packet)
		default:
			p.resolve(out, via, packet)
		}
	}
}

// split cuts a packet into fragments that fit (RFC 791 section 3.2). Options
// are left to the first.
func split(h header, packet []byte, mtu int) (pieces [][]byte) {
	body := packet[h.length:]
	room := (mtu - ipHeaderLen) &^ 7
	for at := 0; at < len(body); at += room {
		end := min(at+room, len(body))
		f := h
		f.offset, f.more = h.offset+at, h.more || end < len(body)
		pieces = append(pieces, append(appendIP(make([]byte, 0, mtu), f, end-at), body[at:end]...))
	}
	return pieces
}

const tcpSYN = 2

// adjustMSS lowers the maximum segment size that a SYN announces (RFC 9293
// section 3.7.1) and mends the checksum.
func adjustMSS(packet []byte, most int) {
	h, packet, ok := parseIP(packet)
	if !ok || h.protocol != protoTCP || h.fragment() {
		return
	}
	tcp := packet[h.length:]
	if len(tcp) < 20 || tcp[13]&tcpSYN == 0 {
		return
	}
	end := min(int(tcp[12]>>4)*4, len(tcp))
	for at := 20; at+1 < end; {
		kind, length := tcp[at], int(tcp[at+1])
		switch {
		case kind == 0:
			return
		case kind == 1:
			at++
			continue
		case length < 2 || at+length > end:
			return
		case kind == 2 && length == 4 && int(binary.BigEndian.Uint16(tcp[at+2:])) > most:
			binary.BigEndian.PutUint16(tcp[at+2:], uint16(most))
			tcp[16], tcp[17] = 0, 0
			binary.BigEndian.PutUint16(tcp[16:], checksum(pseudo(h.src, h.dst, protoTCP, len(tcp)), tcp))
			return
		}
		at += length
	}
}
