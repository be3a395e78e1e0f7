package sadb

import "net/netip"

// Output is what the caller must do, in the order of its fields.
type Output struct {
	Delete    []Pair    // tell the peer that these are gone
	Down      []Ref     // these tunnels' peers have lost their protection
	Negotiate []Request // ask IKE for these
	Up        []Ref     // these tunnels' peers are protected now
	Changed   bool      // SAs is not what it was
	Log       []Event
}

// A Request asks for an SA pair.
type Request struct {
	SADB     string
	Local    netip.Addr
	Peer     netip.Addr
	Replaces []Key // the inbound SAs of the pair to be rekeyed; none: the first
}

// A Ref is a tunnel's hold on a crypto socket.
type Ref struct {
	Tunnel string
	Peer   netip.Addr
}

// An Event is something worth a line in the log.
type Event interface{ event() }

// SocketUp: a tunnel's peer is protected.
type SocketUp struct {
	Tunnel      string
	Local, Peer netip.Addr
}

// SocketDown: it is so no longer.
type SocketDown struct {
	Tunnel      string
	Local, Peer netip.Addr
}

// NegotiationFailed: IKE could not agree with a peer; it is asked again later.
type NegotiationFailed struct {
	SADB   string
	Peer   netip.Addr
	Reason string
}

func (SocketUp) event()          {}
func (SocketDown) event()        {}
func (NegotiationFailed) event() {}
