package nhrp

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// TestConfigure changes one thing at a time of a spoke that is registered and
// has resolved the other, and says what that does, and to whom.
func TestConfigure(t *testing.T) {
	for name, r := range map[string]struct {
		change func(*Interface)
		want   string
		left   string
	}{
		"nothing": {func(i *Interface) {}, "", "10.0.0.1>172.17.0.1 10.0.0.12>172.17.0.12"},
		"another holdtime": {func(i *Interface) { i.Holdtime = 900 * sec }, "register 1003 to 172.17.0.1",
			"10.0.0.1>172.17.0.1 10.0.0.12>172.17.0.12"},
		"shutdown": {func(i *Interface) { i.Up = false },
			"close 172.17.0.12, close 172.17.0.1, log server 10.0.0.1 down (tunnel down)", ""},
		"no source address": {func(i *Interface) { i.NBMA = netip.Addr{} },
			"close 172.17.0.12, close 172.17.0.1, log server 10.0.0.1 down (tunnel down)", ""},
		"no network-id": {func(i *Interface) { i.NetworkID = 0 },
			"close 172.17.0.12, close 172.17.0.1, log server 10.0.0.1 down (tunnel down)", ""},
		"another source address": {func(i *Interface) { i.NBMA = ip("172.17.0.99") }, "close 172.17.0.12, " +
			"close 172.17.0.1, open 172.17.0.1, log server 10.0.0.1 down (tunnel down)", "10.0.0.1>172.17.0.1"},
		"another tunnel address": {func(i *Interface) { i.Addr = prefix("10.0.0.21/24") },
			"purge 1003 to 172.17.0.1, purge 1004 to 172.17.0.12, register 1005 to 172.17.0.1", "10.0.0.1>172.17.0.1"},
		"another mask": {func(i *Interface) { i.Addr = prefix("10.0.0.11/25") },
			"close 172.17.0.12, register 1003 to 172.17.0.1", "10.0.0.1>172.17.0.1"},
		"two maps for one address": {func(i *Interface) {
			i.Maps = append(i.Maps[:1:1], Map{ip("10.0.0.1"), ip("172.17.0.2")})
		}, "", "10.0.0.1>172.17.0.1 10.0.0.12>172.17.0.12"},
		"no server": {func(i *Interface) { i.NHS = nil }, "purge 1003 to 172.17.0.1",
			"10.0.0.1>172.17.0.1 10.0.0.12>172.17.0.12"},
		"the server's map alone": {func(i *Interface) { i.Maps = nil }, "log server 10.0.0.1 down (no reason)",
			"10.0.0.12>172.17.0.12"},
		"map and multicast": {func(i *Interface) { i.Maps, i.Multicast = nil, nil },
			"close 172.17.0.1, log server 10.0.0.1 down (no reason)", "10.0.0.12>172.17.0.12"},
		"the server moves": {func(i *Interface) {
			i.Maps, i.Multicast = []Map{{ip("10.0.0.1"), ip("172.17.0.2")}}, []netip.Addr{ip("172.17.0.2")}
		}, "close 172.17.0.1, open 172.17.0.2, log server 10.0.0.1 down (no reason)",
			"10.0.0.1>172.17.0.2 10.0.0.12>172.17.0.12"},
		"a map for what was resolved": {func(i *Interface) {
			i.Maps = append(i.Maps[:1:1], Map{ip("10.0.0.12"), ip("172.17.0.12")})
		}, "", "10.0.0.1>172.17.0.1 10.0.0.12>172.17.0.12"},
		"a second server behind the same peer": {func(i *Interface) {
			i.Maps = append(i.Maps[:1:1], Map{ip("10.0.0.2"), ip("172.17.0.1")})
			i.NHS = append(i.NHS[:1:1], ip("10.0.0.2"))
		}, "register 1003 to 172.17.0.1", "10.0.0.1>172.17.0.1 10.0.0.2>172.17.0.1 10.0.0.12>172.17.0.12"},
	} {
		w, _, spoke1, _ := registeredCloud(t)
		w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")))
		w.run(1 * sec)
		r.change(&spoke1.cfg.Interfaces[0])
		out := spoke1.Configure(w.now, spoke1.cfg)
		spoke1.book(t, out)
		w.want(name, out.String(), r.want)
		w.want(name+": neighbours", sayNeighbors(spoke1.Engine), r.left)
		if r.left == "" && (len(spoke1.wants) != 0 || !spoke1.Next().IsZero()) {
			t.Errorf("%s: still open: %v, next %v", name, spoke1.wants, spoke1.Next())
		}
	}
}

// TestTunnelsAreApart: one tunnel's end leaves the other's state alone, though
// both have the same peers.
func TestTunnelsAreApart(t *testing.T) {
	w := newNetwork(t)
	w.add("Hub", "172.17.0.1", hubTunnel("Tunnel0", "10.0.0.1"), hubTunnel("Tunnel1", "10.0.1.1"))
	spoke := w.add("Spoke", "172.17.0.11", spokeTunnel("Tunnel0", "10.0.0.11", "10.0.0.1", "172.17.0.1"),
		spokeTunnel("Tunnel1", "10.0.1.11", "10.0.1.1", "172.17.0.1"))
	w.boot()
	w.run(5 * sec)
	before := spoke.Snapshot()
	spoke.cfg.Interfaces = spoke.cfg.Interfaces[:1]
	out := spoke.Configure(w.now, spoke.cfg)
	if len(out.Close) != 1 || out.Close[0].Tunnel != "Tunnel1" || len(out.Open)+len(out.Send) != 0 {
		t.Errorf("Tunnel1 goes with %+v", out)
	}
	after := spoke.Snapshot()
	if after.Servers[0] != before.Servers[0] || after.Entries[0] != before.Entries[0] {
		t.Errorf("Tunnel0 is now %+v, was %+v", after, before)
	}
}

// TestPointToPoint: such a tunnel has its peer by configuration; it opens
// nothing, needs no map and has no neighbours.
func TestPointToPoint(t *testing.T) {
	e := New()
	i := spokeTunnel("Tunnel0", "10.0.0.11", "10.0.0.1", "172.17.0.1")
	i.NBMA, i.Multipoint, i.Remote, i.Maps = ip("172.17.0.11"), false, ip("172.17.0.1"), nil
	out := e.Configure(boot, Config{Rand: &counter{}, Interfaces: []Interface{i}})
	if got := out.String(); got != "register 1 to 172.17.0.1" {
		t.Errorf("begins with %q", got)
	}
	if got := e.PeerUp(boot, "Tunnel0", ip("172.17.0.1")).String(); got != "register 2 to 172.17.0.1" {
		t.Errorf("when it is protected: %q, want no wait for the backoff", got)
	}
	if got := e.Resolve(boot, "Tunnel0", ip("10.0.0.12")).String(); got != "" {
		t.Errorf("resolves: %q", got)
	}
	if len(e.Neighbors()) != 0 || len(e.Multicasts()) != 0 {
		t.Errorf("neighbours %v, multicast %v", e.Neighbors(), e.Multicasts())
	}
}

func TestServerOnly(t *testing.T) {
	w, _, spoke1, _ := registeredCloud(t)
	spoke1.cfg.Interfaces[0].ServerOnly = true
	w.configure(spoke1)
	w.said()
	if out := spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")); out.String() != "" {
		t.Errorf("asks: %v", out)
	}
}

// TestSecondServerTakesOver: data and requests go by the first server that
// answers.
func TestSecondServerTakesOver(t *testing.T) {
	w := newNetwork(t)
	w.add("Hub1", "172.17.0.1", hubTunnel("Tunnel0", "10.0.0.1"))
	w.add("Hub2", "172.17.0.2", hubTunnel("Tunnel0", "10.0.0.2"))
	i := spokeTunnel("Tunnel0", "10.0.0.11", "10.0.0.1", "172.17.0.1")
	i.Maps, i.NHS = append(i.Maps, Map{ip("10.0.0.2"), ip("172.17.0.2")}), append(i.NHS, ip("10.0.0.2"))
	spoke := w.add("Spoke", "172.17.0.11", i)
	w.boot()
	w.run(5 * sec)
	w.carry(spoke, spoke.Resolve(w.now, "Tunnel0", ip("10.0.0.77")))
	w.want("both answer", sayNeighbors(spoke.Engine), "10.0.0.1>172.17.0.1 10.0.0.2>172.17.0.2 10.0.0.77>172.17.0.1")
	out := spoke.PeerDown(w.now, "Tunnel0", ip("172.17.0.1"))
	if !out.Changed {
		t.Error("the way changed, and nobody is told")
	}
	w.want("one is lost", sayNeighbors(spoke.Engine), "10.0.0.1>172.17.0.1 10.0.0.2>172.17.0.2 10.0.0.77>172.17.0.2")
}

// TestLossyNetwork: at 20% loss everybody registers and resolves in time.
func TestLossyNetwork(t *testing.T) {
	for seed := range uint32(20) {
		w, hub, spoke1, spoke2 := cloud(t)
		state := seed*2654435761 + 1
		w.lose = func(_, _ *station, _ Message) bool {
			state = state*1664525 + 1013904223
			return state>>16%5 == 0
		}
		w.run(60 * sec)
		w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")))
		w.carry(spoke2, spoke2.Resolve(w.now, "Tunnel0", ip("10.0.0.11")))
		w.run(60 * sec)
		for _, s := range []struct{ got, want string }{
			{sayNeighbors(hub.Engine), "10.0.0.11>172.17.0.11 10.0.0.12>172.17.0.12"},
			{sayNeighbors(spoke1.Engine), "10.0.0.1>172.17.0.1 10.0.0.12>172.17.0.12"},
			{sayNeighbors(spoke2.Engine), "10.0.0.1>172.17.0.1 10.0.0.11>172.17.0.11"},
		} {
			w.want(fmt.Sprintf("seed %d", seed), s.got, s.want)
		}
	}
}

// TestSameHistory: the same inputs give the same outputs, to the octet.
func TestSameHistory(t *testing.T) {
	play := func() (log []string) {
		w, _, spoke1, spoke2 := cloud(t)
		w.run(100 * sec)
		w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")))
		w.carry(spoke2, spoke2.Clear(w.now, Selector{}))
		w.run(1000 * sec)
		return w.log
	}
	first := play()
	for range 5 {
		if again := play(); !slices.Equal(again, first) {
			t.Fatalf("one history:\n%q\nanother:\n%q", first, again)
		}
	}
}

// bigHub is a hub with n registered clients.
func bigHub(t testing.TB, n int) *Engine {
	t.Helper()
	i := hubTunnel("Tunnel0", "10.0.0.1")
	i.Addr, i.NBMA, i.MaxSend = prefix("10.0.0.1/8"), ip("172.17.0.1"), Rate{1 << 30, sec}
	e := New()
	e.Configure(boot, Config{Rand: &counter{}, Interfaces: []Interface{i}})
	for k := range n {
		client := netip.AddrFrom4([4]byte{10, 1, byte(k >> 8), byte(k)})
		nbma := netip.AddrFrom4([4]byte{172, 18, byte(k >> 8), byte(k)})
		out := e.Receive(boot.Add(time.Duration(k)*time.Millisecond), registering(client.String(), nbma.String(), nil))
		if len(out.Open) != 1 || len(out.Send) != 1 {
			t.Fatalf("client %d: %v", k, out)
		}
	}
	return e
}

// TestTenThousandClients: their deadlines fire one by one, each at its time.
func TestTenThousandClients(t *testing.T) {
	const n = 10000
	e := bigHub(t, n)
	if len(e.Neighbors()) != n || len(e.Multicasts()) != n || len(e.Snapshot().Entries) != n {
		t.Fatalf("%d neighbours, want %d", len(e.Neighbors()), n)
	}
	if !slices.IsSortedFunc(e.Neighbors(), func(a, b Neighbor) int { return a.Addr.Compare(b.Addr) }) {
		t.Error("the neighbours are not in order")
	}
	for k := range n {
		at := boot.Add(300*sec + time.Duration(k)*time.Millisecond)
		if !e.Next().Equal(at) {
			t.Fatalf("client %d: next %v, want %v", k, e.Next(), at)
		}
		if early := e.Advance(at.Add(-1)); early.String() != "" {
			t.Fatalf("early: %v", early)
		}
		if out := e.Advance(at); len(out.Close) != 1 {
			t.Fatalf("client %d: %v", k, out)
		}
	}
	if len(e.Neighbors()) != 0 || !e.Next().IsZero() {
		t.Errorf("left: %v, next %v", e.Neighbors(), e.Next())
	}
}

func BenchmarkRegistrationAmongTenThousand(b *testing.B) {
	e := bigHub(b, 10000)
	p := registering("10.1.3.4", "172.18.3.4", nil)
	for b.Loop() {
		e.Receive(boot, p)
	}
}

func BenchmarkNeighborsOfTenThousand(b *testing.B) {
	e := bigHub(b, 10000)
	for b.Loop() {
		e.changed(&Output{})
		e.Neighbors()
	}
}
