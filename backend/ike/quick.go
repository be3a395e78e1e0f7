package ike

import (
	"slices"
	"time"

	"gresh/backend/sadb"
)

const (
	quickShown   = 60 * time.Second // how long a finished one answers repetitions
	quickOpenMax = 32               // unfinished ones that a peer may have
	quickUsedMax = 1 << 16          // message IDs of a peer, before the SA is worn out

	protocolGRE = 47
)

// A quick is a Quick Mode: the negotiation of one pair.
type quick struct {
	id        uint32
	initiator bool
	request   Request // the initiator's
	policy    sadb.Policy
	step      int
	busy      bool
	done      bool
	deadline  time.Time // when it is forgotten

	ni, nr     []byte
	idi, idr   []byte // bodies of the ID payloads
	private    []byte // the exponent, with perfect forward secrecy
	peerPublic []byte
	shared     []byte
	spis       map[uint8]uint32 // ours
	terms      terms
	iv         []byte
	resend     resend
	heard      [32]byte
	answer     []byte
	made       sadb.Key // of the pair it has come to: its first inbound SA
}

var (
	scriptQuick = script{{payloadHash, 1, 1}, {payloadSA, 1, 1}, {payloadNonce, 1, 1},
		{payloadKeyExchange, 0, 1}, {payloadID, 2, 2}, {payloadNATOA, 0, 2}}
	scriptQuickEnd = script{{payloadHash, 1, 1}}
)

// A quickStep is to Quick Mode what a step is to main mode. lead are the
// octets that its hash covers before the message itself.
type quickStep struct {
	script  script
	lead    func(q *quick) [][]byte
	receive func(e *Engine, now time.Time, p *phase1, q *quick, m *message) error
}

var quickInitiator, quickResponder []quickStep

// init and not a literal: the steps lead back to the tables.
func init() {
	quickInitiator = []quickStep{{scriptQuick, leadQuick2, (*Engine).receiveQuick2}}
	quickResponder = []quickStep{
		{scriptQuick, leadQuick1, (*Engine).receiveQuick1},
		{scriptQuickEnd, leadQuick3, (*Engine).receiveQuick3},
	}
}

// The leads of HASH(1), HASH(2) and HASH(3), RFC 2409 section 5.5.
func leadQuick1(q *quick) [][]byte { return [][]byte{be32(q.id)} }
func leadQuick2(q *quick) [][]byte { return [][]byte{be32(q.id), q.ni} }
func leadQuick3(q *quick) [][]byte { return [][]byte{{0}, be32(q.id), q.ni, q.nr} }

func (q *quick) steps() []quickStep {
	if q.initiator {
		return quickInitiator
	}
	return quickResponder
}

// receiveQuick takes a message of Quick Mode, the first of one included.
func (e *Engine) receiveQuick(now time.Time, p *phase1, in arrival) error {
	h := in.message.header
	if !p.ready() || !h.encrypted() || h.messageID == 0 {
		return &unverified{"quick mode before there are keys"}
	}
	q := p.quick(h.messageID)
	if q == nil {
		return e.receiveQuickFirst(now, p, in)
	}
	if in.digest == q.heard {
		e.repeat(p, q.answer)
		e.unconfirmed(p, q)
		return nil
	}
	if q.busy || q.done {
		e.counters.Repeated++
		return nil
	}
	return e.stepQuick(now, p, q, in)
}

// receiveQuickFirst takes the first message. A message ID serves once: used
// again, it is an old Quick Mode that somebody plays back.
func (e *Engine) receiveQuickFirst(now time.Time, p *phase1, in arrival) error {
	id := in.message.header.messageID
	if _, used := p.used[id]; used || len(p.used) >= quickUsedMax {
		return &unverified{"quick mode: message ID used before"}
	}
	open := 0
	for _, q := range p.quicks {
		if !q.initiator && !q.done {
			open++
		}
	}
	if open >= quickOpenMax {
		return &unverified{"quick mode: too many at once"}
	}
	return e.stepQuick(now, p, &quick{id: id, iv: p.keys.iv(p.last, id)}, in)
}

// stepQuick carries out the step that a message is for. If the step refuses
// it, the Quick Mode is put back to what it was, and awaits another.
func (e *Engine) stepQuick(now time.Time, p *phase1, q *quick, in arrival) error {
	s := q.steps()[q.step]
	m, next, err := p.keys.open(q.iv, in.message.header, in.body)
	if err != nil || !p.keys.verify(&m, s.lead(q)...) {
		return &unverified{"quick mode: its hash does not verify"}
	}
	if err := s.script.check(m.chain); err != nil {
		return err
	}
	p.live.heard(now)
	e.moved(now, p, in.datagram)
	before := *q
	q.iv, q.heard, q.answer = next, in.digest, nil
	q.step++
	q.resend.stop()
	if err := s.receive(e, now, p, q, &m); err != nil {
		*q = before
		return err
	}
	if !q.initiator {
		p.used[q.id] = struct{}{}
	}
	return nil
}

// workable are the sets that can be negotiated at all: sound ones, and behind
// a NAT none with AH, which authenticates the addresses.
func workable(sets []sadb.TransformSet, nat bool) []sadb.TransformSet {
	return slices.DeleteFunc(slices.Clone(sets), func(s sadb.TransformSet) bool {
		return !sound(s) || nat && s.AH != sadb.NoIntegrity
	})
}

// beginQuick starts Quick Mode for a request under an established SA.
func (e *Engine) beginQuick(now time.Time, p *phase1, r Request, policy sadb.Policy) {
	policy.Sets = workable(policy.Sets, p.nat.any())
	g, known := groups[policy.PFS]
	if len(policy.Sets) == 0 || policy.PFS != 0 && !known {
		e.fail(r, "no transform set that can be negotiated")
		return
	}
	q := &quick{initiator: true, request: r, policy: policy, spis: map[uint8]uint32{}}
	if err := e.prepare(p, q, g); err != nil {
		e.release(q)
		e.fail(r, err.Error())
		return
	}
	q.idi = hostIdentity(p.local.Addr(), protocolGRE, 0).appendTo(nil)
	q.idr = hostIdentity(p.remote.Addr(), protocolGRE, 0).appendTo(nil)
	p.quicks = append(p.quicks, q)
	if g == nil {
		e.sendQuick1(now, p, q, nil)
		return
	}
	private := q.private
	e.computeQuick(now, p, q, func() []byte { return g.share(private) }, func(now time.Time, share []byte) {
		e.sendQuick1(now, p, q, share)
	})
}

// computeQuick hands out a job of a Quick Mode, which takes no message until
// the result is there.
func (e *Engine) computeQuick(now time.Time, p *phase1, q *quick,
	run func() []byte, then func(time.Time, []byte)) {
	q.busy, q.deadline = true, now.Add(halfOpenLife)
	e.compute(p, run, func(now time.Time, result []byte) {
		if !q.done {
			q.busy, q.deadline = false, time.Time{}
			then(now, result)
		}
	})
}

// prepare draws what an initiator's Quick Mode needs of chance.
func (e *Engine) prepare(p *phase1, q *quick, g *group) (err error) {
	if q.id, err = e.newID(p); err != nil {
		return err
	}
	if q.ni, err = e.random(nonceSize); err != nil {
		return err
	}
	for _, s := range q.policy.Sets {
		if err := e.reserve(q, s); err != nil {
			return err
		}
	}
	if g != nil {
		q.private, err = g.newSecret(e.cfg.Rand)
	}
	return err
}

// reserve chooses our SPI for each protocol of a set that has none yet.
func (e *Engine) reserve(q *quick, s sadb.TransformSet) error {
	for _, protocol := range protocols(s) {
		if q.spis[protocol] != 0 {
			continue
		}
		spi, err := e.newSPI()
		if err != nil {
			return err
		}
		q.spis[protocol] = spi
	}
	return nil
}

// release gives back the SPIs of a Quick Mode that came to nothing.
func (e *Engine) release(q *quick) {
	q.done = true
	for _, spi := range q.spis {
		delete(e.children.spis, spi)
	}
}

// finishQuick hands over the pair.
func (e *Engine) finishQuick(now time.Time, p *phase1, q *quick) {
	q.resend.stop()
	if _, ok := e.cfg.sadb(q.policy.SADB); !ok {
		e.endQuick(p, q, "the SADB is gone")
		return
	}
	q.done, q.deadline = true, now.Add(quickShown)
	e.counters.Quick++
	pair := p.pair(q)
	q.made = pair.In[0].Key()
	e.children.add(now, p.owner, pair)
	e.out.Install = append(e.out.Install, pair)
}

// unconfirmed says that the responder has not had the third message when it
// repeated the second: it cannot receive under the pair yet.
func (e *Engine) unconfirmed(p *phase1, q *quick) {
	if !q.initiator || !q.done {
		return
	}
	e.out.Unconfirmed = append(e.out.Unconfirmed, q.made)
}

// endQuick ends a Quick Mode without a pair. An initiator that we have answered
// has his end of one, if it is only his last message that did not come: he is
// told that there is nobody at the other.
func (e *Engine) endQuick(p *phase1, q *quick, reason string) {
	e.release(q)
	if !q.initiator && q.answer != nil && p.ready() {
		var gone []payload
		for _, protocol := range protocols(q.terms.set) {
			gone = append(gone, deletion{protocol, [][]byte{be32(q.spis[protocol])}}.payload())
		}
		e.tell(p, gone...)
	}
	p.quicks = slices.DeleteFunc(p.quicks, func(o *quick) bool { return o == q })
	e.note(ModeFailed{"Quick", p.remote.Addr(), reason})
	if q.initiator {
		e.fail(q.request, reason)
	}
}

// advanceQuicks repeats what was not answered, and forgets what is over. A
// peer that does not answer at all has lost the ISAKMP SA, or its life.
func (e *Engine) advanceQuicks(now time.Time, p *phase1) {
	for _, q := range slices.Clone(p.quicks) {
		if packet, spent := q.resend.advance(now); packet != nil {
			e.counters.Retransmitted++
			e.send(p, packet)
		} else if spent {
			e.endQuick(p, q, "no answer")
			if q.initiator {
				e.remove(now, p, ending{reason: "no answer to Quick Mode"})
				return
			}
		}
	}
	over := func(q *quick) bool { return !q.deadline.IsZero() && !now.Before(q.deadline) }
	for _, q := range slices.Clone(p.quicks) {
		if over(q) && !q.done {
			e.endQuick(p, q, "no progress")
		}
	}
	p.quicks = slices.DeleteFunc(p.quicks, over)
}
