package password

import "crypto/md5"

// md5crypt is the hash of type 5, as FreeBSD's crypt made it first: a thousand
// rounds of MD5 over password, salt and sum in an order that changes by the
// round.
func md5crypt(password, salt string) string {
	mixed := mix(password, salt)
	sum := md5.Sum(mixed)
	for round := range 1000 {
		var b []byte
		part := func(first bool) {
			if first {
				b = append(b, password...)
			} else {
				b = append(b, sum[:]...)
			}
		}
		part(round%2 == 1)
		if round%3 != 0 {
			b = append(b, salt...)
		}
		if round%7 != 0 {
			b = append(b, password...)
		}
		part(round%2 == 0)
		sum = md5.Sum(b)
	}
	return encodeMD5(sum)
}

// mix is what the first sum is made of.
func mix(password, salt string) []byte {
	inner := md5.Sum([]byte(password + salt + password))
	b := []byte(password + "$1$" + salt)
	for n := len(password); n > 0; n -= md5.Size {
		b = append(b, inner[:min(n, md5.Size)]...)
	}
	for n := len(password); n > 0; n >>= 1 {
		if n&1 == 1 {
			b = append(b, 0)
		} else {
			b = append(b, password[0])
		}
	}
	return b
}

// encodeMD5 writes a sum in groups of three octets, least significant six bits
// first.
func encodeMD5(sum [md5.Size]byte) string {
	var out []byte
	group := func(a, b, c byte, n int) {
		for v := uint32(a)<<16 | uint32(b)<<8 | uint32(c); n > 0; n-- {
			out = append(out, alphabet[v&63])
			v >>= 6
		}
	}
	for i := range 4 {
		group(sum[i], sum[i+6], sum[i+12], 4)
	}
	group(sum[4], sum[10], sum[5], 4)
	group(0, 0, sum[11], 2)
	return string(out)
}
