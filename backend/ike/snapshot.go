package ike

import (
	"net/netip"
	"time"

	"gresh/backend/sadb"
)

// A State is that of an ISAKMP SA, in the terms of "show crypto isakmp sa".
type State uint8

// The states of main mode, and that of an SA ready for Quick Mode.
const (
	MMNoState State = iota
	MMSASetup
	MMKeyExchange
	MMKeyAuthentication
	QMIdle
)

func (s State) String() string {
	return [...]string{"MM_NO_STATE", "MM_SA_SETUP", "MM_KEY_EXCH", "MM_KEY_AUTH", "QM_IDLE"}[s]
}

// Snapshot is the state of the engine, for views.
type Snapshot struct {
	SAs        []SA // in order of birth
	Counters   Counters
	Admissions Admissions
}

// Snapshot returns the state for views.
func (e *Engine) Snapshot() Snapshot {
	s := Snapshot{Counters: e.counters, Admissions: e.admissions}
	s.Admissions.Limits = e.cfg.Admission
	for _, p := range e.byAge() {
		s.SAs = append(s.SAs, SA{
			ConnID: p.conn, Initiator: p.initiator, Local: p.local, Remote: p.remote,
			State: p.state(), Deleted: p.gone(), Profile: p.profile,
			Encryption: p.policy.Encryption, Hash: p.policy.Hash, Group: p.policy.Group,
			Expires: p.expires, DPD: p.hasDPD && p.live.cfg.Interval > 0, NAT: p.nat.any(),
		})
	}
	return s
}

// An SA is an ISAKMP SA, established or on its way.
type SA struct {
	ConnID        int // 0 until it is established
	Initiator     bool
	Local, Remote netip.AddrPort
	State         State
	Deleted       bool // gone, and shown for a while yet
	Profile       string
	Encryption    Encryption
	Hash          Hash
	Group         sadb.Group
	Expires       time.Time // zero until established
	DPD           bool      // both sides know dead peer detection, and it is on
	NAT           bool      // there is a NAT on the way
}

// Source and Destination are the initiator and the responder.
func (s SA) Source() netip.Addr {
	if s.Initiator {
		return s.Local.Addr()
	}
	return s.Remote.Addr()
}

// Destination is the responder of main mode.
func (s SA) Destination() netip.Addr {
	if s.Initiator {
		return s.Remote.Addr()
	}
	return s.Local.Addr()
}

// Counters count since the engine was made.
type Counters struct {
	In, Out       uint64 // messages
	Retransmitted uint64
	Malformed     uint64 // dropped: unreadable
	Unverified    uint64 // dropped: wrong key or hash, or unauthenticated
	Unknown       uint64 // dropped: of no SA of ours
	Repeated      uint64 // answered from the last message, or ignored
	HalfOpenLost  uint64 // half-open SAs that made room for others
	PeersDead     uint64
	Quick         uint64 // Quick Modes completed
	Main          uint64 // main modes completed
}
