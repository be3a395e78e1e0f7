package ike

import "time"

// Advance does what is due at now. It does nothing if called early.
func (e *Engine) Advance(now time.Time) Output {
	for _, p := range e.takeDue(now) {
		e.touch(p)
		e.advance(now, p)
	}
	return e.flush()
}

// takeDue are the SAs that want to run, in order of their deadlines. Each runs
// once, whatever its running does to the others.
func (e *Engine) takeDue(now time.Time) (due []*phase1) {
	for len(e.deadlines) > 0 && !e.deadlines[0].due.After(now) {
		p := e.deadlines[0]
		e.deadlines.remove(p)
		due = append(due, p)
	}
	return due
}

func (e *Engine) advance(now time.Time, p *phase1) {
	due := func(at time.Time) bool { return !at.IsZero() && !now.Before(at) }
	switch {
	case p.gone():
		p.forgotten = p.forgotten || due(p.forget)
		return
	case p.main != nil && due(p.main.deadline):
		e.giveUp(now, p, "no progress")
		return
	case due(p.expires):
		e.remove(now, p, ending{reason: "lifetime expired", tell: true})
		return
	case due(p.retire):
		if p.retire = now.Add(retireDelay); !p.working() {
			e.remove(now, p, ending{reason: "replaced", tell: true})
			return
		}
	}
	if packet, spent := p.resend.advance(now); spent {
		e.giveUp(now, p, "no answer")
		return
	} else if packet != nil {
		e.counters.Retransmitted++
		e.send(p, packet)
	}
	if due(p.renew) {
		p.renew = time.Time{}
		e.renew(now, p)
	}
	if due(p.nextKeep) {
		p.nextKeep = now.Add(e.cfg.NATKeepalive)
		if e.cfg.NATKeepalive <= 0 {
			p.nextKeep = time.Time{}
		} else {
			e.out.Send = append(e.out.Send, Datagram{p.local, p.remote, keepalive})
		}
	}
	e.advanceQuicks(now, p)
	if !p.gone() {
		e.advanceDPD(now, p)
	}
}

// giveUp ends a main mode that the peer does not go on with.
func (e *Engine) giveUp(now time.Time, p *phase1, reason string) {
	if p.main.hint != "" {
		reason += "; somebody there said " + p.main.hint
	}
	if p.initiator {
		e.note(ModeFailed{"Main", p.remote.Addr(), reason})
	}
	e.remove(now, p, ending{reason: reason})
}

// renew negotiates the successor of an SA that children depend on, unless
// there is one.
func (e *Engine) renew(now time.Time, p *phase1) {
	if len(e.children.owned[p.owner]) == 0 {
		return
	}
	for _, q := range e.siblings(p) {
		if q.retire.IsZero() && q.established.After(p.established) {
			return
		}
	}
	for _, q := range e.peers[p.owner.remote] {
		if q.main != nil && q.initiator && q.local.Addr() == p.owner.local && q.main.wanted == p.owner.binding {
			q.main.replaces = p
			return
		}
	}
	e.beginMain(now, p.owner.local, p.owner.remote, p.owner.binding, p)
}

// advanceDPD asks whether the peer lives, or acts on its death: the SA is
// gone, and so are the children, unless another SA vouches for the peer.
func (e *Engine) advanceDPD(now time.Time, p *phase1) {
	ask, dead := p.live.advance(now)
	if ask {
		spi := append(p.name.initiator[:], p.name.responder[:]...)
		e.tell(p, notification{protoISAKMP, noteAreYouThere, spi, be32(p.live.sequence)}.payload())
	}
	if !dead {
		return
	}
	e.counters.PeersDead++
	e.note(PeerDead{p.remote.Addr()})
	if len(e.siblings(p)) == 0 {
		e.dropChildren(p.owner, now.Add(1))
	}
	e.remove(now, p, ending{reason: "the peer is dead"})
}
