// Package forward is forwarding as data: the Table a router wants, the
// difference between two of them, and Path, a software data path that obeys
// one. A Linux host obeys the same Table with its kernel. It decides nothing:
// which routes, neighbours and SAs there are is the router's business.
package forward

import (
	"net/netip"

	"gresh/backend/sadb"
)

// A Table is the whole desired forwarding state of a router. It holds no
// counters and no learnt state (ARP, replay windows): those belong to who
// obeys it and survive a new Table. Who is given a Table may keep it: make a new
// one for a change. No two items have one name: an interface its Name, a route
// its Prefix, a neighbour its Dev and Addr, an SA its Key.
type Table struct {
	Interfaces []Interface
	Routes     []Route
	Neighbors  []Neighbor
	Multicast  []Multicast
	Policies   []Policy
	SAs        []sadb.SA // the last of those that protect traffic to a peer is used, and was added last
}

// A Kind is what sort of interface it is.
type Kind uint8

// The kinds.
const (
	Ethernet Kind = iota
	Loopback
	GRE // a tunnel, point-to-point or multipoint
)

// An Interface is one as it should be.
type Interface struct {
	Name      string // as configured: "Ethernet0"
	Kind      Kind
	Up        bool           // not shut down, and nothing holds it down
	Addresses []netip.Prefix // the primary first; the host bits are the address
	MTU       int            // largest IP packet sent unfragmented ("ip mtu")
	AdjustMSS int            // "ip tcp adjust-mss"; 0: leave alone
	Groups    []netip.Addr   // of multicast that are heard, ascending
	Redirect  bool           // a tunnel whose peers are told of shorter ways
	Tunnel    Tunnel         // if Kind is GRE
}

// A Tunnel is the GRE part of a tunnel interface.
type Tunnel struct {
	Local  netip.Addr // invalid: the source has no address; the tunnel is down
	Remote netip.Addr // invalid: multipoint
	Key    uint32
	HasKey bool
	TTL    uint8  // of the outer header
	SADB   string // whose SAs must protect it; "": unprotected
}

// A Route is a forwarding entry, next hops already resolved to interfaces.
type Route struct {
	Prefix netip.Prefix
	Hops   []Hop // more than one: equal cost, chosen per flow. None: Null0
}

// A Hop is one way to a prefix.
type Hop struct {
	Dev string
	Via netip.Addr // invalid: the destination itself is on the link
}

// A Neighbor maps a next hop on a multipoint tunnel to its NBMA address.
type Neighbor struct {
	Dev  string
	Addr netip.Addr
	NBMA netip.Addr
}

// A Multicast is an NBMA address that gets a copy of a tunnel's multicast.
type Multicast struct {
	Dev  string
	NBMA netip.Addr
}

// A Policy makes a tunnel fail closed: GRE from Local (with the key, if it has
// one) leaves only under an SA of the SADB, and enters only if it came under
// one. It is owned by the tunnel's configuration, not by any SA: with no SA,
// nothing passes. Where several apply, what one of them lets pass passes.
type Policy struct {
	SADB   string // "": nothing may pass (the tunnel's protection was refused)
	Local  netip.Addr
	Key    uint32
	HasKey bool // false: all GRE of the local address (a shared SADB)
	Shape  Shape
}

// A Shape is what the SAs of an SADB make of a packet, by the transform set
// that its profile prefers. A kernel wants to know it before there are any.
type Shape struct {
	AH, ESP bool
	Mode    sadb.Mode
}
