package gre

import (
	"encoding/binary"
	"errors"
	"fmt"

	"gresh/backend/inet"
)

// ErrMalformed is wrapped by every refusal to parse.
var ErrMalformed = errors.New("malformed GRE header")

// A Header is what stands before a GRE payload.
type Header struct {
	Protocol    uint16 // EtherType of the payload
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
	// RFC 2784 section 2.3: a receiver must discard a packet with one of bits
	// 1 to 5 set, unless it implements RFC 1701. RFC 2890 gave 2 and 3 back.
	flagsUnknown = 0x4c00
	versionMask  = 0x0007
)

// Len is the length of the header.
func (h Header) Len() int {
	n := 4
	for _, has := range []bool{h.HasChecksum, h.HasKey, h.HasSequence} {
		if has {
			n += 4
		}
	}
	return n
}

// AppendTo appends the header, and payload after it, to b: the checksum covers
// both.
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
		binary.BigEndian.PutUint16(b[begin+4:], inet.Checksum(0, b[begin:]))
	}
	return b
}

// Parse reads a header, and verifies its checksum if it has one. The payload
// aliases b.
func Parse(b []byte) (h Header, payload []byte, err error) {
	if len(b) < 4 {
		return h, nil, fmt.Errorf("%w: %d octets", ErrMalformed, len(b))
	}
	flags := binary.BigEndian.Uint16(b) // C, 0, K, S, Reserved0 (9 bits), Ver (3)
	h.Protocol = binary.BigEndian.Uint16(b[2:])
	if flags&flagsUnknown != 0 || flags&versionMask != 0 {
		return Header{}, nil, fmt.Errorf("%w: flags and version %#04x", ErrMalformed, flags)
	}
	h.HasChecksum, h.HasKey = flags&flagChecksum != 0, flags&flagKey != 0
	h.HasSequence = flags&flagSequence != 0
	if len(b) < h.Len() {
		return Header{}, nil, fmt.Errorf("%w: cut short", ErrMalformed)
	}
	rest := b[4:]
	if h.HasChecksum { // Checksum (16), Reserved1 (16)
		if inet.Checksum(0, b) != 0 {
			return Header{}, nil, fmt.Errorf("%w: wrong checksum", ErrMalformed)
		}
		rest = rest[4:]
	}
	if h.HasKey { // Key (32)
		h.Key, rest = binary.BigEndian.Uint32(rest), rest[4:]
	}
	if h.HasSequence { // Sequence Number (32)
		h.Sequence, rest = binary.BigEndian.Uint32(rest), rest[4:]
	}
	return h, rest, nil
}
