package eigrp

import (
	"encoding/binary"
	"fmt"
)

// The types of TLV (RFC 7868 section 6.5). Those not listed are passed over.
const (
	tlvParameters     = 0x0001
	tlvAuthentication = 0x0002
	tlvSequence       = 0x0003
	tlvVersion        = 0x0004
	tlvNextMulticast  = 0x0005
	tlvStub           = 0x0006
	tlvTermination    = 0x0007
	tlvInternal       = 0x0102 // IPv4, classic metrics
	tlvExternal       = 0x0103
	tlvWideInternal   = 0x0602 // any address family, wide metrics
	tlvWideExternal   = 0x0603
)

const tlvOctets = 4 // type and length

// appendTLV appends what put appends, under a type and its length.
func appendTLV(b []byte, kind uint16, put func([]byte) []byte) []byte {
	start := len(b)
	b = binary.BigEndian.AppendUint16(b, kind)
	b = put(append(b, 0, 0))
	binary.BigEndian.PutUint16(b[start+2:], uint16(len(b)-start))
	return b
}

func (m *Message) appendTLVs(b []byte) []byte {
	if p := m.Parameters; p != nil {
		b = appendTLV(b, tlvParameters, func(b []byte) []byte {
			return binary.BigEndian.AppendUint16(append(b, p.K[:]...), p.Hold)
		})
	}
	if len(m.Sequence) > 0 {
		b = appendTLV(b, tlvSequence, func(b []byte) []byte { return appendAddrs(b, m.Sequence) })
	}
	if v := m.Version; v != nil {
		b = appendTLV(b, tlvVersion, func(b []byte) []byte {
			return append(append(b, v.Release[:]...), v.TLV[:]...)
		})
	}
	if m.NextMulticast != 0 {
		b = appendTLV(b, tlvNextMulticast, func(b []byte) []byte {
			return binary.BigEndian.AppendUint32(b, m.NextMulticast)
		})
	}
	if m.Stub != nil {
		b = appendTLV(b, tlvStub, func(b []byte) []byte {
			return binary.BigEndian.AppendUint16(b, uint16(*m.Stub))
		})
	}
	if len(m.Terminated) > 0 {
		b = appendTLV(b, tlvTermination, func(b []byte) []byte { return appendAddrs(b, m.Terminated) })
	}
	for _, r := range m.Routes {
		b = r.appendTo(b)
	}
	return b
}

// parseTLV reads one TLV off the front.
func (m *Message) parseTLV(r *reader) {
	kind, octets := r.u16(), int(r.u16())
	if octets < tlvOctets {
		r.fail(fmt.Sprintf("TLV %#04x of %d octets", kind, octets))
		return
	}
	v := reader{b: r.take(octets - tlvOctets)}
	if r.err != nil {
		return
	}
	switch kind {
	case tlvInternal, tlvExternal:
		m.Routes = parseClassic(&v, kind == tlvExternal, m.Routes)
	case tlvWideInternal, tlvWideExternal:
		m.Routes = parseWide(&v, kind == tlvWideExternal, m.Routes)
	default:
		m.parseGeneral(&v, kind)
	}
	if v.err != nil {
		r.err, r.b = fmt.Errorf("%w in TLV %#04x", v.err, kind), nil
	}
}

// parseGeneral reads the TLVs that carry no routes.
func (m *Message) parseGeneral(v *reader, kind uint16) {
	switch kind {
	case tlvParameters:
		// K1 (8) … K6 (8), Hold Time (16)
		m.Parameters = &Parameters{K: [6]uint8(v.take(6)), Hold: v.u16()}
	case tlvSequence:
		// Address Length (8), Protocol Address
		m.Sequence = v.addrs()
	case tlvVersion:
		// Vendor OS major and minor (16), EIGRP major and minor (16)
		m.Version = &Version{Release: [2]uint8(v.take(2)), TLV: [2]uint8(v.take(2))}
	case tlvNextMulticast:
		// Multicast Sequence Number (32)
		m.NextMulticast = v.u32()
	case tlvStub:
		// Flags (16)
		s := Stub(v.u16())
		m.Stub = &s
	case tlvTermination:
		m.Terminated = v.addrs()
	}
}
