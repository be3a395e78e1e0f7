// Package nhrp is the Next Hop Resolution Protocol (RFC 2332, with Cisco's NAT
// address extension) over GRE tunnels as a pure engine: a client of its
// next-hop servers, a server of registered clients, and both ends of a
// resolution. It is told the time and what came in, and says what to protect,
// what to forget, what to log and what to send.
//
// It is not a forwarding table (Neighbors and Multicasts say what one must
// hold, Shortcuts what routes it adds), it negotiates no protection (it only
// names the peers that need it), and it has no routes of its own: it is told
// where packets to an address go.
package nhrp

import (
	"cmp"
	"encoding/binary"
	"io"
	"net/netip"
	"slices"
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

	// Route says where packets to an address go, by everything but shortcuts; not
	// ok if nowhere. Nil: requests for what is behind a station are not for us.
	Route func(netip.Addr) (r Route, ok bool)
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
	Redirect       bool // tell who could send by a shorter way
	Shortcut       bool // take that to heart
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
type Engine struct {
	cfg     Config
	tunnels []*tunnel // in the order of the configuration
	timers  schedule
	entries [kinds]int // how many there are

	neighbors  []Neighbor  // nil: to be made anew
	multicasts []Multicast // likewise
}

// New returns an engine without tunnels.
func New() *Engine { return &Engine{} }

// Configure makes cfg the configuration. Tunnels that did not change, and what
// is known on them, are left alone.
func (e *Engine) Configure(now time.Time, cfg Config) (out Output) {
	e.cfg = cfg
	var tunnels []*tunnel
	for _, i := range cfg.Interfaces {
		if i.NetworkID != 0 {
			tunnels = append(tunnels, e.tunnelFor(i.Name))
		}
	}
	for _, t := range e.tunnels {
		if !slices.Contains(tunnels, t) {
			t.stop(&out)
		}
	}
	e.tunnels = tunnels
	e.changed(&out)
	for _, i := range cfg.Interfaces {
		if i.NetworkID != 0 {
			e.tunnel(i.Name).configure(now, i, &out)
		}
	}
	return out
}

// tunnel returns a tunnel by name; nil: there is no NHRP on it.
func (e *Engine) tunnel(name string) *tunnel {
	for _, t := range e.tunnels {
		if t.cfg.Name == name {
			return t
		}
	}
	return nil
}

func (e *Engine) tunnelFor(name string) *tunnel {
	if t := e.tunnel(name); t != nil {
		return t
	}
	return newTunnel(e, name)
}

// active returns a tunnel that is in use; nil: it is not.
func (e *Engine) active(name string) *tunnel {
	if t := e.tunnel(name); t != nil && t.running {
		return t
	}
	return nil
}

// PeerUp says that a peer is protected now.
func (e *Engine) PeerUp(now time.Time, tunnel string, nbma netip.Addr) (out Output) {
	if t := e.active(tunnel); t != nil {
		t.peerUp(now, nbma, &out)
	}
	return out
}

// PeerDown says that a peer has lost its protection.
func (e *Engine) PeerDown(now time.Time, tunnel string, nbma netip.Addr) (out Output) {
	if t := e.active(tunnel); t != nil {
		t.peerDown(now, nbma, &out)
	}
	return out
}

// Resolve asks for the NBMA address of a tunnel address, because data is to go
// there.
func (e *Engine) Resolve(now time.Time, tunnel string, addr netip.Addr) (out Output) {
	if t := e.active(tunnel); t != nil {
		t.resolve(now, addr, &out)
	}
	return out
}

// Used says that data went to a tunnel address lately: its entry, if it was
// resolved, is asked for again before it expires.
func (e *Engine) Used(now time.Time, tunnel string, addr netip.Addr) (out Output) {
	if t := e.active(tunnel); t != nil && t.entries[addr] != nil {
		n := t.entries[addr]
		n.dataAt = now
		n.run(now, &out)
	}
	return out
}

// Clear forgets dynamic entries, and registers anew with every server of the
// tunnels concerned.
func (e *Engine) Clear(now time.Time, which Selector) (out Output) {
	for _, t := range e.tunnels {
		if t.running && (which.Tunnel == "" || which.Tunnel == t.cfg.Name) {
			t.clear(now, which.Addr, &out)
		}
	}
	return out
}

// Advance does what is due at now. It does nothing if called early.
func (e *Engine) Advance(now time.Time) (out Output) {
	for t := e.timers.due(now); t != nil; t = e.timers.due(now) {
		t.fire(now, &out)
	}
	return out
}

// Next returns when Advance will have work; zero: never. Any call may change it.
func (e *Engine) Next() time.Time { return e.timers.next() }

// Neighbors returns all mappings, tunnels as configured, addresses ascending.
// The slice must not be changed.
func (e *Engine) Neighbors() []Neighbor {
	if e.neighbors == nil {
		e.neighbors = make([]Neighbor, 0, e.others()+e.entries[static])
		for _, t := range e.tunnels {
			e.neighbors = t.appendNeighbors(e.neighbors)
		}
	}
	return e.neighbors
}

// Multicasts returns all destinations of multicast, tunnels as configured,
// addresses ascending. The slice must not be changed.
func (e *Engine) Multicasts() []Multicast {
	if e.multicasts == nil {
		e.multicasts = []Multicast{}
		for _, t := range e.tunnels {
			e.multicasts = t.appendMulticasts(e.multicasts)
		}
	}
	return e.multicasts
}

// changed says that the neighbours are not what they were.
func (e *Engine) changed(out *Output) {
	out.Changed = true
	e.neighbors, e.multicasts = nil, nil
}

// others counts the entries that others have made us hold.
func (e *Engine) others() int {
	return e.entries[incomplete] + e.entries[registered] + e.entries[resolved]
}

func (e *Engine) entriesMax() int { return cmp.Or(e.cfg.MaxEntries, defaultEntries) }

// full says whether there are as many of them as we are ready to hold.
func (e *Engine) full() bool { return e.others() >= e.entriesMax() }

// askedEnough says whether no more addresses may be asked for: who scans a
// subnet must not keep clients from registering.
func (e *Engine) askedEnough() bool {
	return e.full() || e.entries[incomplete] >= (e.entriesMax()+3)/4
}

// requestID returns an id that nobody can foresee, since the id is all that
// tells an answer from a forgery.
func (e *Engine) requestID() uint32 {
	var b [4]byte
	if _, err := io.ReadFull(e.cfg.Rand, b[:]); err != nil {
		panic("nhrp: no randomness: " + err.Error())
	}
	return binary.BigEndian.Uint32(b[:])
}
