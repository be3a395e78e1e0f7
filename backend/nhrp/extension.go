package nhrp

import (
	"crypto/subtle"
	"encoding/binary"
	"net/netip"
	"slices"
)

// The extensions (RFC 2332 section 5.3); the last is Cisco's.
const (
	extEnd            = 0
	extResponder      = 3 // who answered
	extForwardTransit = 4 // the servers that the request went through
	extReverseTransit = 5 // those that the reply went through
	extAuthentication = 7
	extVendor         = 8
	extNAT            = 9 // NBMA addresses as seen from outside a NAT
)

// An Extension is a TLV behind the mandatory part.
type Extension struct {
	Type       uint16 // 14 bits
	Compulsory bool   // who does not know it must not ignore it
	Value      []byte
}

const compulsory = 0x8000

func (x Extension) appendTo(b []byte) []byte {
	kind := x.Type
	if x.Compulsory {
		kind |= compulsory
	}
	b = binary.BigEndian.AppendUint16(b, kind)
	b = binary.BigEndian.AppendUint16(b, uint16(len(x.Value)))
	return append(b, x.Value...)
}

// parseExtensions reads extensions up to the end extension, which must be the
// end of b. Those that hold client information must hold it whole.
func parseExtensions(b []byte) (all []Extension, err error) {
	r := reader{b: b}
	for {
		// C (1), u (1), Type (14)
		kind := r.u16()
		// Length (16)
		length := r.u16()
		x := Extension{Type: kind &^ 0xc000, Compulsory: kind&compulsory != 0}
		// Value (variable)
		x.Value = r.take(int(length))
		if r.err != nil {
			return nil, r.err
		}
		if x.Type == extEnd {
			break
		}
		if x.holdsClients() {
			if _, err := parseClients(x.Value); err != nil {
				return nil, err
			}
		}
		all = append(all, x)
	}
	if len(r.b) > 0 {
		r.fail("octets after the end extension")
	}
	return all, r.err
}

func (x Extension) holdsClients() bool {
	switch x.Type {
	case extResponder, extForwardTransit, extReverseTransit, extNAT:
		return true
	}
	return false
}

func (x Extension) known() bool {
	return x.holdsClients() || x.Type == extAuthentication || x.Type == extVendor
}

// extension returns an extension's value, and whether it is there.
func (m *Message) extension(kind uint16) ([]byte, bool) {
	for _, x := range m.Extensions {
		if x.Type == kind {
			return x.Value, true
		}
	}
	return nil, false
}

// setExtension replaces an extension's value where it stands, or adds it. The
// message that this one was copied from keeps its own.
func (m *Message) setExtension(kind uint16, mandatory bool, value []byte) {
	m.Extensions = slices.Clone(m.Extensions)
	for i, x := range m.Extensions {
		if x.Type == kind {
			m.Extensions[i].Value = value
			return
		}
	}
	m.Extensions = append(m.Extensions, Extension{kind, mandatory, value})
}

// dropExtension removes an extension.
func (m *Message) dropExtension(kind uint16) {
	m.Extensions = slices.DeleteFunc(slices.Clone(m.Extensions), func(x Extension) bool {
		return x.Type == kind
	})
}

// record returns the client information that an extension holds.
func (m *Message) record(kind uint16) []Client {
	value, _ := m.extension(kind)
	clients, err := parseClients(value)
	if err != nil {
		return nil // Parse has seen to it that it is whole
	}
	return clients
}

// addRecord appends to the client information that an extension holds.
func (m *Message) addRecord(kind uint16, c Client) {
	value, _ := m.extension(kind)
	m.setExtension(kind, true, appendClients(slices.Clone(value), []Client{c}))
}

// seen returns the NBMA address under which a station that says nbma of itself
// is seen: what the NAT extension says of it, if anything.
func (m *Message) seen(addr, nbma netip.Addr) netip.Addr {
	for _, c := range m.record(extNAT) {
		if c.Addr == addr && c.NBMA.IsValid() {
			return c.NBMA
		}
	}
	return nbma
}

// spiPlain is the SPI of an authentication extension that holds a plain string,
// as Cisco's does. (RFC 2332 section 5.3.4 has an address between the two.)
const spiPlain = 1

// sign puts the string of the link that the packet leaves by in place of the
// one it came with: authentication is between neighbours (section 5.3.4).
func (m *Message) sign(secret string) {
	if secret == "" {
		m.dropExtension(extAuthentication)
		return
	}
	value := binary.BigEndian.AppendUint32(nil, spiPlain)
	m.setExtension(extAuthentication, true, append(value, secret...))
}

// authentic says whether the packet has the string of the link it came by.
func (m *Message) authentic(secret string) bool {
	if secret == "" {
		return true
	}
	want := append(binary.BigEndian.AppendUint32(nil, spiPlain), secret...)
	value, _ := m.extension(extAuthentication)
	return subtle.ConstantTimeCompare(value, want) == 1
}
