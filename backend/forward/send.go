package forward

import "time"

// Send sends a packet of the router's own.
func (p *Path) Send(now time.Time, packet Packet) Result {
	p.begin(now)
	switch s := packet.(type) {
	case SendUDP:
		p.sendUDP(s)
	case SendTunnel:
		if out := p.ports[s.Tunnel]; out == nil || !out.running() {
			p.drop(InterfaceDown)
		} else {
			p.encapsulate(out, s.NBMA, s.Protocol, s.Payload)
		}
	case SendIP:
		p.originate(header{tos: s.TOS, ttl: s.TTL, protocol: s.Protocol, src: s.Src, dst: s.Dst, df: s.DF}, s.Payload)
	}
	return p.end()
}

func (p *Path) sendUDP(s SendUDP) {
	h := header{ttl: 255, protocol: protoUDP, src: s.Local.Addr(), dst: s.Remote.Addr()}
	body := appendUDP(nil, s.Local, s.Remote, s.Payload)
	if s.Dev == "" {
		p.originate(h, body)
		return
	}
	out := p.ports[s.Dev]
	if out == nil || !out.running() {
		p.drop(InterfaceDown)
		return
	}
	to := s.LinkDst
	if to == [6]byte{} {
		to = broadcastMAC
	}
	p.ident++
	h.id = p.ident
	p.frame(out, to, etherIPv4, append(appendIP(nil, h, len(body)), body...))
}
