package forward

import (
	"net/netip"
	"slices"
	"time"

	"gresh/backend/gre"
)

const (
	missQueue = 3 // packets that wait for one NBMA address
	missLife  = 2 * time.Second
	nestedMax = 4 // tunnels in tunnels
)

// A neighbor is a next hop on a multipoint tunnel.
type neighbor struct {
	nbma    netip.Addr
	packets uint64
	used    time.Time
}

// A queue is packets that wait for a next hop's NBMA address.
type queue struct {
	packets [][]byte
	until   time.Time
}

// tunnel sends a packet through a tunnel interface.
func (p *Path) tunnel(out *port, via, dst netip.Addr, packet []byte) {
	switch {
	case out.Tunnel.Remote.IsValid():
		p.encapsulate(out, out.Tunnel.Remote, gre.IPv4, packet)
	case dst.IsMulticast() || out.isBroadcast(dst):
		for _, nbma := range p.multicast[out.Name] {
			p.encapsulate(out, nbma, gre.IPv4, packet)
		}
		if len(p.multicast[out.Name]) == 0 {
			out.counters.OutDrops++
			p.drop(NoNeighbor)
		}
	default:
		p.toNeighbor(out, via, packet)
	}
}

// toNeighbor sends a packet to a next hop of a multipoint tunnel, or has it
// wait for its NBMA address.
func (p *Path) toNeighbor(out *port, via netip.Addr, packet []byte) {
	key := hopKey{out.Name, via}
	if n := p.neighbors[key]; n != nil {
		n.packets++
		n.used = p.now
		p.encapsulate(out, n.nbma, gre.IPv4, packet)
		return
	}
	q := p.waiting[key]
	if q == nil && len(p.waiting) < entriesMax {
		q = &queue{until: p.now.Add(missLife)}
		p.waiting[key] = q
		p.stale = true
	}
	if q == nil || len(q.packets) >= missQueue {
		out.counters.OutDrops++
		p.drop(NoNeighbor)
	} else {
		q.packets = append(q.packets, packet)
	}
	p.tell(Miss{out.Name, via})
}

// encapsulate puts a payload into GRE and sends it to an NBMA address, under
// the tunnel's protection if it has one. The outer header copies the TOS; DF
// it does not copy, so that routers on the way may cut what has grown.
func (p *Path) encapsulate(out *port, to netip.Addr, protocol uint16, payload []byte) {
	t := out.Tunnel
	if slices.Contains(p.inside, out) || len(p.inside) >= nestedMax {
		p.refuseOut(out, Recursion)
		return
	}
	if !p.permits(t.Local, t.Key, t.HasKey, t.SADB) {
		p.refuseOut(out, ClosedPolicy)
		return
	}
	head := gre.Header{Protocol: protocol, Key: t.Key, HasKey: t.HasKey}
	if !to.Is4() || ipHeaderLen+head.Len()+len(payload) > packetMax {
		p.refuseOut(out, BadPacket)
		return
	}
	out.gave(p.now, len(payload))
	outer := header{length: ipHeaderLen, ttl: t.TTL, protocol: protoGRE, src: t.Local, dst: to, id: p.nextID()}
	if protocol == gre.IPv4 && len(payload) > 1 {
		outer.tos = payload[1]
	}
	var packet []byte
	if t.SADB == "" {
		size := head.Len() + len(payload)
		packet = appendIP(make([]byte, 0, ipHeaderLen+size), outer, size)
		packet = head.AppendTo(packet, payload)
	} else {
		p.scratch.gre = head.AppendTo(p.scratch.gre[:0], payload)
		if packet = p.protect(out, &outer, p.scratch.gre); packet == nil {
			return
		}
	}
	p.inside = append(p.inside, out)
	p.route(outer, packet, true)
	p.inside = p.inside[:len(p.inside)-1]
}

func (p *Path) refuseOut(out *port, r Reason) {
	out.counters.OutDrops++
	p.drop(r)
}

// deliverGRE takes GRE that came under an SA of an SADB, or in clear if under
// is empty, and finds its tunnel. A tunnel takes only what came as its own
// protection has it.
func (p *Path) deliverGRE(h header, body []byte, under string) {
	g, payload, err := gre.Parse(body)
	if err != nil {
		p.drop(BadPacket)
		return
	}
	name, ok := p.demux.Find(h.dst, h.src, g)
	i := p.ports[name]
	switch {
	case !p.permits(h.dst, g.Key, g.HasKey, under) || ok && i.Tunnel.SADB != under:
		p.unwelcome(name, h, under)
	case !ok:
		p.drop(NoTunnel)
	case p.depth >= nestedMax:
		p.refuseIn(i, Recursion)
	default:
		i.took(p.now, len(payload))
		p.decapsulated(i, h, g.Protocol, payload)
	}
}

// unwelcome drops what did not come as its tunnel's protection has it.
func (p *Path) unwelcome(tunnel string, h header, under string) {
	if i := p.ports[tunnel]; i != nil {
		i.counters.InDrops++
	}
	if under == "" {
		p.drop(ClearText)
	} else {
		p.drop(WrongSADB)
	}
	p.tell(Clear{tunnel, h.src, h.dst})
}

func (p *Path) decapsulated(i *port, h header, protocol uint16, payload []byte) {
	if protocol != gre.IPv4 {
		p.up(TunnelPacket{Tunnel: i.Name, NBMA: h.src, Protocol: protocol, Payload: payload})
		return
	}
	p.depth++
	p.from = h.src
	p.receiveIP(i, payload, false)
	p.depth--
}

// permits says whether policies let GRE with a local address and key pass under
// an SADB, or in clear if it is "". Where policies apply one of them must name
// the SADB.
func (p *Path) permits(local netip.Addr, key uint32, hasKey bool, sadb string) bool {
	closed := false
	for _, c := range p.policies[local] {
		if c.HasKey && (!hasKey || c.Key != key) {
			continue
		}
		if closed = true; c.SADB == sadb && sadb != "" {
			return true
		}
	}
	return !closed
}

// mustNotLeave says whether a packet is GRE in clear that a policy forbids.
// What cannot be told apart by its key is forbidden by any policy of its
// address.
func (p *Path) mustNotLeave(packet []byte) bool {
	if packet[9] != protoGRE || len(p.policies) == 0 {
		return false
	}
	h, packet, ok := parseIP(packet)
	if !ok {
		return true
	}
	g, _, err := gre.Parse(packet[h.length:])
	if h.fragment() || err != nil {
		return len(p.policies[h.src]) > 0
	}
	return !p.permits(h.src, g.Key, g.HasKey, "")
}
