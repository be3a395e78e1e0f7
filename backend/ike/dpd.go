package ike

import (
	"time"

	"gresh/backend/sadb"
)

const (
	dpdTries = 5 // unanswered questions until the peer is dead
	dpdRetry = 2 * time.Second
)

// A liveness is dead peer detection with one peer (RFC 3706). The zero value
// never asks.
type liveness struct {
	cfg      DPD
	next     time.Time // of the next question, or of the verdict; zero: off, or silent
	sent     bool      // something was sent since the peer was last heard
	silent   bool      // and for longer than the interval: who sends now asks
	asked    int       // questions since the peer was last heard
	sequence uint32    // of the last question of ours
	heardSeq uint32    // of the last question of the peer
	hasHeard bool
}

// start arms the detection. The first sequence number should be random, with
// its highest bit clear (RFC 3706 section 7).
func (l *liveness) start(now time.Time, cfg DPD, sequence uint32) {
	*l = liveness{cfg: cfg, sequence: sequence &^ (1 << 31)}
	if l.cfg.Retry <= 0 {
		l.cfg.Retry = dpdRetry
	}
	l.heard(now)
}

// heard is called for every authentic message of the peer, and for traffic
// under its SAs: it lives.
func (l *liveness) heard(now time.Time) {
	l.asked, l.sent, l.silent = 0, false, false
	if l.cfg.Interval > 0 {
		l.next = now.Add(l.cfg.Interval)
	}
}

// speaking says that traffic was sent to the peer, and none came back.
func (l *liveness) speaking(now time.Time) {
	if l.sent = true; l.silent {
		l.next, l.silent = now, false
	}
}

// advance says what is due: a question, of the sequence number now current, or
// the verdict. It does nothing if called early. Who has nothing to say to the
// peer does not want to know whether it lives (RFC 3706 section 5), unless the
// question is periodical.
func (l *liveness) advance(now time.Time) (ask, dead bool) {
	switch {
	case l.next.IsZero() || now.Before(l.next):
		return false, false
	case l.asked == 0 && !l.sent && !l.cfg.Periodic:
		l.next, l.silent = time.Time{}, true
		return false, false
	case l.asked == dpdTries:
		l.next = time.Time{}
		return false, true
	}
	if l.asked == 0 {
		l.sequence++ // a question that is repeated keeps its number
	}
	l.asked++
	l.next = now.Add(l.cfg.Retry)
	return true, false
}

// answered takes the peer's answer; one to another question is ignored.
func (l *liveness) answered(now time.Time, sequence uint32) {
	if l.asked > 0 && sequence == l.sequence {
		l.heard(now)
	}
}

// question says whether the peer's question is to be answered: a number lower
// than the last is an old message played again. The same number may be the
// peer's repetition, or that too: it is not fresh.
func (l *liveness) question(sequence uint32) (answer, fresh bool) {
	ahead := int32(sequence - l.heardSeq)
	if l.hasHeard && ahead < 0 {
		return false, false
	}
	fresh = !l.hasHeard || ahead > 0
	l.heardSeq, l.hasHeard = sequence, true
	return true, fresh
}

// Used says which SAs have carried something since this was last said. What
// came under an SA was the peer's, as surely as a message of IKE.
func (e *Engine) Used(now time.Time, sas []sadb.Key) Output {
	for _, k := range sas {
		if n := e.children.outbound[k]; n != nil {
			e.each(n.owner, func(p *phase1) { p.live.speaking(now) })
		}
	}
	for _, k := range sas { // later: it is the last that counts
		if n := e.children.inbound[k]; n != nil {
			e.each(n.owner, func(p *phase1) { p.live.heard(now) })
		}
	}
	return e.flush()
}

// each visits the SAs of an owner on which dead peer detection runs.
func (e *Engine) each(who owner, visit func(p *phase1)) {
	for _, p := range e.peers[who.remote] {
		if p.ready() && p.owner == who && p.live.cfg.Interval > 0 {
			visit(p)
			e.touch(p)
		}
	}
}
