package sadb

import (
	"net/netip"
	"testing"
)

var (
	hubAddr   = netip.MustParseAddr("172.17.0.1")
	spokeAddr = netip.MustParseAddr("172.17.0.11")
	otherAddr = netip.MustParseAddr("172.17.0.12")
	elsewhere = netip.MustParseAddr("192.0.2.1")
)

// TestSelect: exactly one SADB is meant, or those that might have been are told.
func TestSelect(t *testing.T) {
	shared := Policy{SADB: "vpnprof-head-1", Local: hubAddr}
	red := Policy{SADB: "Tunnel1-head-0", Local: hubAddr, ISAKMPProfile: "red"}
	blue := Policy{SADB: "Tunnel2-head-0", Local: hubAddr, ISAKMPProfile: "blue"}
	to := func(name string, peer netip.Addr) Policy {
		return Policy{SADB: name, Local: hubAddr, Tunnels: []Member{{Name: name, Remote: peer}}}
	}
	for name, row := range map[string]struct {
		all     Policies
		profile string
		want    string
	}{
		"one":                             {Policies{shared}, "", "vpnprof-head-1"},
		"none":                            {Policies{}, "", "no SADB fits (candidates: none)"},
		"at another address":              {Policies{{SADB: "x", Local: elsewhere}}, "", "no SADB fits (candidates: none)"},
		"bound to its profile":            {Policies{red, blue}, "blue", "Tunnel2-head-0"},
		"bound, and one that is not":      {Policies{shared, blue}, "blue", "Tunnel2-head-0"},
		"not bound, and one that is":      {Policies{shared, blue}, "", "vpnprof-head-1"},
		"by a profile nobody is bound to": {Policies{shared, blue}, "green", "vpnprof-head-1"},
		"all bound to others":             {Policies{red, blue}, "", "no SADB fits (candidates: Tunnel1-head-0, Tunnel2-head-0)"},
		"a profile bound elsewhere": {Policies{shared, {SADB: "x", Local: elsewhere, ISAKMPProfile: "red"}}, "red",
			"vpnprof-head-1"},
		"two":                    {Policies{red, red, blue}, "red", "more than one SADB fits (candidates: Tunnel1-head-0, Tunnel1-head-0)"},
		"point-to-point tunnels": {Policies{to("Tunnel1", spokeAddr), to("Tunnel2", otherAddr)}, "", "Tunnel1"},
		"tunnels to others only": {Policies{to("Tunnel2", otherAddr)}, "", "no SADB fits (candidates: Tunnel2)"},
	} {
		p, err := row.all.Select(hubAddr, spokeAddr, row.profile)
		got := p.SADB
		if err != nil {
			got = err.Error()
		}
		if got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}
