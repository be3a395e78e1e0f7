// Package config is the running configuration as plain typed values: what the
// operator has said, no more. It parses nothing and prints nothing (commands
// does both, from one declaration each), derives nothing for the engines
// (backend does) and knows no engine. Clone copies it whole; Validate says
// what is wrong with it as a whole, the rules of sharing above all.
//
// The zero value of a field is the default that IOS does not print, so that an
// empty Config is an unconfigured router.
package config

import "net/netip"

// A Config is the whole configuration of a router.
type Config struct {
	Version  string // "" is 12.4
	Hostname string // "" is Router

	FilePrompt string // "quiet" or "alert"; "": as IOS does, noisy
	Exclusive  string // "auto" or "manual", of "configuration mode exclusive"
	Clock      Clock
	Logging    Logging

	PasswordEncryption Said     // "service password-encryption"
	PasswordLength     uint8    // of "security passwords min-length"; 0: any
	EnableSecrets      []Enable // by level
	EnablePasswords    []Enable
	AAA                AAA
	Guard              Guard
	Users              []User // as they were entered
	Privileges         []Privilege

	Policies       []ISAKMPPolicy
	Keys           []PreSharedKey
	Keepalive      Keepalive
	NATKeepalive   uint16 // seconds; 0: off
	Admission      Admission
	Keyrings       []Keyring
	ISAKMPProfiles []ISAKMPProfile
	NoNATT         bool // no crypto ipsec nat-transparency udp-encapsulation

	SALifetime    Lifetime // of "crypto ipsec security-association lifetime"
	SAIdleTime    uint32   // seconds; 0: never
	Replay        Replay
	TransformSets []TransformSet
	Profiles      []IPsecProfile

	NoDomainLookup bool // no ip domain lookup
	DomainName     string
	Hosts          []Host // as they were entered
	NameServers    []netip.Addr

	Archive *Archive // nil: not configured

	DHCPExcluded []AddressRange
	DHCPPools    []DHCPPool
	Interfaces   []*Interface // in the order of CompareNames: Interface relies on it
	EIGRP        []EIGRP
	KeyChains    []KeyChain
	Routes       []StaticRoute
	AccessLists  []AccessList
	Lines        []Line
	SSH          SSH
	Banners      []Banner
	Aliases      []Alias

	KeptBlocks []KeptBlock // as they were entered

	// Kept are the lines that mean nothing here, as typed. Where they are
	// printed is said where they are declared.
	Kept []string
}

// A Clock is "clock timezone": what the hours are called here, and how many
// minutes they are ahead of UTC.
type Clock struct {
	Zone   string // "": UTC
	Offset int16
}

// A Lifetime is that of SAs to be negotiated; a zero field is the default,
// 3600 seconds and 4608000 kilobytes.
type Lifetime struct {
	Seconds   uint32
	Kilobytes uint32
	NoVolume  bool // "kilobytes disable"
}

// Replay is replay detection; the default is a window of 64 packets.
type Replay struct {
	Disabled bool
	Window   uint16 // 0: 64
}

// Keepalive is "crypto isakmp keepalive": dead peer detection (RFC 3706).
type Keepalive struct {
	Seconds  uint16 // 0: off
	Retry    uint16 // seconds between retries; 0: 2
	Periodic bool   // false: on demand
}

// Admission is "crypto call admission limit ike"; 0 is no limit.
type Admission struct {
	SAs         uint32
	Negotiating uint32
}

// The ISAKMP policy values. Zero is the default of 12.4: DES, SHA-1, RSA
// signatures, group 1, a day.
type (
	// An Encryption of phase 1.
	Encryption uint8
	// A Hash of phase 1.
	Hash uint8
	// An Authentication method of phase 1.
	Authentication uint8
)

// The encryptions.
const (
	EncryptionDES Encryption = iota
	Encryption3DES
	EncryptionAES128
	EncryptionAES192
	EncryptionAES256
)

// The hashes.
const (
	HashSHA Hash = iota
	HashMD5
	HashSHA256
	HashSHA384
	HashSHA512
)

// The authentication methods.
const (
	AuthRSASig Authentication = iota
	AuthPreShare
)

// An ISAKMPPolicy is "crypto isakmp policy N".
type ISAKMPPolicy struct {
	Priority       uint16 // 1 to 10000; lowest first
	Encryption     Encryption
	Hash           Hash
	Authentication Authentication
	Group          uint8  // 0: 1
	Lifetime       uint32 // seconds; 0: 86400
}

// A PreSharedKey is good for every peer of a network.
type PreSharedKey struct {
	Secret  string
	Address netip.Prefix // 0.0.0.0/0: any peer
	NoXauth bool
}

// A Keyring is "crypto keyring".
type Keyring struct {
	Name         string
	Description  string
	LocalAddress string // an interface or an address; "": any
	Keys         []PreSharedKey
}

// An ISAKMPProfile is "crypto isakmp profile".
type ISAKMPProfile struct {
	Name          string
	Description   string
	Keyring       string
	MatchIdentity []netip.Prefix
	LocalAddress  string
	Keepalive     Keepalive
}

// A TransformSet is "crypto ipsec transform-set".
type TransformSet struct {
	Name       string
	Transforms []string // as declared: "esp-des", "esp-md5-hmac"; sizes as "esp-aes 256"
	Transport  bool     // "mode transport"
}

// An IPsecProfile is "crypto ipsec profile".
type IPsecProfile struct {
	Name          string
	Description   string
	TransformSets []string
	PFS           uint8 // a group; 0: none
	Lifetime      Lifetime
	ISAKMPProfile string
	IdleTime      uint32
	Replay        Replay // zero: that of the router
}

// An AddressRange is first to last, both included.
type AddressRange struct{ First, Last netip.Addr }

// A DHCPPool is "ip dhcp pool": a network, or one host's binding.
type DHCPPool struct {
	Name       string
	Network    netip.Prefix // invalid: a host pool
	Host       netip.Prefix // address with its mask; invalid: a network pool
	ClientID   string       // hex, as typed: "0063.6973..."
	Hardware   string       // "aabb.cc00.0100"
	ClientName string
	Routers    []netip.Addr
	DNS        []netip.Addr
	Domain     string
	LeaseSecs  uint32 // 0: a day
	Infinite   bool
}

// An Interface is any interface; what does not apply to its kind stays zero.
type Interface struct {
	Name         string // canonical: "Tunnel0", "Ethernet0", "Ethernet0/1"
	Description  string
	Shutdown     bool
	Bandwidth    uint32 // kilobits per second; 0: the kind's own
	Delay        uint32 // tens of microseconds; 0: the kind's own
	MTU          uint16 // of the link; 0: the kind's own
	Address      netip.Prefix
	Secondary    []netip.Prefix
	DHCP         bool
	DHCPHostname string
	DHCPClientID string // an interface's name
	IPMTU        uint16
	AdjustMSS    uint16
	NoRedirects  bool
	NoUnreach    bool
	NoProxyARP   bool
	MAC          string
	NHRP         NHRP
	EIGRP        []InterfaceEIGRP // by AS, ascending
	Tunnel       Tunnel
	Kept         []string

	// Refused, when not empty, says which rule the tunnel broke in the startup
	// configuration, or that its protection was not understood. Its lines stand
	// as they were written, protection included, but it stays down, and is no
	// partner to any other tunnel, until a tunnel line that makes it whole is
	// entered. It is never printed as a line.
	Refused string
}

// NHRP is the NHRP part of a tunnel interface.
type NHRP struct {
	Authentication string // 1 to 8 characters
	Maps           []NHRPMap
	Multicast      []netip.Addr // NBMA addresses
	Dynamic        bool         // "ip nhrp map multicast dynamic"
	NetworkID      uint32       // 0: NHRP off
	Holdtime       uint16       // seconds; 0: 7200
	NextHops       []netip.Addr // next-hop servers
	RegTimeout     uint16       // seconds; 0: a third of the holdtime
	NoUnique       bool
	Redirect       bool
	Shortcut       bool
	ServerOnly     bool
	MaxSend        [2]uint32 // packets, seconds; 0: 100 in 10
}

// An NHRPMap is a static mapping.
type NHRPMap struct {
	Addr netip.Addr
	NBMA netip.Addr
}

// InterfaceEIGRP is what an interface says of one EIGRP AS. The defaults are
// next-hop-self and split-horizon on.
type InterfaceEIGRP struct {
	AS               uint16
	NoNextHopSelf    bool
	NoSplitHorizon   bool
	Hello            uint16 // seconds; 0: default
	Hold             uint16
	BandwidthPercent uint32
	AuthMD5          bool
	KeyChain         string
	Summaries        []netip.Prefix
}

// A TunnelMode is the encapsulation of a tunnel.
type TunnelMode uint8

// The modes; GRE point-to-point is the default.
const (
	ModeGRE TunnelMode = iota
	ModeGREMultipoint
	ModeIPsecIPv4 // a VTI
)

// A Tunnel is the tunnel part of a tunnel interface.
type Tunnel struct {
	Source      string     // an interface's canonical name; "" if SourceAddr
	SourceAddr  netip.Addr // invalid if Source
	Destination netip.Addr
	Mode        TunnelMode
	Key         uint32
	HasKey      bool
	TTL         uint8 // 0: 255
	Protection  Protection
}

// Protection is "tunnel protection ipsec profile". Shared and ISAKMPProfile
// exclude each other.
type Protection struct {
	Profile       string // "": unprotected
	Shared        bool
	ISAKMPProfile string
}

// EIGRP is "router eigrp AS".
type EIGRP struct {
	AS               uint16
	RouterID         netip.Addr
	Networks         []Network
	Neighbors        []EIGRPNeighbor
	Weights          [6]uint8 // "metric weights": TOS, K1 to K5; zero: K1 and K3 are 1
	ActiveTime       uint16   // minutes; 0: 3
	NoActiveTime     bool     // "timers active-time disabled"
	NoAutoSummary    bool
	Passive          []string // interfaces; "default" for all
	NotPassive       []string
	Redistribute     []string // as typed after the word
	DistanceInternal uint8
	DistanceExternal uint8
	Variance         uint8
	MaximumPaths     uint8
	Stub             []string
	Kept             []string
}

// An EIGRPNeighbor is spoken to by its address instead of by multicast.
type EIGRPNeighbor struct {
	Addr      netip.Addr
	Interface string
}

// A KeyChain is "key chain".
type KeyChain struct {
	Name string
	Keys []RoutingKey // by ID
}

// A RoutingKey is "key N" of a chain.
type RoutingKey struct {
	ID     uint32
	Secret Secret
}

// A Network is an EIGRP network statement; Wildcard is the zero Addr when none
// was given.
type Network struct {
	Addr     netip.Addr
	Wildcard netip.Addr
}

// A StaticRoute is "ip route".
type StaticRoute struct {
	Prefix    netip.Prefix
	Interface string
	Via       netip.Addr
	Distance  uint8 // 0: 1
	Name      string
	Permanent bool
}

// A Host is "ip host": a name and its addresses.
type Host struct {
	Name      string
	Addresses []netip.Addr
}

// A Banner is "banner motd" and its like.
type Banner struct {
	Kind string // "motd", "login", "exec"
	Text string
}

// A KeptBlock is a block that means nothing here, "voice-card 0" for one, with
// the lines in it.
type KeptBlock struct {
	Word   string
	Number uint32
	Kept   []string
}
