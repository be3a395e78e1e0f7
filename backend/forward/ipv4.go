package forward

import (
	"encoding/binary"
	"net/netip"

	"gresh/backend/inet"
)

// The IP protocols that a router looks at.
const (
	protoICMP = 1
	protoIPIP = 4
	protoTCP  = 6
	protoUDP  = 17
	protoGRE  = 47
	protoESP  = 50
	protoAH   = 51

	protoEIGRP = 88 // RFC 7868 section 6.1
)

const (
	ipHeaderLen = 20
	ipHeaderMax = 60
	ipFlagDF    = 0x4000
	ipFlagMF    = 0x2000
	ipOffset    = 0x1fff
)

// A header is what a router reads of an IPv4 header (RFC 791 section 3.1).
type header struct {
	length   int // of the header, options included
	total    int
	tos      uint8
	id       uint16
	df, more bool
	offset   int // octets
	ttl      uint8
	protocol uint8
	src, dst netip.Addr
	many     bool // it came to others too: broadcast or multicast
}

// parseIP reads a header and returns the packet without what a link has padded
// behind it. Not ok: it is no sound IPv4 packet.
func parseIP(b []byte) (h header, packet []byte, ok bool) {
	if len(b) < ipHeaderLen || b[0]>>4 != 4 {
		return h, nil, false
	}
	h.length, h.total = int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if h.length < ipHeaderLen || h.total < h.length || h.total > len(b) || inet.Checksum(0, b[:h.length]) != 0 {
		return h, nil, false
	}
	fragment := binary.BigEndian.Uint16(b[6:])
	h.tos, h.id, h.ttl, h.protocol = b[1], binary.BigEndian.Uint16(b[4:]), b[8], b[9]
	h.df, h.more, h.offset = fragment&ipFlagDF != 0, fragment&ipFlagMF != 0, int(fragment&ipOffset)*8
	h.src, h.dst = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
	return h, b[:h.total], true
}

func (h header) fragment() bool { return h.more || h.offset > 0 }

// appendIP appends a header without options for so many octets of payload.
func appendIP(b []byte, h header, payload int) []byte {
	begin := len(b)
	var flags uint16
	if h.df {
		flags |= ipFlagDF
	}
	if h.more {
		flags |= ipFlagMF
	}
	b = append(b, 0x45, h.tos)
	b = binary.BigEndian.AppendUint16(b, uint16(ipHeaderLen+payload))
	b = binary.BigEndian.AppendUint16(b, h.id)
	b = binary.BigEndian.AppendUint16(b, flags|uint16(h.offset/8))
	b = append(b, h.ttl, h.protocol, 0, 0)
	b = append(b, h.src.AsSlice()...)
	b = append(b, h.dst.AsSlice()...)
	binary.BigEndian.PutUint16(b[begin+10:], inet.Checksum(0, b[begin:]))
	return b
}

// reseal computes a header's checksum after a change.
func reseal(packet []byte) {
	n := int(packet[0]&15) * 4
	packet[10], packet[11] = 0, 0
	binary.BigEndian.PutUint16(packet[10:], inet.Checksum(0, packet[:n]))
}

// pseudo is the partial sum of the pseudo header of UDP and TCP.
func pseudo(src, dst netip.Addr, protocol uint8, length int) uint32 {
	s, d := src.As4(), dst.As4()
	sum := uint32(protocol) + uint32(length)
	for i := 0; i < 4; i += 2 {
		sum += uint32(s[i])<<8 | uint32(s[i+1])
		sum += uint32(d[i])<<8 | uint32(d[i+1])
	}
	return sum
}

// appendUDP appends a UDP datagram (RFC 768).
func appendUDP(b []byte, src, dst netip.AddrPort, payload []byte) []byte {
	begin := len(b)
	b = binary.BigEndian.AppendUint16(b, src.Port())
	b = binary.BigEndian.AppendUint16(b, dst.Port())
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(payload)))
	b = append(b, 0, 0)
	b = append(b, payload...)
	sum := inet.Checksum(pseudo(src.Addr(), dst.Addr(), protoUDP, len(b)-begin), b[begin:])
	if sum == 0 {
		sum = 0xffff
	}
	binary.BigEndian.PutUint16(b[begin+6:], sum)
	return b
}
