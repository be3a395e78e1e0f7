package forward

import "net/netip"

// A fib finds the longest prefix by trying the lengths there are.
type fib struct {
	routes  map[netip.Prefix][]Hop
	lengths [33]bool
}

func newFIB(routes []Route) fib {
	f := fib{routes: make(map[netip.Prefix][]Hop, len(routes))}
	for _, r := range routes {
		f.routes[r.Prefix] = r.Hops
		f.lengths[r.Prefix.Bits()] = true
	}
	return f
}

// lookup returns the hops of the longest prefix; not ok if there is none.
func (f *fib) lookup(a netip.Addr) (hops []Hop, ok bool) {
	for bits := 32; bits >= 0; bits-- {
		if !f.lengths[bits] {
			continue
		}
		p, err := a.Prefix(bits)
		if err != nil {
			return nil, false
		}
		if hops, ok = f.routes[p]; ok {
			return hops, true
		}
	}
	return nil, false
}

// choose takes one of several hops, the same for all packets of a flow.
func choose(hops []Hop, src, dst netip.Addr) Hop {
	if len(hops) == 1 {
		return hops[0]
	}
	s, d := src.As4(), dst.As4()
	n := 0
	for i := range s {
		n = n*31 + int(s[i]^d[i])
	}
	return hops[n%len(hops)]
}
