package forward

import (
	"net/netip"

	"gresh/backend/sadb"
)

// An Upcall is what the data path hands to the router: a packet for one of its
// engines, or something that an engine must see to.
type Upcall interface{ upcall() }

// UDP is a datagram to one of the router's own ports. On port 4500 the non-ESP
// marker (RFC 3948 section 2.2) is still in front, and keepalives are included.
type UDP struct {
	Dev           string // where it came in; set on link-local traffic such as DHCP
	Local, Remote netip.AddrPort
	Payload       []byte
}

// TunnelPacket is GRE payload other than IP: NHRP (protocol type 0x2001).
// On a protected tunnel it came in under an SA of the tunnel's own SADB.
type TunnelPacket struct {
	Tunnel   string
	NBMA     netip.Addr // the sender's outer address
	Protocol uint16     // GRE protocol type
	Payload  []byte
}

// Routing is a packet of a routing protocol, EIGRP, to an address of the router
// or to a group of the interface that it came in by.
type Routing struct {
	Dev      string
	Src, Dst netip.Addr
	Protocol uint8 // of IP
	Payload  []byte
}

// ICMP is an ICMP message to the router that the data path does not answer
// itself: echo replies and errors.
type ICMP struct {
	From    netip.Addr
	TTL     uint8
	Message []byte // from the ICMP type on
}

// Miss says that a packet went to a next hop of a multipoint tunnel that has
// no NBMA address. A few packets wait a moment for one.
type Miss struct {
	Tunnel string
	Dest   netip.Addr // the next hop to resolve
}

// Acquire says that a packet of a protected tunnel met no SA. It was dropped.
type Acquire struct {
	SADB   string
	Tunnel string
	Peer   netip.Addr // NBMA
}

// Volume says that an SA has carried so many octets since it was installed. It
// is raised when the SA's soft limit is passed and when its hard limit is; then
// the SA carries nothing more.
type Volume struct {
	SA     sadb.Key
	Octets uint64
}

// InvalidSPI says that an ESP or AH packet named an SA that is not there.
type InvalidSPI struct {
	Src, Dst netip.Addr
	Proto    sadb.Protocol
	SPI      uint32
}

// Transit says that a packet came in by a tunnel with redirects, and left by a
// tunnel. It is told once in a while for each pair of addresses.
type Transit struct {
	In, Out string
	NBMA    netip.Addr // outer source
	Packet  []byte     // as it came, with its IP header
}

// Clear says that a packet that had to be protected came in clear, or under an
// SA of another SADB. It was dropped.
type Clear struct {
	Tunnel   string // "" if no tunnel is up for it
	Src, Dst netip.Addr
}

// Link says that the carrier of an interface came or went.
type Link struct {
	Dev string
	Up  bool
	MAC [6]byte
	MTU int
}

// Refused says that the data path could not carry out a part of its table, and
// why. It goes on without it.
type Refused struct{ What, Reason string }

func (UDP) upcall()          {}
func (TunnelPacket) upcall() {}
func (Routing) upcall()      {}
func (ICMP) upcall()         {}
func (Miss) upcall()         {}
func (Acquire) upcall()      {}
func (Volume) upcall()       {}
func (InvalidSPI) upcall()   {}
func (Transit) upcall()      {}
func (Clear) upcall()        {}
func (Link) upcall()         {}
func (Refused) upcall()      {}

// A Packet is what the router gives the data path to send.
type Packet interface{ packet() }

// SendUDP sends a datagram from one of the router's own ports. With Dev set it
// leaves by that interface whatever the routes say, unresolved destinations
// and all: DHCP sends from 0.0.0.0 to 255.255.255.255.
type SendUDP struct {
	Dev           string
	Local, Remote netip.AddrPort
	Payload       []byte
	LinkDst       [6]byte // with Dev: the Ethernet destination; zero: broadcast
}

// SendTunnel sends GRE payload to an NBMA address through a tunnel, under the
// tunnel's protection like everything else.
type SendTunnel struct {
	Tunnel   string
	NBMA     netip.Addr
	Protocol uint16
	Payload  []byte
}

// SendIP sends an IP packet of the router's own: a probe, for one. A Src that is
// not valid is chosen by the outgoing interface. With Dev set it leaves by that
// interface whatever the routes say, as multicast has to.
type SendIP struct {
	Dev      string
	Src, Dst netip.Addr
	Protocol uint8
	TTL      uint8
	TOS      uint8
	DF       bool
	Payload  []byte
}

func (SendUDP) packet()    {}
func (SendTunnel) packet() {}
func (SendIP) packet()     {}
