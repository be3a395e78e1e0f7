// Package sadb is the shared-SADB engine: which tunnels share one security
// association database, the crypto sockets that their peers hold open, the
// map instances those sockets own, and the SA pairs that protect them.
//
// It is a pure value: it is told the time and what happened, and says what to
// do. It negotiates nothing (that is IKE's) and touches no packet (that is the
// data path's); it does not know NHRP, only that a tunnel wants a peer.
package sadb

import (
	"net/netip"
	"time"
)

// A Cipher is an encryption algorithm of ESP.
type Cipher uint8

// The ciphers. AES and GCM come in several key lengths (Transform.KeyBits).
const (
	NoCipher  Cipher = iota // no ESP, or ESP absent from the set
	Null                    // ESP without encryption (RFC 2410)
	DES                     // DES-CBC, explicit IV (RFC 2405)
	TripleDES               // 3DES-CBC (RFC 2451)
	AES                     // AES-CBC (RFC 3602)
	GCM                     // AES-GCM, 16-octet ICV (RFC 4106)
)

// An Integrity is an authentication algorithm of ESP or AH.
type Integrity uint8

// The integrity algorithms; ICVs are truncated as their RFCs say: 96 bits for
// MD5 and SHA-1 (RFC 2403, 2404), half the hash for SHA-2 (RFC 4868).
const (
	NoIntegrity Integrity = iota
	MD5
	SHA1
	SHA256
	SHA384
	SHA512
)

// A Mode is how an SA encapsulates (RFC 4301 section 4.1).
type Mode uint8

// Tunnel mode is the default of a transform set.
const (
	TunnelMode Mode = iota
	TransportMode
)

// A Group is a Diffie-Hellman group by its IKE number; 0 is none.
type Group uint16

// A Protocol is the IP protocol number of an SA.
type Protocol uint8

// The two protocols an SA can be of.
const (
	ESP Protocol = 50
	AH  Protocol = 51
)

// A TransformSet is what "crypto ipsec transform-set" names: AH, ESP or AH
// around ESP, and the mode asked for.
type TransformSet struct {
	Name    string
	AH      Integrity // NoIntegrity: no AH
	Cipher  Cipher    // NoCipher: no ESP
	KeyBits int       // of AES and GCM: 128, 192, 256
	Auth    Integrity // of ESP
	Mode    Mode
}

// A Lifetime ends an SA by time or by volume, whichever comes first.
type Lifetime struct {
	Seconds   uint32
	Kilobytes uint32 // 0: no volume limit
}

// A Policy is one SADB as Quick Mode sees it: what may be negotiated, and for
// whom. Package backend derives it from the configuration.
type Policy struct {
	SADB          string // its map name: "vpnprof-head-1", or "Tunnel0-head-0"
	Profile       string // the IPsec profile
	ISAKMPProfile string // the ISAKMP profile it is bound to; "": the default
	Interface     string // the tunnel source, as configured
	Local         netip.Addr
	Shared        bool
	Sets          []TransformSet
	PFS           Group
	Lifetime      Lifetime
	IdleTime      time.Duration // close an SA pair that no tunnel holds for so long; 0: never
	ReplayWindow  int           // packets; 0: replay detection off
	Tunnels       []Member      // those that are up, in the order they came up
}

// A Member is a tunnel attached to an SADB.
type Member struct {
	Name   string // "Tunnel0"
	Key    uint32 // the GRE key, if HasKey
	HasKey bool
	Remote netip.Addr // of a point-to-point tunnel; invalid if multipoint
}

// Policies are all the SADBs of a router.
type Policies []Policy

// An Encap is UDP encapsulation of ESP (RFC 3948), seen from the sender.
type Encap struct {
	SrcPort, DstPort uint16 // both 0: none
}

// An SA is one unidirectional security association.
type SA struct {
	Proto     Protocol
	SPI       uint32
	Src, Dst  netip.Addr // the outer addresses
	SADB      string     // the SADB it belongs to
	Mode      Mode
	Cipher    Cipher
	KeyBits   int
	Integrity Integrity
	EncKey    []byte // GCM: the key and then the 4-octet salt
	AuthKey   []byte
	Encap     Encap
	Replay    int    // window in packets, inbound; 0: off
	Bundle    uint32 // AH around ESP: the SPI of the other SA of the two; 0: it stands alone

	// What the data path reports when the SA has carried so much; 0: never.
	SoftOctets, HardOctets uint64
}

// A Pair is what one Quick Mode negotiated: an SA each way, or, for AH around
// ESP, two each way, ESP first. The two directions live and die together.
type Pair struct {
	SADB      string
	Local     netip.Addr
	Peer      netip.Addr
	PeerPort  uint16 // UDP port of the IKE peer: 500, or 4500 and others behind NAT
	In, Out   []SA
	Set       TransformSet // as agreed
	PFS       Group
	Lifetime  Lifetime // the smaller of both sides' wishes
	Initiator bool     // we began the Quick Mode
	MessageID uint32   // of the Quick Mode, to break ties
}

// A Key names an SA: (protocol, destination, SPI), RFC 4301 section 4.1.
type Key struct {
	Proto Protocol
	Dst   netip.Addr
	SPI   uint32
}

// Key names the SA.
func (s SA) Key() Key { return Key{s.Proto, s.Dst, s.SPI} }
