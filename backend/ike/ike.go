// Package ike is IKEv1 (RFC 2407, 2408 and 2409) as a pure state machine: main
// mode with pre-shared keys, Quick Mode with and without perfect forward
// secrecy, dead peer detection (RFC 3706) and NAT traversal (RFC 3947), in both
// roles. Aggressive mode is refused: it gives the pre-shared key to whoever
// can guess it offline.
//
// It negotiates and nothing else. It is told the time and reads no clock, sends
// nothing itself, and keeps no timer of an SA pair: when a pair begins and ends
// is sadb's business, which asks by Initiate and Delete.
//
// # Who is meant
//
// A peer is authenticated by address and pre-shared key; its identity then says
// which ISAKMP profile it belongs to. Profile and local address choose the SADB
// that a Quick Mode of the peer is for, and an ISAKMP SA is used only for SADBs
// of its own profile. A profile that no SADB on the address names counts as
// none, and an SADB that names none takes only the peers of none.
//
// # NAT
//
// A NAT may change its mapping. Who proves to be the peer from another port is
// followed there with all he has; from another address, with the ISAKMP SA only,
// and he has to negotiate his pairs anew.
//
// A peer's address is what his crypto socket is to. So of several peers behind
// one address of a NAT, one at a time has a pair of an SADB: another is refused
// its Quick Mode, and nothing of the first changes. Peers of different SADBs do
// not meet. Behind a NAT, then, each peer needs an outside address of its own.
//
// # Collisions
//
// Both sides may begin at once, in either phase, and then both exchanges are
// completed. Of two ISAKMP SAs from crossing main modes the one with the
// greater initiator's cookie is kept, and the other deleted a little later. Of
// two pairs, sadb keeps one: Pair says who began it, and under which message ID.
package ike

import (
	"net/netip"
	"time"

	"gresh/backend/sadb"
)

// An Engine is the IKE speaker of one router.
type Engine struct {
	cfg       Config
	out       Output
	counters  Counters
	born      uint64
	conns     int
	jobs      map[uint64]job
	lastJob   uint64
	names     map[name]*phase1
	ended     map[name]*phase1 // those that are gone, as long as they are shown
	origins   map[origin]*phase1
	peers     map[netip.Addr][]*phase1 // those not gone, by age
	halfOpen  []*phase1                // responder's, by age
	deadlines deadlines
	touched   []*phase1 // whose deadline may have changed
	children  children
	hostile   budget

	admissions Admissions
}

// A job is what becomes of a computation's result.
type job struct {
	p    *phase1
	then func(now time.Time, result []byte)
}

// New returns an engine that knows nobody until it is configured.
func New() *Engine {
	return &Engine{
		conns:    1000, // as operators know them: the first is 1001
		jobs:     map[uint64]job{},
		names:    map[name]*phase1{},
		ended:    map[name]*phase1{},
		origins:  map[origin]*phase1{},
		peers:    map[netip.Addr][]*phase1{},
		children: newChildren(),
	}
}

// Configure makes cfg the configuration. What has been negotiated stays: it
// is sadb that ends pairs, and Clear that ends ISAKMP SAs.
func (e *Engine) Configure(_ time.Time, cfg Config) Output {
	e.cfg = cfg
	if e.cfg.HalfOpenPeer <= 0 {
		e.cfg.HalfOpenPeer = 8
	}
	if e.cfg.HalfOpenTotal <= 0 {
		e.cfg.HalfOpenTotal = 512
	}
	return e.flush()
}

// Receive takes a datagram from an IKE port. It is answered by one datagram at
// most: what a stranger can make us send is no more than he sends himself.
func (e *Engine) Receive(now time.Time, d Datagram) Output {
	if message, ok := unmark(d); ok && e.cfg.Rand != nil {
		e.counters.In++
		e.receive(now, d, message)
	}
	return e.flush()
}

// Initiate asks for an SA pair. It ends in one pair of Output.Install of which
// we are the initiator, or in one Failure; until then, asking again for the
// same SADB and peer is asking once.
func (e *Engine) Initiate(now time.Time, r Request) Output {
	if e.cfg.Rand == nil {
		e.fail(r, "IKE is not configured")
	} else {
		e.initiate(now, r)
	}
	return e.flush()
}

// Delete tells the peer that a pair is gone, if there is an ISAKMP SA to tell
// it under.
func (e *Engine) Delete(now time.Time, p sadb.Pair) Output {
	e.deletePair(now, p)
	return e.flush()
}

// A Selector says which ISAKMP SAs are meant. The zero value means all.
type Selector struct {
	Peer   netip.Addr // valid: only those with this peer
	ConnID int        // not 0: only this one
}

// Clear ends ISAKMP SAs, and tells the peers. SA pairs live on, as they do not
// depend on the SA they were negotiated under.
func (e *Engine) Clear(now time.Time, s Selector) Output {
	for _, p := range e.byAge() {
		if !p.gone() && (!s.Peer.IsValid() || s.Peer == p.remote.Addr()) && (s.ConnID == 0 || s.ConnID == p.conn) {
			e.remove(now, p, ending{reason: "cleared", tell: true})
		}
	}
	return e.flush()
}

// Computed takes the result of a Job. One that nobody waits for any more is
// ignored.
func (e *Engine) Computed(now time.Time, id uint64, result []byte) Output {
	j, ok := e.jobs[id]
	delete(e.jobs, id)
	if ok && !j.p.gone() && len(result) > 0 {
		e.touch(j.p)
		j.then(now, result)
	}
	return e.flush()
}

// Next returns when Advance will have work; zero: never. Any call may change it.
func (e *Engine) Next() time.Time {
	if len(e.deadlines) == 0 {
		return time.Time{}
	}
	return e.deadlines[0].due
}
