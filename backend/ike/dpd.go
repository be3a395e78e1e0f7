package ike

import "time"

const (
	dpdTries = 5 // unanswered questions until the peer is dead
	dpdRetry = 2 * time.Second
)

// A liveness is dead peer detection with one peer (RFC 3706). The zero value
// never asks.
type liveness struct {
	cfg      DPD
	next     time.Time // of the next question, or of the verdict; zero: off
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

// heard is called for every authentic message of the peer: it lives.
func (l *liveness) heard(now time.Time) {
	l.asked = 0
	if l.cfg.Interval > 0 {
		l.next = now.Add(l.cfg.Interval)
	}
}

// advance says what is due: a question, of the sequence number now current, or
// the verdict. It does nothing if called early. A peer that nobody depends on
// is not asked, unless periodically.
func (l *liveness) advance(now time.Time, needed bool) (ask, dead bool) {
	switch {
	case l.next.IsZero() || now.Before(l.next):
		return false, false
	case l.asked == 0 && !needed && !l.cfg.Periodic:
		l.next = now.Add(l.cfg.Interval)
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
