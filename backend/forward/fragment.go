package forward

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"
	"time"
)

const (
	reassemblyLife   = 30 * time.Second
	reassemblyMax    = 256     // packets under way
	reassemblyParts  = 64      // pieces of one
	reassemblyOctets = 1 << 20 // of all
	packetMax        = 65535
	mtuFloor         = 68 // every module must forward so much whole (RFC 791 section 3.2)
)

// split cuts a packet into fragments that fit (RFC 791 section 3.2). All
// options go with the first, and those that say so with the others.
func split(h header, packet []byte, mtu int) (pieces [][]byte) {
	head, body := packet[:h.length], packet[h.length:]
	for at := 0; at < len(body); {
		room := (mtu - len(head)) &^ 7
		end := min(at+room, len(body))
		piece := append(append(make([]byte, 0, len(head)+end-at), head...), body[at:end]...)
		flags := uint16((h.offset + at) / 8)
		if h.more || end < len(body) {
			flags |= ipFlagMF
		}
		binary.BigEndian.PutUint16(piece[2:], uint16(len(piece)))
		binary.BigEndian.PutUint16(piece[6:], flags)
		reseal(piece)
		pieces = append(pieces, piece)
		if at == 0 {
			head = copiedOptions(head)
		}
		at = end
	}
	return pieces
}

// copiedOptions is a header with only the options that every fragment has:
// those with the highest bit of their type set.
func copiedOptions(head []byte) []byte {
	if len(head) == ipHeaderLen {
		return head
	}
	kept := bytes.Clone(head[:ipHeaderLen])
	for options := head[ipHeaderLen:]; len(options) > 1 && options[0] != optionEnd; {
		length := int(options[1])
		if options[0] == optionNOP {
			length = 1
		} else if length < 2 || length > len(options) {
			break
		}
		if options[0]&0x80 != 0 {
			kept = append(kept, options[:length]...)
		}
		options = options[length:]
	}
	for len(kept)%4 != 0 {
		kept = append(kept, optionEnd)
	}
	kept[0] = 0x40 | byte(len(kept)/4)
	return kept
}

// A fragmentKey names the packet that fragments belong to (RFC 791).
type fragmentKey struct {
	src, dst netip.Addr
	protocol uint8
	id       uint16
}

// fragments are what has come of a packet.
type fragments struct {
	parts []part
	head  []byte // the header of the first fragment, when it has come
	until time.Time
	total int // octets of payload; 0: not known yet
	held  int // octets that have come
}

type part struct {
	offset int
	data   []byte
}

// reassemble takes a fragment for this router, and returns the packet when it
// is whole. Fragments that overlap spoil the packet: nobody sends such in good
// faith.
func (p *Path) reassemble(h header, packet []byte) (header, []byte, bool) {
	key := fragmentKey{h.src, h.dst, h.protocol, h.id}
	f := p.partial[key]
	if f == nil && len(p.partial) < reassemblyMax {
		f = &fragments{until: p.now.Add(reassemblyLife)}
		p.partial[key] = f
		p.stale = true
	}
	if f == nil || p.held+len(packet) > reassemblyOctets {
		p.drop(Reassembly)
		return h, nil, false
	}
	before := f.held
	ok := f.add(h, packet)
	if p.held += f.held - before; !ok {
		p.forgetFragments(key, f)
		p.drop(Reassembly)
		return h, nil, false
	}
	whole, ok := f.join()
	if !ok {
		return h, nil, false
	}
	p.forgetFragments(key, f)
	joined, whole, ok := parseIP(whole)
	joined.many = h.many
	return joined, whole, ok
}

func (p *Path) forgetFragments(key fragmentKey, f *fragments) {
	p.held -= f.held
	delete(p.partial, key)
	p.stale = true
}

// expireFragments gives up what has not become whole in time. Who sent the
// first fragment is told (RFC 1812 section 5.2.7.3).
func (p *Path) expireFragments() {
	var old []fragmentKey
	for key, f := range p.partial {
		if !p.now.Before(f.until) {
			old = append(old, key)
		}
	}
	slices.SortFunc(old, func(a, b fragmentKey) int {
		return cmp.Or(a.src.Compare(b.src), a.dst.Compare(b.dst), cmp.Compare(a.protocol, b.protocol),
			cmp.Compare(a.id, b.id))
	})
	for _, key := range old {
		f := p.partial[key]
		p.forgetFragments(key, f)
		p.drop(Reassembly)
		if len(f.parts) == 0 || f.head == nil {
			continue
		}
		slices.SortFunc(f.parts, func(a, b part) int { return a.offset - b.offset })
		first := append(f.head, f.parts[0].data...)
		binary.BigEndian.PutUint16(first[2:], uint16(len(first)))
		reseal(first)
		if h, first, ok := parseIP(first); ok {
			p.icmpError(h, first, icmpTimeExceeded, icmpReassembly, 0)
		}
	}
}

// add takes a fragment; false if it cannot belong with the others.
func (f *fragments) add(h header, packet []byte) bool {
	data := packet[h.length:]
	end := h.offset + len(data)
	if len(data) == 0 || end > packetMax-ipHeaderMax || h.more && len(data)%8 != 0 ||
		len(f.parts) >= reassemblyParts || f.total > 0 && (end > f.total || !h.more && end != f.total) {
		return false
	}
	for _, o := range f.parts {
		if h.offset == o.offset && len(data) == len(o.data) {
			return true // a duplicate
		}
		if h.offset < o.offset+len(o.data) && o.offset < end {
			return false
		}
		if !h.more && o.offset > h.offset {
			return false // beyond the last
		}
	}
	if !h.more {
		f.total = end
	}
	if h.offset == 0 {
		f.head = bytes.Clone(packet[:h.length])
	}
	f.parts = append(f.parts, part{h.offset, data})
	f.held += len(data)
	return true
}

// join returns the packet if nothing of it is missing. There are no overlaps.
func (f *fragments) join() (packet []byte, ok bool) {
	if f.total == 0 || f.held != f.total {
		return nil, false
	}
	slices.SortFunc(f.parts, func(a, b part) int { return a.offset - b.offset })
	packet = append(make([]byte, 0, len(f.head)+f.total), f.head...)
	for _, o := range f.parts {
		packet = append(packet, o.data...)
	}
	binary.BigEndian.PutUint16(packet[2:], uint16(len(packet)))
	packet[6] &= 0xff &^ (ipFlagMF >> 8)
	reseal(packet)
	return packet, true
}
