package forward

import "encoding/binary"

const (
	tcpSYN    = 2
	optionEnd = 0
	optionNOP = 1
	optionMSS = 2
)

// adjustMSS lowers the maximum segment size that a SYN announces (RFC 9293
// section 3.7.1), if most says so, and mends the checksum.
func adjustMSS(h header, packet []byte, most int) {
	if most == 0 || h.protocol != protoTCP || h.fragment() {
		return
	}
	tcp := packet[h.length:]
	if len(tcp) < 20 || tcp[13]&tcpSYN == 0 {
		return
	}
	end := min(int(tcp[12]>>4)*4, len(tcp))
	for at := 20; at+1 < end && tcp[at] != optionEnd; {
		length := int(tcp[at+1])
		switch {
		case tcp[at] == optionNOP:
			length = 1
		case length < 2 || at+length > end:
			return
		case tcp[at] == optionMSS && length == 4:
			lowerMSS(tcp, at+2, uint16(min(most, 65535)))
			return
		}
		at += length
	}
}

// lowerMSS changes the checksum by what changes in the segment (RFC 1624), so
// that one that was wrong stays wrong. The option may begin at an odd octet,
// where its halves count for the other half of a word.
func lowerMSS(tcp []byte, at int, most uint16) {
	was := binary.BigEndian.Uint16(tcp[at:])
	if was <= most {
		return
	}
	binary.BigEndian.PutUint16(tcp[at:], most)
	if at%2 == 1 {
		was, most = was>>8|was<<8, most>>8|most<<8
	}
	sum := uint32(^binary.BigEndian.Uint16(tcp[16:])) + uint32(^was) + uint32(most)
	sum = sum&0xffff + sum>>16
	sum = sum&0xffff + sum>>16
	binary.BigEndian.PutUint16(tcp[16:], ^uint16(sum))
}
