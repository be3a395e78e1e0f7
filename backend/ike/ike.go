package ike

import (
	"net/netip"
	"time"

	"gresh/backend/sadb"
)

// An Engine is the IKE speaker of one router.
type Engine struct {
	cfg Config
}

// New returns an engine that knows nobody until it is configured.
func New() *Engine { return &Engine{} }

// A Selector says which ISAKMP SAs are meant. The zero value means all.
type Selector struct {
	Peer   netip.Addr // valid: only those with this peer
	ConnID int        // not 0: only this one
}

// Configure makes cfg the configuration.
func (e *Engine) Configure(now time.Time, cfg Config) Output { e.cfg = cfg; return Output{} }

// Receive takes a datagram from an IKE port.
func (e *Engine) Receive(now time.Time, d Datagram) Output { return Output{} }

// Initiate asks for an SA pair.
func (e *Engine) Initiate(now time.Time, r Request) Output { return Output{} }

// Delete tells the peer that a pair is gone.
func (e *Engine) Delete(now time.Time, p sadb.Pair) Output { return Output{} }

// Clear ends ISAKMP SAs.
func (e *Engine) Clear(now time.Time, s Selector) Output { return Output{} }

// Computed takes the result of a Job.
func (e *Engine) Computed(now time.Time, id uint64, result []byte) Output { return Output{} }

// Advance does what is due.
func (e *Engine) Advance(now time.Time) Output { return Output{} }

// Next returns when Advance will have work; zero: never.
func (e *Engine) Next() time.Time { return time.Time{} }

// Snapshot returns the state for views.
func (e *Engine) Snapshot() Snapshot { return Snapshot{} }
