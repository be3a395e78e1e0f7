package ike

import (
	"crypto/sha256"
	"time"
)

// A script is what the message of a step must hold: of each kind of payload
// how many. It is checked before anything of the message is looked at.
type script []rule

type rule struct {
	kind     payloadType
	min, max int
}

// check refuses a message that lacks a payload, or has one too many. Vendor
// IDs, notifications and private payloads may stand in any.
func (s script) check(chain []payload) error {
	left := len(chain)
	for _, r := range s {
		count := 0
		for _, p := range chain {
			if p.kind == r.kind {
				count++
			}
		}
		if count < r.min || count > r.max {
			return malformed("message: " + itoa(uint32(count)) + " payloads of type " + itoa(uint32(r.kind)))
		}
		left -= count
	}
	for _, p := range chain {
		if p.kind == payloadVendorID || p.kind == payloadNotification || p.kind >= payloadPrivate {
			left--
		}
	}
	if left > 0 {
		return malformed("message: a payload that does not belong to the step")
	}
	return nil
}

// A step is the receipt of one message: in which state it is awaited, whether
// encrypted, what it must hold, and what is done with it. An error leaves
// everything as it was.
type step struct {
	state     State
	encrypted bool
	script    script
	receive   func(e *Engine, now time.Time, p *phase1, in arrival) error
}

// An arrival is a message on its way through a step. If the step awaits an
// encrypted one, the step opens it, for only it knows the key.
type arrival struct {
	datagram Datagram
	message  message
	body     []byte // undecrypted
	digest   [32]byte
}

var (
	scriptSA  = script{{payloadSA, 1, 1}}
	scriptKey = script{{payloadKeyExchange, 1, 1}, {payloadNonce, 1, 1}, {payloadNATD, 0, 8}}
	scriptID  = script{{payloadID, 1, 1}, {payloadHash, 1, 1}}
)

var mainInitiator, mainResponder []step

// init and not a literal: the steps lead back to the tables.
func init() {
	mainInitiator = []step{
		{MMNoState, false, scriptSA, (*Engine).receiveMain2},
		{MMSASetup, false, scriptKey, (*Engine).receiveMain4},
		{MMKeyExchange, true, scriptID, (*Engine).receiveMain6},
	}
	mainResponder = []step{
		{MMNoState, false, scriptSA, nil}, // the first message makes the SA
		{MMSASetup, false, scriptKey, (*Engine).receiveMain3},
		{MMKeyExchange, true, scriptID, (*Engine).receiveMain5},
	}
}

func (p *phase1) steps() []step {
	if p.initiator {
		return mainInitiator
	}
	return mainResponder
}

// receiveMain takes a message of a main mode that is known.
func (e *Engine) receiveMain(now time.Time, p *phase1, in arrival) error {
	if in.digest == p.heard {
		e.repeat(p, p.answer)
		return nil
	}
	if p.main == nil || p.main.busy {
		e.counters.Repeated++
		return nil
	}
	s := p.steps()[p.main.step]
	h := in.message.header
	if h.encrypted() != s.encrypted || h.messageID != 0 {
		return malformed("message: not the one that is awaited")
	}
	if !s.encrypted {
		var err error
		if in.message, err = parseBody(h, in.body); err != nil {
			return err
		}
		if err := s.script.check(in.message.chain); err != nil {
			return err
		}
	}
	return s.receive(e, now, p, in)
}

// advanced commits a step of main mode: the message counts, what was repeated
// for it is answered, and the next one is awaited.
func (p *phase1) advanced(now time.Time, in arrival) {
	p.heard, p.answer = in.digest, nil
	p.resend.stop()
	p.main.step++
	p.main.deadline = now.Add(halfOpenLife)
}

// repeat answers a message that came again as it was answered before. There
// is nothing to repeat while the answer is being computed, or for the side
// that repeats by its own timer.
func (e *Engine) repeat(p *phase1, answer []byte) {
	e.counters.Repeated++
	if answer != nil && !p.gone() {
		e.counters.Retransmitted++
		e.send(p, answer)
	}
}

func digest(d Datagram) [32]byte { return sha256.Sum256(d.Payload) }
