package nhrp

import (
	"net/netip"
	"slices"
	"time"
)

// purgeLimit is how often a purge request is sent. What it did not achieve by
// then, the holding time does later.
const purgeLimit = 5

// A purge is in progress: a station is to forget an address of ours (section
// 5.2.5). It holds the station's peer, so that there is protection to speak
// under until the station has answered.
type purge struct {
	tunnel  *tunnel
	to      Party
	addr    netip.Addr
	bits    int // of a network; 0: it is a host, ourselves
	peer    *peer
	request request
	timer   timer
}

// purge has a station forget an address of ours.
func (t *tunnel) purge(now time.Time, to Party, addr netip.Addr, out *Output) {
	p := &purge{tunnel: t, to: to, addr: addr, peer: t.hold(to.NBMA, out)}
	p.request.id = t.engine.requestID()
	p.timer.fire = p.advance
	t.unpurge(to.NBMA, addr, out)
	t.purges = append(t.purges, p)
	p.advance(now, out)
}

// purgePrefix has a station forget a network that was behind us.
func (t *tunnel) purgePrefix(now time.Time, to Party, prefix netip.Prefix, out *Output) {
	p := &purge{tunnel: t, to: to, addr: prefix.Addr(), bits: prefix.Bits(), peer: t.hold(to.NBMA, out)}
	p.request.id = t.engine.requestID()
	p.timer.fire = p.advance
	t.purges = append(t.purges, p)
	p.advance(now, out)
}

// advance sends the request once more, or gives up.
func (p *purge) advance(now time.Time, out *Output) {
	if p.request.tries == purgeLimit {
		p.end(out)
		return
	}
	if p.peer.up {
		p.tunnel.send(now, p.to.NBMA, p.message(0), out)
	}
	p.request.next = now.Add(backoff(p.request.tries))
	p.request.tries++
	p.tunnel.engine.timers.set(&p.timer, p.request.next)
}

func (p *purge) message(flags uint16) Message {
	m := p.tunnel.message(PurgeRequest, flags, p.request.id, p.to.Addr)
	m.Clients = []Client{{Prefix: prefixHost, NBMA: p.tunnel.cfg.NBMA, Addr: p.addr}}
	if p.bits > 0 {
		m.Clients[0].Prefix = uint8(p.bits)
	} else {
		m.Src = p.addr
	}
	return m
}

func (p *purge) end(out *Output) {
	t := p.tunnel
	t.engine.timers.set(&p.timer, time.Time{})
	t.purges = slices.DeleteFunc(t.purges, func(q *purge) bool { return p == q })
	t.release(p.peer, out)
}

// unpurge ends a purge, because the station is to know the address again: what
// were still sent would undo that.
func (t *tunnel) unpurge(nbma, addr netip.Addr, out *Output) {
	for _, p := range slices.Clone(t.purges) {
		if p.to.NBMA == nbma && p.addr == addr {
			p.end(out)
		}
	}
}

// purgeReply ends the purge that it answers.
func (t *tunnel) purgeReply(p Packet, m Message, out *Output) {
	i := slices.IndexFunc(t.purges, func(q *purge) bool {
		return q.to.NBMA == p.NBMA && q.request.id == m.ID
	})
	if i < 0 {
		t.traffic.UnknownReply++
		return
	}
	t.purges[i].end(out)
}

// holders are the stations that have our address from us: the servers that we
// are registered with, and who has asked us for it, or we them.
func (t *tunnel) holders() (all []Party) {
	for _, s := range t.servers {
		if s.responding && s.reachable() {
			all = append(all, s.party())
		}
	}
	for _, n := range t.order {
		if n.kind == resolved && n.peer.up {
			all = append(all, Party{n.addr, n.nbma})
		}
	}
	return all
}

// Leave says goodbye on the tunnels that will be no more, or other stations,
// under cfg: who has our address is told to forget it. The packets must be sent
// while the tunnels still stand, before Configure; nobody will be there to take
// an answer, so none is asked for.
func (e *Engine) Leave(now time.Time, cfg Config) (out Output) {
	for _, t := range e.tunnels {
		if t.running && !t.stays(cfg) {
			t.leave(now, &out)
		}
	}
	return out
}

func (t *tunnel) stays(cfg Config) bool {
	return slices.ContainsFunc(cfg.Interfaces, func(i Interface) bool {
		return i.Name == t.cfg.Name && i.usable() && i.sameStation(t.cfg)
	})
}

func (t *tunnel) leave(now time.Time, out *Output) {
	for _, to := range t.holders() {
		p := purge{tunnel: t, to: to, addr: t.addr(), request: request{id: t.engine.requestID()}}
		t.send(now, to.NBMA, p.message(flagNoReply), out)
	}
}
