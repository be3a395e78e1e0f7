package ike

import (
	"errors"
	"net/netip"
	"time"
)

// A refusal is an error of the peer's that it is told of, if it can be told
// under keys: the notification is the reaction.
type refusal struct {
	mode   string
	note   uint16
	spi    []byte
	proto  uint8
	reason string
}

func (r *refusal) Error() string { return r.mode + " mode: " + r.reason }

// An unverified message is one that was not made by who we have keys with.
type unverified struct{ reason string }

func (u *unverified) Error() string { return u.reason }

// errUnknown is a message of an SA that we do not have.
var errUnknown = errors.New("no such ISAKMP SA")

// receive finds whom a message is for. Whatever is wrong with it ends here: it
// changed nothing, and leaves a reason.
func (e *Engine) receive(now time.Time, d Datagram, packet []byte) {
	h, body, err := parseHeader(packet)
	if err != nil {
		e.refuse(now, d, nil, err)
		return
	}
	in := arrival{datagram: d, message: message{header: h}, body: body, digest: digest(d)}
	if h.responder == (cookie{}) && h.exchange != informational {
		e.refuse(now, d, nil, e.receiveFirst(now, in))
		return
	}
	p := e.find(h)
	if was := e.ended[name{h.initiator, h.responder}]; p == nil && was != nil && was.at(d) {
		e.counters.Repeated++ // what was on its way when the SA ended, a delete that crossed ours
		return
	}
	if p == nil || !p.at(d) {
		e.refuse(now, d, nil, errUnknown)
		return
	}
	e.touch(p)
	e.refuse(now, d, p, e.receiveKnown(now, p, in))
}

// find returns the SA of a message. An initiator does not know the responder's
// cookie until the second message brings it.
func (e *Engine) find(h header) *phase1 {
	if p := e.names[name{h.initiator, h.responder}]; p != nil {
		return p
	}
	return e.names[name{h.initiator, cookie{}}]
}

// receiveFirst takes a message without a responder's cookie: the first of a
// main mode, and nothing else.
func (e *Engine) receiveFirst(now time.Time, in arrival) error {
	h := in.message.header
	switch {
	case h.exchange == aggressive:
		return &refusal{mode: "Aggressive", reason: "not supported"}
	case h.exchange != mainMode || h.messageID != 0 || h.encrypted():
		return errUnknown
	}
	return e.receiveMain1(now, in)
}

func (e *Engine) receiveKnown(now time.Time, p *phase1, in arrival) error {
	switch in.message.header.exchange {
	case mainMode:
		return e.receiveMain(now, p, in)
	case quickMode:
		return e.receiveQuick(now, p, in)
	case informational:
		return e.receiveInformational(now, p, in)
	}
	return malformed("message: unknown exchange type")
}

// refuse counts and logs why a message was dropped, and tells the peer if it
// is one we have keys with. p may be nil: for no SA at all.
func (e *Engine) refuse(now time.Time, d Datagram, p *phase1, err error) {
	var refused *refusal
	var doubtful *unverified
	peer := d.Remote.Addr()
	switch {
	case err == nil:
	case errors.Is(err, errUnknown):
		e.counters.Unknown++
		e.complain(now, NoSA{peer})
	case errors.As(err, &refused):
		e.complain(now, ModeFailed{refused.mode, peer, refused.reason})
		if p != nil && p.ready() && refused.note != 0 {
			e.tell(p, notification{refused.proto, refused.note, refused.spi, nil}.payload())
		}
	case errors.As(err, &doubtful):
		e.counters.Unverified++
		e.complain(now, BadMessage{peer, err.Error()})
	default:
		e.counters.Malformed++
		e.complain(now, BadMessage{peer, err.Error()})
	}
}

// A budget limits the events that strangers can cause: so many in a second.
type budget struct {
	second time.Time
	spent  int
}

const complaintsMax = 10 // a second

// complain logs an event that a stranger may have caused.
func (e *Engine) complain(now time.Time, event Event) {
	if now.Sub(e.hostile.second) >= time.Second {
		e.hostile = budget{second: now}
	}
	if e.hostile.spent++; e.hostile.spent <= complaintsMax {
		e.note(event)
	}
}

// makeRoom drops a half-open SA of a peer, or of all, when there are as many as
// there may be.
func (e *Engine) makeRoom(now time.Time, peer netip.Addr) {
	var theirs []*phase1
	for _, p := range e.peers[peer] {
		if !p.initiator && p.main != nil {
			theirs = append(theirs, p)
		}
	}
	from := theirs
	if len(theirs) < e.cfg.HalfOpenPeer {
		if from = e.halfOpen; len(from) < e.cfg.HalfOpenTotal {
			return
		}
	}
	lost := expendable(from)
	e.counters.HalfOpenLost++
	e.complain(now, HalfOpenDropped{lost.remote.Addr()})
	e.remove(now, lost, ending{reason: "too many half-open"})
}

// expendable is the half-open SA to give up: the oldest of a peer that has not
// sent back our cookie yet. Who has is at the address he says, and worth more
// than any number that may only say so.
func expendable(halfOpen []*phase1) *phase1 {
	for _, p := range halfOpen {
		if p.state() == MMSASetup {
			return p
		}
	}
	return halfOpen[0]
}
