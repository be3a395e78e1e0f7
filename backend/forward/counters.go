package forward

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"gresh/backend/sadb"
)

// Counters are what a data path has counted since it was made, or since an
// SA or a neighbour was given to it.
type Counters struct {
	Interfaces map[string]InterfaceCounters
	SAs        map[sadb.Key]SACounters
	Neighbors  []NeighborCounters // those in use, by interface and address
	ARP        []ARPEntry         // by address
	Drops      map[Reason]uint64
	Peers      map[SocketKey]PeerCounters
}

// A SocketKey names the traffic of an SADB with a peer.
type SocketKey struct {
	SADB string
	Peer netip.Addr // NBMA
}

// PeerCounters are what an SADB has exchanged with a peer under whatever SAs,
// those that are gone included.
type PeerCounters struct {
	OutPackets, InPackets  uint64
	SendErrors, RecvErrors uint64 // SendErrors: packets that met no SA, above all
}

// Since is what was counted since the counters stood at was.
func (c PeerCounters) Since(was PeerCounters) PeerCounters {
	return PeerCounters{c.OutPackets - was.OutPackets, c.InPackets - was.InPackets,
		c.SendErrors - was.SendErrors, c.RecvErrors - was.RecvErrors}
}

// InterfaceCounters are those of an interface: frames on Ethernet, payloads on
// a tunnel.
type InterfaceCounters struct {
	InPackets, InOctets, OutPackets, OutOctets, InDrops, OutDrops uint64

	// In and Out are kept by a data path that sees every packet; Timed says
	// that this one does.
	In, Out Traffic
	Timed   bool
}

// SACounters are those of an SA. Octets are of what it protects.
type SACounters struct {
	Packets, Octets                                     uint64
	AuthErrors, ReplayErrors, SendErrors, ReceiveErrors uint64
}

// NeighborCounters are those of a mapping of a multipoint tunnel.
type NeighborCounters struct {
	Dev      string
	Addr     netip.Addr
	Packets  uint64
	LastUsed time.Time
}

// An ARPEntry is a neighbour on Ethernet, or one of our own addresses.
type ARPEntry struct {
	Dev        string
	Addr       netip.Addr
	MAC        [6]byte
	Own        bool
	Incomplete bool      // being asked for
	Since      time.Time // when it was learnt, or first asked for
}

// A Reason says why a packet was dropped.
type Reason uint8

// The reasons.
const (
	BadPacket     Reason = iota
	Martian              // an address that cannot be
	NoRoute              // also: broadcast through us
	TTLExpired           // on its way through us
	NeedsFragment        // too large, and DF is set
	InterfaceDown        // or not there
	NoNeighbor           // no link-layer or NBMA address in time
	NoTunnel             // GRE that no tunnel is there for
	ClearText            // came in clear, and had to be protected
	WrongSADB            // came under an SA of another SADB
	NoSA                 // must be protected, and no SA is there
	ClosedPolicy         // must be protected, and leaves by what does not
	UnknownSPI           // names no SA
	AuthFailed           // not what an SA's peer sent
	Replayed             // seen already, or too old to tell
	Exhausted            // the SA has carried all it may
	Mismatch             // not what the SA was negotiated for
	Recursion            // a tunnel's packets lead into the tunnel
	NoPort               // nobody listens
	Reassembly           // fragments that did not become a packet
	Discarded            // routed to Null0
	reasons
)

var reasonNames = [reasons]string{
	BadPacket: "bad packet", Martian: "martian address", NoRoute: "no route", TTLExpired: "TTL expired",
	NeedsFragment: "fragmentation needed", InterfaceDown: "interface down", NoNeighbor: "no neighbor",
	NoTunnel: "no tunnel", ClearText: "clear text", WrongSADB: "wrong SADB", NoSA: "no SA",
	ClosedPolicy: "closed by policy", UnknownSPI: "unknown SPI", AuthFailed: "authentication failed",
	Replayed: "replayed", Exhausted: "SA exhausted", Mismatch: "selector mismatch", Recursion: "recursion",
	NoPort: "no port", Reassembly: "reassembly", Discarded: "discarded",
}

func (r Reason) String() string { return reasonNames[r] }

// Counters returns a copy of what was counted.
func (p *Path) Counters() Counters {
	c := Counters{
		Interfaces: make(map[string]InterfaceCounters, len(p.ports)),
		SAs:        make(map[sadb.Key]SACounters, len(p.sas)),
		ARP:        p.arpEntries(),
		Drops:      map[Reason]uint64{},
		Peers:      make(map[SocketKey]PeerCounters, len(p.peers)),
	}
	for name, i := range p.ports {
		n := i.counters
		n.Timed = true
		c.Interfaces[name] = n
	}
	for key, s := range p.sas {
		c.SAs[key] = s.counters
	}
	for r, n := range p.drops {
		if n > 0 {
			c.Drops[Reason(r)] = n
		}
	}
	for k, n := range p.peers {
		c.Peers[k] = *n
	}
	for k, n := range p.neighbors {
		if n.packets > 0 {
			c.Neighbors = append(c.Neighbors, NeighborCounters{k.dev, k.addr, n.packets, n.used})
		}
	}
	slices.SortFunc(c.Neighbors, func(a, b NeighborCounters) int {
		return cmp.Or(cmp.Compare(a.Dev, b.Dev), a.Addr.Compare(b.Addr))
	})
	return c
}
