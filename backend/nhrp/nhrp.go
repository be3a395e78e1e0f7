// Package nhrp is the Next Hop Resolution Protocol (RFC 2332, with Cisco's NAT
// address extension) over GRE tunnels as a pure engine: a client of its
// next-hop servers, a server of registered clients, and both ends of a
// resolution. It is told the time and what came in, and says what to protect,
// what to forget, what to log and what to send.
//
// It is not a forwarding table (Neighbors and Multicasts say what one must
// hold), it negotiates no protection (it only names the peers that need it),
// and it knows no routes: an address is on a tunnel's subnet or not its
// business. Prefixes other than hosts, redirects and shortcuts are not there.
package nhrp

import (
	"io"
	"net/netip"
	"time"
)

// Defaults of a Config's zero fields.
const (
	DefaultHoldtime = 7200 * time.Second
	defaultEntries  = 65536
)

// DefaultMaxSend is how many packets a tunnel may send unless told otherwise.
var DefaultMaxSend = Rate{Packets: 100, Interval: 10 * time.Second}

// Config is what the engine is to do: the tunnels it runs on.
type Config struct {
	Rand       io.Reader // request ids come from it: an answer must not be guessed
	Interfaces []Interface
	MaxEntries int // entries that others can make us hold; 0: 65536
}

// An Interface is a tunnel as configured.
type Interface struct {
	Name           string
	Addr           netip.Prefix // of the tunnel; its host bits are our address
	NBMA           netip.Addr   // of the tunnel's source; invalid: not usable
	Up             bool
	Multipoint     bool
	Protected      bool          // its peers must be protected before they are spoken to
	Remote         netip.Addr    // the peer of a point-to-point tunnel
	Authentication string        // "": none is sent and any is accepted
	NetworkID      uint32        // 0: no NHRP here
	Holdtime       time.Duration // for which others may hold our address; 0: 7200 s
	RegTimeout     time.Duration // between registrations; 0: a third of the holdtime
	Unique         bool          // our registrations are not to be taken over
	Maps           []Map
	Multicast      []netip.Addr // NBMA addresses that get our multicast
	Dynamic        bool         // so does every client that registers
	NHS            []netip.Addr
	ServerOnly     bool // never ask for an address
	MaxSend        Rate // zero: DefaultMaxSend
	MTU            uint16
}

// A Map is a static mapping of a tunnel address.
type Map struct{ Addr, NBMA netip.Addr }

// A Rate is a number of packets per interval.
type Rate struct {
	Packets  int
	Interval time.Duration
}

// A Packet is an NHRP packet that came in through a tunnel. NBMA is its outer
// source address: on a protected tunnel, the peer whose SA it came under.
type Packet struct {
	Tunnel  string
	NBMA    netip.Addr
	Payload []byte
}

// A Neighbor says to which NBMA address packets to a tunnel address go.
type Neighbor struct {
	Tunnel     string
	Addr, NBMA netip.Addr
}

// A Multicast is an NBMA address that gets a tunnel's multicast.
type Multicast struct {
	Tunnel string
	NBMA   netip.Addr
}

// A Selector says which dynamic entries to clear; a zero field means any.
type Selector struct {
	Tunnel string
	Addr   netip.Prefix
}

// An Engine is NHRP on all tunnels of one router.
type Engine struct{}

// New returns an engine without tunnels.
func New() *Engine { return &Engine{} }

// Configure makes cfg the configuration. Tunnels that did not change, and what
// is known on them, are left alone.
func (e *Engine) Configure(now time.Time, cfg Config) (out Output) { return out }

// Receive takes a packet. One that is wrong leaves no trace but a reason.
func (e *Engine) Receive(now time.Time, p Packet) (out Output) { return out }

// Resolve asks for the NBMA address of a tunnel address, because data is to go
// there.
func (e *Engine) Resolve(now time.Time, tunnel string, addr netip.Addr) (out Output) { return out }

// PeerUp says that a peer which was opened is protected now.
func (e *Engine) PeerUp(now time.Time, tunnel string, nbma netip.Addr) (out Output) { return out }

// PeerDown says that a peer which was opened has lost its protection.
func (e *Engine) PeerDown(now time.Time, tunnel string, nbma netip.Addr) (out Output) { return out }

// Used says that data went to a tunnel address lately: its entry, if it was
// resolved, is asked for again before it expires.
func (e *Engine) Used(now time.Time, tunnel string, addr netip.Addr) (out Output) { return out }

// Clear forgets dynamic entries, and registers anew with every server of the
// tunnels concerned.
func (e *Engine) Clear(now time.Time, which Selector) (out Output) { return out }

// Advance does what is due at now. It does nothing if called early.
func (e *Engine) Advance(now time.Time) (out Output) { return out }

// Next returns when Advance will have work; zero: never. Any call may change it.
func (e *Engine) Next() time.Time { return time.Time{} }

// Neighbors returns all mappings, tunnels as configured, addresses ascending.
// The slice must not be changed.
func (e *Engine) Neighbors() []Neighbor { return nil }

// Multicasts returns all destinations of multicast, tunnels as configured,
// addresses ascending.
func (e *Engine) Multicasts() []Multicast { return nil }

// Snapshot returns the state for display.
func (e *Engine) Snapshot() Snapshot { return Snapshot{} }
