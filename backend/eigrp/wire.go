package eigrp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"gresh/backend/inet"
)

// Protocol is the IP protocol number of EIGRP.
const Protocol = 88

// Group is the multicast address of all EIGRP routers.
var Group = netip.AddrFrom4([4]byte{224, 0, 0, 10})

const (
	wireVersion  = 2
	headerOctets = 20
)

// An Opcode is the type of a packet (RFC 7868 section 6.2).
type Opcode uint8

// The opcodes. An acknowledgment is a Hello that acknowledges and says nothing.
const (
	Update   Opcode = 1
	Request  Opcode = 2
	Query    Opcode = 3
	Reply    Opcode = 4
	Hello    Opcode = 5
	SIAQuery Opcode = 10
	SIAReply Opcode = 11
)

// opcodes is how many a table by opcode needs.
const opcodes = 12

// The flags of the header.
const (
	flagInit       = 1 // the sender has just met the receiver
	flagCR         = 2 // only for those in conditional receive mode
	flagRestart    = 4
	flagEndOfTable = 8
)

// errMalformed is wrapped by whatever Parse refuses.
var errMalformed = errors.New("malformed EIGRP packet")

// A Message is an EIGRP packet (RFC 7868 section 6).
type Message struct {
	Op       Opcode
	Flags    uint32
	Seq, Ack uint32
	VRID     uint16
	AS       uint16

	Parameters *Parameters
	Sequence   []netip.Addr // those who are not to receive NextMulticast
	Version    *Version
	// NextMulticast is the sequence number of the packet to come with the CR
	// flag; 0: not said.
	NextMulticast uint32
	Stub          *Stub
	Terminated    []netip.Addr // neighbours that are told to let go
	Routes        []Route
}

// Parameters are the metric weights of the sender, and for how long it may be
// silent.
type Parameters struct {
	K    [6]uint8
	Hold uint16 // seconds
}

// A Version is that of the sender's software and of its TLVs.
type Version struct{ Release, TLV [2]uint8 }

// Stub says which of its routes a stub router advertises.
type Stub uint16

// The flags of a stub router.
const (
	StubConnected Stub = 1 << iota
	StubStatic
	StubSummary
	StubReceiveOnly
	StubRedistributed
	StubLeakMap
)

// goodbye are the weights that say the sender is leaving.
var goodbye = [6]uint8{255, 255, 255, 255, 255, 255}

// AppendTo appends the packet to b, with its checksum, and signed if there is
// a key.
func (m Message) AppendTo(b []byte, key *Key) []byte {
	start := len(b)
	b = append(b, wireVersion, byte(m.Op), 0, 0)
	b = binary.BigEndian.AppendUint32(b, m.Flags)
	b = binary.BigEndian.AppendUint32(b, m.Seq)
	b = binary.BigEndian.AppendUint32(b, m.Ack)
	b = binary.BigEndian.AppendUint16(b, m.VRID)
	b = binary.BigEndian.AppendUint16(b, m.AS)
	if key != nil {
		b = key.appendTLV(b)
	}
	b = m.appendTLVs(b)
	finish(b[start:], key)
	return b
}

// finish puts digest and checksum into a packet.
func finish(packet []byte, key *Key) {
	if key != nil {
		key.sign(packet)
	}
	binary.BigEndian.PutUint16(packet[2:], 0)
	binary.BigEndian.PutUint16(packet[2:], inet.Checksum(0, packet))
}

// Parse reads a packet. TLVs that are not understood are passed over.
func Parse(b []byte) (Message, error) {
	if len(b) < headerOctets {
		return Message{}, fmt.Errorf("%w: %d octets", errMalformed, len(b))
	}
	if b[0] != wireVersion {
		return Message{}, fmt.Errorf("%w: version %d", errMalformed, b[0])
	}
	if inet.Checksum(0, b) != 0 {
		return Message{}, fmt.Errorf("%w: checksum", errMalformed)
	}
	r := reader{b: b}
	var m Message
	// Version (8)
	r.u8()
	// Opcode (8)
	m.Op = Opcode(r.u8())
	// Checksum (16)
	r.u16()
	// Flags (32)
	m.Flags = r.u32()
	// Sequence Number (32)
	m.Seq = r.u32()
	// Acknowledgment Number (32)
	m.Ack = r.u32()
	// Virtual Router ID (16)
	m.VRID = r.u16()
	// Autonomous System Number (16)
	m.AS = r.u16()
	if m.Op == 0 || m.Op >= opcodes {
		r.fail(fmt.Sprintf("opcode %d", m.Op))
	}
	for len(r.b) > 0 {
		m.parseTLV(&r)
	}
	if r.err != nil {
		return Message{}, r.err
	}
	return m, nil
}

// reliable says whether a packet is to be acknowledged.
func (m *Message) reliable() bool { return m.Op != Hello && m.Seq != 0 }

// acknowledgment says whether a Hello is but an acknowledgment.
func (m *Message) acknowledgment() bool { return m.Op == Hello && m.Ack != 0 }
