package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// A tunnel in these tests is words: what it is called, its source, then any of
// "p2p ADDRESS", "vti ADDRESS", "key N", "profile NAME", "shared", "isakmp
// NAME", "refused" and "address PREFIX".
func parse(t testing.TB, text string) *Interface {
	t.Helper()
	words := strings.Fields(text)
	i := &Interface{Name: words[0], Tunnel: Tunnel{Mode: ModeGREMultipoint}}
	next := func() string { w := words[0]; words = words[1:]; return w }
	words = words[1:]
	for len(words) > 0 {
		switch w := next(); w {
		case "from":
			if a, err := netip.ParseAddr(words[0]); err == nil {
				i.Tunnel.SourceAddr = a
			} else {
				i.Tunnel.Source = words[0]
			}
			next()
		case "p2p", "vti":
			i.Tunnel.Mode = map[string]TunnelMode{"p2p": ModeGRE, "vti": ModeIPsecIPv4}[w]
			if a := next(); a != "-" {
				i.Tunnel.Destination = netip.MustParseAddr(a)
			}
		case "to":
			i.Tunnel.Destination = netip.MustParseAddr(next())
		case "key":
			i.Tunnel.HasKey = true
			fmt.Sscan(next(), &i.Tunnel.Key)
		case "profile":
			i.Tunnel.Protection.Profile = next()
		case "shared":
			i.Tunnel.Protection.Shared = true
		case "isakmp":
			i.Tunnel.Protection.ISAKMPProfile = next()
		case "refused":
			i.Refused = "% some rule"
		case "address":
			i.Address = netip.MustParsePrefix(next())
		case "secondary":
			i.Secondary = append(i.Secondary, netip.MustParsePrefix(next()))
		default:
			t.Fatalf("%q in %q?", w, text)
		}
	}
	return i
}

// bench is a configuration with what the tunnels of these tests name.
func bench(t testing.TB, interfaces ...string) *Config {
	c := &Config{
		TransformSets:  []TransformSet{{Name: "trans2", Transforms: []string{"esp-des", "esp-md5-hmac"}}},
		Keyrings:       []Keyring{{Name: "ring"}},
		ISAKMPProfiles: []ISAKMPProfile{{Name: "one", Keyring: "ring"}, {Name: "two", Keyring: "default"}},
		Profiles: []IPsecProfile{
			{Name: "P", TransformSets: []string{"trans2"}}, {Name: "Q", TransformSets: []string{"trans2"}},
			{Name: "P1", ISAKMPProfile: "one"}, {Name: "P2", ISAKMPProfile: "two"},
		},
	}
	for _, text := range interfaces {
		c.Interfaces = append(c.Interfaces, parse(t, text))
	}
	c.SortInterfaces()
	return c
}

// Each row is what there is and which problems it has: rule, tunnels, and what
// happens to the last one.
var validateTests = []struct {
	name       string
	interfaces []string
	want       []string
}{
	{"nothing", nil, nil},
	{"two that share", []string{"Tunnel0 from Ethernet0 key 1 profile P shared", "Tunnel1 from Ethernet0 key 2 profile P shared"}, nil},
	{"a hub: one alone", []string{"Tunnel0 from Ethernet0 key 1 profile P"}, nil},
	{"not protected yet", []string{"Tunnel0 from Ethernet0 key 1 profile P shared", "Tunnel1 from Ethernet0 key 2"}, nil},
	{"no source yet", []string{"Tunnel0 profile P shared", "Tunnel1 profile P shared"}, nil},
	{"1", []string{"Tunnel0 from 172.17.0.1 profile P shared"}, []string{"1 Tunnel0 refused"}},
	{"1 is for shared only", []string{"Tunnel0 from 172.17.0.1 profile P"}, nil},
	{"2: one does not share", []string{"Tunnel0 from Ethernet0 key 1 profile P shared", "Tunnel1 from Ethernet0 key 2 profile Q"}, []string{"2 Tunnel0 Tunnel1 refused"}},
	{"2: neither shares", []string{"Tunnel0 from Ethernet0 key 1 profile P", "Tunnel1 from Ethernet0 key 2 profile P"}, []string{"2 Tunnel0 Tunnel1 refused"}},
	{"2: two profiles", []string{"Tunnel0 from Ethernet0 key 1 profile P shared", "Tunnel1 from Ethernet0 key 2 profile Q shared"}, []string{"2 Tunnel0 Tunnel1 refused"}},
	{"2: an address is its interface", []string{"Ethernet0 address 172.17.0.1/24", "Tunnel0 from Ethernet0 key 1 profile P shared", "Tunnel1 from 172.17.0.1 key 2 profile Q"}, []string{"2 Tunnel0 Tunnel1 refused"}},
	{"2: all point-to-point", []string{"Tunnel0 from Ethernet0 p2p 192.0.2.1 profile P", "Tunnel1 from Ethernet0 p2p 192.0.2.2 profile P", "Tunnel2 from Ethernet0 p2p 192.0.2.3 profile Q"}, nil},
	{"2: point-to-point, destinations to come", []string{"Tunnel0 from Ethernet0 p2p - profile P", "Tunnel1 from Ethernet0 p2p - profile P"}, nil},
	{"2: point-to-point, one destination", []string{"Tunnel0 from Ethernet0 p2p 192.0.2.1 key 1 profile P", "Tunnel1 from Ethernet0 p2p 192.0.2.1 key 2 profile P"}, []string{"2 Tunnel0 Tunnel1 refused"}},
	{"2: point-to-point and multipoint", []string{"Tunnel0 from Ethernet0 p2p 192.0.2.1 profile P", "Tunnel1 from Ethernet0 profile P"}, []string{"2 Tunnel0 Tunnel1 refused"}},
	{"3: shared and not", []string{"Tunnel0 from Ethernet0 profile P shared", "Tunnel1 from Ethernet1 profile P"}, []string{"3 Tunnel0 Tunnel1 refused"}},
	{"3: two sources", []string{"Tunnel0 from Ethernet0 profile P shared", "Tunnel1 from Ethernet1 profile P shared"}, []string{"3 Tunnel0 Tunnel1 refused"}},
	{"3: two sources, and one to come", []string{"Tunnel0 profile P shared", "Tunnel1 from Ethernet0 profile P shared", "Tunnel2 from Ethernet1 profile P shared"}, []string{"3 Tunnel1 Tunnel2 refused"}},
	{"3: unshared by two sources", []string{"Tunnel0 from Ethernet0 profile P", "Tunnel1 from Ethernet1 profile P"}, nil},
	{"4: multipoint", []string{"Tunnel0 from Ethernet0 key 1", "Tunnel1 from Ethernet0 key 1"}, []string{"4 Tunnel0 Tunnel1 held"}},
	{"4: no key is not key 0", []string{"Tunnel0 from Ethernet0", "Tunnel1 from Ethernet0 key 0"}, nil},
	{"4: point-to-point", []string{"Tunnel0 from Ethernet0 p2p 192.0.2.1 key 1", "Tunnel1 from Ethernet0 p2p 192.0.2.1 key 1"}, []string{"4 Tunnel0 Tunnel1 held"}},
	{"4: by destination", []string{"Tunnel0 from Ethernet0 p2p 192.0.2.1", "Tunnel1 from Ethernet0 p2p 192.0.2.2", "Tunnel2 from Ethernet0"}, nil},
	{"4: and protected", []string{"Tunnel0 from Ethernet0 key 1 profile P shared", "Tunnel1 from Ethernet0 key 1 profile P shared"}, []string{"4 Tunnel0 Tunnel1 held"}},
	{"5", []string{"Tunnel0 from Ethernet0 vti 192.0.2.1 profile P shared"}, []string{"5 Tunnel0 refused"}},
	{"5 is for shared only", []string{"Tunnel0 from Ethernet0 vti 192.0.2.1 profile P"}, nil},
	{"6: no such profile", []string{"Tunnel0 from Ethernet0 profile X"}, []string{"6 Tunnel0 refused"}},
	{"6: no such ISAKMP profile", []string{"Tunnel0 from Ethernet0 profile P isakmp X"}, []string{"6 Tunnel0 refused"}},
	{"6: shared and isakmp-profile", []string{"Tunnel0 from Ethernet0 profile P shared isakmp one"}, []string{"6 Tunnel0 refused"}},
	{"7: bound apart by profiles", []string{"Tunnel0 from Ethernet0 key 1 profile P1", "Tunnel1 from Ethernet0 key 2 profile P2"}, nil},
	{"7: bound apart by tunnels", []string{"Tunnel0 from Ethernet0 key 1 profile P isakmp one", "Tunnel1 from Ethernet0 key 2 profile P isakmp two"}, nil},
	{"7: bound to the same", []string{"Tunnel0 from Ethernet0 key 1 profile P1", "Tunnel1 from Ethernet0 key 2 profile Q isakmp one"}, []string{"2 Tunnel0 Tunnel1 refused"}},
	{"7: one is not bound", []string{"Tunnel0 from Ethernet0 key 1 profile P1", "Tunnel1 from Ethernet0 key 2 profile Q"}, []string{"2 Tunnel0 Tunnel1 refused"}},
	{"7: one of them shares", []string{"Tunnel0 from Ethernet0 key 1 profile P1", "Tunnel1 from Ethernet0 key 2 profile P2 shared"}, []string{"2 Tunnel0 Tunnel1 refused"}},
	{"a multipoint tunnel with a destination", []string{"Tunnel0 from Ethernet0 to 192.0.2.1"}, []string{"mode Tunnel0 refused"}},
	{"one addressed twice", []string{"Ethernet0 address 10.0.0.1/24", "Ethernet1 address 10.0.0.1/24"}, []string{"overlap Ethernet0 Ethernet1 refused"}},
	{"one in another", []string{"Tunnel0 address 10.0.0.1/24", "Ethernet1 address 10.0.0.0/8"}, []string{"overlap Tunnel0 Ethernet1 refused"}},
	{"a secondary", []string{"Ethernet0 address 192.0.2.1/24 secondary 10.1.0.1/16", "Ethernet1 address 10.1.2.3/24"}, []string{"overlap Ethernet0 Ethernet1 refused"}},
	{"an interface with itself", []string{"Ethernet0 address 10.0.0.1/24 secondary 10.0.0.2/24 secondary 10.0.0.9/30"}, nil},
	{"side by side", []string{"Ethernet0 address 10.0.0.1/25", "Ethernet1 address 10.0.0.129/25", "Loopback0 address 10.0.1.1/32"}, nil},
	{"who is refused is not a partner", []string{"Tunnel0 from Ethernet0 key 1 profile P refused", "Tunnel1 from Ethernet0 key 2 profile P shared"}, nil},
	{"each one told apart from the first", []string{"Tunnel0 from Ethernet0 key 1 profile P shared", "Tunnel1 from Ethernet0 key 2 profile P", "Tunnel2 from Ethernet0 key 3 profile P shared", "Tunnel3 from Ethernet0 key 4 profile Q shared"},
		[]string{"2 Tunnel0 Tunnel1 refused", "2 Tunnel0 Tunnel3 refused"}},
	{"who is wrong alone misleads nobody", []string{"Tunnel0 from 172.17.0.1 profile P shared", "Tunnel1 from Ethernet1 profile P"}, []string{"1 Tunnel0 refused"}},
	{"who is wrong by one rule counts for no other", []string{"Tunnel0 from Ethernet0 key 1 profile P shared", "Tunnel1 from Ethernet1 key 1 profile P shared", "Tunnel2 from Ethernet1 key 1 profile Q shared"},
		[]string{"3 Tunnel0 Tunnel1 refused"}},
}

func TestValidate(t *testing.T) {
	for _, r := range validateTests {
		c := bench(t, r.interfaces...)
		var got []string
		for _, p := range Validate(c) {
			fate := "held"
			if p.Refuse {
				fate = "refused"
			}
			got = append(got, p.Rule+" "+strings.Join(append(slices.Clone(p.Tunnels), fate), " "))
			if !strings.HasPrefix(p.Text, "% ") {
				t.Errorf("%s: %q does not begin as IOS begins", r.name, p.Text)
			}
			for _, name := range p.Tunnels[:len(p.Tunnels)-1] {
				if !strings.Contains(p.Text, name) {
					t.Errorf("%s: %q does not name %s", r.name, p.Text, name)
				}
			}
		}
		if !slices.Equal(got, r.want) {
			t.Errorf("%s: %q, want %q", r.name, got, r.want)
		}
	}
}

// TestValidateLeavesARest takes out the tunnels at fault: the rest must stand,
// or a startup configuration would be refused piece by piece at every boot.
func TestValidateLeavesARest(t *testing.T) {
	for _, r := range validateTests {
		c := bench(t, r.interfaces...)
		for _, p := range Validate(c) {
			i := c.Interface(p.Tunnels[len(p.Tunnels)-1])
			if p.Rule == RuleOverlap {
				i.Address = netip.Prefix{}
			} else if p.Refuse {
				i.Refused = p.Text
			}
		}
		for _, p := range Validate(c) {
			if p.Refuse {
				t.Errorf("%s: still %q", r.name, p.Text)
			}
		}
	}
}

func TestValidateDefinitions(t *testing.T) {
	for _, r := range []struct {
		spoil      func(*Config)
		definition string
		text       string
	}{
		{func(c *Config) { c.TransformSets = nil }, "crypto ipsec profile P",
			`% IPsec profile P names the transform set trans2, which does not exist: enter "crypto ipsec transform-set trans2" first`},
		{func(c *Config) { c.ISAKMPProfiles = c.ISAKMPProfiles[1:] }, "crypto ipsec profile P1",
			`% IPsec profile P1 names the ISAKMP profile one, which does not exist: enter "crypto isakmp profile one" first`},
		{func(c *Config) { c.Keyrings = nil }, "crypto isakmp profile one",
			`% ISAKMP profile one names the keyring ring, which does not exist: enter "crypto keyring ring" first`},
		{func(c *Config) { c.Hostname = "1" }, "", "% Hostname contains one or more illegal characters."},
		{func(c *Config) { c.Hostname = "a_b" }, "", "% Hostname contains one or more illegal characters."},
		{func(c *Config) { c.Hostname = "a-" }, "", "% Hostname contains one or more illegal characters."},
	} {
		c := bench(t)
		r.spoil(c)
		problems := Validate(c)
		if len(problems) == 0 || problems[0].Text != r.text || problems[0].Definition != r.definition ||
			problems[0].Refuse != (r.definition != "") {
			t.Errorf("%+v, want %q at %q", problems, r.text, r.definition)
		}
	}
	c := bench(t, "Tunnel0 from Ethernet0 profile P")
	c.TransformSets = nil
	if !slices.ContainsFunc(Validate(c), func(p Problem) bool { return slices.Equal(p.Tunnels, []string{"Tunnel0"}) }) {
		t.Error("a tunnel of a profile that is not whole is not refused")
	}
}

func TestSADBName(t *testing.T) {
	for text, want := range map[string]string{
		"Tunnel5 from Ethernet0 profile vpnprof":        "Tunnel5-head-0",
		"Tunnel5 from Ethernet0 profile vpnprof shared": "vpnprof-head-1",
	} {
		if got := SADBName(nil, parse(t, text)); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// The time per tunnel must not depend on how many there are.
func BenchmarkValidate(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := bench(b)
			for i := range n {
				t := c.AddInterface(fmt.Sprint("Tunnel", i))
				t.Address = netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 1}), 24)
				t.Tunnel = Tunnel{Source: "Ethernet0", Mode: ModeGREMultipoint, Key: uint32(i), HasKey: true,
					Protection: Protection{Profile: "P", Shared: true}}
			}
			for b.Loop() {
				if p := Validate(c); p != nil {
					b.Fatal(p)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/tunnel")
		})
	}
}
