package ike

import (
	"net/netip"

	"gresh/backend/sadb"
)

// Output is what the caller must do, in the order of its fields. Packets go
// last: whoever answers them must find the SAs installed.
type Output struct {
	Deleted     []sadb.Key  // SAs of ours that the peer deleted, or whose peer is dead
	Install     []sadb.Pair // what Quick Mode negotiated
	Unconfirmed []sadb.Key  // of pairs that we began, and that the peer had not installed yet
	Moved       []Moved     // peers that come through another port now
	Failed      []Failure   // requests that came to nothing
	Compute     []Job       // to be run anywhere, each result told to Computed
	Log         []Event
	Send        []Datagram
}

// A Failure ends a Request that did not lead to a pair.
type Failure struct {
	SADB        string
	Local, Peer netip.Addr
	Reason      string
}

// A Job is a computation too long to be done on the way. Run is pure: it may
// run on any goroutine, once.
type Job struct {
	ID  uint64
	Run func() []byte
}

// A Datagram is a UDP payload to or from one of our IKE ports. On port 4500 it
// includes the non-ESP marker (RFC 3948 section 2.2).
type Datagram struct {
	Local, Remote netip.AddrPort
	Payload       []byte
}

// A Request asks for an SA pair with a peer.
type Request struct {
	SADB     string
	Local    netip.Addr
	Peer     netip.Addr
	Replaces []sadb.Key // SAs of the pair that is to be rekeyed; empty: it is the first
}

// An Event is something an operator may want to know. Package show words it.
type Event interface{ event() }

// BadMessage is a message that is malformed, or that does not verify: a wrong
// pre-shared key looks like this.
type BadMessage struct {
	Peer   netip.Addr
	Reason string
}

// NoSA is a message of an exchange that we know nothing of.
type NoSA struct{ Peer netip.Addr }

// ModeFailed is an exchange that could not be carried to its end.
type ModeFailed struct {
	Mode   string // "Main", "Quick", "Aggressive" or "Informational"
	Peer   netip.Addr
	Reason string
}

// NoKey is a peer that no pre-shared key is configured for.
type NoKey struct{ Peer netip.Addr }

// NoSADB is a Quick Mode request that not exactly one SADB was there for.
type NoSADB struct {
	Local, Peer netip.Addr
	Profile     string   // the ISAKMP profile of the phase 1 SA
	Candidates  []string // those that might have been meant
}

// Established is an ISAKMP SA that is ready for use.
type Established struct {
	Local, Peer netip.Addr
	ConnID      int
	Initiator   bool
	Profile     string
}

// Removed is the end of an established ISAKMP SA.
type Removed struct {
	Local, Peer netip.Addr
	ConnID      int
	Reason      string
}

// PeerDead is a peer that dead peer detection has given up.
type PeerDead struct{ Peer netip.Addr }

// HalfOpenDropped is an unfinished main mode that made room for another.
type HalfOpenDropped struct{ Peer netip.Addr }

// Notified is an authenticated notification of the peer, of an error.
type Notified struct {
	Peer netip.Addr
	Type uint16
	Text string // the name of the type in RFC 2408 section 3.14.1
}

func (BadMessage) event()      {}
func (NoSA) event()            {}
func (ModeFailed) event()      {}
func (NoKey) event()           {}
func (NoSADB) event()          {}
func (Established) event()     {}
func (Removed) event()         {}
func (PeerDead) event()        {}
func (HalfOpenDropped) event() {}
func (Notified) event()        {}
