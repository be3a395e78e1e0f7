package forward

import (
	"slices"
	"testing"
	"time"

	"gresh/backend/gre"
	"gresh/backend/sadb"
)

const shared = "vpnprof-head-1"

func with(t Table, sas ...sadb.SA) Table {
	t.SAs = append(slices.Clone(t.SAs), sas...)
	return t
}

// protected are two routers whose tunnels share an SADB.
func protected(t *testing.T, sas ...sadb.SA) (*bench, *node, *node) {
	t1, t2 := guide(1, shared, shared, 2), guide(2, shared, shared, 1)
	return twoRouters(t, with(t1, sas...), with(t2, sas...))
}

// sharing are two that have one SA pair.
func sharing(t *testing.T) (*bench, *node, *node) { return protected(t, pair(shared, 0x1000, 1, 2)...) }

func TestSharedSADB(t *testing.T) {
	b, r1, r2 := sharing(t)
	r1.mustPing("10.0.0.2", "10.0.1.2")
	r2.mustPing("10.0.1.1")
	if got := b.protocols(); got[protoESP] != 6 || got[protoGRE] != 0 {
		t.Errorf("on the wire: %v, want 6 of ESP", got)
	}
	for _, n := range []*node{r1, r2} {
		c := n.Counters()
		for key, s := range c.SAs {
			if s.Packets != 3 || s.Octets != 3*108 {
				t.Errorf("%s: SA %#x counts %+v, want 3 packets of 108", n.name, key.SPI, s)
			}
		}
		if i := c.Interfaces; i["Tunnel0"].InPackets != 1 || i["Tunnel1"].InPackets != 2 {
			t.Errorf("%s: the tunnels count %+v", n.name, i)
		}
	}
}

func TestUnsharedSADBs(t *testing.T) {
	sas := append(pair("Tunnel0-head-0", 0x1000, 1, 2), pair("Tunnel1-head-0", 0x2000, 1, 2)...)
	table := func(n, peer int) Table { return with(guide(n, "Tunnel0-head-0", "Tunnel1-head-0", peer), sas...) }
	_, r1, _ := twoRouters(t, table(1, 2), table(2, 1))
	r1.mustPing("10.0.0.2", "10.0.0.2", "10.0.1.2")
	for spi, want := range map[uint32]uint64{0x1000: 2, 0x1001: 2, 0x2000: 1, 0x2001: 1} {
		for key, s := range r1.Counters().SAs {
			if key.SPI == spi && s.Packets != want {
				t.Errorf("SA %#x: %d packets, want %d", spi, s.Packets, want)
			}
		}
	}
}

// TestWrongSADB: customer A's key inside the SA of customer B.
func TestWrongSADB(t *testing.T) {
	sas := append(pair("Tunnel0-head-0", 0x1000, 1, 2), pair("Tunnel1-head-0", 0x2000, 1, 2)...)
	crooked := guide(1, "Tunnel1-head-0", "Tunnel1-head-0", 2)
	_, r1, r2 := twoRouters(t, with(crooked, sas...), with(guide(2, "Tunnel0-head-0", "Tunnel1-head-0", 1), sas...))
	r1.mustNotPing("10.0.0.2")
	r2.dropped(WrongSADB, 1)
	want := Clear{"Tunnel0", addr("172.17.0.1"), addr("172.17.0.2")}
	if got := taken[Clear](r2); len(got) != 1 || got[0] != want {
		t.Errorf("told %v, want %v", got, want)
	}
	r1.mustPing("10.0.1.2")
}

func TestClearIsDropped(t *testing.T) {
	b, r1, r2 := twoRouters(t, guide(1, "", "", 2), with(guide(2, shared, shared, 1), pair(shared, 0x1000, 1, 2)...))
	r1.mustNotPing("10.0.0.2")
	r1.mustNotPing("10.0.1.2")
	r2.dropped(ClearText, 2)
	if got := taken[Clear](r2); len(got) != 2 {
		t.Errorf("told %v, want once for each tunnel", got)
	}
	r1.mustNotPing("10.0.0.2")
	if got := taken[Clear](r2); len(got) != 0 {
		t.Errorf("told again at once: %v", got)
	}
	b.pass(time.Second)
	r1.mustNotPing("10.0.0.2")
	if got := taken[Clear](r2); len(got) != 1 {
		t.Errorf("after a second: %v", got)
	}
}

// TestClearToATunnelThatIsDown: the policy belongs to the configuration.
func TestClearToATunnelThatIsDown(t *testing.T) {
	down := guide(2, shared, shared, 1)
	down.Interfaces[1].Up = false
	_, r1, r2 := twoRouters(t, guide(1, "", "", 2), down)
	r1.mustNotPing("10.0.0.2")
	r2.dropped(ClearText, 1)
}

// TestProtectedToAnOpenTunnel: who protects what we do not is not our peer.
func TestProtectedToAnOpenTunnel(t *testing.T) {
	sas := pair(shared, 0x1000, 1, 2)
	_, r1, r2 := twoRouters(t, with(guide(1, shared, shared, 2), sas...), with(guide(2, "", "", 1), sas...))
	r1.mustNotPing("10.0.0.2")
	r2.dropped(WrongSADB, 1)
}

// TestNoSANothingLeaves: the SA goes, the policy stays.
func TestNoSANothingLeaves(t *testing.T) {
	b, r1, _ := sharing(t)
	r1.mustPing("10.0.0.2")
	b.wire = nil
	r1.sync(guide(1, shared, shared, 2))
	nhrp := SendTunnel{"Tunnel0", addr("172.17.0.2"), gre.NHRP, []byte("nhrp")}
	r1.up = nil
	r1.send(nhrp)
	r1.send(nhrp)
	want := []Acquire{{shared, "Tunnel0", addr("172.17.0.2")}}
	if got := taken[Acquire](r1); !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	b.pass(time.Second)
	r1.send(nhrp)
	if got := taken[Acquire](r1); !slices.Equal(got, want) {
		t.Errorf("after a second: told %v, want %v", got, want)
	}
	r1.dropped(NoSA, 3)
	if got := r1.Counters().Peers[SocketKey{shared, addr("172.17.0.2")}].SendErrors; got != 3 {
		t.Errorf("%d send errors, want 3", got)
	}
	if len(b.wire) != 0 {
		t.Errorf("%d frames left", len(b.wire))
	}
}

// TestFailClosed tries every way to make GRE leave in clear. The control shows
// that the same packets leave without the policy.
func TestFailClosed(t *testing.T) {
	raw := gre.Header{Protocol: gre.IPv4, Key: 100000, HasKey: true}.AppendTo(nil, newPacket(header{
		ttl: 9, protocol: protoICMP, src: addr("10.0.0.1"), dst: addr("10.0.0.2")}, echo(10)))
	attempts := map[string]func(r1 *node, table Table) int{
		"a tunnel without protection": func(r1 *node, table Table) int {
			table.Interfaces[1].Tunnel.SADB = ""
			r1.sync(table)
			r1.ping("10.0.0.2")
			return 1
		},
		"a tunnel under another SADB": func(r1 *node, table Table) int {
			table.Interfaces[1].Tunnel.SADB = "another"
			table = with(table, pair("another", 0x3000, 1, 2)...)
			r1.sync(table)
			r1.ping("10.0.0.2")
			return 0 // ESP it would be
		},
		"NHRP": func(r1 *node, table Table) int {
			table.Interfaces[1].Tunnel.SADB = ""
			r1.sync(table)
			r1.send(SendTunnel{"Tunnel0", addr("172.17.0.2"), gre.NHRP, []byte("nhrp")})
			return 1
		},
		"a packet of the router's own": func(r1 *node, table Table) int {
			r1.send(SendIP{Dst: addr("172.17.0.2"), Protocol: protoGRE, TTL: 9, Payload: raw})
			return 1
		},
		"a packet of the router's own, in fragments": func(r1 *node, table Table) int {
			long := append(slices.Clone(raw), make([]byte, 2000)...)
			r1.send(SendIP{Dst: addr("172.17.0.2"), Protocol: protoGRE, TTL: 9, Payload: long})
			return 2
		},
		"GRE cut short": func(r1 *node, table Table) int {
			r1.send(SendIP{Dst: addr("172.17.0.2"), Protocol: protoGRE, TTL: 9, Payload: raw[:6]})
			return 1
		},
		"an interface named": func(r1 *node, table Table) int {
			r1.send(SendIP{Dev: "Ethernet0", Dst: addr("172.17.0.2"), Protocol: protoGRE, TTL: 9, Payload: raw})
			return 1
		},
	}
	policies := map[string][]Policy{
		"for all of the address": {{SADB: shared, Local: addr("172.17.0.1")}},
		"for the key":            {{SADB: "Tunnel0-head-0", Local: addr("172.17.0.1"), Key: 100000, HasKey: true}},
		"that passes nothing":    {{Local: addr("172.17.0.1"), Key: 100000, HasKey: true}},
		"":                       nil,
	}
	for name, attempt := range attempts {
		for which, list := range policies {
			table := guide(1, shared, shared, 2)
			table.Policies = list
			b, r1, _ := twoRouters(t, table, guide(2, "", "", 1))
			table = guide(1, shared, shared, 2)
			table.Policies = list
			least := attempt(r1, table)
			if got := b.protocols(); list != nil && got[protoGRE]+got[protoESP] > 0 {
				t.Errorf("%s, policy %s: on the wire: %v", name, which, got)
			} else if list == nil && got[protoGRE] < least {
				t.Errorf("%s, control: %v on the wire, want at least %d of GRE", name, got, least)
			}
		}
	}
}

// TestPolicyWithoutSADB: the tunnel's protection was refused. Not even an SA
// helps.
func TestPolicyWithoutSADB(t *testing.T) {
	sas := pair(shared, 0x1000, 1, 2)
	refused := with(guide(1, shared, shared, 2), sas...)
	refused.Policies[0].SADB = ""
	b, r1, r2 := twoRouters(t, refused, with(guide(2, shared, shared, 1), sas...))
	r1.mustNotPing("10.0.0.2")
	r1.dropped(ClosedPolicy, 1)
	if len(b.wire) != 0 {
		t.Errorf("%d frames left", len(b.wire))
	}
	r2.mustNotPing("10.0.0.1")
	r1.dropped(WrongSADB, 1)
}

// TestMakeBeforeBreak: with the new pair on one side only, both directions
// pass; the old inbound SA works until it is taken away.
func TestMakeBeforeBreak(t *testing.T) {
	b, r1, r2 := sharing(t)
	old, renewed := pair(shared, 0x1000, 1, 2), pair(shared, 0x2000, 1, 2)
	r1.mustPing("10.0.0.2")
	r2.sync(with(guide(2, shared, shared, 1), append(old, renewed[0])...)) // takes, but does not use yet
	r1.sync(with(guide(1, shared, shared, 2), append(old, renewed...)...))
	r1.mustPing("10.0.0.2")
	if got := r1.Counters().SAs[renewed[0].Key()].Packets; got != 1 {
		t.Errorf("the new SA has carried %d packets, want 1", got)
	}
	r2.sync(with(guide(2, shared, shared, 1), append(old, renewed...)...))
	r2.mustPing("10.0.0.1")
	r1.sync(with(guide(1, shared, shared, 2), renewed...))
	r2.sync(with(guide(2, shared, shared, 1), renewed...))
	r1.mustPing("10.0.0.2", "10.0.1.2")
	if got := r1.Counters().SAs; len(got) != 2 || b.protocols()[protoGRE] != 0 {
		t.Errorf("SAs left: %v", got)
	}
}

// TestSyncKeepsState: an SA that stays keeps its numbers and its window.
func TestSyncKeepsState(t *testing.T) {
	b, r1, r2 := sharing(t)
	r1.mustPing("10.0.0.2")
	before := r2.sas[sa(shared, 0x1000, 1, 2).Key()]
	replay := b.wire[len(b.wire)-2]
	sas := append(pair(shared, 0x1000, 1, 2), pair(shared, 0x5000, 2, 3)...)
	grown := with(guide(2, shared, shared, 1, 3), sas...)
	r2.sync(grown)
	if r2.sas[sa(shared, 0x1000, 1, 2).Key()] != before {
		t.Error("the SA was made anew")
	}
	r2.carry(r2.Receive(b.now, "Ethernet0", replay))
	r2.dropped(Replayed, 1)
	r1.mustPing("10.0.0.2")
	changed := slices.Clone(grown.SAs)
	changed[0].AuthKey = key(16, 77)
	grown.SAs = changed
	r2.sync(grown)
	r1.mustNotPing("10.0.0.2")
	r2.dropped(AuthFailed, 1)
}

func TestSyncRefusesABadSA(t *testing.T) {
	_, r1, _ := sharing(t)
	bad := with(guide(1, "", "", 2), sadb.SA{Proto: sadb.ESP, SPI: 9, Cipher: sadb.AES, EncKey: key(3, 1)})
	if _, err := r1.Sync(noon, bad); err == nil {
		t.Fatal("accepted")
	}
	r1.mustPing("10.0.0.2", "10.0.1.2") // as before
}

// TestVolume: both limits are told once, and the hard one ends the SA.
func TestVolume(t *testing.T) {
	_, r1, r2 := sharing(t)
	sas := pair(shared, 0x1000, 1, 2)
	sas[0].SoftOctets, sas[0].HardOctets = 200, 400
	r1.sync(with(guide(1, shared, shared, 2), sas...))
	r1.up, r2.up = nil, nil
	for range 5 { // 108 octets each
		r1.send(SendIP{Dst: addr("10.0.0.2"), TTL: 9, Protocol: protoICMP, Payload: echo(72)})
	}
	want := []Volume{{sas[0].Key(), 216}, {sas[0].Key(), 432}}
	if got := taken[Volume](r1); !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	if got := r1.Counters().SAs[sas[0].Key()].Packets; got != 4 {
		t.Errorf("%d packets left under the SA, want 4", got)
	}
	r1.dropped(NoSA, 1)

	sas[1].HardOctets = 1 // the replies have passed that already
	r1.sync(with(guide(1, shared, shared, 2), sas...))
	r2.mustNotPing("10.0.0.1")
	r1.dropped(Exhausted, 1)
}

func TestInvalidSPI(t *testing.T) {
	sas := pair(shared, 0x1000, 1, 2)
	_, r1, r2 := twoRouters(t, with(guide(1, shared, shared, 2), sas...), guide(2, shared, shared, 1))
	for range 5 {
		r1.mustNotPing("10.0.0.2")
	}
	want := InvalidSPI{addr("172.17.0.1"), addr("172.17.0.2"), sadb.ESP, 0x1000}
	if got := taken[InvalidSPI](r2); len(got) != 1 || got[0] != want {
		t.Errorf("told %v, want %v", got, want)
	}
	r2.dropped(UnknownSPI, 5)
}

// TestSenderMustBeThePeer: a peer with an SA of its own poses as another.
func TestSenderMustBeThePeer(t *testing.T) {
	b, r1, r2 := sharing(t)
	posing := with(guide(1, shared, shared, 2), pair(shared, 0x1000, 1, 2)...)
	posing.Interfaces[0].Addresses = append(posing.Interfaces[0].Addresses, prefix("172.17.0.3/24"))
	posing.Interfaces[1].Tunnel.Local = addr("172.17.0.3")
	r1.sync(posing)
	r1.mustNotPing("10.0.0.2")
	r2.dropped(Mismatch, 1)
	if b.protocols()[protoESP] != 1 {
		t.Error("nothing was tried")
	}
}

// TestModeMustBeTheAgreedOne: the other side encapsulates as was not agreed.
func TestModeMustBeTheAgreedOne(t *testing.T) {
	for _, mode := range []sadb.Mode{sadb.TransportMode, sadb.TunnelMode} {
		ours, theirs := pair(shared, 0x1000, 1, 2), pair(shared, 0x1000, 1, 2)
		ours[0].Mode, theirs[0].Mode = mode, sadb.TunnelMode+sadb.TransportMode-mode
		t1, t2 := guide(1, shared, shared, 2), guide(2, shared, shared, 1)
		_, r1, r2 := twoRouters(t, with(t1, theirs...), with(t2, ours...))
		r1.mustNotPing("10.0.0.2")
		r2.dropped(Mismatch, 1)
	}
}

// suiteTests change the SA pair of two routers.
var suiteTests = map[string]func(*sadb.SA){
	"tunnel mode":    func(s *sadb.SA) { s.Mode = sadb.TunnelMode },
	"GCM":            func(s *sadb.SA) { toGCM(s, 128) },
	"GCM 256 tunnel": func(s *sadb.SA) { toGCM(s, 256); s.Mode = sadb.TunnelMode },
	"null":           func(s *sadb.SA) { s.Cipher, s.EncKey = sadb.Null, nil },
	"UDP":            func(s *sadb.SA) { s.Encap = sadb.Encap{SrcPort: 4500, DstPort: 4500} },
	"AH":             func(s *sadb.SA) { s.Proto, s.Cipher, s.EncKey = sadb.AH, 0, nil },
	"AH tunnel":      func(s *sadb.SA) { s.Proto, s.Cipher, s.EncKey, s.Mode = sadb.AH, 0, nil, sadb.TunnelMode },
}

func toGCM(s *sadb.SA, bits int) {
	s.Cipher, s.Integrity, s.AuthKey = sadb.GCM, sadb.NoIntegrity, nil
	s.EncKey = key(bits/8+4, s.SPI)
}

func TestSuites(t *testing.T) {
	for name, change := range suiteTests {
		sas := pair(shared, 0x1000, 1, 2)
		for i := range sas {
			change(&sas[i])
		}
		b, r1, _ := protected(t, sas...)
		long := SendIP{Dst: addr("10.0.0.2"), TTL: 9}
		if !r1.ping("10.0.0.2") || !r1.ping("10.0.1.2") || !r1.pingWith(long, 1372) {
			t.Errorf("%s: no reply; %v", name, b.nodes["R2"].Counters().Drops)
		}
		if got := b.protocols(); got[protoGRE] != 0 || got[protoICMP] != 0 {
			t.Errorf("%s: on the wire: %v", name, got)
		}
	}
}

// bundle is AH around ESP without integrity of its own.
func bundle(spi uint32, from, to int) []sadb.SA {
	e := sa(shared, spi, from, to)
	a := e
	e.Integrity, e.AuthKey, e.Bundle = 0, nil, spi+1
	a.Proto, a.SPI, a.Cipher, a.EncKey, a.Bundle = sadb.AH, spi+1, 0, nil, spi
	return []sadb.SA{e, a}
}

func TestBundle(t *testing.T) {
	sas := append(bundle(0x1000, 1, 2), bundle(0x2000, 2, 1)...)
	for _, mode := range []sadb.Mode{sadb.TransportMode, sadb.TunnelMode} {
		for i := range sas {
			sas[i].Mode = mode
		}
		sas := slices.Clone(sas)
		b, r1, r2 := protected(t, sas...)
		r1.mustPing("10.0.0.2", "10.0.1.2")
		if got := b.protocols(); got[protoAH] != 4 || len(got) != 1 {
			t.Errorf("on the wire: %v", got)
		}
		for key, s := range r2.Counters().SAs {
			if s.Packets != 2 {
				t.Errorf("SA %#x has carried %d packets", key.SPI, s.Packets)
			}
		}
		stripped := slices.Clone(sas)
		stripped[0].Bundle = 0 // sends ESP without AH around it
		r1.sync(with(guide(1, shared, shared, 2), stripped...))
		r1.mustNotPing("10.0.0.2")
		r2.dropped(Mismatch, 1)
		if got := r2.Counters().Peers[SocketKey{shared, addr("172.17.0.1")}]; got != (PeerCounters{2, 2, 0, 1}) {
			t.Errorf("of the peer: %+v", got)
		}
	}
}

// TestIKEBesideESPInUDP: the non-ESP marker tells them apart, and a keepalive
// is neither.
func TestIKEBesideESPInUDP(t *testing.T) {
	_, r1, r2 := sharing(t)
	local, remote := addrPort("172.17.0.1:4500"), addrPort("172.17.0.2:4500")
	for _, payload := range []string{"\x00\x00\x00\x00IKE", "\xff", "\x00\x00\x77\x77 no SA"} {
		r1.send(SendUDP{Local: local, Remote: remote, Payload: []byte(payload)})
	}
	got := taken[UDP](r2)
	if len(got) != 2 || string(got[0].Payload) != "\x00\x00\x00\x00IKE" || string(got[1].Payload) != "\xff" {
		t.Errorf("handed up %+v", got)
	}
	r2.dropped(UnknownSPI, 1)
}
