package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// rulesPrelude is what the rules' cases have in common: on a router with
// addresses on Ethernet0 and Ethernet1, what tunnels may name.
var rulesPrelude = []string{
	"crypto isakmp policy 1", "authentication pre-share",
	"crypto keyring red", "pre-shared-key address 172.17.0.11 key red",
	"crypto isakmp profile red", "keyring red", "match identity address 172.17.0.11 255.255.255.255",
	"crypto isakmp profile blue", "match identity address 172.17.0.12 255.255.255.255",
	"crypto isakmp profile green", "match identity address 192.0.2.0 255.255.255.0",
	"crypto ipsec transform-set trans2 esp-des esp-md5-hmac", "mode transport",
	"crypto ipsec profile vpnprof", "set transform-set trans2",
	"crypto ipsec profile other", "set transform-set trans2",
	"crypto ipsec profile red", "set transform-set trans2", "set isakmp-profile red",
	"crypto ipsec profile blue", "set transform-set trans2", "set isakmp-profile blue",
}

// A ruleCase is a configuration that is accepted, and lines that are not.
type ruleCase struct {
	name    string
	given   string // lines, separated by semicolons
	refused string
}

// multipoint begins a multipoint tunnel of the given number, with a key like it.
func multipoint(n int) string {
	return fmt.Sprintf("interface Tunnel%d; tunnel mode gre multipoint; tunnel key %d; ", n, n)
}

// point begins a point-to-point tunnel.
func point(n int, to string) string {
	return fmt.Sprintf("interface Tunnel%d; tunnel destination %s; ", n, to)
}

const (
	source0  = "tunnel source Ethernet0; "
	source1  = "tunnel source Ethernet1; "
	address0 = "tunnel source 172.17.0.2; "
	shared   = "tunnel protection ipsec profile vpnprof shared; "
	unshared = "tunnel protection ipsec profile vpnprof; "
	vti      = "tunnel mode ipsec ipv4; "

	otherShared   = "tunnel protection ipsec profile other shared; "
	otherUnshared = "tunnel protection ipsec profile other; "
	ofRed         = "tunnel protection ipsec profile red; "
	ofBlue        = "tunnel protection ipsec profile blue; "
)

// ruleCases are the refusals, by rule. Where a rule can be broken by either of
// two lines it is broken by both.
var ruleCases = map[string][]ruleCase{
	"1": {
		{"protection last", multipoint(1) + address0, shared},
		{"source last", multipoint(1) + source0 + shared, address0},
	},
	"2": {
		{"two unshared, protection last", multipoint(1) + source0 + unshared + multipoint(2) + source0, unshared},
		{"two unshared, source last", multipoint(1) + source0 + unshared + multipoint(2) + unshared, source0},
		{"two unshared, the first one's source last", multipoint(1) + unshared + multipoint(2) + source0 + unshared + "interface Tunnel1", source0},
		{"two profiles shared, protection last", multipoint(1) + source0 + shared + multipoint(2) + source0, otherShared},
		{"two profiles shared, source last", multipoint(1) + source0 + shared + multipoint(2) + otherShared, source0},
		{"shared, then unshared", multipoint(1) + source0 + shared + multipoint(2) + source0, otherUnshared},
		{"unshared, then shared", multipoint(1) + source0 + unshared + multipoint(2) + source0, otherShared},
		{"sharing ends for one", multipoint(1) + source0 + shared + multipoint(2) + source0 + shared, otherUnshared},
		{"by address and by interface", multipoint(1) + source0 + unshared + multipoint(2) + address0, otherUnshared},
		{"point-to-point to one destination", point(1, "192.0.2.1") + source0 + unshared + point(2, "192.0.2.1") + "tunnel key 2; " + source0, unshared},
		{"point-to-point, destination last", point(1, "192.0.2.1") + source0 + unshared + point(2, "192.0.2.2") + "tunnel key 2; " + source0 + unshared, "tunnel destination 192.0.2.1"},
		{"point-to-point, one becomes multipoint", point(1, "192.0.2.1") + source0 + unshared + point(2, "192.0.2.2") + source0 + unshared + "no tunnel destination", "tunnel mode gre multipoint"},
	},
	"3": {
		{"shared, then unshared", multipoint(1) + source0 + shared + multipoint(2) + source1, unshared},
		{"unshared, then shared", multipoint(1) + source0 + unshared + multipoint(2) + source1, shared},
		{"two sources, protection last", multipoint(1) + source0 + shared + multipoint(2) + source1, shared},
		{"two sources, source last", multipoint(1) + source0 + shared + multipoint(2) + shared, source1},
	},
	"5": {
		{"shared last", "interface Tunnel1; tunnel destination 192.0.2.1; " + vti + source0, shared},
		{"mode last", point(1, "192.0.2.1") + source0 + shared, vti},
	},
	"6": {
		{"no such profile", multipoint(1) + source0, "tunnel protection ipsec profile nowhere shared"},
		{"the profile goes", multipoint(1) + source0 + shared, "no crypto ipsec profile vpnprof"},
		{"its transform set goes", multipoint(1) + source0 + shared, "no crypto ipsec transform-set trans2"},
		{"no such transform set", "crypto ipsec profile other", "set transform-set nowhere"},
		{"no such ISAKMP profile", multipoint(1) + source0, "tunnel protection ipsec profile vpnprof isakmp-profile nowhere"},
		{"the ISAKMP profile goes", multipoint(1) + source0 + "tunnel protection ipsec profile vpnprof isakmp-profile green", "no crypto isakmp profile green"},
		{"no such ISAKMP profile to bind", "crypto ipsec profile other", "set isakmp-profile nowhere"},
		{"the keyring goes", "crypto isakmp profile blue", "no crypto keyring red"},
		{"shared, then isakmp-profile", multipoint(1) + source0, "tunnel protection ipsec profile vpnprof shared isakmp-profile red"},
		{"isakmp-profile, then shared", multipoint(1) + source0, "tunnel protection ipsec profile vpnprof isakmp-profile red shared"},
	},
	"7": {
		{"bound to one ISAKMP profile, protection last", multipoint(1) + source0 + ofRed + multipoint(2) + source0, "tunnel protection ipsec profile vpnprof isakmp-profile red"},
		{"bound to one ISAKMP profile, source last", multipoint(1) + source0 + ofRed + multipoint(2) + "tunnel protection ipsec profile vpnprof isakmp-profile red", source0},
		{"one is not bound", multipoint(1) + source0 + ofRed + multipoint(2) + source0, unshared},
		{"one is bound no longer", multipoint(1) + source0 + ofRed + multipoint(2) + source0 + ofBlue + "crypto ipsec profile blue", "no set isakmp-profile"},
		{"both come to be bound to one", multipoint(1) + source0 + ofRed + multipoint(2) + source0 + ofBlue + "crypto ipsec profile blue", "set isakmp-profile red"},
	},
}

// lines splits what stands in a case.
func lines(s string) (all []string) {
	for l := range strings.SplitSeq(s, ";") {
		if l = strings.TrimSpace(l); l != "" {
			all = append(all, l)
		}
	}
	return all
}

// rulesBench is a router on which nothing is configured that a rule is about.
func rulesBench(t *testing.T) *bench {
	b := newBench(t, 1, nil)
	b.Run(time.Second)
	if said := b.configure("Provider", rulesPrelude...); said != "" {
		t.Fatalf("the prelude is answered by\n%s", said)
	}
	return b
}

// Every rule refuses with a text that names the tunnels, the profile and what
// to change, and a refused line has changed nothing.
func TestRules(t *testing.T) {
	for rule, cases := range ruleCases {
		t.Run(rule, func(t *testing.T) {
			var transcript strings.Builder
			for _, c := range cases {
				fmt.Fprintf(&transcript, "! %s\n%s\n", c.name, refusal(t, c))
			}
			golden(t, "rules/"+rule+".txt", transcript.String())
		})
	}
}

// refusal types a case, and returns what was typed and said.
func refusal(t *testing.T, c ruleCase) string {
	b := rulesBench(t)
	var shown strings.Builder
	b.say("Provider", "configure terminal")
	for _, l := range lines(c.given) {
		if said := b.say("Provider", l); said != "" {
			t.Fatalf("%s: %s:\n%s", c.name, l, said)
		}
		fmt.Fprintln(&shown, l)
	}
	before := b.say("Provider", "do show running-config")
	for _, l := range lines(c.refused) {
		said := b.say("Provider", l)
		if !strings.Contains(said, "%") {
			t.Errorf("%s: %s is accepted: %q", c.name, l, said)
		}
		fmt.Fprintf(&shown, "%s\n%s", l, said)
	}
	if after := b.say("Provider", "do show running-config"); after != before {
		t.Errorf("%s: the configuration was\n%s\nand is\n%s", c.name, before, after)
	}
	return shown.String()
}

// What the rules allow: tunnels that share, point-to-point tunnels to different
// destinations, a VTI that does not share, customers kept apart by ISAKMP
// profiles, one profile unshared on two sources.
func TestRulesAllow(t *testing.T) {
	for name, typed := range map[string]string{
		"shared":           multipoint(1) + source0 + shared + multipoint(2) + source0 + shared,
		"shared by source": multipoint(1) + source0 + shared + multipoint(2) + source1 + otherShared,
		"point-to-point":   point(1, "192.0.2.1") + source0 + unshared + point(2, "192.0.2.2") + source0 + unshared,
		"VTI":              "interface Tunnel1; tunnel destination 192.0.2.1; " + vti + source0 + unshared,
		"customers":        multipoint(1) + source0 + ofRed + multipoint(2) + source0 + ofBlue,
		"customers, bound by the tunnels": multipoint(1) + source0 + "tunnel protection ipsec profile vpnprof isakmp-profile red;" +
			multipoint(2) + source0 + "tunnel protection ipsec profile vpnprof isakmp-profile blue",
		"two sources": multipoint(1) + source0 + unshared + multipoint(2) + source1 + unshared,
	} {
		t.Run(name, func(t *testing.T) {
			b := rulesBench(t)
			if said := b.configure("Provider", lines(typed)...); said != "" {
				t.Errorf("%s", said)
			}
		})
	}
}

// A tunnel whose source, destination and key are another's stays down, and says
// why; with a key of its own it comes up.
func TestRule4HoldsDown(t *testing.T) {
	const two = "interface Tunnel2; tunnel mode gre multipoint; "
	for name, c := range map[string]struct{ first, typed, last, mend string }{
		"key last":    {multipoint(1) + source0, two + source0, "tunnel key 1", "tunnel key 2"},
		"source last": {multipoint(1) + source0, two + "tunnel key 1", "tunnel source Ethernet0", "tunnel key 2"},
		"mode last":   {multipoint(1) + source0, "interface Tunnel2; tunnel key 1; " + source0, "tunnel mode gre multipoint", "tunnel key 2"},
		"point-to-point, destination last": {point(1, "172.17.0.1") + source0, "interface Tunnel2; " + source0,
			"tunnel destination 172.17.0.1", "tunnel destination 172.17.0.11"},
		"protected": {multipoint(1) + source0 + shared, two + source0 + "tunnel key 2;" + shared, "tunnel key 1", "tunnel key 2"},
	} {
		t.Run(name, func(t *testing.T) {
			b := rulesBench(t)
			b.configure("Provider", lines(c.first+"ip address 10.9.1.1 255.255.255.0")...)
			b.configure("Provider", append(lines(c.typed), "ip address 10.9.2.1 255.255.255.0")...)
			said := b.configure("Provider", "interface Tunnel2", c.last)
			if !strings.Contains(said, "% Tunnel2 has the same tunnel source") || !strings.Contains(said, "as Tunnel1 and stays down") {
				t.Errorf("%s: %q", c.last, said)
			}
			b.want("Provider", "show interfaces Tunnel1", "Tunnel1 is up, line protocol is up")
			b.want("Provider", "show interfaces Tunnel2", "Tunnel2 is up, line protocol is down")
			b.want("Provider", "show interfaces Tunnel2", "Tunnel2 has the same tunnel source")
			b.want("Provider", "show logging", "Tunnel2 has the same tunnel source")
			if said := b.configure("Provider", "interface Tunnel2", c.mend); said != "" {
				t.Errorf("%s: %q", c.mend, said)
			}
			b.want("Provider", "show interfaces Tunnel2", "Tunnel2 is up, line protocol is up")
		})
	}
}

// The later of two tunnels is held down, by number, whichever was typed last.
func TestRule4HoldsTheLaterTunnel(t *testing.T) {
	b := rulesBench(t)
	b.configure("Provider", lines(multipoint(2)+source0)...)
	said := b.configure("Provider", "interface Tunnel1", "tunnel mode gre multipoint", "tunnel source Ethernet0", "tunnel key 2")
	if !strings.Contains(said, "Tunnel2 has the same tunnel source and key as Tunnel1 and stays down") {
		t.Errorf("%q", said)
	}
}
