package ike

import (
	"net/netip"
	"time"
)

// Admission limits the ISAKMP SAs with peers that have none yet: those that
// are there are worth more than those that might be. It is checked before
// anything is computed, in both roles.
type Admission struct {
	SAs         int // established or on their way; 0: any number
	Negotiating int // on their way; 0: any number
}

// AdmissionDenied is a main mode that a limit kept from beginning.
type AdmissionDenied struct {
	Initiator   bool // it would have been ours
	Local, Peer netip.Addr
	Negotiating bool // by the limit of those on their way
}

func (AdmissionDenied) event() {}

// Requests counts main modes of one role that were to begin.
type Requests struct{ Accepted, Denied uint64 }

// Admissions counts what the limits did, and what they are compared with.
type Admissions struct {
	Limits              Admission
	Active, Negotiating int // ISAKMP SAs
	In, Out             Requests
	DeniedSAs           uint64 // of In and Out, by which limit
	DeniedNegotiating   uint64
}

// admit says whether a main mode with a peer may begin, and counts it.
func (e *Engine) admit(now time.Time, local, peer netip.Addr, initiator bool) bool {
	a, limits := &e.admissions, e.cfg.Admission
	requests := &a.In
	if initiator {
		requests = &a.Out
	}
	full := limits.SAs > 0 && a.Active+a.Negotiating >= limits.SAs
	busy := limits.Negotiating > 0 && a.Negotiating >= limits.Negotiating
	if !full && !busy || e.acquainted(peer) {
		requests.Accepted++
		return true
	}
	requests.Denied++
	if full {
		a.DeniedSAs++
	} else {
		a.DeniedNegotiating++
	}
	e.complain(now, AdmissionDenied{initiator, local, peer, !full})
	return false
}

// acquainted says whether there is an SA with a peer.
func (e *Engine) acquainted(peer netip.Addr) bool {
	for _, p := range e.peers[peer] {
		if p.ready() {
			return true
		}
	}
	return false
}
