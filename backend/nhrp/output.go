package nhrp

import "net/netip"

// Output is what the caller must do, in the order of its fields.
type Output struct {
	Close    []Peer // these need no protection any more
	Open     []Peer // these do; PeerUp and PeerDown say what comes of it
	Changed  bool   // Neighbors or Multicasts are not what they were
	Rerouted bool   // Shortcuts are not what they were
	Log      []Event
	Send     []Packet // NBMA is where to
}

// A Peer is an NBMA address behind a tunnel. Only multipoint tunnels with
// protection have peers to open: a point-to-point tunnel has its peer by
// configuration. Each is opened once and closed once.
type Peer struct {
	Tunnel string
	NBMA   netip.Addr
}

// An Event is something worth a line in the log.
type Event interface{ event() }

// A Party names both addresses of a station on a tunnel.
type Party struct{ Addr, NBMA netip.Addr }

// ServerUp: a next-hop server answered our registration.
type ServerUp struct {
	Tunnel        string
	Server, Local Party
}

// ServerDown: a next-hop server answers no longer, or cannot be reached.
type ServerDown struct {
	Tunnel        string
	Server, Local Party
	Reason        Reason
}

// ClientUp: a client has registered.
type ClientUp struct {
	Tunnel        string
	Client, Local Party
}

// ClientDown: a client's registration is over.
type ClientDown struct {
	Tunnel        string
	Client, Local Party
	Reason        Reason
}

// RegistrationRefused: a next-hop server refused our registration.
type RegistrationRefused struct {
	Tunnel string
	Server Party
	Code   Code
}

// UniqueConflict: somebody tried to register an address that another client
// has registered as its own alone.
type UniqueConflict struct {
	Tunnel     string
	Addr       netip.Addr
	Registered netip.Addr // NBMA of who has it
	Claimed    netip.Addr // NBMA of who wanted it
}

// AuthenticationFailed: a packet came without the tunnel's authentication
// string, or with another.
type AuthenticationFailed struct {
	Tunnel string
	Type   Type
	Source Party // as the packet says; NBMA as it came
	Local  Party
}

// Refused: a well-formed packet was dropped.
type Refused struct {
	Tunnel string
	Type   Type
	Source Party // as the packet says; NBMA as it came
	Addr   netip.Addr
	Reason Reason
}

// Malformed: a packet could not be read.
type Malformed struct {
	Tunnel string
	NBMA   netip.Addr
	Err    error
}

// ResolutionFailed: nobody knows the NBMA address, or nobody said it.
type ResolutionFailed struct {
	Tunnel string
	Addr   netip.Addr
	Code   Code // Success: there was no answer
}

// ErrorReceived: another station could not do with a packet of ours.
type ErrorReceived struct {
	Tunnel string
	Source Party
	Code   Code
}

func (ServerUp) event()             {}
func (ServerDown) event()           {}
func (ClientUp) event()             {}
func (ClientDown) event()           {}
func (RegistrationRefused) event()  {}
func (UniqueConflict) event()       {}
func (AuthenticationFailed) event() {}
func (Refused) event()              {}
func (Malformed) event()            {}
func (ResolutionFailed) event()     {}
func (ErrorReceived) event()        {}

// A Reason is why something ended or was refused.
type Reason uint8

// The reasons.
const (
	NoReason      Reason = iota
	NoAnswer             // registrations are not answered
	Rejected             // they are, with a no
	Unprotected          // protection to the peer was lost
	Expired              // the holdtime is over
	Purged               // its owner withdrew it
	Cleared              // the operator did
	Replaced             // it registered from another NBMA address
	TunnelDown           // the tunnel went down, or NHRP on it
	Spoofed              // the NBMA address is not the sender's
	UnknownSource        // the sender has not registered
	NotHere              // the request is for another server
	BadAddress           // an address that nobody may claim: ours, or off the subnet
	Foreign              // the entry belongs to another station
	Looped               // it has been here before
	HopsExceeded         // its hop count is used up
	UnknownExtension
	CacheFull
)
