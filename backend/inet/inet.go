// Package inet is the Internet checksum, which four protocols here have in
// common. It knows none of them.
package inet

// Checksum is the Internet checksum (RFC 1071) of b after a partial sum, that
// of a pseudo header or 0. Over what carries its own checksum it is 0. An odd
// last octet counts as if a zero followed.
func Checksum(sum uint32, b []byte) uint16 {
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}
