package grammar

import (
	"fmt"
	"testing"
)

// named is the line "x" and a value, whatever the value's type.
type named struct {
	line Line
	text func(Args) string
}

func value[T any](p *Param[T]) named {
	return named{Line{Word("x", ""), p}, func(a Args) string { return fmt.Sprint(p.From(a)) }}
}

var (
	units = Unit("", Kind{Name: "Tunnel", Help: "Tunnel interface", Max: 2147483647},
		Kind{Name: "Ethernet", Help: "IEEE 802.3", Max: 15, Slots: 1, Sub: 4000},
		Kind{Name: "Port-channel", Help: "Ethernet Channel of interfaces", Max: 64},
		Kind{Name: "Null", Help: "Null interface", Max: 0})

	transforms = Repeat(3, Enum(
		Choice[string]{"esp-aes", "ESP transform using AES cipher", "aes"},
		Choice[string]{"esp-aes 256", "256 bit keys.", "aes256"},
		Choice[string]{"esp-sha-hmac", "ESP transform using HMAC-SHA auth", "sha"}))
)

// Each row is what is typed after "x ", and the value that it is or the column
// of the caret, with the message where it is another.
var valueTests = []struct {
	of    named
	typed string
	want  string
	again string // what Format prints after "x ", if not what was typed
}{
	{value(Uint(5, 300, "")), "300", "300", ""},
	{value(Uint(5, 300, "")), "0300", "300", "300"},
	{value(Uint(5, 300, "")), "301", "^4", ""}, // 30 could have gone on
	{value(Uint(5, 300, "")), "3001", "^5", ""},
	{value(Uint(5, 300, "")), "4", "^3", ""}, // another digit is missing
	{value(Uint(5, 300, "")), "-7", "^2", ""},
	{value(Uint(5, 300, "")), "7x", "^3", ""},
	{value(Uint(1, 4294967295, "")), "4294967295", "4294967295", ""},
	{value(Uint(1, 4294967295, "")), "99999999999999999999999999", "^11", ""},

	{value(IPv4("")), "172.17.0.5", "172.17.0.5", ""},
	{value(IPv4("")), "172.017.00.005", "172.17.0.5", "172.17.0.5"},
	{value(IPv4("")), "172.170.1", "^11", ""}, // three octets: wrong at its end
	{value(IPv4("")), "172.17.05", "^11", ""}, // 05 is 5
	{value(IPv4("")), "172.17.0.", "^11", ""},
	{value(IPv4("")), "172..0.1", "^6", ""},
	{value(IPv4("")), "172.17.0.256", "^13", ""},
	{value(IPv4("")), "172.17.0.1.2", "^12", ""},
	{value(IPv4("")), "172.17.0.1/24", "^12", ""},
	{value(IPv4("")), "1724.0.0.1", "^5", ""},
	{value(IPv4("")), "0000.0.0.1", "^5", ""},
	{value(IPv4("")), "a.b.c.d", "^2", ""},

	{value(Mask("")), "255.255.255.252", "30", ""},
	{value(Mask("")), "0.0.0.0", "0", ""},
	{value(Mask("")), "255.255.255.255", "32", ""},
	{value(Mask("")), "255.255.1.0", "^11", ""},
	{value(Mask("")), "0.0.0.255", "^8", ""},

	{value(String("")), "a|b", "a|b", ""},
	{value(String("")), "a b", "^4", ""},
	{value(Text("")), "a  b | c ", "a  b | c ", ""},
	{value(Text("")), "  a", "a", "a"},
	{value(Rest("")), "  a", "  a", ""},
	{value(Text("")), "   ", "% Incomplete command.", ""},

	{value(Delimited("")), "#hello#", "hello", "^Chello^C"},
	{value(Delimited("")), "^Chel\nlo^C", "hel\nlo", ""},
	{value(Delimited("")), "#a ^C b#", "a ^C b", ""},
	{value(Delimited("")), "##", "", "^C^C"},
	{value(Delimited("")), "#hello", "until #", ""},
	{value(Delimited("")), "#", "until #", ""},
	{value(Delimited("")), "^Chello", "until ^C", ""},
	{value(Delimited("")), "#a# b", "^6", ""},

	{value(MAC("")), "AABB.cc00.1", "aabb.cc00.0001", "aabb.cc00.0001"},
	{value(MAC("")), "aabb.cc00", "^11", ""},
	{value(MAC("")), "aabb.cc00.12345", "^16", ""},
	{value(Hex("")), "0063.69FF.3", "0063.69ff.3", "0063.69ff.3"},
	{value(Hex("")), "00zz", "^2", ""},

	{value(units), "tunnel 5", "Tunnel5", "Tunnel5"},
	{value(units), "Tunnel5", "Tunnel5", ""},
	{value(units), "Tu05", "Tunnel5", "Tunnel5"},
	{value(units), "T   5", "Tunnel5", "Tunnel5"},
	{value(units), "tunnel", "% Incomplete command.", ""},
	{value(units), "tunnel5x", "^9", ""},
	{value(units), "tunnel 5/1", "^10", ""},
	{value(units), "tunne1", "Tunnel1", "Tunnel1"},
	{value(units), "tunnex1", "^7", ""},
	{value(units), "tunnelx", "^8", ""},
	{value(units), "5", "^2", ""},
	{value(units), "Ethernet 0/1", "Ethernet0/1", "Ethernet0/1"},
	{value(units), "e0", "Ethernet0", "Ethernet0"},
	{value(units), "e0/1/2", "^6", ""},
	{value(units), "e0/", "^5", ""},
	{value(units), "e16", "^4", ""},
	{value(units), "e0/1.100", "Ethernet0/1.100", "Ethernet0/1.100"},
	{value(units), "e0/1.4001", "^10", ""},
	{value(units), "e0.1/1", "^6", ""},
	{value(units), "po1", "Port-channel1", "Port-channel1"},
	{value(units), "port-channel 1", "Port-channel1", "Port-channel1"},
	{value(units), "null1", "^6", ""},

	{value(transforms), "esp-aes", "[aes]", ""},
	{value(transforms), "esp-aes 256 esp-s", "[aes256 sha]", "esp-aes 256 esp-sha-hmac"},
	{value(transforms), "esp-aes esp-sha-hmac esp-aes", "[aes sha aes]", ""},
	{value(transforms), "esp-aes 128", "^10", ""},
	{value(transforms), "esp-aes esp-aes esp-aes esp-aes", "^26", ""},
}

func TestValues(t *testing.T) {
	for _, r := range valueTests {
		s := NewSet("", Entry{Line: r.of.line})
		m, err := s.Parse("x "+r.typed, 15)
		got, again := "", ""
		switch e, _ := err.(*Error); {
		case e == nil:
			got, again = r.of.text(m.Args), r.of.line.Format(m.Args)
		case e.Kind == Invalid:
			got = fmt.Sprintf("^%d", e.Col)
		case e.Kind == Unclosed:
			got = "until " + e.Mark
		default:
			got = err.Error()
		}
		if r.again == "" {
			r.again = r.typed
		}
		if got != r.want {
			t.Errorf("x %s: %q, want %q", r.typed, got, r.want)
		} else if err == nil && again != "x "+r.again && again != "x #"+r.want+"#" {
			t.Errorf("x %s is printed as %q, want %q", r.typed, again, "x "+r.again)
		}
	}
}

func TestArgs(t *testing.T) {
	a, b := Uint(0, 9, ""), Uint(0, 9, "")
	one := a.Is(1)
	both := one.And(b.Is(2)).And(a.Is(3))
	if a.From(both) != 3 || b.From(both) != 2 || a.From(one) != 1 {
		t.Errorf("%v then %v", one, both)
	}
	if both.And(b.Is(9)); b.From(both) != 2 {
		t.Error("And changed its receiver")
	}
	if b.In(one) || b.From(one) != 0 || a.From(nil) != 0 {
		t.Error("a value that is not there was found")
	}
}

func TestFormat(t *testing.T) {
	addr, mask := IPv4(""), Mask("")
	second, dhcp := Flag("secondary", ""), Flag("dhcp", "")
	line := Line{Word("ip", ""), Word("address", ""), Alt(
		Line{addr, mask, Opt(Word("is", ""), second)}, Line{dhcp})}
	m, _ := NewSet("", Entry{Line: Line{addr}}).Parse("10.0.0.1", 15)
	full := m.Args.And(mask.Is(24))
	for _, r := range []struct {
		a    Args
		want string
	}{
		{nil, "ip address"},
		{m.Args, "ip address"},
		{full, "ip address 10.0.0.1 255.255.255.0"},
		{full.And(second.Is(true)), "ip address 10.0.0.1 255.255.255.0 is secondary"},
		{dhcp.Is(true), "ip address dhcp"},
	} {
		if got := line.Format(r.a); got != r.want {
			t.Errorf("%v: %q, want %q", r.a, got, r.want)
		}
	}
	host := Line{Alt(Line{Word("any", "")}, Line{Word("host", ""), addr})}
	if got := host.Format(m.Args); got != "host 10.0.0.1" {
		t.Errorf("%q, want the branch that has the address", got)
	}
	if got := host.Format(nil); got != "any" {
		t.Errorf("%q, want the branch that needs nothing", got)
	}
}
