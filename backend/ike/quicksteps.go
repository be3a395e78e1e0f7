package ike

import (
	"errors"
	"net/netip"
	"slices"
	"time"

	"gresh/backend/sadb"
)

// quickPayloads are those that messages 1 and 2 have in common.
func (p *phase1) quickPayloads(q *quick, offer, nonce, share []byte) []payload {
	chain := []payload{{payloadSA, offer}, {payloadNonce, nonce}}
	if share != nil {
		chain = append(chain, payload{payloadKeyExchange, share})
	}
	chain = append(chain, payload{payloadID, q.idi}, payload{payloadID, q.idr})
	if p.nat.any() {
		chain = append(chain, originals(p.addresses())...)
	}
	return chain
}

func (e *Engine) sealQuick(p *phase1, q *quick, lead [][]byte, chain []payload) []byte {
	packet, iv := p.keys.seal(q.iv, p.header(quickMode, q.id), p.keys.protect(chain, lead...))
	q.iv = iv
	return packet
}

func (e *Engine) sendQuick1(now time.Time, p *phase1, q *quick, share []byte) {
	q.iv = p.keys.iv(p.last, q.id)
	offer := offerQuick(q.policy, encap(p.nat.any()), q.spis)
	packet := e.sealQuick(p, q, leadQuick1(q), p.quickPayloads(q, offer, q.ni, share))
	q.resend.start(now, packet)
	e.send(p, packet)
}

// receiveQuick1 takes the peer's proposals: which SADB they are for, and which
// of them it accepts.
func (e *Engine) receiveQuick1(now time.Time, p *phase1, q *quick, m *message) error {
	offer, err := parseSA(m.first(payloadSA))
	if err != nil {
		return err
	}
	refuse := func(note uint16, reason string) error {
		return &refusal{"Quick", note, offer[0].spi, offer[0].protocol, reason}
	}
	ids := m.all(payloadID)
	if err := p.checkIdentities(ids[0], ids[1], false); err != nil {
		return refuse(noteInvalidID, err.Error())
	}
	policy, err := e.cfg.SADBs.Select(p.local.Addr(), p.remote.Addr(), p.profile)
	if none, ok := errors.AsType[*sadb.SelectError](err); ok {
		e.complain(now, NoSADB{p.local.Addr(), p.remote.Addr(), p.profile, none.Candidates})
	}
	if err != nil {
		return refuse(noteNoProposalChosen, err.Error())
	}
	if e.children.rival(p.owner, policy.SADB) {
		return refuse(noteNoProposalChosen, "another peer at this address has the crypto socket of "+policy.SADB)
	}
	nat := encap(p.nat.any())
	policy.Sets = workable(policy.Sets, p.nat.any())
	agreed, answer, ok := chooseQuick(policy, offer, nat)
	if !ok {
		return refuse(noteNoProposalChosen, "no proposal that a transform set of "+policy.SADB+" meets")
	}
	if e.children.taken(p.owner.remote, agreed) {
		return refuse(noteNoProposalChosen, "the peer's SPI is in use")
	}
	public, nonce, err := quickKeyExchange(m, policy.PFS)
	if err != nil {
		return refuse(noteInvalidKey, err.Error())
	}
	q.policy, q.terms, q.ni, q.peerPublic = policy, agreed, nonce, public
	q.idi, q.idr, q.spis = slices.Clone(ids[0]), slices.Clone(ids[1]), map[uint8]uint32{}
	if q.nr, err = e.random(nonceSize); err != nil {
		return err
	}
	if err := e.reserve(q, agreed.set); err != nil {
		e.release(q)
		return err
	}
	for i := range answer {
		answer[i].spi = be32(q.spis[answer[i].protocol])
	}
	return e.answerQuick1(now, p, q, appendSA(nil, answer), offered(offer, agreed.set, policy, nat))
}

// offered is the lifetime that the peer asked for in what was chosen.
func offered(offer []proposal, s sadb.TransformSet, policy sadb.Policy, nat encap) sadb.Lifetime {
	policy.Lifetime = sadb.Lifetime{}
	policy.Sets = []sadb.TransformSet{s}
	t, _, _ := chooseQuick(policy, offer, nat)
	return t.lifetime
}

// answerQuick1 sends message 2, once what it needs is computed.
func (e *Engine) answerQuick1(now time.Time, p *phase1, q *quick, sa []byte, asked sadb.Lifetime) error {
	answer := func(now time.Time, share []byte) {
		chain := p.quickPayloads(q, sa, q.nr, share)
		if q.terms.lifetime != asked {
			chain = append(chain, q.responderLifetime().payload())
		}
		q.answer = e.sealQuick(p, q, leadQuick2(q), chain)
		q.resend.start(now, q.answer)
		e.send(p, q.answer)
	}
	g := groups[q.policy.PFS]
	if g == nil {
		p.quicks = append(p.quicks, q)
		answer(now, nil)
		return nil
	}
	private, err := g.newSecret(e.cfg.Rand)
	if err != nil {
		e.release(q)
		return err
	}
	p.quicks = append(p.quicks, q)
	public := q.peerPublic
	both := func() []byte { return g.answer(private, public) }
	e.computeQuick(now, p, q, both, func(now time.Time, result []byte) {
		if len(result) > g.public {
			q.shared = result[g.public:]
			answer(now, result[:g.public])
		}
	})
	return nil
}

// responderLifetime tells the initiator how long we keep the pair (RFC 2407
// section 4.6.3.1).
func (q *quick) responderLifetime() notification {
	first := protocols(q.terms.set)[0]
	attributes := []attribute{
		word(attrSALifeType, lifeSeconds), long(attrSALifeDuration, q.terms.lifetime.Seconds)}
	if q.terms.lifetime.Kilobytes > 0 {
		attributes = append(attributes,
			word(attrSALifeType, lifeKilobytes), long(attrSALifeDuration, q.terms.lifetime.Kilobytes))
	}
	return notification{protocol: first, kind: noteResponderLifetime, spi: be32(q.spis[first]),
		data: appendAttributes(nil, attributes)}
}

// receiveQuick2 takes the responder's choice and ends the exchange.
func (e *Engine) receiveQuick2(now time.Time, p *phase1, q *quick, m *message) error {
	chosen, err := parseSA(m.first(payloadSA))
	if err != nil {
		return err
	}
	ids := m.all(payloadID)
	if err := p.checkIdentities(ids[0], ids[1], true); err != nil {
		return &refusal{mode: "Quick", reason: err.Error()}
	}
	agreed, _, ok := chooseQuick(q.policy, chosen, encap(p.nat.any()))
	if !ok || len(bundles(chosen)) != 1 ||
		slices.ContainsFunc(chosen, func(c proposal) bool { return len(c.transforms) != 1 }) {
		return &refusal{mode: "Quick", reason: "the answer is not one that was proposed"}
	}
	if e.children.taken(p.owner.remote, agreed) {
		return &refusal{mode: "Quick", reason: "the peer's SPI is in use"}
	}
	public, nonce, err := quickKeyExchange(m, q.policy.PFS)
	if err != nil {
		return err
	}
	agreed.lifetime = shorter(agreed.lifetime, toldLifetime(m))
	q.terms, q.nr, q.peerPublic = agreed, nonce, public
	g := groups[q.policy.PFS]
	if g == nil {
		e.sendQuick3(now, p, q)
		return nil
	}
	private := q.private
	agree := func() []byte { return g.agree(private, public) }
	e.computeQuick(now, p, q, agree, func(now time.Time, shared []byte) {
		q.shared = shared
		e.sendQuick3(now, p, q)
	})
	return nil
}

func (e *Engine) sendQuick3(now time.Time, p *phase1, q *quick) {
	sum := p.keys.hash.prf(p.keys.a, leadQuick3(q)...)
	packet, _ := p.keys.seal(q.iv, p.header(quickMode, q.id), []payload{{payloadHash, sum}})
	q.answer = packet
	e.finishQuick(now, p, q)
	e.send(p, packet)
}

// receiveQuick3 takes the initiator's proof that it is there and has our nonce.
// Only now does the responder commit: a first message played back gets no SA.
func (e *Engine) receiveQuick3(now time.Time, p *phase1, q *quick, _ *message) error {
	e.finishQuick(now, p, q)
	return nil
}

// checkIdentities wants plain host to host, all of GRE: the initiator's address
// and the responder's. Which tunnel is meant is a local matter and is not told.
// An address that a NAT translates is not known on the other side of it.
func (p *phase1) checkIdentities(initiator, responder []byte, ours bool) error {
	ends := [2]netip.Addr{p.remote.Addr(), p.local.Addr()}
	unknown := [2]bool{p.nat.them, p.nat.us}
	if ours {
		ends[0], ends[1] = ends[1], ends[0]
		unknown[0], unknown[1] = unknown[1], unknown[0]
	}
	for i, body := range [2][]byte{initiator, responder} {
		id, err := parseIdentity(body)
		if err != nil {
			return err
		}
		host, ok := id.host()
		if !ok || id.protocol != protocolGRE || id.port != 0 || host != ends[i] && !unknown[i] {
			return malformed("identity: not a host of this SA, protocol 47")
		}
	}
	return nil
}

// quickKeyExchange takes nonce and public value, which must be there exactly
// if there is to be perfect forward secrecy.
func quickKeyExchange(m *message, pfs sadb.Group) (public, nonce []byte, err error) {
	if pfs != 0 {
		return keyExchange(m, pfs)
	}
	nonce = m.first(payloadNonce)
	if m.first(payloadKeyExchange) != nil || len(nonce) < nonceMin || len(nonce) > nonceMax {
		return nil, nil, malformed("quick mode: key exchange or nonce")
	}
	return nil, slices.Clone(nonce), nil
}

// toldLifetime is what the responder says of how long it keeps the pair.
func toldLifetime(m *message) (life sadb.Lifetime) {
	for _, b := range m.all(payloadNotification) {
		n, err := parseNotification(b)
		if err != nil || n.kind != noteResponderLifetime || n.protocol == protoISAKMP {
			continue
		}
		r := &reader{b: n.data, what: "lifetime"}
		if told, _, ok := lifetimes(r.attributes()); ok && r.err == nil {
			life = shorter(life, told)
		}
	}
	return life
}
