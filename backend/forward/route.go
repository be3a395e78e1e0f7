package forward

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"time"
)

// receiveIP takes a packet that came in by an interface; many: its link-layer
// address was not ours alone. The Path owns the packet.
func (p *Path) receiveIP(i *port, packet []byte, many bool) {
	h, packet, ok := parseIP(packet)
	switch {
	case !ok:
		p.refuseIn(i, BadPacket)
	case p.martian(i, h):
		p.refuseIn(i, Martian)
	case p.own[h.dst] != nil:
		p.deliver(i, h, packet)
	case i.isBroadcast(h.dst) || h.dst.IsMulticast():
		h.many = true
		p.deliver(i, h, packet)
	case len(i.Addresses) == 0 && isLeaseOffer(h, packet):
		p.deliver(i, h, packet)
	case many: // RFC 1812 section 5.3.4: never forward what was broadcast on a link
		p.refuseIn(i, BadPacket)
	default:
		p.forward(i, h, packet)
	}
}

func (p *Path) refuseIn(i *port, r Reason) {
	i.counters.InDrops++
	p.drop(r)
}

// martian says that a packet cannot come from where it says, or go where it
// says (RFC 1812 section 5.3.7). No address is fine for who asks for one.
func (p *Path) martian(i *port, h header) bool {
	src, dst := h.src.As4(), h.dst.As4()
	switch {
	case src[0] == 0:
		return !h.src.IsUnspecified() || h.dst != limitedBroadcast && !h.dst.IsMulticast()
	case src[0] == 127 || src[0] >= 224 || dst[0] == 127 || dst[0] == 0:
		return true
	case dst[0] >= 240 && h.dst != limitedBroadcast:
		return true
	}
	return p.own[h.src] != nil || i.isBroadcast(h.src)
}

// isLeaseOffer says whether a packet answers a DHCP client, whose address is
// not ours before it has come: RFC 2131 section 4.1 lets a server send there.
func isLeaseOffer(h header, packet []byte) bool {
	return h.protocol == protoUDP && !h.fragment() && len(packet) >= h.length+4 &&
		binary.BigEndian.Uint16(packet[h.length+2:]) == portBOOTPC
}

// forward passes a packet on.
func (p *Path) forward(in *port, h header, packet []byte) {
	if h.ttl <= 1 {
		p.drop(TTLExpired)
		p.icmpError(h, packet, icmpTimeExceeded, 0, 0)
		return
	}
	p.transit(in, h, packet)
	h.ttl--
	packet[8]--
	reseal(packet)
	adjustMSS(h, packet, in.AdjustMSS)
	p.route(h, packet, false)
}

// redirectEvery is how often a pair of addresses is told of, as IOS does.
const redirectEvery = 8 * time.Second

// transit says that a packet of one tunnel goes on through a tunnel.
func (p *Path) transit(in *port, h header, packet []byte) {
	if in.Kind != GRE || !in.Redirect {
		return
	}
	hops, ok := p.routes.lookup(h.dst)
	if !ok || len(hops) == 0 {
		return
	}
	_, out := p.choose(hops, h)
	if out == nil || out.Kind != GRE || !p.limits.allow(p.now, transitKey{in.Name, h.src, h.dst}, redirectEvery, 1) {
		return
	}
	p.up(Transit{In: in.Name, Out: out.Name, NBMA: p.from, Packet: bytes.Clone(packet)})
}

// A transitKey is what a limit of redirects is for.
type transitKey struct {
	dev      string
	src, dst netip.Addr
}

// route sends a packet where the table says. mine: it is the router's own.
func (p *Path) route(h header, packet []byte, mine bool) {
	if i := p.own[h.dst]; i != nil {
		p.deliver(i, h, packet)
		return
	}
	hops, ok := p.routes.lookup(h.dst)
	switch {
	case !ok:
		p.drop(NoRoute)
		p.refuse(h, packet, mine)
		return
	case len(hops) == 0:
		p.drop(Discarded)
		p.refuse(h, packet, mine)
		return
	}
	hop, out := p.choose(hops, h)
	if out == nil {
		p.drop(InterfaceDown)
		p.refuse(h, packet, mine)
		return
	}
	if !hop.Via.IsValid() {
		hop.Via = h.dst
	}
	if !mine && out.isBroadcast(h.dst) { // "no ip directed-broadcast" (RFC 2644)
		p.drop(NoRoute)
		return
	}
	adjustMSS(h, packet, out.AdjustMSS)
	p.output(out, hop.Via, h, packet, mine)
}

// refuse says of somebody else's packet that there is no way for it. Like IOS
// it names the host, where RFC 1812 section 5.2.7.1 would have the network.
func (p *Path) refuse(h header, packet []byte, mine bool) {
	if !mine {
		p.unreachable(h, packet, icmpHostUnreachable)
	}
}

// choose takes one of several hops, the same for all packets of a flow while
// the same interfaces run.
func (p *Path) choose(hops []Hop, h header) (Hop, *port) {
	first := 0
	if len(hops) > 1 {
		first = flow(h.src, h.dst) % len(hops)
	}
	for n := range hops {
		hop := hops[(first+n)%len(hops)]
		if out := p.ports[hop.Dev]; out != nil && out.running() {
			return hop, out
		}
	}
	return Hop{}, nil
}

// output sends a packet by an interface, in pieces if it is too large for it.
func (p *Path) output(out *port, via netip.Addr, h header, packet []byte, mine bool) {
	mtu := out.MTU
	if mtu < mtuFloor {
		mtu = ethernetMTU
	}
	switch {
	case len(packet) <= mtu:
		p.transmit(out, via, h.dst, packet)
	case h.df:
		out.counters.OutDrops++
		p.drop(NeedsFragment)
		p.tooBig(h, packet, mtu, mine)
	default:
		for _, piece := range split(h, packet, mtu) {
			p.transmit(out, via, h.dst, piece)
		}
	}
}

// transmit sends a packet that fits by an interface.
func (p *Path) transmit(out *port, via, dst netip.Addr, packet []byte) {
	switch out.Kind {
	case GRE:
		p.tunnel(out, via, dst, packet)
	case Ethernet:
		p.leave(out, via, dst, packet)
	default: // nobody else is on a loopback
		out.counters.OutDrops++
		p.drop(NoNeighbor)
	}
}
