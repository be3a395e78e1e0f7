package ike

import (
	"io"
	"net/netip"
	"time"

	"gresh/backend/sadb"
)

// An Encryption is a cipher of the ISAKMP SA itself.
type Encryption uint8

// The ciphers an ISAKMP policy may name.
const (
	DES Encryption = iota
	TripleDES
	AES128
	AES192
	AES256
)

// A Hash is the hash algorithm of an ISAKMP policy; as HMAC it is the PRF.
type Hash uint8

// The hash algorithms an ISAKMP policy may name.
const (
	SHA1 Hash = iota
	MD5
	SHA256
	SHA384
	SHA512
)

// Config is all that the engine is told, as a whole, each time it changes.
type Config struct {
	Rand io.Reader // cookies, nonces, exponents, SPIs: every random octet

	Policies []Policy // of phase 1, the most preferred first
	Keys     []Key    // of peers that no ISAKMP profile is for
	Profiles []Profile
	SADBs    sadb.Policies // what may be negotiated in phase 2, and for whom

	DPD          DPD
	NATKeepalive time.Duration // 0: none
	NoNATT       bool          // do not offer NAT traversal

	Admission     Admission
	HalfOpenPeer  int // unfinished main modes that one address may have with us; 0: 8
	HalfOpenTotal int // and all of them together; 0: 512
}

// A Policy is "crypto isakmp policy": one acceptable protection of phase 1,
// authenticated by pre-shared key.
type Policy struct {
	Priority   uint32
	Encryption Encryption
	Hash       Hash
	Group      sadb.Group
	Lifetime   time.Duration
}

// A Key is the pre-shared key of the peers in a prefix. The most specific
// prefix wins.
type Key struct {
	Prefix netip.Prefix
	Secret string
}

// A Profile is "crypto isakmp profile": it binds the peers whose identity it
// matches to the SADBs that name it.
type Profile struct {
	Name  string
	Keys  []Key
	Match []netip.Prefix // identity addresses
	Local netip.Addr     // only on this address of ours; invalid: on any
	DPD   DPD            // Interval 0: that of the Config
}

// DPD is dead peer detection (RFC 3706).
type DPD struct {
	Interval time.Duration // of silence, until the peer is asked; 0: never ask
	Retry    time.Duration // between questions that find no answer
	Periodic bool          // ask also while nothing is sent to the peer
}
