package eigrp

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

// u24 and u48 are the odd sizes of the vector metrics.
func (r *reader) u24() uint32 { return uint32(r.u8())<<16 | uint32(r.u16()) }
func (r *reader) u48() uint64 { return uint64(r.u16())<<32 | uint64(r.u32()) }

func (r *reader) addr() netip.Addr { return netip.AddrFrom4([4]byte(r.take(4))) }

// prefix reads a length in bits and the octets that hold that many.
func (r *reader) prefix() netip.Prefix {
	bits := int(r.u8())
	if bits > 32 {
		r.fail(fmt.Sprintf("prefix of %d bits", bits))
		return netip.Prefix{}
	}
	var a [4]byte
	copy(a[:], r.take((bits+7)/8))
	return netip.PrefixFrom(netip.AddrFrom4(a), bits).Masked()
}

// addrs reads a list of IPv4 addresses, each after an octet with its length.
func (r *reader) addrs() (list []netip.Addr) {
	for len(r.b) > 0 {
		if n := r.u8(); n != 4 {
			r.fail(fmt.Sprintf("address of %d octets", n))
			return nil
		}
		list = append(list, r.addr())
	}
	return list
}

func appendAddrs(b []byte, list []netip.Addr) []byte {
	for _, a := range list {
		b = append(b, 4)
		b = append(b, a.AsSlice()...)
	}
	return b
}
