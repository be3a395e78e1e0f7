package forward

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"gresh/backend/sadb"
)

// Counters are what a data path has counted since it was made.
type Counters struct {
	Interfaces map[string]InterfaceCounters
	SAs        map[sadb.Key]SACounters
	Neighbors  []NeighborCounters // by interface and address
	ARP        []ARPEntry         // by address
	Drops      map[Reason]uint64
	SendErrors map[SocketKey]uint64 // packets that met no SA
}

// A SocketKey names the traffic of an SADB with a peer.
type SocketKey struct {
	SADB string
	Peer netip.Addr
}

// InterfaceCounters are those of an interface.
type InterfaceCounters struct {
	InPackets, InOctets, OutPackets, OutOctets, InDrops, OutDrops uint64
}

// SACounters are those of an SA.
type SACounters struct {
	Packets, Octets, AuthErrors, ReplayErrors, OtherErrors uint64
}

// NeighborCounters are those of a mapping of a multipoint tunnel.
type NeighborCounters struct {
	Dev      string
	Addr     netip.Addr
	Packets  uint64
	LastUsed time.Time
}

// An ARPEntry is a resolved neighbour on Ethernet, or one of our own addresses.
type ARPEntry struct {
	Dev        string
	Addr       netip.Addr
	MAC        [6]byte
	Own        bool
	Incomplete bool
	Since      time.Time
}

// A Reason says why a packet was dropped.
type Reason uint8

// The reasons.
const (
	BadPacket Reason = iota
	NoRoute
	TTLExpired
	NeedsFragment
	InterfaceDown
	NoNeighbor   // no link-layer or NBMA address in time
	NoTunnel     // GRE that no tunnel is there for
	ClearText    // must have been protected, and was not
	WrongSADB    // came under an SA of another SADB
	NoSA         // must be protected, and there is no SA
	ClosedPolicy // must be protected, and leaves by a tunnel that protects not
	UnknownSPI
	AuthFailed
	Replayed
	Recursion // a tunnel's packet leads into the tunnel
	NoPort
	Reassembly // fragments that never became whole
	Discarded  // routed to Null0
)

var reasonNames = [...]string{"bad packet", "no route", "TTL expired", "fragmentation needed", "interface down",
	"no neighbor", "no tunnel", "clear text", "wrong SADB", "no SA", "closed by policy", "unknown SPI",
	"authentication failed", "replayed", "recursion", "no port", "reassembly", "discarded"}

func (r Reason) String() string { return reasonNames[r] }

// Counters returns a copy of what was counted.
func (p *Path) Counters() Counters {
	c := Counters{
		Interfaces: map[string]InterfaceCounters{}, SAs: map[sadb.Key]SACounters{},
		Drops: map[Reason]uint64{}, SendErrors: map[SocketKey]uint64{},
	}
	for name, i := range p.ports {
		c.Interfaces[name] = i.counters
	}
	for key, s := range p.inbound {
		c.SAs[key] = s.counters
	}
	for _, b := range p.outbound {
		for _, s := range b {
			c.SAs[s.sa.Key()] = s.counters
		}
	}
	for r, n := range p.drops {
		if n > 0 {
			c.Drops[Reason(r)] = n
		}
	}
	for k, n := range p.sendErrors {
		c.SendErrors[k] = n
	}
	for k, n := range p.neighbors {
		if !n.used.IsZero() {
			c.Neighbors = append(c.Neighbors, NeighborCounters{k.dev, k.addr, n.packets, n.used})
		}
	}
	slices.SortFunc(c.Neighbors, func(a, b NeighborCounters) int {
		return cmp.Or(cmp.Compare(a.Dev, b.Dev), a.Addr.Compare(b.Addr))
	})
	c.ARP = p.arpEntries()
	return c
}
