package esp

import (
	"crypto/subtle"
	"encoding/binary"
)

// ahFixed is the part of the AH header before the ICV (RFC 4302 section 2).
const ahFixed = 12

// AHLen is the length of the whole header: a multiple of 32 bits for IPv4.
func (s *State) AHLen() int { return ahFixed + (s.icvLen+3)/4*4 }

// SealAH appends to dst an AH header and payload, whose protocol is next. The
// ICV covers the IPv4 header that will stand before them, with the total
// length it will have.
func (s *State) SealAH(dst, ipHeader, payload []byte, next uint8) ([]byte, error) {
	seq, err := s.next()
	if err != nil {
		return dst, err
	}
	begin := len(dst)
	dst = append(dst, next, byte(s.AHLen()/4-2), 0, 0)
	dst = binary.BigEndian.AppendUint32(dst, s.sa.SPI)
	dst = binary.BigEndian.AppendUint32(dst, seq)
	dst = append(dst, make([]byte, s.AHLen()-ahFixed)...)
	dst = append(dst, payload...)
	copy(dst[begin+ahFixed:], s.ahICV(ipHeader, dst[begin:]))
	return dst, nil
}

// OpenAH reads an AH header and what follows it, which stood behind ipHeader.
// The payload aliases packet.
func (s *State) OpenAH(ipHeader, packet []byte) (payload []byte, next uint8, err error) {
	if len(packet) < s.AHLen() || len(packet) < (int(packet[1])+2)*4 || (int(packet[1])+2)*4 != s.AHLen() {
		return nil, 0, ErrShort
	}
	seq := binary.BigEndian.Uint32(packet[8:])
	if !s.window.Fresh(seq) {
		return nil, 0, ErrReplay
	}
	got := append([]byte(nil), packet[ahFixed:ahFixed+s.icvLen]...)
	clear(packet[ahFixed:s.AHLen()])
	if subtle.ConstantTimeCompare(got, s.ahICV(ipHeader, packet)) != 1 {
		return nil, 0, ErrICV
	}
	s.window.Accept(seq)
	return packet[s.AHLen():], packet[0], nil
}

// ahICV computes over the header as it arrives, whatever a router on the way
// may change taken as zero: TOS, flags, fragment offset, TTL and checksum
// (RFC 4302 section 3.3.3.1.1.1).
func (s *State) ahICV(ipHeader, packet []byte) []byte {
	h := append([]byte(nil), ipHeader...)
	h[1], h[6], h[7], h[8], h[10], h[11] = 0, 0, 0, 0, 0, 0
	s.mac.Reset()
	s.mac.Write(h)
	s.mac.Write(packet)
	return s.mac.Sum(nil)[:s.icvLen]
}
