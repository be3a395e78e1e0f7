package forward

import (
	"net/netip"
	"time"
)

// Send sends a packet of the router's own.
func (p *Path) Send(now time.Time, packet Packet) Result {
	p.begin(now)
	switch s := packet.(type) {
	case SendUDP:
		p.sendUDP(s)
	case SendTunnel:
		p.sendTunnel(s)
	case SendIP:
		h := header{tos: s.TOS, ttl: s.TTL, protocol: s.Protocol, src: s.Src, dst: s.Dst, df: s.DF}
		p.sendBy(s.Dev, h, s.Payload)
	}
	return p.end()
}

func (p *Path) sendTunnel(s SendTunnel) {
	out := p.ports[s.Tunnel]
	if out == nil || out.Kind != GRE || !out.running() {
		p.drop(InterfaceDown)
		return
	}
	p.encapsulate(out, s.NBMA, s.Protocol, s.Payload)
}

func (p *Path) sendUDP(s SendUDP) {
	h := header{ttl: 255, protocol: protoUDP, src: s.Local.Addr(), dst: s.Remote.Addr()}
	if h.dst.Is4() && !h.src.IsValid() {
		h.src = p.sourceFor(h.dst)
	}
	if !h.dst.Is4() || !h.src.Is4() {
		p.drop(NoRoute)
		return
	}
	body := appendUDP(nil, netip.AddrPortFrom(h.src, s.Local.Port()), s.Remote, s.Payload)
	if out := p.ports[s.Dev]; out == nil || out.Kind != Ethernet {
		p.sendBy(s.Dev, h, body)
		return
	}
	p.sendFrame(s, h, body)
}

// sendFrame sends a datagram to a link-layer address, as DHCP has to.
func (p *Path) sendFrame(s SendUDP, h header, body []byte) {
	out := p.ports[s.Dev]
	if !out.running() || len(body) > packetMax-ipHeaderLen {
		p.drop(InterfaceDown)
		return
	}
	to := s.LinkDst
	if to == [6]byte{} {
		to = broadcastMAC
	}
	h.id = p.nextID()
	p.frame(out, to, etherIPv4, newPacket(h, body))
}

// sendBy sends by an interface whatever the routes say, if one is named.
func (p *Path) sendBy(dev string, h header, body []byte) {
	if dev == "" {
		p.originate(h, body)
		return
	}
	out := p.ports[dev]
	if out == nil || !out.running() || !h.dst.Is4() || len(body) > packetMax-ipHeaderLen {
		p.drop(InterfaceDown)
		return
	}
	if !h.src.IsValid() {
		h.src = out.addressFor(h.dst)
	}
	if !h.src.Is4() {
		p.drop(NoRoute)
		return
	}
	h.id = p.nextID()
	h.length = ipHeaderLen
	p.output(out, h.dst, h, newPacket(h, body), true)
}

// originate sends a packet of the router's own by the routes. A source that is
// not valid is the address of the interface it leaves by.
func (p *Path) originate(h header, body []byte) {
	if h.dst.Is4() && !h.src.IsValid() {
		h.src = p.sourceFor(h.dst)
	}
	if !h.src.Is4() || !h.dst.Is4() {
		p.drop(NoRoute)
		return
	}
	if len(body) > packetMax-ipHeaderLen {
		p.drop(BadPacket)
		return
	}
	h.id = p.nextID()
	h.length = ipHeaderLen
	p.route(h, newPacket(h, body), true)
}

func newPacket(h header, body []byte) []byte {
	return append(appendIP(make([]byte, 0, ipHeaderLen+len(body)), h, len(body)), body...)
}

func (p *Path) sourceFor(dst netip.Addr) netip.Addr {
	if p.own[dst] != nil {
		return dst
	}
	hops, ok := p.routes.lookup(dst)
	if !ok || len(hops) == 0 {
		return netip.Addr{}
	}
	hop, out := p.choose(hops, header{src: netip.IPv4Unspecified(), dst: dst})
	switch {
	case out == nil:
		return netip.Addr{}
	case hop.Via.IsValid():
		return out.addressFor(hop.Via)
	}
	return out.addressFor(dst)
}
