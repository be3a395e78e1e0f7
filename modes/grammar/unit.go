package grammar

import (
	"fmt"
	"strings"
)

// A Kind is a kind of numbered unit, an interface type above all.
type Kind struct {
	Name  string // "Tunnel": as printed, before the number
	Help  string // "Tunnel interface"
	Max   uint32 // the highest number
	Slots int    // how many numbers may stand before it, as in 0/1: one slot
	Sub   uint32 // the highest subinterface, as in 0/1.100; 0: there are none
}

// Unit is a kind and a number: "Tunnel5", "tunnel 5" and "tu5" are all read as
// "Tunnel5".
func Unit(help string, kinds ...Kind) *Param[string] {
	return &Param[string]{name: "WORD", help: help, print: verbatim,
		shape: func(b *builder, keep func(Args, string) Args, next *cont) *cont {
			first := new(cont)
			for _, k := range kinds {
				number := b.first(&node{
					name: fmt.Sprintf("<0-%d>", k.Max), help: k.Help + " number", next: next,
					parse: func(text string) (any, int, bool) { return k.number(firstWord(text)) },
					keep:  func(a Args, s *step) Args { return keep(a, k.Name+s.value.(string)) },
				})
				kind := keyword(k.Name, k.Help, number)
				kind.open = true
				first.join(b.first(kind), 0)
			}
			return first
		}}
}

// number reads what follows the kind: 5, 0/1 or 0/1.100, without leading zeros
// in what it returns.
func (k Kind) number(w string) (string, int, bool) {
	var canonical strings.Builder
	high, slots, sub := k.Max, k.Slots, k.Sub
	for at := 0; ; {
		end := at + digits(w[at:])
		v, n, ok := number(w[at:end], 0, high)
		if !ok {
			return "", at + n, false
		}
		fmt.Fprint(&canonical, v)
		if at = end; at == len(w) {
			return canonical.String(), at, true
		}
		switch {
		case w[at] == '/' && slots > 0:
			slots--
		case w[at] == '.' && sub > 0:
			high, slots, sub = sub, 0, 0
		default:
			return "", at, false
		}
		canonical.WriteByte(w[at])
		at++
	}
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
