package ike

import (
	"bytes"
	"encoding/binary"
	"net/netip"
)

const (
	portIKE  = 500
	portNATT = 4500
)

// marker stands before IKE messages on port 4500, where an ESP packet has its
// SPI (RFC 3948 section 2.2).
var marker = []byte{0, 0, 0, 0}

// keepalive is the payload of a NAT keepalive (RFC 3948 section 2.3).
var keepalive = []byte{0xff}

// unmark returns the ISAKMP message of a datagram; ok is false if there is
// none: a keepalive, or something that is not for IKE.
func unmark(d Datagram) (message []byte, ok bool) {
	if d.Local.Port() != portNATT {
		return d.Payload, true
	}
	return bytes.CutPrefix(d.Payload, marker)
}

func mark(from netip.AddrPort, message []byte) []byte {
	if from.Port() != portNATT {
		return message
	}
	return append(append([]byte(nil), marker...), message...)
}

// A translation says on whose side of the way addresses are translated.
type translation struct {
	us, them bool
}

func (t translation) any() bool { return t.us || t.them }

// natHash is the content of a NAT-D payload (RFC 3947 section 3.2).
func (s *secrets) natHash(a netip.AddrPort) []byte {
	port := binary.BigEndian.AppendUint16(nil, a.Port())
	return s.hash.sum(s.initiator[:], s.responder[:], a.Addr().AsSlice(), port)
}

// natPayloads say how we see the addresses, the other side's first.
func (s *secrets) natPayloads(local, remote netip.AddrPort) []payload {
	return []payload{{payloadNATD, s.natHash(remote)}, {payloadNATD, s.natHash(local)}}
}

// detect compares how the peer sees the addresses with how we do. The first
// payload is about us, any of the others may be about the peer.
func (s *secrets) detect(seen [][]byte, local, remote netip.AddrPort) translation {
	if len(seen) < 2 {
		return translation{}
	}
	t := translation{us: !bytes.Equal(seen[0], s.natHash(local)), them: true}
	for _, own := range seen[1:] {
		if bytes.Equal(own, s.natHash(remote)) {
			t.them = false
		}
	}
	return t
}

// originals are the NAT-OA payloads: the addresses as initiator and responder
// know them before translation (RFC 3947 section 5.2).
func originals(initiator, responder netip.Addr) []payload {
	oa := func(a netip.Addr) payload {
		return payload{payloadNATOA, append([]byte{idIPv4, 0, 0, 0}, a.AsSlice()...)}
	}
	return []payload{oa(initiator), oa(responder)}
}
