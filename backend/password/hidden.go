package password

import (
	"io"
	"strconv"
	"strings"
)

// key is what type 7 hides with. It is known to everybody.
const key = "dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"

// offsetMost is how far into the key hiding may begin.
const offsetMost = 15

const digits = "0123456789ABCDEF"

// hide is a password as type 7: where in the key it begins, in two decimal
// digits, then each octet in two hexadecimal ones.
func hide(password string, random io.Reader) (string, error) {
	var at [1]byte
	if _, err := io.ReadFull(random, at[:]); err != nil {
		return "", err
	}
	offset := int(at[0]) % (offsetMost + 1)
	out := []byte{digits[offset/10], digits[offset%10]}
	for i := range len(password) {
		b := password[i] ^ key[(offset+i)%len(key)]
		out = append(out, digits[b>>4], digits[b&15])
	}
	return string(out), nil
}

// Reveal is the password behind a type 7; not ok if it is none.
func Reveal(hidden string) (password string, ok bool) {
	if len(hidden) < 4 || len(hidden)%2 != 0 {
		return "", false
	}
	offset, err := strconv.Atoi(hidden[:2])
	if err != nil || offset < 0 || offset >= len(key) || strings.Trim(hidden[:2], digits) != "" {
		return "", false
	}
	var out []byte
	for i := 2; i < len(hidden); i += 2 {
		b, err := strconv.ParseUint(hidden[i:i+2], 16, 8)
		if err != nil {
			return "", false
		}
		out = append(out, byte(b)^key[(offset+i/2-1)%len(key)])
	}
	return string(out), true
}
