package forward

import (
	"net/netip"
	"slices"
	"time"
)

const (
	reassemblyLife  = 30 * time.Second
	reassemblyMax   = 256 // packets under way
	reassemblyParts = 64  // pieces of one
	packetMax       = 65535
)

// A fragmentKey names the packet that fragments belong to (RFC 791).
type fragmentKey struct {
	src, dst netip.Addr
	protocol uint8
	id       uint16
}

// fragments are what has come of a packet.
type fragments struct {
	parts []part
	first header // of the first fragment, when it has come
	until time.Time
	total int // octets of payload; 0: not known yet
}

type part struct {
	offset int
	data   []byte
}

// reassemble takes a fragment for this router, and returns the packet when it
// is whole. Fragments that overlap make the whole packet wrong: nobody sends
// such in good faith.
func (p *Path) reassemble(h header, packet []byte) (header, []byte, bool) {
	key := fragmentKey{h.src, h.dst, h.protocol, h.id}
	f := p.whole[key]
	if f == nil {
		if len(p.whole) >= reassemblyMax {
			p.drop(Reassembly)
			return h, nil, false
		}
		f = &fragments{until: p.now.Add(reassemblyLife)}
		p.whole[key] = f
	}
	if !f.add(h, packet[h.length:]) {
		delete(p.whole, key)
		p.drop(Reassembly)
		return h, nil, false
	}
	body, ok := f.join()
	if !ok {
		return h, nil, false
	}
	delete(p.whole, key)
	f.first.more, f.first.offset = false, 0
	f.first.length, f.first.total = ipHeaderLen, ipHeaderLen+len(body)
	return f.first, append(appendIP(nil, f.first, len(body)), body...), true
}

func (f *fragments) add(h header, data []byte) bool {
	end := h.offset + len(data)
	if end > packetMax-ipHeaderLen || len(f.parts) >= reassemblyParts || h.more && len(data)%8 != 0 || len(data) == 0 {
		return false
	}
	for _, o := range f.parts {
		if h.offset == o.offset && len(data) == len(o.data) {
			return true // a duplicate
		}
		if h.offset < o.offset+len(o.data) && o.offset < end {
			return false
		}
	}
	if !h.more {
		f.total = end
	}
	if h.offset == 0 {
		f.first = h
	}
	f.parts = append(f.parts, part{h.offset, data})
	return true
}

func (f *fragments) join() (body []byte, ok bool) {
	if f.total == 0 {
		return nil, false
	}
	slices.SortFunc(f.parts, func(a, b part) int { return a.offset - b.offset })
	for _, o := range f.parts {
		if o.offset != len(body) {
			return nil, false
		}
		body = append(body, o.data...)
	}
	return body, len(body) == f.total
}
