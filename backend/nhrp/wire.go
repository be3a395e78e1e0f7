package nhrp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"gresh/backend/inet"
)

// The values of the fixed header that never change here.
const (
	afnIPv4     = 1      // ar$afn: NBMA addresses are IPv4
	protoIPv4   = 0x0800 // ar$pro.type
	version     = 1      // ar$op.version: NHRP
	fixedOctets = 20
	hopsFull    = 64
)

// The flags of the mandatory part, by packet type. The last is Cisco's.
const (
	flagRouter        = 0x8000 // resolution: Q, the requester is a router
	flagAuthoritative = 0x4000 // resolution: A, only an authoritative answer
	flagStableTarget  = 0x2000 // resolution: D, the binding asked for is stable
	flagUniqueBinding = 0x1000 // resolution: U, and unique
	flagStableSource  = 0x0800 // resolution: S, the requester's binding is stable
	flagUnique        = 0x8000 // registration: U, nobody else may have it
	flagNoReply       = 0x8000 // purge: N, no reply is wanted
	flagNAT           = 0x0002 // any: NAT addresses are understood
)

// errMalformed is wrapped by whatever Parse refuses.
var errMalformed = errors.New("malformed NHRP packet")

// A Message is an NHRP packet (RFC 2332 section 5).
type Message struct {
	Hops       uint8
	Type       Type
	Flags      uint16
	ID         uint32 // but of indications
	Code       Code   // of indications only
	Offset     uint16 // likewise: of the octet in error
	SrcNBMA    netip.Addr
	Src, Dst   netip.Addr // protocol addresses
	Clients    []Client
	Payload    []byte // of indications: the packet they are about
	Extensions []Extension
}

// A Client is a client information entry (section 5.2.0.1).
type Client struct {
	Code       uint8
	Prefix     uint8 // length; 0xff stands for a host that is unique
	MTU        uint16
	Hold       uint16 // seconds
	NBMA, Addr netip.Addr
	Preference uint8
}

// indication says whether a type carries a code and a packet instead of a
// request id and client information.
func (t Type) indication() bool { return t == ErrorIndication || t == TrafficIndication }

// AppendTo appends the packet, with sizes and checksum, to b.
func (m Message) AppendTo(b []byte) []byte {
	start := len(b)
	b = binary.BigEndian.AppendUint16(b, afnIPv4)
	b = binary.BigEndian.AppendUint16(b, protoIPv4)
	b = append(b, 0, 0, 0, 0, 0) // ar$pro.snap
	b = append(b, m.Hops)
	b = append(b, 0, 0, 0, 0, 0, 0) // ar$pktsz, ar$chksum, ar$extoff
	b = append(b, version, byte(m.Type), octets(m.SrcNBMA), 0)
	b = m.appendMandatory(b)
	if len(m.Extensions) > 0 {
		binary.BigEndian.PutUint16(b[start+14:], uint16(len(b)-start))
		for _, x := range m.Extensions {
			b = x.appendTo(b)
		}
		b = Extension{Compulsory: true}.appendTo(b) // the end
	}
	packet := b[start:]
	binary.BigEndian.PutUint16(packet[10:], uint16(len(packet)))
	binary.BigEndian.PutUint16(packet[12:], inet.Checksum(0, packet))
	return b
}

func (m Message) appendMandatory(b []byte) []byte {
	b = append(b, octets(m.Src), octets(m.Dst))
	b = binary.BigEndian.AppendUint16(b, m.Flags)
	if m.Type.indication() {
		b = binary.BigEndian.AppendUint16(b, uint16(m.Code))
		b = binary.BigEndian.AppendUint16(b, m.Offset)
	} else {
		b = binary.BigEndian.AppendUint32(b, m.ID)
	}
	b = append(b, m.SrcNBMA.AsSlice()...)
	b = append(b, m.Src.AsSlice()...)
	b = append(b, m.Dst.AsSlice()...)
	if m.Type.indication() {
		return append(b, m.Payload...)
	}
	return appendClients(b, m.Clients)
}

func appendClients(b []byte, clients []Client) []byte {
	for _, c := range clients {
		b = append(b, c.Code, c.Prefix, 0, 0)
		b = binary.BigEndian.AppendUint16(b, c.MTU)
		b = binary.BigEndian.AppendUint16(b, c.Hold)
		b = append(b, octets(c.NBMA), 0, octets(c.Addr), c.Preference)
		b = append(b, c.NBMA.AsSlice()...)
		b = append(b, c.Addr.AsSlice()...)
	}
	return b
}

// octets is the length of an address on the wire; none has none.
func octets(a netip.Addr) byte { return byte(a.BitLen() / 8) }

// Parse reads a packet. What follows the size it says is not looked at; the
// message's slices alias b.
func Parse(b []byte) (Message, error) {
	if len(b) < fixedOctets {
		return Message{}, fmt.Errorf("%w: %d octets", errMalformed, len(b))
	}
	size := int(binary.BigEndian.Uint16(b[10:]))
	if size < fixedOctets || size > len(b) {
		return Message{}, fmt.Errorf("%w: ar$pktsz %d of %d", errMalformed, size, len(b))
	}
	b = b[:size]
	if inet.Checksum(0, b) != 0 {
		return Message{}, fmt.Errorf("%w: ar$chksum", errMalformed)
	}
	var m Message
	header, err := m.parseFixed(b[:fixedOctets])
	if err != nil {
		return Message{}, err
	}
	end := size
	if header.extensions != 0 {
		end = header.extensions
	}
	if end < fixedOctets || end > size {
		return Message{}, fmt.Errorf("%w: ar$extoff %d", errMalformed, end)
	}
	if err := m.parseMandatory(b[fixedOctets:end], header.source); err != nil {
		return Message{}, err
	}
	if header.extensions != 0 {
		m.Extensions, err = parseExtensions(b[end:])
	}
	if err != nil {
		return Message{}, err
	}
	return m, nil
}

// A fixedHeader is what of the fixed header is needed to read on.
type fixedHeader struct {
	extensions int  // where they start; 0: there are none
	source     byte // length of the source NBMA address
}

// parseFixed reads the fixed header (section 5.1).
func (m *Message) parseFixed(b []byte) (h fixedHeader, err error) {
	r := reader{b: b}
	// ar$afn (16)
	r.want("ar$afn", r.u16(), afnIPv4)
	// ar$pro.type (16)
	r.want("ar$pro.type", r.u16(), protoIPv4)
	// ar$pro.snap (40)
	r.take(5)
	// ar$hopcnt (8)
	m.Hops = r.u8()
	// ar$pktsz (16), ar$chksum (16)
	r.take(4)
	// ar$extoff (16)
	h.extensions = int(r.u16())
	// ar$op.version (8)
	r.want("ar$op.version", uint16(r.u8()), version)
	// ar$op.type (8)
	m.Type = Type(r.u8())
	if m.Type == 0 || m.Type >= TypeCount {
		r.fail("ar$op.type")
	}
	// ar$shtl (8)
	h.source = r.u8()
	// ar$sstl (8)
	r.want("ar$sstl", uint16(r.u8()), 0)
	return h, r.err
}

// parseMandatory reads the mandatory part (section 5.2), which fills b.
func (m *Message) parseMandatory(b []byte, sourceOctets byte) error {
	r := reader{b: b}
	// Src Proto Len (8), Dst Proto Len (8)
	src, dst := r.u8(), r.u8()
	// Flags (16)
	m.Flags = r.u16()
	if m.Type.indication() {
		// Error Code (16), Error Offset (16)
		m.Code, m.Offset = Code(r.u16()), r.u16()
	} else {
		// Request ID (32)
		m.ID = r.u32()
	}
	// Source NBMA Address (variable)
	m.SrcNBMA = r.addr(sourceOctets)
	// Source Protocol Address (variable)
	m.Src = r.addr(src)
	// Destination Protocol Address (variable)
	m.Dst = r.addr(dst)
	if r.err != nil {
		return r.err
	}
	if m.Type.indication() {
		// Contents of the packet (variable)
		m.Payload = r.b
		return nil
	}
	var err error
	m.Clients, err = parseClients(r.b)
	return err
}

// parseClients reads client information entries until b ends.
func parseClients(b []byte) (clients []Client, err error) {
	r := reader{b: b}
	for len(r.b) > 0 && r.err == nil {
		var c Client
		// Code (8), Prefix Length (8)
		c.Code, c.Prefix = r.u8(), r.u8()
		// unused (16)
		r.take(2)
		// Maximum Transmission Unit (16), Holding Time (16)
		c.MTU, c.Hold = r.u16(), r.u16()
		// Cli Addr T/L (8), Cli SAddr T/L (8), Cli Proto Len (8), Preference (8)
		nbma, sub, addr := r.u8(), r.u8(), r.u8()
		c.Preference = r.u8()
		r.want("Cli SAddr T/L", uint16(sub), 0)
		// Client NBMA Address (variable)
		c.NBMA = r.addr(nbma)
		// Client Protocol Address (variable)
		c.Addr = r.addr(addr)
		clients = append(clients, c)
	}
	if r.err != nil {
		return nil, r.err
	}
	return clients, nil
}
