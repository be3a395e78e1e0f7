// Package gre is the GRE header (RFC 2784, with the key and sequence number of
// RFC 2890) and the choice of the tunnel a packet belongs to. It neither
// encapsulates nor forwards: it knows no IP header.
package gre

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
)

// The protocol types that concern a router here.
const (
	IPv4 = 0x0800
	NHRP = 0x2001
)

// ErrMalformed is wrapped by every refusal to parse.
var ErrMalformed = errors.New("malformed GRE header")

// A Header is what stands before a GRE payload.
type Header struct {
	Protocol    uint16
	Key         uint32
	Sequence    uint32
	HasKey      bool
	HasSequence bool
	HasChecksum bool
}

const (
	flagChecksum = 0x8000
	flagKey      = 0x2000
	flagSequence = 0x1000
	// RFC 2784 section 2.3: a receiver discards a packet in which one of bits
	// 1 to 5 is set, unless it knows them; RFC 2890 gave 2 and 3 a meaning.
	flagsUnknown = 0x4c00
	versionMask  = 0x0007
)

// AppendTo appends the header, and payload after it, to b.
func (h Header) AppendTo(b, payload []byte) []byte {
	var flags uint16
	if h.HasChecksum {
		flags |= flagChecksum
	}
	if h.HasKey {
		flags |= flagKey
	}
	if h.HasSequence {
		flags |= flagSequence
	}
	begin := len(b)
	b = binary.BigEndian.AppendUint16(b, flags)
	b = binary.BigEndian.AppendUint16(b, h.Protocol)
	if h.HasChecksum {
		b = append(b, 0, 0, 0, 0)
	}
	if h.HasKey {
		b = binary.BigEndian.AppendUint32(b, h.Key)
	}
	if h.HasSequence {
		b = binary.BigEndian.AppendUint32(b, h.Sequence)
	}
	b = append(b, payload...)
	if h.HasChecksum {
		binary.BigEndian.PutUint16(b[begin+4:], checksum(b[begin:]))
	}
	return b
}

// Parse reads a header. The payload aliases b.
func Parse(b []byte) (h Header, payload []byte, err error) {
	if len(b) < 4 {
		return h, nil, fmt.Errorf("%w: %d octets", ErrMalformed, len(b))
	}
	flags := binary.BigEndian.Uint16(b)
	h.Protocol = binary.BigEndian.Uint16(b[2:])
	if flags&flagsUnknown != 0 || flags&versionMask != 0 {
		return h, nil, fmt.Errorf("%w: flags and version %#04x", ErrMalformed, flags)
	}
	h.HasChecksum, h.HasKey = flags&flagChecksum != 0, flags&flagKey != 0
	h.HasSequence = flags&flagSequence != 0
	rest := b[4:]
	field := func(has bool) (v uint32) {
		switch {
		case !has || err != nil:
		case len(rest) < 4:
			err = fmt.Errorf("%w: cut short", ErrMalformed)
		default:
			v, rest = binary.BigEndian.Uint32(rest), rest[4:]
		}
		return v
	}
	field(h.HasChecksum) // Checksum (16), Reserved1 (16)
	h.Key = field(h.HasKey)
	h.Sequence = field(h.HasSequence)
	if err != nil {
		return Header{}, nil, err
	}
	if h.HasChecksum && checksum(b) != 0 {
		return Header{}, nil, fmt.Errorf("%w: wrong checksum", ErrMalformed)
	}
	return h, rest, nil
}

// checksum is the Internet checksum (RFC 1071).
func checksum(b []byte) uint16 {
	var sum uint32
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// An Endpoint is what distinguishes a tunnel. Remote is invalid for a
// multipoint one.
type Endpoint struct {
	Local, Remote netip.Addr
	Key           uint32
	HasKey        bool
}

// A Demux finds the tunnel of a packet.
type Demux map[Endpoint]string

// Find returns the tunnel for a packet to local from remote: a point-to-point
// one if there is one with these three, else a multipoint one.
func (d Demux) Find(local, remote netip.Addr, h Header) (tunnel string, ok bool) {
	at := Endpoint{Local: local, Remote: remote, Key: h.Key, HasKey: h.HasKey}
	if tunnel, ok = d[at]; !ok {
		at.Remote = netip.Addr{}
		tunnel, ok = d[at]
	}
	return tunnel, ok
}
