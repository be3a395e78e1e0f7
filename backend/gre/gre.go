// Package gre is the GRE header (RFC 2784, with the key and sequence number of
// RFC 2890) and the choice of the tunnel that a packet belongs to. It neither
// encapsulates nor forwards, and knows no IP header.
package gre

import "net/netip"

// The protocol types that concern a router here.
const (
	IPv4 = 0x0800
	NHRP = 0x2001
)

// An Endpoint is what distinguishes a tunnel from others. Remote is invalid
// for a multipoint tunnel.
type Endpoint struct {
	Local, Remote netip.Addr
	Key           uint32
	HasKey        bool
}

// A Demux finds the tunnel of a packet. No two tunnels have one Endpoint.
type Demux map[Endpoint]string

// Find returns the tunnel for a packet that came to local from remote: a
// point-to-point tunnel if there is one with these three, else a multipoint
// one with local address and key. A key that is absent equals no key, not even
// zero.
func (d Demux) Find(local, remote netip.Addr, h Header) (tunnel string, ok bool) {
	at := Endpoint{Local: local, Remote: remote, Key: h.Key, HasKey: h.HasKey}
	if tunnel, ok = d[at]; !ok {
		at.Remote = netip.Addr{}
		tunnel, ok = d[at]
	}
	return tunnel, ok
}
