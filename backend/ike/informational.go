package ike

import (
	"slices"
	"time"

	"gresh/backend/sadb"
)

// receiveInformational takes notifications and deletes. Only those count that
// come under keys and with a hash: what anybody could have sent is at most a
// hint for the operator.
func (e *Engine) receiveInformational(now time.Time, p *phase1, in arrival) error {
	h := in.message.header
	if !h.encrypted() {
		return e.receiveHint(p, in)
	}
	if !p.ready() || h.messageID == 0 {
		return &unverified{"informational message before there are keys"}
	}
	m, _, err := p.keys.open(p.keys.iv(p.last, h.messageID), h, in.body)
	if err != nil || !p.keys.verify(&m, be32(h.messageID)) {
		return &unverified{"informational message: its hash does not verify"}
	}
	for _, part := range m.chain {
		if p.gone() {
			return nil // by what stood before
		}
		switch part.kind {
		case payloadNotification:
			err = e.receiveNotification(now, p, in.datagram, part.body)
		case payloadDelete:
			err = e.receiveDelete(now, p, part.body)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// receiveHint keeps what an unauthenticated notification says of why a main
// mode may be failing. It changes nothing else.
func (e *Engine) receiveHint(p *phase1, in arrival) error {
	m, err := parseBody(in.message.header, in.body)
	if err != nil {
		return err
	}
	n, err := parseNotification(m.first(payloadNotification))
	if err == nil && p.main != nil && n.kind < noteErrors {
		p.main.hint = noteName(n.kind)
	}
	e.counters.Unverified++
	return nil
}

func (e *Engine) receiveNotification(now time.Time, p *phase1, d Datagram, body []byte) error {
	n, err := parseNotification(body)
	if err != nil {
		return err
	}
	switch {
	case n.kind == noteAreYouThere && len(n.data) == 4:
		if answer, fresh := p.live.question(be(n.data)); answer {
			p.live.heard(now)
			if fresh {
				e.moved(now, p, d)
			}
			n.kind = noteIAmHere
			e.tell(p, n.payload())
		}
	case n.kind == noteIAmHere && len(n.data) == 4:
		p.live.answered(now, be(n.data))
	case n.kind == noteInitialContact:
		e.forgetBefore(now, p)
	case n.kind == noteResponderLifetime && n.protocol == protoISAKMP:
		e.shorten(p, n.data)
	case n.kind < noteErrors:
		e.complain(now, Notified{p.remote.Addr(), n.kind, noteName(n.kind)})
		e.refusedQuick(p, n)
	}
	return nil
}

// shorten takes the responder's word for how long it keeps the ISAKMP SA.
func (e *Engine) shorten(p *phase1, data []byte) {
	r := &reader{b: data, what: "lifetime"}
	kind := uint32(0)
	for _, a := range r.attributes() {
		n, _ := a.number()
		if a.kind == attrLifeDuration && kind == lifeSeconds && n > 0 {
			if life := time.Duration(n) * time.Second; r.err == nil && life < p.expires.Sub(p.established) {
				p.policy.Lifetime = life
				e.limit(p.established, p)
			}
		}
		kind = n
	}
}

// refusedQuick ends the Quick Mode that an error is about: the one whose SPI it
// names, or the only one there is.
func (e *Engine) refusedQuick(p *phase1, n notification) {
	var open []*quick
	for _, q := range p.quicks {
		if q.initiator && !q.done {
			open = append(open, q)
		}
	}
	i := slices.IndexFunc(open, func(q *quick) bool {
		spi, ours := q.spis[n.protocol]
		return len(n.spi) == 4 && ours && spi == be(n.spi)
	})
	if i < 0 && len(open) == 1 && len(n.spi) != 4 {
		i = 0
	}
	if i >= 0 {
		e.endQuick(p, open[i], "the peer says "+noteName(n.kind))
	}
}

// receiveDelete drops what the peer no longer has. It can delete its own SAs
// and no others: those negotiated with the same owner.
func (e *Engine) receiveDelete(now time.Time, p *phase1, body []byte) error {
	d, err := parseDeletion(body)
	if err != nil {
		return err
	}
	for _, spi := range d.spis {
		switch {
		case d.protocol == protoISAKMP && len(spi) == 16:
			q := e.names[name{cookie(spi[:8]), cookie(spi[8:])}]
			if q != nil && q.ready() && q.owner == p.owner {
				e.remove(now, q, ending{reason: "deleted by the peer"})
			}
		case d.protocol != protoISAKMP && len(spi) == 4:
			proto := sadb.ESP
			if d.protocol == protoAH {
				proto = sadb.AH
			}
			n := e.children.outbound[sadb.Key{Proto: proto, Dst: p.owner.remote, SPI: be(spi)}]
			if n != nil && n.owner == p.owner {
				e.drop(n)
			}
		}
	}
	return nil
}
