package ike

import (
	"encoding/binary"
	"net/netip"
)

// A proposal is one protocol of an SA payload, in one or more variants.
// Proposals of the same number belong together: all of them or none.
type proposal struct {
	number     uint8
	protocol   uint8
	spi        []byte
	transforms []transform
}

// A transform is one variant of a proposal.
type transform struct {
	number     uint8
	id         uint8
	attributes []attribute
}

// An attribute is a (type, value) of a transform. Values of two octets are
// written in the short form, as basic attributes.
type attribute struct {
	kind  uint16
	value []byte
}

const basic = 0x8000 // the AF bit, RFC 2408 section 3.3

// word and long make attributes of two and of four octets.
func word(kind, value uint16) attribute {
	return attribute{kind, binary.BigEndian.AppendUint16(nil, value)}
}

func long(kind uint16, value uint32) attribute {
	return attribute{kind, binary.BigEndian.AppendUint32(nil, value)}
}

// number is the value as a number; one too big for uint32 is its maximum.
func (a attribute) number() (n uint32, ok bool) {
	var wide uint64
	for _, octet := range a.value {
		if wide = wide<<8 | uint64(octet); wide > 1<<32-1 {
			return 1<<32 - 1, true
		}
	}
	return uint32(wide), len(a.value) > 0
}

// parseSA reads an SA payload (RFC 2408 section 3.4). The slices alias b.
func parseSA(b []byte) ([]proposal, error) {
	r := &reader{b: b, what: "SA payload"}
	// DOI (4)
	r.need(r.uint32() == doiIPsec)
	// Situation (4)
	r.need(r.uint32() == identityOnly)
	var all []proposal
	for more := r.err == nil; more; {
		var body []byte
		body, more = r.link(payloadProposal)
		p, err := parseProposal(body)
		if r.err != nil || err != nil {
			return nil, malformed("proposal")
		}
		all = append(all, p)
	}
	r.need(len(r.b) == 0)
	if r.err != nil {
		return nil, r.err
	}
	return all, nil
}

// link reads one member of the chains inside an SA payload, and says whether
// another follows it.
func (r *reader) link(kind payloadType) (body []byte, more bool) {
	// Next Payload (1): 0, or the same kind again
	next := payloadType(r.uint8())
	r.need(next == payloadNone || next == kind)
	// RESERVED (1)
	r.need(r.uint8() == 0)
	// Payload Length (2)
	length := int(r.uint16())
	r.need(length >= genericSize)
	return r.bytes(max(length-genericSize, 0)), next == kind && r.err == nil
}

// parseProposal reads what follows the generic header (RFC 2408 section 3.5).
func parseProposal(b []byte) (p proposal, err error) {
	r := &reader{b: b, what: "proposal"}
	// Proposal # (1)
	p.number = r.uint8()
	// Protocol-Id (1)
	p.protocol = r.uint8()
	// SPI Size (1)
	size := int(r.uint8())
	// # of Transforms (1)
	count := int(r.uint8())
	// SPI (variable)
	p.spi = r.bytes(size)
	for more := r.err == nil && count > 0; more; {
		var body []byte
		body, more = r.link(payloadTransform)
		t, err := parseTransform(body)
		if r.err != nil || err != nil {
			return proposal{}, malformed("transform")
		}
		p.transforms = append(p.transforms, t)
	}
	r.need(len(r.b) == 0 && len(p.transforms) == count && count > 0)
	return p, r.err
}

// parseTransform reads what follows the generic header (RFC 2408 section 3.6).
func parseTransform(b []byte) (t transform, err error) {
	r := &reader{b: b, what: "transform"}
	// Transform # (1)
	t.number = r.uint8()
	// Transform-Id (1)
	t.id = r.uint8()
	// RESERVED2 (2)
	r.need(r.uint16() == 0)
	t.attributes = r.attributes()
	return t, r.err
}

// attributes reads data attributes up to the end (RFC 2408 section 3.3).
func (r *reader) attributes() (all []attribute) {
	for len(r.b) > 0 && r.err == nil {
		// AF (1 bit), Attribute Type (15 bits)
		kind := r.uint16()
		size := 2
		if kind&basic == 0 {
			// Attribute Length (2)
			size = int(r.uint16())
		}
		// Attribute Value
		all = append(all, attribute{kind &^ basic, r.bytes(size)})
	}
	return all
}

// appendSA appends the body of an SA payload.
func appendSA(b []byte, all []proposal) []byte {
	b = binary.BigEndian.AppendUint32(b, doiIPsec)
	b = binary.BigEndian.AppendUint32(b, identityOnly)
	for i, p := range all {
		b = appendLink(b, payloadProposal, i+1 < len(all), p.appendTo(nil))
	}
	return b
}

func appendLink(b []byte, kind payloadType, more bool, body []byte) []byte {
	next := payloadNone
	if more {
		next = kind
	}
	b = append(b, byte(next), 0)
	b = binary.BigEndian.AppendUint16(b, uint16(genericSize+len(body)))
	return append(b, body...)
}

func (p proposal) appendTo(b []byte) []byte {
	b = append(b, p.number, p.protocol, uint8(len(p.spi)), uint8(len(p.transforms)))
	b = append(b, p.spi...)
	for i, t := range p.transforms {
		body := appendAttributes([]byte{t.number, t.id, 0, 0}, t.attributes)
		b = appendLink(b, payloadTransform, i+1 < len(p.transforms), body)
	}
	return b
}

func appendAttributes(b []byte, all []attribute) []byte {
	for _, a := range all {
		if len(a.value) == 2 {
			b = binary.BigEndian.AppendUint16(b, a.kind|basic)
		} else {
			b = binary.BigEndian.AppendUint16(b, a.kind)
			b = binary.BigEndian.AppendUint16(b, uint16(len(a.value)))
		}
		b = append(b, a.value...)
	}
	return b
}

// An identity says who somebody is, or what traffic an SA is for (RFC 2407
// section 4.6.2).
type identity struct {
	kind     uint8
	protocol uint8
	port     uint16
	data     []byte
}

func hostIdentity(a netip.Addr, protocol uint8, port uint16) identity {
	return identity{idIPv4, protocol, port, a.AsSlice()}
}

func parseIdentity(b []byte) (id identity, err error) {
	r := &reader{b: b, what: "identity"}
	// ID Type (1)
	id.kind = r.uint8()
	// Protocol ID (1)
	id.protocol = r.uint8()
	// Port (2)
	id.port = r.uint16()
	// Identification Data (variable)
	id.data = r.rest()
	return id, r.err
}

func (id identity) appendTo(b []byte) []byte {
	b = append(b, id.kind, id.protocol)
	b = binary.BigEndian.AppendUint16(b, id.port)
	return append(b, id.data...)
}

// host is the single IPv4 address that the identity means, if it means one:
// an address, or a subnet of one.
func (id identity) host() (netip.Addr, bool) {
	switch {
	case id.kind == idIPv4 && len(id.data) == 4:
		return netip.AddrFrom4([4]byte(id.data)), true
	case id.kind == idSubnet && len(id.data) == 8 && string(id.data[4:]) == "\xff\xff\xff\xff":
		return netip.AddrFrom4([4]byte(id.data[:4])), true
	}
	return netip.Addr{}, false
}

// isName says whether it is a name of some kind, and not an address.
func (id identity) isName() bool {
	return len(id.data) > 0 && (id.kind == idFQDN || id.kind == idUserFQDN || id.kind == idKeyID)
}

// A notification tells the other side something (RFC 2408 section 3.14).
type notification struct {
	protocol uint8
	kind     uint16
	spi      []byte
	data     []byte
}

func parseNotification(b []byte) (n notification, err error) {
	r := &reader{b: b, what: "notification"}
	// DOI (4): ISAKMP's own, or IPsec's
	r.need(r.uint32() <= doiIPsec)
	// Protocol-ID (1)
	n.protocol = r.uint8()
	// SPI Size (1)
	size := int(r.uint8())
	// Notify Message Type (2)
	n.kind = r.uint16()
	// SPI (variable)
	n.spi = r.bytes(size)
	// Notification Data (variable)
	n.data = r.rest()
	return n, r.err
}

func (n notification) payload() payload {
	b := binary.BigEndian.AppendUint32(nil, doiIPsec)
	b = append(b, n.protocol, uint8(len(n.spi)))
	b = binary.BigEndian.AppendUint16(b, n.kind)
	b = append(b, n.spi...)
	return payload{payloadNotification, append(b, n.data...)}
}

// A deletion says which SAs its sender no longer has, by the SPIs that the
// sender had chosen (RFC 2408 section 3.15).
type deletion struct {
	protocol uint8
	spis     [][]byte // all of one size
}

func parseDeletion(b []byte) (d deletion, err error) {
	r := &reader{b: b, what: "delete payload"}
	// DOI (4)
	r.need(r.uint32() <= doiIPsec)
	// Protocol-Id (1)
	d.protocol = r.uint8()
	// SPI Size (1)
	size := int(r.uint8())
	// # of SPIs (2)
	count := int(r.uint16())
	// Security Parameter Index(es) (variable)
	r.need(size > 0 && len(r.b) == size*count)
	for ; count > 0 && r.err == nil; count-- {
		d.spis = append(d.spis, r.bytes(size))
	}
	return d, r.err
}

func (d deletion) payload() payload {
	size := 0
	if len(d.spis) > 0 {
		size = len(d.spis[0])
	}
	b := binary.BigEndian.AppendUint32(nil, doiIPsec)
	b = append(b, d.protocol, uint8(size))
	b = binary.BigEndian.AppendUint16(b, uint16(len(d.spis)))
	for _, spi := range d.spis {
		b = append(b, spi...)
	}
	return payload{payloadDelete, b}
}
