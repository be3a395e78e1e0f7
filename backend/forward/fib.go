package forward

import (
	"encoding/binary"
	"net/netip"
)

// A fib finds the longest prefix with one hash lookup for each length there
// is, the longest first. Real tables have few lengths.
type fib struct {
	routes map[fibKey][]Hop
	count  [33]int // routes of each length
}

type fibKey struct {
	network uint32
	bits    uint8
}

func newFIB() fib { return fib{routes: map[fibKey][]Hop{}} }

func number(a netip.Addr) uint32 {
	b := a.As4()
	return binary.BigEndian.Uint32(b[:])
}

// at is the prefix of a length that an address lies in. A shift by 32 is zero.
func at(address uint32, bits int) fibKey {
	return fibKey{address & (^uint32(0) << (32 - bits)), uint8(bits)}
}

func (f *fib) set(r Route, add bool) {
	if !r.Prefix.Addr().Is4() {
		return
	}
	key := at(number(r.Prefix.Addr()), r.Prefix.Bits())
	_, have := f.routes[key]
	switch {
	case add:
		f.routes[key] = r.Hops
		if !have {
			f.count[key.bits]++
		}
	case have:
		delete(f.routes, key)
		f.count[key.bits]--
	}
}

// lookup returns the hops of the longest prefix; not ok if there is none.
func (f *fib) lookup(a netip.Addr) (hops []Hop, ok bool) {
	address := number(a)
	for bits := 32; bits >= 0; bits-- {
		if f.count[bits] == 0 {
			continue
		}
		if hops, ok = f.routes[at(address, bits)]; ok {
			return hops, true
		}
	}
	return nil, false
}

// flow is a number that all packets from src to dst have in common (FNV-1a).
func flow(src, dst netip.Addr) int {
	hash := uint32(2166136261)
	for _, a := range [...]uint32{number(src), number(dst)} {
		for range 4 {
			hash = (hash ^ a>>24) * 16777619
			a <<= 8
		}
	}
	return int(hash >> 1)
}
