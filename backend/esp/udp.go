package esp

import (
	"encoding/binary"

	"gresh/backend/sadb"
)

// UDPHeaderLen is what UDP encapsulation adds.
const UDPHeaderLen = 8

// AppendUDP appends the UDP header that goes before so many octets of sealed
// packet (RFC 3948 section 2.1): the checksum should be zero, and is.
func AppendUDP(dst []byte, e sadb.Encap, sealed int) []byte {
	dst = binary.BigEndian.AppendUint16(dst, e.SrcPort)
	dst = binary.BigEndian.AppendUint16(dst, e.DstPort)
	dst = binary.BigEndian.AppendUint16(dst, uint16(UDPHeaderLen+sealed))
	return append(dst, 0, 0)
}

// InUDP says whether the payload of a datagram to port 4500 is ESP. IKE has
// four octets of zero where ESP has its SPI, and a keepalive is a single octet
// (RFC 3948 sections 2.2 and 2.3).
func InUDP(payload []byte) bool {
	return len(payload) > 4 && binary.BigEndian.Uint32(payload) != 0
}
