package ike

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"gresh/backend/sadb"
)

// customers configures the provider case: two SADBs on one address, each bound
// to an ISAKMP profile of its own.
func customers(a, b Profile) func(c *Config) {
	return func(c *Config) {
		a.Name, b.Name = "a", "b"
		second := c.SADBs[0]
		c.SADBs[0].SADB, c.SADBs[0].ISAKMPProfile = "Tunnel0-head-0", "a"
		second.SADB, second.ISAKMPProfile = "Tunnel1-head-0", "b"
		c.SADBs = append(c.SADBs, second)
		c.Keys, c.Profiles = nil, []Profile{a, b}
	}
}

func match(prefix, secret string) Profile {
	p := netip.MustParsePrefix(prefix)
	return Profile{Match: []netip.Prefix{p}, Keys: []Key{{p, secret}}}
}

// TestProfilesByIdentity leads each customer to its own SADB.
func TestProfilesByIdentity(t *testing.T) {
	other := netip.MustParseAddr("172.17.1.11")
	w := newWorld(t, 1, hub, spoke, other)
	w.configure(0, customers(match("172.17.0.0/24", "cisco47"), match("172.17.1.0/24", "cisco47")))
	w.initiate(1, 0)
	w.initiate(2, 0)
	w.run(time.Second)
	w.wantPairs("two customers", 0, spoke, other)
	got := []string{w.nodes[0].pairs[0].SADB, w.nodes[0].pairs[1].SADB}
	if !slices.Equal(got, []string{"Tunnel0-head-0", "Tunnel1-head-0"}) {
		t.Errorf("the pairs are of %v", got)
	}
	if s := w.nodes[0].Snapshot().SAs; s[0].Profile != "a" || s[1].Profile != "b" {
		t.Errorf("profiles %q and %q", s[0].Profile, s[1].Profile)
	}
}

// TestProfilesByKey has two customers behind one and the same address: only
// the key tells them apart, and each gets an ISAKMP SA and a pair of its own.
func TestProfilesByKey(t *testing.T) {
	both := customers(match("172.17.0.0/16", "red"), match("172.17.0.0/16", "blue"))
	w := newWorld(t, 1, hub, spoke)
	w.configure(0, both)
	w.configure(1, both)
	n := w.nodes[1]
	for _, s := range n.cfg.SADBs {
		w.carry(n, n.Initiate(w.now, Request{SADB: s.SADB, Local: spoke, Peer: hub}))
	}
	w.run(time.Second)
	w.wantPairs("one pair for each customer", 0, spoke, spoke)
	w.wantSAs("an ISAKMP SA is not shared between profiles", 0, 2)
	for _, a := range w.nodes[0].pairs {
		for _, b := range n.pairs {
			if a.SADB == b.SADB {
				w.wantMirrored("of one customer", a, b)
			}
		}
	}
	evil := n.live()[0]
	victim := n.pairs[slices.IndexFunc(n.pairs, func(p sadb.Pair) bool { return p.SADB == "Tunnel1-head-0" })]
	if evil.profile != "a" {
		evil = n.live()[1]
	}
	w.attack("one customer deletes the other's pair", from(spoke, forge(evil, informational, 1,
		deletion{protoESP, [][]byte{be32(victim.In[0].SPI)}}.payload())))
	// one of them rekeys, and the other notices nothing
	w.carry(n, n.Initiate(w.now, Request{SADB: "Tunnel1-head-0", Local: spoke, Peer: hub}))
	w.run(time.Second)
	last := w.nodes[0].pairs[2]
	if last.SADB != "Tunnel1-head-0" {
		t.Errorf("the rekeyed pair is of %s", last.SADB)
	}
	w.wantSAs("under the ISAKMP SA of its profile", 0, 2)
}

// TestProfilesInTurn does not use the ISAKMP SA of one profile for an SADB of
// the other, though it is there and leads to the same peer.
func TestProfilesInTurn(t *testing.T) {
	both := customers(match("172.17.0.0/16", "red"), match("172.17.0.0/16", "blue"))
	w := newWorld(t, 1, hub, spoke)
	w.configure(0, both)
	w.configure(1, both)
	n := w.nodes[1]
	for i, s := range n.cfg.SADBs {
		w.carry(n, n.Initiate(w.now, Request{SADB: s.SADB, Local: spoke, Peer: hub}))
		w.run(time.Second)
		w.wantSAs("one for each profile", 1, i+1)
	}
	w.wantPairs("one for each SADB", 0, spoke, spoke)
	if a, b := w.nodes[0].pairs[0].SADB, w.nodes[0].pairs[1].SADB; a != "Tunnel0-head-0" ||
		b != "Tunnel1-head-0" {
		t.Errorf("the pairs are of %s and %s", a, b)
	}
}

// TestWrongProfile has an initiator find that the peer is not of the profile
// that the SADB is bound to: no pair, and the reason at once.
func TestWrongProfile(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	w.configure(1, customers(
		Profile{Match: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Keys: standard(spoke).Keys},
		match("192.0.2.0/24", "x")))
	w.initiate(1, 0)
	w.wantFailed("wrong profile", 1, 60*ms, "another ISAKMP profile")
	w.run(time.Second)
	w.wantSAs("and the peer is told that it is over", 0, 0)
}

// TestBoundElsewhere keeps an SADB without a profile from peers that a profile
// in use has claimed.
func TestBoundElsewhere(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	w.configure(1, func(c *Config) {
		c.Profiles = []Profile{match("172.17.0.0/24", "cisco47")}
		c.Profiles[0].Name = "a"
		bound := c.SADBs[0]
		bound.SADB, bound.ISAKMPProfile = "Tunnel1-head-0", "a"
		c.SADBs = append(c.SADBs, bound)
	})
	w.initiate(1, 0)
	w.wantFailed("the default SADB", 1, 60*ms, "belongs to another ISAKMP profile")
	n := w.nodes[1]
	w.carry(n, n.Initiate(w.now, Request{SADB: "Tunnel1-head-0", Peer: hub}))
	w.run(time.Second)
	if len(n.pairs) != 1 || n.pairs[0].SADB != "Tunnel1-head-0" {
		t.Errorf("the bound SADB got %v", n.pairs)
	}
}

// TestUnusedProfile counts a profile that no SADB names as none.
func TestUnusedProfile(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	w.configure(0, func(c *Config) {
		c.Profiles = []Profile{match("172.17.0.0/24", "cisco47")}
		c.Profiles[0].Name, c.Profiles[0].DPD = "idle", DPD{Interval: 17 * time.Second}
		c.Keys = nil
	})
	w.initiate(1, 0)
	w.run(time.Second)
	w.wantPairs("by the keys of an unused profile", 0, spoke)
	if got := w.nodes[0].live()[0].live.cfg.Interval; got != 17*time.Second {
		t.Errorf("dead peer detection every %v, want what the profile says", got)
	}
}

// TestMostSpecific chooses keys and profiles by the longest prefix.
func TestMostSpecific(t *testing.T) {
	all := []Key{
		{netip.MustParsePrefix("0.0.0.0/0"), "any"},
		{netip.MustParsePrefix("172.17.0.11/32"), "host"},
		{netip.MustParsePrefix("172.17.0.0/16"), "net"},
	}
	for peer, want := range map[string]string{"172.17.0.11": "host", "172.17.0.12": "net", "10.0.0.1": "any"} {
		if got, ok := secretFor(all, netip.MustParseAddr(peer)); got != want || !ok {
			t.Errorf("%s: %q, want %q", peer, got, want)
		}
	}
	if _, ok := secretFor(all[1:], hub.Next().Next()); !ok {
		t.Error("172.17.0.3 is in 172.17.0.0/16")
	}
	narrow := match("172.17.0.0/24", "k")
	later := match("172.17.0.0/24", "k")
	c := Config{Profiles: []Profile{match("172.17.0.0/16", "k"), narrow, later}}
	c.Profiles[0].Name, c.Profiles[1].Name, c.Profiles[2].Name = "wide", "narrow", "later"
	if got, _ := c.profileOf(hub, spoke, spoke, "k"); got != "narrow" {
		t.Errorf("profile %q, want the most specific, and of those the first", got)
	}
	c.Profiles[1].Local, c.Profiles[1].Keys[0].Secret = spoke, "elsewhere"
	if got := c.secrets(hub, spoke, ""); !slices.Equal(got, []string{"k"}) {
		t.Errorf("keys %q, want only those of profiles that serve the local address", got)
	}
	c.Profiles[1].Keys[0].Secret = "k"
	if got, _ := c.profileOf(hub, spoke, spoke, "k"); got != "later" {
		t.Errorf("profile %q, want one that serves the local address", got)
	}
}
