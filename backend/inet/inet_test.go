package inet

import "testing"

// TestChecksum takes the example of RFC 1071 section 3, and what follows from
// it.
func TestChecksum(t *testing.T) {
	for _, test := range []struct {
		sum  uint32
		b    []byte
		want uint16
	}{
		{0, []byte{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}, ^uint16(0xddf2)},
		{0, []byte{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7, 0x22, 0x0d}, 0},
		{0x0001f203, []byte{0xf4, 0xf5, 0xf6, 0xf7}, ^uint16(0xddf2)},
		{0, []byte{0x01}, ^uint16(0x0100)},
		{0, nil, 0xffff},
		{0xffffffff, nil, 0},
	} {
		if got := Checksum(test.sum, test.b); got != test.want {
			t.Errorf("%#x, % x: %#04x, want %#04x", test.sum, test.b, got, test.want)
		}
	}
}
