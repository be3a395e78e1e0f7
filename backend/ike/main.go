package ike

import (
	"crypto/hmac"
	"net/netip"
	"slices"
	"time"

	"gresh/backend/sadb"
)

const (
	nonceSize = 20
	nonceMin  = 8 // RFC 2409 section 5
	nonceMax  = 256
)

// beginMain starts main mode for the requests of one owner. replaces is the
// SA that it is to take the place of, if any.
func (e *Engine) beginMain(now time.Time, local, peer netip.Addr, wanted string,
	replaces *phase1, requests ...Request) {
	fail := func(reason string) {
		for _, r := range requests {
			e.fail(r, reason)
		}
	}
	keys := e.cfg.secrets(local, peer, wanted)
	if len(keys) == 0 {
		e.note(NoKey{peer})
		fail("no pre-shared key")
		return
	}
	policies := offerable(e.cfg.Policies)
	if len(policies) == 0 {
		fail("no ISAKMP policy")
		return
	}
	if !e.admit(now, local, peer, true) {
		fail("call admission limit")
		return
	}
	ours, err := e.newCookie()
	if err != nil {
		fail(err.Error())
		return
	}
	p := e.add(now, &phase1{
		name: name{ours, cookie{}}, initiator: true, requests: requests,
		local: netip.AddrPortFrom(local, portIKE), remote: netip.AddrPortFrom(peer, portIKE),
		main: &negotiation{policies: policies, wanted: wanted, secrets: keys[:1], replaces: replaces},
	})
	p.main.sa = offerMain(policies)
	p.main.deadline = time.Time{} // the repetitions limit it
	chain := append([]payload{{payloadSA, p.main.sa}}, e.vendors(!e.cfg.NoNATT)...)
	e.ask(now, p, appendMessage(nil, p.header(mainMode, 0), chain))
}

// offerable are the policies whose group we can compute in.
func offerable(all []Policy) []Policy {
	return slices.DeleteFunc(slices.Clone(all), func(p Policy) bool { return groups[p.Group] == nil })
}

func (e *Engine) vendors(natt bool) []payload {
	all := []payload{{payloadVendorID, vendorDPD}}
	if natt {
		all = append(all, payload{payloadVendorID, vendorNATT})
	}
	return all
}

// receiveMain1 takes a first message: the only one that needs no SA, and that
// costs us no computation. What it makes is half-open until the sender has
// shown that it receives what we send.
func (e *Engine) receiveMain1(now time.Time, in arrival) error {
	from := origin{in.datagram.Remote, in.message.header.initiator}
	if p := e.origins[from]; p != nil {
		if in.digest == p.heard {
			e.repeat(p, p.answer)
		} else {
			e.counters.Repeated++ // an early message, overtaken by later ones
		}
		return nil
	}
	m, err := parseBody(in.message.header, in.body)
	if err != nil {
		return err
	}
	if err := scriptSA.check(m.chain); err != nil || m.chain[0].kind != payloadSA {
		return malformed("first message: not an SA payload first")
	}
	offer, err := parseSA(m.chain[0].body)
	if err != nil {
		return err
	}
	local, peer := in.datagram.Local, in.datagram.Remote
	keys := e.cfg.secrets(local.Addr(), peer.Addr(), "")
	if len(keys) == 0 {
		e.complain(now, NoKey{peer.Addr()})
		return nil
	}
	policy, answer, ok := chooseMain(offerable(e.cfg.Policies), offer)
	if !ok {
		e.refuseMain1(in, local, peer)
		return &refusal{mode: "Main", reason: "no proposal that a policy accepts"}
	}
	if !e.admit(now, local.Addr(), peer.Addr(), false) {
		return nil
	}
	ours, err := e.newCookie()
	if err != nil {
		return err
	}
	e.makeRoom(now, peer.Addr())
	natt, dpd := capabilities(m.all(payloadVendorID))
	p := e.add(now, &phase1{
		name: name{from.initiator, ours}, origin: from, local: local, remote: peer,
		policy: policy, hasDPD: dpd,
		main: &negotiation{secrets: keys, natt: natt && !e.cfg.NoNATT, sa: slices.Clone(m.chain[0].body)},
	})
	p.advanced(now, in)
	chain := append([]payload{{payloadSA, answer}}, e.vendors(p.main.natt)...)
	e.reply(p, appendMessage(nil, p.header(mainMode, 0), chain))
	return nil
}

// refuseMain1 says, in clear, why nothing follows. It is shorter than what it
// answers, so it amplifies nothing.
func (e *Engine) refuseMain1(in arrival, local, peer netip.AddrPort) {
	h := in.message.header
	h.exchange = informational
	n := notification{protocol: protoISAKMP, kind: noteNoProposalChosen}
	e.transmit(local, peer, appendMessage(nil, h, []payload{n.payload()}))
}

// receiveMain2 takes the responder's choice and sends our public value.
func (e *Engine) receiveMain2(now time.Time, p *phase1, in arrival) error {
	m := &in.message
	policy, err := chosenMain(p.main.policies, m.first(payloadSA))
	if err != nil {
		return err
	}
	if m.header.responder == (cookie{}) {
		return malformed("answer: no cookie")
	}
	g := groups[policy.Group]
	private, err := g.newSecret(e.cfg.Rand)
	if err != nil {
		return err
	}
	nonce, err := e.random(nonceSize)
	if err != nil {
		return err
	}
	natt, dpd := capabilities(m.all(payloadVendorID))
	e.rename(p, name{p.name.initiator, m.header.responder})
	p.policy, p.hasDPD, p.main.natt = policy, dpd, natt && !e.cfg.NoNATT
	p.main.private = private
	p.main.material = secrets{hash: policy.Hash, encryption: policy.Encryption, ni: nonce,
		initiator: p.name.initiator, responder: p.name.responder}
	p.advanced(now, in)
	e.compute(p, func() []byte { return g.share(private) }, func(now time.Time, share []byte) {
		p.main.busy, p.main.material.gi = false, share
		p.main.deadline = time.Time{}
		e.ask(now, p, appendMessage(nil, p.header(mainMode, 0), p.keyPayloads(share, nonce)))
	})
	p.main.busy = true
	return nil
}

// keyPayloads are those of the key exchange's messages, in either direction.
func (p *phase1) keyPayloads(share, nonce []byte) []payload {
	chain := []payload{{payloadKeyExchange, share}, {payloadNonce, nonce}}
	if p.main.natt {
		chain = append(chain, p.main.material.natPayloads(p.local, p.remote)...)
	}
	return chain
}

// keyExchange takes the public value and nonce out of a message.
func keyExchange(m *message, id sadb.Group) (public, nonce []byte, err error) {
	public, nonce = m.first(payloadKeyExchange), m.first(payloadNonce)
	if len(nonce) < nonceMin || len(nonce) > nonceMax {
		return nil, nil, malformed("nonce")
	}
	if err := groups[id].check(public); err != nil {
		return nil, nil, err
	}
	return slices.Clone(public), slices.Clone(nonce), nil
}

// receiveMain3 takes the initiator's public value. Only now, when the cookie
// that we chose has come back, do we compute.
func (e *Engine) receiveMain3(now time.Time, p *phase1, in arrival) error {
	public, peerNonce, err := keyExchange(&in.message, p.policy.Group)
	if err != nil {
		return err
	}
	g := groups[p.policy.Group]
	private, err := g.newSecret(e.cfg.Rand)
	if err != nil {
		return err
	}
	nonce, err := e.random(nonceSize)
	if err != nil {
		return err
	}
	s := secrets{hash: p.policy.Hash, encryption: p.policy.Encryption, ni: peerNonce, nr: nonce,
		gi: public, initiator: p.name.initiator, responder: p.name.responder}
	if p.main.natt {
		p.nat = s.detect(in.message.all(payloadNATD), p.local, p.remote)
	}
	p.main.material = s
	p.advanced(now, in)
	both := func() []byte { return g.answer(private, public) }
	e.compute(p, both, func(now time.Time, result []byte) {
		if len(result) <= g.public {
			return
		}
		share, agreed := result[:g.public:g.public], result[g.public:]
		p.main.busy, p.main.material.gr, p.main.material.shared = false, share, agreed
		e.reply(p, appendMessage(nil, p.header(mainMode, 0), p.keyPayloads(share, nonce)))
	})
	p.main.busy = true
	return nil
}

// receiveMain4 takes the responder's public value and proves who we are.
func (e *Engine) receiveMain4(now time.Time, p *phase1, in arrival) error {
	public, nonce, err := keyExchange(&in.message, p.policy.Group)
	if err != nil {
		return err
	}
	g, private := groups[p.policy.Group], p.main.private
	p.main.material.gr, p.main.material.nr = public, nonce
	if p.main.natt {
		p.nat = p.main.material.detect(in.message.all(payloadNATD), p.local, p.remote)
	}
	p.advanced(now, in)
	e.compute(p, func() []byte { return g.agree(private, public) }, func(now time.Time, shared []byte) {
		p.main.busy, p.main.material.shared = false, shared
		p.main.deadline = time.Time{}
		e.sendIdentity(now, p)
	})
	p.main.busy = true
	return nil
}

// sendIdentity sends message 5, from port 4500 if there is a NAT (RFC 3947
// section 4).
func (e *Engine) sendIdentity(now time.Time, p *phase1) {
	if p.nat.any() {
		p.local = netip.AddrPortFrom(p.local.Addr(), portNATT)
		p.remote = netip.AddrPortFrom(p.remote.Addr(), portNATT)
	}
	k := p.main.material.under(p.main.secrets[0])
	id := p.ourIdentity()
	chain := []payload{
		{payloadID, id},
		{payloadHash, p.main.material.authInitiator(k, p.main.sa, id)},
	}
	if e.firstContact(p) {
		spi := append(p.name.initiator[:], p.name.responder[:]...)
		n := notification{protocol: protoISAKMP, kind: noteInitialContact, spi: spi}
		chain = append(chain, n.payload())
	}
	packet, iv := k.seal(k.first, p.header(mainMode, 0), chain)
	p.keys, p.main.iv = k, iv
	e.ask(now, p, packet)
}

// ourIdentity is the body of our ID payload: our address. The port is that of
// IKE, and none where a NAT changes it (RFC 3947 section 4).
func (p *phase1) ourIdentity() []byte {
	port := uint16(portIKE)
	if p.local.Port() == portNATT {
		port = 0
	}
	return hostIdentity(p.local.Addr(), 17, port).appendTo(nil)
}

// receiveMain5 takes the initiator's proof, and gives ours.
func (e *Engine) receiveMain5(now time.Time, p *phase1, in arrival) error {
	a, err := e.authenticate(p, in, nil, (*secrets).authInitiator)
	if err != nil {
		return err
	}
	id := p.ourIdentity()
	if in.datagram.Local.Port() == portNATT {
		id = hostIdentity(p.local.Addr(), 17, 0).appendTo(nil)
	}
	chain := []payload{
		{payloadID, id},
		{payloadHash, p.main.material.authResponder(a.keys, p.main.sa, id)},
	}
	packet, last := a.keys.seal(a.iv, p.header(mainMode, 0), chain)
	e.moved(now, p, in.datagram)
	p.advanced(now, in)
	p.keys = a.keys
	e.reply(p, packet)
	e.establish(now, p, a, last)
	return nil
}

// receiveMain6 takes the responder's proof.
func (e *Engine) receiveMain6(now time.Time, p *phase1, in arrival) error {
	a, err := e.authenticate(p, in, p.main.iv, (*secrets).authResponder)
	if r, proved := err.(*refusal); proved {
		// it is him, and he is not for us: no repetition will change that
		p.last = a.iv
		e.remove(now, p, ending{reason: r.reason, tell: true})
	}
	if err != nil {
		return err
	}
	e.moved(now, p, in.datagram)
	p.advanced(now, in)
	e.establish(now, p, a, a.iv)
	return nil
}

// An authentication is a proof that held: under which keys, of whom, and what
// he may be used for.
type authentication struct {
	keys     *keys
	iv       []byte // after the message
	identity string
	profile  string
	contact  bool // the peer knows of no other SA with us
}

// authenticate opens a message that holds an identity and the proof of it. A
// responder cannot know, before it does, which of several pre-shared keys the
// peer holds: it tries each. iv is nil for the first encrypted message.
func (e *Engine) authenticate(p *phase1, in arrival, iv []byte,
	proof func(s *secrets, k *keys, sa, id []byte) []byte) (a authentication, err error) {
	for _, secret := range p.main.secrets {
		k := p.main.material.under(secret)
		from := iv
		if from == nil {
			from = k.first
		}
		m, next, err := k.open(from, in.message.header, in.body)
		if err != nil || scriptID.check(m.chain) != nil {
			continue
		}
		id := m.first(payloadID)
		if !hmac.Equal(m.first(payloadHash), proof(&p.main.material, k, p.main.sa, id)) {
			continue
		}
		a = authentication{keys: k, iv: next, contact: hasInitialContact(&m)}
		return a, e.identify(p, in.datagram, id, secret, &a)
	}
	return a, &unverified{"identity: not proved; is the pre-shared key the same on both sides?"}
}

// identify finds who the proved identity is. The key was chosen by address, so
// the address is the only identity that it proves (RFC 2409 section 5.4);
// behind a NAT it is the one before translation. A name proves nothing, since
// whoever holds the address's key may say any: it stands for the address that it
// came from, and only tells the peers behind one NAT apart.
func (e *Engine) identify(p *phase1, d Datagram, body []byte, secret string, a *authentication) error {
	id, err := parseIdentity(body)
	if err != nil {
		return err
	}
	host, ok := id.host()
	if id.isName() {
		host, ok = d.Remote.Addr(), true
	}
	if !ok || host != d.Remote.Addr() && !p.nat.them {
		return &refusal{mode: "Main", reason: "identity is not the peer's address"}
	}
	profile, ok := e.cfg.profileOf(p.local.Addr(), d.Remote.Addr(), host, secret)
	if wanted := e.cfg.profile(p.main.wanted); wanted != nil {
		profile, ok = wanted.Name, wanted.matches(host) >= 0
	}
	if !ok {
		return &refusal{mode: "Main", reason: "identity belongs to another ISAKMP profile"}
	}
	if a.profile = profile; p.nat.them {
		a.identity = string(append([]byte{id.kind}, id.data...))
	}
	return nil
}

func hasInitialContact(m *message) bool {
	return slices.ContainsFunc(m.all(payloadNotification), func(b []byte) bool {
		n, err := parseNotification(b)
		return err == nil && n.kind == noteInitialContact
	})
}
