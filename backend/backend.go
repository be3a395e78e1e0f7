// Package backend is a router: a running configuration, the engines that carry
// it out, and the one place where they are made to work together. It feeds one
// engine's output to the engine it concerns until nobody has anything to say,
// then tells its Host once what the forwarding state is to be, then sends.
//
// It is told the time and never asks, starts no goroutine and opens no socket:
// those are the Host's. It parses and prints no text: that is commands' and
// show's.
package backend

import (
	"time"

	"gresh/backend/forward"
	"gresh/backend/syslog"
)

// A Host is what a router runs on, and the only seam: a node of a simulated
// network, a Linux kernel, a recorder in a test.
type Host interface {
	// Ports names the physical interfaces there are, as configured
	// ("Ethernet0"), in order.
	Ports() []Port
	// Sync makes the table the forwarding state. It is idempotent, adds before
	// it deletes, and may refuse: the state is then what it was before.
	Sync(now time.Time, t forward.Table) error
	// Send sends control packets, after the Sync that they depend on.
	Send(now time.Time, p forward.Packet)
	// Compute runs a computation of IKE's that is too long to be done on the
	// way: on any goroutine, once. The result goes to Router.Computed under the
	// same id, later or at once, but not before the present call has returned.
	Compute(id uint64, run func() []byte)
	// Counters are those of the data path at this moment.
	Counters() forward.Counters
	// Log takes an event that an operator may want to see.
	Log(e Event)
}

// A Port is a physical interface of a Host.
type Port struct {
	Name string
	MAC  [6]byte
	Up   bool // it has a carrier at this moment; from then on a Link says so
}

// An Event is a thing that happened, of a type of the engine it happened in or
// of package event; show makes it text.
type Event struct {
	At    time.Time
	Value any
	Lines []syslog.Line // what the log says of it
}

// A Loop is the way to a router for everybody but its Host: it runs functions
// in the one goroutine that owns the router.
type Loop interface {
	// Do runs f there and returns when f has.
	Do(f func(r *Router, now time.Time))
	// Wait lets time pass until done or stop is closed.
	Wait(done, stop <-chan struct{})
}
