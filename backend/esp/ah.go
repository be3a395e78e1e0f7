package esp

import (
	"crypto/subtle"
	"encoding/binary"
)

// ahFixed is the part of the AH header before the ICV (RFC 4302 section 2).
const ahFixed = 12

// AHLen is the length of the AH header. All ICVs here are multiples of 32
// bits, as IPv4 wants it, so that none needs padding.
func (s *State) AHLen() int { return ahFixed + s.icvLen }

// SealAH appends to dst an AH header and payload, whose protocol is next. The
// ICV covers the IPv4 header that will stand before them, which must name AH
// and have the length and identification it will have on the wire.
func (s *State) SealAH(dst, ipHeader, payload []byte, next uint8) ([]byte, error) {
	seq, err := s.number()
	if err != nil {
		return dst, err
	}
	begin := len(dst)
	dst = append(dst, next, byte(s.AHLen()/4-2), 0, 0)
	dst = binary.BigEndian.AppendUint32(dst, s.spi)
	dst = binary.BigEndian.AppendUint32(dst, seq)
	dst = append(dst, zeros[:s.icvLen]...)
	dst = append(dst, payload...)
	copy(dst[begin+ahFixed:], s.digest(s.immutable(ipHeader), dst[begin:]))
	return dst, nil
}

// OpenAH reads an AH header and what follows it, which stood behind ipHeader.
// Neither is changed; the payload aliases packet.
func (s *State) OpenAH(ipHeader, packet []byte) (payload []byte, next uint8, err error) {
	head := s.AHLen()
	if len(packet) < head || (int(packet[1])+2)*4 != head || len(ipHeader) > ipHeaderMax {
		return nil, 0, ErrShort
	}
	seq := binary.BigEndian.Uint32(packet[8:])
	if !s.window.Fresh(seq) {
		return nil, 0, ErrReplay
	}
	icv := s.digest(s.immutable(ipHeader), packet[:ahFixed], zeros[:s.icvLen], packet[head:])
	if subtle.ConstantTimeCompare(icv, packet[ahFixed:head]) != 1 {
		return nil, 0, ErrICV
	}
	s.window.Accept(seq)
	return packet[head:], packet[0], nil
}

// immutable is a header with what routers on the way may change taken as zero:
// TOS, flags, fragment offset, TTL and checksum (RFC 4302 section 3.3.3.1.1.1),
// and the options of its appendix A that are not known to stay.
func (s *State) immutable(ipHeader []byte) []byte {
	h := append(s.immutableStore[:0], ipHeader...)
	h[1], h[6], h[7], h[8], h[10], h[11] = 0, 0, 0, 0, 0, 0
	for options := h[20:]; len(options) > 0; {
		n := optionLen(options)
		if !staying(options[0]) {
			clear(options[:n])
		}
		options = options[n:]
	}
	return h
}

// optionLen is the length of the IPv4 option that options begin with.
func optionLen(options []byte) int {
	switch {
	case options[0] <= 1: // end of list, no operation
		return 1
	case len(options) < 2 || options[1] < 2 || int(options[1]) > len(options):
		return len(options)
	}
	return int(options[1])
}

// staying says which options no router changes.
func staying(option byte) bool {
	switch option {
	case 0, 1, 130, 133, 134, 148, 149: // end, nop, security three times, router alert, multidestination
		return true
	}
	return false
}
