package grammar

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// New is a value of one word, shown as name, that parse accepts and print
// prints. An unacceptable word is marked at its first character.
func New[T any](name, help string, parse func(string) (T, bool), print func(T) string) *Param[T] {
	return &Param[T]{name: name, help: help, print: print,
		parse: func(text string) (v T, n int, ok bool) {
			w := firstWord(text)
			if v, ok = parse(w); ok {
				n = len(w)
			}
			return v, n, ok
		}}
}

// String is one word without blanks, shown as WORD.
func String(help string) *Param[string] {
	return New("WORD", help, func(w string) (string, bool) { return w, true }, verbatim)
}

// Text is the rest of the line, verbatim, shown as LINE.
func Text(help string) *Param[string] {
	return &Param[string]{name: "LINE", help: help, print: verbatim, greedy: true,
		parse: func(text string) (string, int, bool) { return text, len(text), true }}
}

// Rest is Text with the blanks in front of it, but for the one that parts it
// from the word before.
func Rest(help string) *Param[string] {
	p := Text(help)
	p.raw = true
	return p
}

// Uint is a decimal number from low to high.
func Uint(low, high uint32, help string) *Param[uint32] {
	return &Param[uint32]{name: fmt.Sprintf("<%d-%d>", low, high), help: help,
		print: func(v uint32) string { return strconv.FormatUint(uint64(v), 10) },
		parse: func(text string) (uint32, int, bool) { return number(firstWord(text), low, high) }}
}

// number reads the decimal number that is all of w. A number too small is
// wrong at its end, where another digit was missing; one too big at the digit
// that made it so.
func number(w string, low, high uint32) (uint32, int, bool) {
	var v uint64
	for i := range len(w) {
		d := w[i] - '0'
		if v = 10*v + uint64(d); d > 9 || v > uint64(high) {
			return 0, i, false
		}
	}
	return uint32(v), len(w), w != "" && v >= uint64(low)
}

// IPv4 is an address. Octets are decimal, leading zeros or not: 172.17.05 is
// the first three octets of an address, wrong at its end.
func IPv4(help string) *Param[netip.Addr] {
	return &Param[netip.Addr]{name: "A.B.C.D", help: help, print: netip.Addr.String,
		parse: func(text string) (netip.Addr, int, bool) { return address(firstWord(text)) }}
}

// address reads the dotted quad that is all of w.
func address(w string) (netip.Addr, int, bool) {
	var octets [4]byte
	rest := w
	for i := range octets {
		digits, after, dot := strings.Cut(rest, ".")
		v, n, ok := number(digits, 0, 255)
		last := i == len(octets)-1
		if !ok || n > 3 || dot == last {
			return netip.Addr{}, len(w) - len(rest) + min(n, 3), false
		}
		octets[i], rest = byte(v), after
	}
	return netip.AddrFrom4(octets), len(w), true
}

// Mask is a prefix length, written as a dotted mask.
func Mask(help string) *Param[int] {
	return &Param[int]{name: "A.B.C.D", help: help, print: func(bits int) string { return masks[bits] },
		parse: func(text string) (bits int, n int, ok bool) {
			w := firstWord(text)
			for bits, m := range masks {
				if w == m {
					return bits, len(w), true
				}
				n = max(n, common(w, m))
			}
			return 0, n, false
		}}
}

// masks are the dotted masks by prefix length.
var masks = func() (all [33]string) {
	for bits := range all {
		m := ^uint32(0) << (32 - bits)
		all[bits] = netip.AddrFrom4([4]byte{byte(m >> 24), byte(m >> 16), byte(m >> 8), byte(m)}).String()
	}
	return all
}()

// MAC is a hardware address, H.H.H, kept in lower case with all its digits.
func MAC(help string) *Param[string] {
	return &Param[string]{name: "H.H.H", help: help, print: verbatim,
		parse: func(text string) (string, int, bool) { return mac(strings.ToLower(firstWord(text))) }}
}

// mac reads the three groups of up to four digits that are all of w.
func mac(w string) (string, int, bool) {
	groups, at := []string{""}, 0
	for ; at < len(w); at++ {
		g := &groups[len(groups)-1]
		switch {
		case w[at] == '.' && *g != "" && len(groups) < 3:
			groups = append(groups, "")
		case strings.IndexByte("0123456789abcdef", w[at]) >= 0 && len(*g) < 4:
			*g += w[at : at+1]
		default:
			return "", at, false
		}
	}
	for i, g := range groups {
		groups[i] = "0000"[len(g):] + g
	}
	return strings.Join(groups, "."), at, len(groups) == 3 && !strings.HasSuffix(w, ".")
}

// Hex is hexadecimal data in dotted groups, kept as typed in lower case.
func Hex(help string) *Param[string] {
	return New("Hex-data", help, func(w string) (string, bool) {
		w = strings.ToLower(w)
		return w, strings.Trim(w, "0123456789abcdef.") == "" && strings.Trim(w, ".") != ""
	}, verbatim)
}

// Delimited is text between two marks, possibly of several lines. The mark is
// the first character, or the two characters ^C. While the closing mark is
// missing the error is of Kind Unclosed and names it: the caller joins the
// next line with "\n" and tries again. It is printed between ^C and ^C
// if it can be.
func Delimited(help string) *Param[string] {
	return &Param[string]{name: "LINE", help: help, greedy: true, mark: delimiter,
		print: func(s string) string { m := markFor(s); return m + s + m },
		parse: func(text string) (string, int, bool) {
			mark := delimiter(text)
			s, after, closed := strings.Cut(text[len(mark):], mark)
			if after = strings.TrimLeft(after, " "); !closed || after != "" {
				return "", len(text) - len(after), false
			}
			return s, len(text), true
		}}
}

func delimiter(text string) string {
	if strings.HasPrefix(text, "^C") {
		return "^C"
	}
	for i := range text {
		if i > 0 {
			return text[:i]
		}
	}
	return text
}

// markFor returns a delimiter that s does not contain.
func markFor(s string) string {
	for _, m := range []string{"^C", "#", "%", "~", "@", "$", "&", "+", "="} {
		if !strings.Contains(s, m) {
			return m
		}
	}
	return "^C"
}

func verbatim(s string) string { return s }

// firstWord returns text up to the first blank.
func firstWord(text string) string {
	for i := range len(text) {
		if blank(text[i]) {
			return text[:i]
		}
	}
	return text
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// common is the length of the common prefix of two words.
func common(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
