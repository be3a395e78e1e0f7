package eigrp

import (
	"net/netip"

	"gresh/backend/rib"
)

// Output is what the caller must do, in the order of its fields: forward by
// the new routes before anybody hears of them.
type Output struct {
	Routes []Change
	Log    []Event
	Send   []Packet
}

// A Change replaces the routes to a prefix. None: there is no route any more.
type Change struct {
	Prefix netip.Prefix
	Routes []rib.Route
}

// An Event is something worth a line in the log.
type Event interface{ event() }

// NeighborUp: a new adjacency.
type NeighborUp struct {
	AS        uint16
	Interface string
	Addr      netip.Addr
}

// NeighborDown: an adjacency is over.
type NeighborDown struct {
	AS        uint16
	Interface string
	Addr      netip.Addr
	Reason    Reason
}

// NotOnSubnet: a neighbour's address is not of the interface's subnet.
type NotOnSubnet struct {
	AS        uint16
	Interface string
	Addr      netip.Addr
	Local     netip.Prefix
}

// Stuck: a neighbour did not reply to a query in time, and is dropped.
type Stuck struct {
	AS        uint16
	Prefix    netip.Prefix
	Interface string
	Addr      netip.Addr
}

// AuthenticationFailed: a packet is not signed as the interface wants it.
type AuthenticationFailed struct {
	AS        uint16
	Interface string
	Addr      netip.Addr
}

// Malformed: a packet could not be read.
type Malformed struct {
	AS        uint16
	Interface string
	Addr      netip.Addr
	Err       error
}

func (NeighborUp) event()           {}
func (NeighborDown) event()         {}
func (NotOnSubnet) event()          {}
func (Stuck) event()                {}
func (AuthenticationFailed) event() {}
func (Malformed) event()            {}

// A Reason is why an adjacency ended.
type Reason uint8

// The reasons.
const (
	HoldingTimeExpired   Reason = iota + 1
	RetryLimitExceeded          // a reliable packet was not acknowledged
	GoodbyeReceived             // the neighbour leaves the interface
	PeerTerminated              // the neighbour dropped us
	PeerRestarted               // it began anew
	KMismatch                   // it weighs metrics otherwise
	ManuallyCleared             // the operator did
	InterfaceDown               // or has no address any more
	InterfacePassive            // it became passive
	StuckInActive               // it did not reply to a query
	ConfigurationChanged        // of the process or the interface
)
