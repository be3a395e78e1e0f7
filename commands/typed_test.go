package commands

import (
	"slices"
	"strings"
	"testing"

	"gresh/backend/config"
	"gresh/modes"
)

// A typist types configuration lines into a router with one port, Ethernet0,
// as a session does: each is a transaction on a copy, held to the rules.
type typist struct {
	at modes.Stack[struct{}, config.Config]
	c  *config.Config
}

var typing = modes.Tree[struct{}, config.Config]{Config: configMode()}.Start().Config()

func newTypist() *typist {
	return &typist{typing, &config.Config{Interfaces: []*config.Interface{{Name: "Ethernet0"}}}}
}

// types returns the answer, empty if the line is accepted without a word.
func (p *typist) types(line string) string {
	step, err := p.at.Parse(line, 15)
	if err != nil {
		return message(err)
	}
	next := p.c.Clone()
	if step.Edit != nil {
		if err := step.Edit(next); err != nil {
			return err.Error()
		}
	}
	before := config.Validate(p.c)
	for _, problem := range config.Validate(next) {
		if slices.ContainsFunc(before, func(b config.Problem) bool { return b.Text == problem.Text }) {
			continue
		}
		if problem.Refuse {
			return problem.Text
		}
		p.c, p.at = next, step.Next
		return problem.Text
	}
	p.c, p.at = next, step.Next
	return ""
}

// Each row is lines, of which all but the last are accepted silently, the
// answer to the last, and a line that the running configuration then has.
var typedTests = []struct{ lines, answer, written string }{
	{"hostname 1", "% Hostname contains one or more illegal characters.", "hostname 1"},
	{"hostname Hub1;no hostname", "", "hostname Router"},
	{"version 12.4", "", "version 12.4"},
	{"ip host R2 10.0.0.2;ip host r2 10.0.0.3", "", "ip host R2 10.0.0.2 10.0.0.3"},
	{"ip host R2 10.0.0.2 10.0.0.3;no ip host R2 10.0.0.2", "", "ip host R2 10.0.0.3"},
	{"ip host R2 10.0.0.2;ip host R3 10.0.0.3;no ip host R2", "", "ip host R3 10.0.0.3"},
	{"ip domain-name example.org;ip domain-lookup", "", "ip domain name example.org"},
	{"ip name-server 10.0.0.1 10.0.0.2;no ip name-server 10.0.0.1", "", "ip name-server 10.0.0.2"},
	{"ip name-server 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5 10.0.0.6;ip name-server 10.0.0.7",
		"% Name-server table is full: 6 at most", "ip name-server 10.0.0.6"},

	{"interface Tunnel0", "", " no ip address"},
	{"int tu0;ip add 10.0.0.1 255.255.255.0", "", " ip address 10.0.0.1 255.255.255.0"},
	{"interface Ethernet1", "%Invalid interface type and number", ""},
	{"no interface Ethernet0", "% Removal of physical interfaces is not permitted", "interface Ethernet0"},
	{"interface Loopback5;no interface Loopback5", "", ""},
	{"interface tunnel 5;tunnel source Ethernet0", "", "interface Tunnel5"},

	{"interface Ethernet0;ip address 201.191.20.0 255.255.255.0", "Bad mask /24 for address 201.191.20.0", " no ip address"},
	{"interface Ethernet0;ip address 201.191.20.255 255.255.255.0", "Bad mask /24 for address 201.191.20.255", ""},
	{"interface Ethernet0;ip address 10.0.0.0 255.255.255.254", "", " ip address 10.0.0.0 255.255.255.254"},
	{"interface Ethernet0;ip address 224.0.0.5 255.255.255.0", "Not a valid host address - 224.0.0.5", ""},
	{"interface Ethernet0;ip address 127.0.0.1 255.0.0.0", "Not a valid host address - 127.0.0.1", ""},
	{"interface Ethernet0;ip address 10.0.0.1 255.0.255.0", "                          ^\n% Invalid input detected at '^' marker.", ""},
	{"interface Ethernet0;ip address 10.0.0.1 255.0.0.0;ip address 10.0.0.1 255.0.0.0 secondary", "% 10.0.0.1 is assigned as the primary address", ""},
	{"interface Ethernet0;ip address 10.0.0.1 255.0.0.0 secondary;ip address 10.0.0.1 255.0.0.0", "% 10.0.0.1 is assigned as a secondary address", ""},
	{"interface Ethernet0;ip address 10.0.0.1 255.0.0.0;ip address 10.0.0.2 255.0.0.0 secondary;no ip address 10.0.0.1 255.0.0.0", "Must delete secondary before deleting primary", ""},
	{"interface Ethernet0;ip address 10.0.0.1 255.0.0.0;no ip address 10.0.0.2 255.0.0.0", "Invalid address", " ip address 10.0.0.1 255.0.0.0"},
	{"interface Ethernet0;ip address 10.0.0.1 255.0.0.0;ip address dhcp hostname R1", "", " ip address dhcp hostname R1"},
	{"interface Ethernet0;ip address dhcp;no ip address", "", " no ip address"},
	{"interface Tunnel0;ip address 10.0.0.1 255.255.255.0;interface Ethernet0;ip address 10.0.0.2 255.0.0.0", "% 10.0.0.0 overlaps with Tunnel0", ""},

	{"interface Ethernet0;tunnel key 5", "% Ethernet0 is not a tunnel interface", ""},
	{"interface Tunnel0;tunnel source Tunnel0", "% Tunnel0 can't be its own tunnel source", ""},
	{"interface Tunnel0;tunnel destination 10.0.0.1;tunnel mode gre multipoint", `% Tunnel0 is multipoint and can't have the tunnel destination 10.0.0.1: enter "no tunnel destination" first`, ""},
	{"interface Tunnel0;tunnel mode gre multipoint;tunnel destination 10.0.0.1", `% Tunnel0 is multipoint and can't have the tunnel destination 10.0.0.1: enter "no tunnel destination" first`, ""},
	{"interface Tunnel0;tunnel source Ethernet0;tunnel source 10.0.0.1", "", " tunnel source 10.0.0.1"},
	{"interface Tunnel0;tunnel ttl 255", "", ""},
	{"interface Tunnel0;ip nhrp authentication ninechars", "% The NHRP authentication string has more than 8 characters", ""},
	{"interface Tunnel0;ip nhrp map 10.0.0.1 172.17.0.1;ip nhrp map 10.0.0.1 172.17.0.5", "", " ip nhrp map 10.0.0.1 172.17.0.5"},

	{"crypto ipsec transform-set t comp-lzs", "% The transform comp-lzs is not supported by this router", ""},
	{"crypto ipsec transform-set t esp-des esp-seal", "% The transform esp-seal is not supported by this router", ""},
	{"crypto ipsec transform-set t esp-des esp-3des", "% The transforms esp-des and esp-3des exclude each other", ""},
	{"crypto ipsec transform-set t esp-gcm 256 esp-sha-hmac", "% The transform esp-gcm 256 authenticates by itself: leave esp-sha-hmac out", ""},
	{"crypto ipsec transform-set t esp-sha-hmac", "% The transform esp-sha-hmac needs a cipher beside it: esp-null if there is to be none", ""},
	{"crypto ipsec transform-set t esp-null", "% The transform esp-null protects nothing without an authentication transform beside it", ""},
	{"crypto ipsec transform-set t", "% Incomplete command.", ""},
	{"crypto ipsec transform-set t esp-md5-hmac esp-aes 128 ah-sha256-hmac", "", "crypto ipsec transform-set t ah-sha256-hmac esp-aes esp-md5-hmac "},
	{"crypto ipsec transform-set t esp-des;crypto ipsec transform-set t esp-aes 192", "", "crypto ipsec transform-set t esp-aes 192 "},
	{"crypto ipsec transform-set t esp-des;crypto ipsec profile p;set transform-set t t", "% The transform set t is named twice", ""},
	{"crypto ipsec transform-set t esp-des;crypto ipsec profile p;set transform-set t;no crypto ipsec transform-set t",
		`% The transform set t is named by the IPsec profile p: change its "set transform-set" first`, "crypto ipsec transform-set t esp-des "},
	{"crypto ipsec profile p;set pfs", "", " set pfs group1"},
	{"crypto isakmp policy 5;encr 3des;en des", "", ""},
	{"crypto isakmp policy 5;encryption aes 128", "", " encr aes"},
	{"crypto isakmp policy 5;group 1;lifetime 86400;hash sha", "", "crypto isakmp policy 5"},
	{"crypto isakmp key 0 one address 192.0.2.1 255.255.255.255", "", "crypto isakmp key one address 192.0.2.1"},
	{"crypto isakmp key 6 one address 192.0.2.1", "% A key of type 6 can't be decrypted here: enter the key itself", ""},
	{"crypto isakmp key one address 192.0.2.7 255.255.255.0;crypto isakmp key two address 192.0.2.0 255.255.255.0", "A pre-shared key for address mask 192.0.2.0 255.255.255.0 already exists!", ""},
	{"crypto isakmp keepalive 10 2", "", "crypto isakmp keepalive 10"},
	{"crypto ipsec security-association lifetime seconds 3600", "", ""},

	{"ip route 10.0.0.1 255.255.255.0 192.0.2.1", "%Inconsistent address and mask", ""},
	{"ip route 10.0.0.0 255.255.255.0 192.0.2.1 250;no ip route 10.0.0.0 255.255.255.0 192.0.2.1", "", ""},
	{"ip dhcp excluded-address 10.0.0.9 10.0.0.1", "% Invalid address range", ""},
	{"ip dhcp pool p;host 10.0.0.1 255.255.255.0;network 10.0.0.0 255.255.255.0", "% A pool is for a network or for a host, not for both", ""},
	{"ip dhcp pool p;lease 0 0 0", "% A lease can't be for no time", ""},
	{"line vty 4 0", "            ^\n% Invalid input detected at '^' marker.", ""},
	{"line vty 5 3", "% Bad line range", ""},
	{"no line con 0", "% Can't delete the lines of the box", ""},
	{"line con 0;no exec-timeout", "", " exec-timeout 0 0"},
	{"line console 0", "", "line con 0"},
	{"router eigrp 1;passive-interface default;no passive-interface Ethernet0;no passive-interface default", "", "router eigrp 1"},
	{"service timestamps debug uptime;service timestamps debug datetime", "", "service timestamps debug datetime"},
	{"no service pad;default service pad", "", ""},
	{"interface Tunnel0;ip access-group 1 in", "          ^\n% Invalid input detected at '^' marker.", ""},
}

func TestTyped(t *testing.T) {
	for _, r := range typedTests {
		p := newTypist()
		lines := strings.Split(r.lines, ";")
		for n, line := range lines {
			want := ""
			if n == len(lines)-1 {
				want = r.answer
			}
			before := text(p.c)
			got := p.types(line)
			if got != want {
				t.Errorf("%s\nat %q: %q, want %q", r.lines, line, got, want)
			}
			if strings.HasPrefix(r.answer, "%") && want != "" && r.written == "" && text(p.c) != before {
				t.Errorf("%s: is refused and changes the configuration", r.lines)
			}
		}
		if written := Write(p.c); r.written != "" && !slices.Contains(written, r.written) {
			t.Errorf("%s: no %q in\n%s", r.lines, r.written, strings.Join(written, "\n"))
		}
	}
}

// What is as it is by default is not printed.
func TestDefaultsAreSilent(t *testing.T) {
	for _, lines := range []string{
		"version 12.4;hostname Router", "crypto ipsec security-association lifetime seconds 3600",
		"crypto ipsec security-association lifetime kilobytes 4608000",
		"crypto ipsec security-association replay window-size 64", "interface Ethernet0;ip redirects",
		"interface Ethernet0;no ip address", "interface Ethernet0;no shutdown",
	} {
		p := newTypist()
		before := text(p.c)
		for line := range strings.SplitSeq(lines, ";") {
			if said := p.types(line); said != "" {
				t.Errorf("%s: %s", line, said)
			}
		}
		if after := text(p.c); after != before {
			t.Errorf("%s: printed as\n%s", lines, after)
		}
	}
}

// prelude is what the tunnels of the guide stand on.
var prelude = []string{"crypto ipsec transform-set trans2 esp-des esp-md5-hmac", "crypto ipsec profile vpnprof",
	"set transform-set trans2", "interface Tunnel0", "tunnel source Ethernet0", "tunnel mode gre multipoint", "tunnel key 100000"}

// TestSteps types the guide's step table, in its order and in the other, on a
// router where another tunnel shares the profile already.
func TestSteps(t *testing.T) {
	source, protection := "tunnel source Ethernet0", "tunnel protection IPsec profile vpnprof shared"
	for _, steps := range [][]string{{source, protection}, {protection, source}} {
		p := newTypist()
		lines := append(append(slices.Clone(prelude), protection, "interface tunnel 5", "tunnel mode gre multipoint"), steps...)
		for _, line := range append(lines, "exit") {
			if said := p.types(line); said != "" {
				t.Errorf("%q: %s: %s", steps, line, said)
			}
		}
		if i := p.c.Interface("Tunnel5"); !i.Tunnel.Protection.Shared || i.Tunnel.Source != "Ethernet0" {
			t.Errorf("%q: %+v", steps, i.Tunnel)
		}
	}
}

// TestWayOut follows what a refusal by rule 2 tells to do, from one tunnel that
// does not share to two that do.
func TestWayOut(t *testing.T) {
	p := newTypist()
	lines := append(slices.Clone(prelude), "tunnel protection ipsec profile vpnprof",
		"interface Tunnel1", "tunnel source Ethernet0", "tunnel mode gre multipoint", "tunnel key 100001")
	for _, line := range lines {
		if said := p.types(line); said != "" {
			t.Fatalf("%s: %s", line, said)
		}
	}
	shared := "tunnel protection ipsec profile vpnprof shared"
	if said := p.types(shared); !strings.Contains(said, "Tunnel0 (vpnprof not shared) and Tunnel1 (vpnprof shared)") ||
		!strings.Contains(said, `"no tunnel protection ipsec profile"`) || !strings.Contains(said, `"`+shared+`"`) {
		t.Errorf("the refusal does not show the way: %s", said)
	}
	for _, line := range []string{"shutdown", "no tunnel protection ipsec profile", "interface Tunnel0", shared,
		"interface Tunnel1", shared, "no shutdown"} {
		if said := p.types(line); said != "" {
			t.Errorf("the way that the refusal shows is barred: %s: %s", line, said)
		}
	}
}
