package nhrp

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// A reader consumes b field by field. After a failure every read gives zero,
// so that err need be looked at only once.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", errMalformed, what)
	}
	r.b = nil
}

// want fails unless a field has the only value that is understood.
func (r *reader) want(field string, got, want uint16) {
	if got != want {
		r.fail(fmt.Sprintf("%s %d", field, got))
	}
}

func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.fail("cut short")
		return make([]byte, n)
	}
	taken := r.b[:n:n]
	r.b = r.b[n:]
	return taken
}

func (r *reader) u8() uint8   { return r.take(1)[0] }
func (r *reader) u16() uint16 { return binary.BigEndian.Uint16(r.take(2)) }
func (r *reader) u32() uint32 { return binary.BigEndian.Uint32(r.take(4)) }

// addr reads an IPv4 address, or none. The length octet of an NBMA address
// also holds its type, which is zero for IPv4 (RFC 2332 section 5.1).
func (r *reader) addr(octets uint8) netip.Addr {
	switch octets {
	case 0:
		return netip.Addr{}
	case 4:
		return netip.AddrFrom4([4]byte(r.take(4)))
	}
	r.fail(fmt.Sprintf("address of %d octets", octets))
	return netip.Addr{}
}
