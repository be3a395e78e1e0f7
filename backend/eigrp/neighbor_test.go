package eigrp

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

func ethernet(name, addr string) Interface {
	return Interface{Name: name, Addr: prefix(addr), Bandwidth: 10000, Delay: 100}
}

// pair is two routers on an Ethernet, each with a LAN behind it.
func pair(t testing.TB) (w *network, a, b *node, wire *segment) {
	w = newNetwork(t, 1)
	a, b, wire = w.router("A"), w.router("B"), &segment{}
	w.attach(a, wire, ethernet("Ethernet0", "10.0.0.1/24"))
	w.attach(b, wire, ethernet("Ethernet0", "10.0.0.2/24"))
	w.attach(a, nil, ethernet("Ethernet1", "192.168.1.1/24"))
	w.attach(b, nil, ethernet("Ethernet1", "192.168.2.1/24"))
	return w, a, b, wire
}

// metPair is one that has come up.
func metPair(t testing.TB) (w *network, a, b *node) {
	w, a, b, _ = pair(t)
	w.boot()
	w.run(2 * time.Second)
	w.said()
	return w, a, b
}

func TestAdjacency(t *testing.T) {
	w, a, b, _ := pair(t)
	w.boot()
	w.run(2 * time.Second)
	w.want("log", w.said(), `
10ms B: 10.0.0.1 (Ethernet0) up
10ms A: 10.0.0.2 (Ethernet0) up`)
	w.want("A", a.forwarding(), "D 192.168.2.0/24 [90/307200] via 10.0.0.2, Ethernet0")
	w.want("B", b.forwarding(), "D 192.168.1.0/24 [90/307200] via 10.0.0.1, Ethernet0")
	n := a.Snapshot().Neighbors[0]
	if n.SRTT != 20*time.Millisecond || n.RTO != rtoMin || n.Queued != 0 || n.Version != ours || n.Prefixes != 1 {
		t.Errorf("A sees %+v", n)
	}
}

// silence loses everything from one router to another.
func silence(from *node) func(a, b *node, m Message) int {
	return func(a, _ *node, _ Message) int {
		if a == from {
			return 0
		}
		return 1
	}
}

func TestHoldingTime(t *testing.T) {
	w, a, _ := metPair(t)
	w.fate = silence(w.nodes[1])
	held := a.Snapshot().Neighbors[0].HoldUntil
	w.run(held.Sub(w.now) - time.Nanosecond)
	w.want("before", w.said(), "")
	w.run(time.Nanosecond)
	if at := held.Sub(boot); at < DefaultHold || at > DefaultHold+time.Second {
		t.Errorf("the holding time is over at %v", at)
	}
	w.want("after", w.said(), fmt.Sprintf("%v A: 10.0.0.2 (Ethernet0) down: holding time", held.Sub(boot)))
	w.want("A", a.forwarding(), "")
}

// TestNeighborHold: the holding time is what the neighbour says, not ours.
func TestNeighborHold(t *testing.T) {
	w, a, _, _ := pair(t)
	w.edit(w.nodes[1], "Ethernet0", func(i *Interface) { i.Hello, i.Hold = 60*time.Second, 180*time.Second })
	w.boot()
	w.run(59 * time.Second)
	if left := a.Snapshot().Neighbors[0].HoldUntil.Sub(w.now); left < 120*time.Second {
		t.Errorf("%v are left", left)
	}
}

func TestLeaving(t *testing.T) {
	for name, test := range map[string]struct {
		leave func(w *network, b *node)
		want  string
	}{
		"the process ends": {func(w *network, b *node) { b.cfg = Config{}; w.configure(b) }, `
2s B: 10.0.0.1 (Ethernet0) down: configuration
2.01s A: 10.0.0.2 (Ethernet0) down: goodbye`},
		"the network statement goes": {func(w *network, b *node) {
			b.cfg.Interfaces = b.cfg.Interfaces[1:]
			w.configure(b)
		}, `
2s B: 10.0.0.1 (Ethernet0) down: interface down
2.01s A: 10.0.0.2 (Ethernet0) down: goodbye`},
		"the interface becomes passive": {func(w *network, b *node) {
			w.edit(b, "Ethernet0", func(i *Interface) { i.Passive = true })
		}, `
2s B: 10.0.0.1 (Ethernet0) down: passive
2.01s A: 10.0.0.2 (Ethernet0) down: goodbye`},
		"the operator clears": {func(w *network, b *node) { w.carry(b, b.Clear(w.now, "", netip.Addr{})) }, `
2s B: 10.0.0.1 (Ethernet0) down: cleared
2.01s A: 10.0.0.2 (Ethernet0) down: terminated`},
		"other weights": {func(w *network, b *node) { b.cfg.Weights = Weights{0, 0, 1}; w.configure(b) }, `
2s B: 10.0.0.1 (Ethernet0) down: configuration
2.01s A: 10.0.0.2 (Ethernet0) down: goodbye
2.01s A: 10.0.0.2 (Ethernet0) down: K values`},
		"the interface goes down": {func(w *network, b *node) {
			w.edit(b, "Ethernet0", func(i *Interface) { i.Up = false })
		}, `2s B: 10.0.0.1 (Ethernet0) down: interface down`},
		"another address": {func(w *network, b *node) {
			w.edit(b, "Ethernet0", func(i *Interface) { i.Addr = prefix("10.0.0.2/25") })
		}, `
2s B: 10.0.0.1 (Ethernet0) down: configuration
2.01s A: 10.0.0.2 (Ethernet0) down: goodbye
2.01s A: 10.0.0.2 (Ethernet0) up
2.02s B: 10.0.0.1 (Ethernet0) up`},
	} {
		w, a, b := metPair(t)
		test.leave(w, b)
		w.run(15 * time.Millisecond)
		if name == "another address" {
			w.run(10 * time.Millisecond)
		} else if name != "the interface goes down" && len(a.fib) > 0 {
			t.Errorf("%s: A still forwards:\n%s", name, a.forwarding())
		}
		w.want(name, w.said(), test.want)
	}
}

// TestRestart: an Init from a neighbour that is known means that it began
// anew, and one that comes twice does not.
func TestRestart(t *testing.T) {
	w, a, b := metPair(t)
	w.fate = func(_, _ *node, m Message) int { return 2 }
	w.run(3 * time.Second)
	w.reboot(b)
	w.run(6 * time.Second)
	w.want("log", w.said(), `
10.01s B: 10.0.0.1 (Ethernet0) up
10.02s A: 10.0.0.2 (Ethernet0) down: peer restarted
10.02s A: 10.0.0.2 (Ethernet0) up`)
	w.want("A", a.forwarding(), "D 192.168.2.0/24 [90/307200] via 10.0.0.2, Ethernet0")
}

// TestOneWay: Hellos arrive, and nothing else. Who sends finds out after the
// last retry.
func TestOneWay(t *testing.T) {
	w, a, _, _ := pair(t)
	w.fate = func(from, _ *node, m Message) int {
		if from == a && m.Op != Hello {
			return 0
		}
		return 1
	}
	w.boot()
	w.run(86 * time.Second)
	w.want("log", w.said(), `
10ms B: 10.0.0.1 (Ethernet0) up
10ms A: 10.0.0.2 (Ethernet0) up
1m25.021088s A: 10.0.0.2 (Ethernet0) down: retry limit`)
}

func TestWhoIsNoNeighbor(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(b *node, i *Interface)
		want  string
	}{
		"another AS": {func(b *node, _ *Interface) { b.cfg.AS = 2 }, ""},
		"other K values": {func(b *node, _ *Interface) { b.cfg.Weights = Weights{1, 1, 1} }, `
10ms B: 10.0.0.1 (Ethernet0) down: K values
10ms A: 10.0.0.2 (Ethernet0) down: K values`},
		"another subnet": {func(_ *node, i *Interface) { i.Addr = prefix("10.0.7.2/24") }, `
10ms B: eigrp.NotOnSubnet{1 Ethernet0 10.0.0.1 10.0.7.2/24}
10ms A: eigrp.NotOnSubnet{1 Ethernet0 10.0.7.2 10.0.0.1/24}`},
		"a passive side": {func(_ *node, i *Interface) { i.Passive = true }, ""},
		"another secret": {func(_ *node, i *Interface) { i.Keys = []Key{{1, "other"}} }, `
10ms B: eigrp.AuthenticationFailed{1 Ethernet0 10.0.0.1}
10ms A: eigrp.AuthenticationFailed{1 Ethernet0 10.0.0.2}`},
		"no secret": {func(_ *node, i *Interface) { i.Keys = nil }, `
10ms A: eigrp.AuthenticationFailed{1 Ethernet0 10.0.0.2}`},
	} {
		w, a, b, wire := pair(t)
		for _, n := range []*node{a, b} {
			n.cfg.Interfaces[0].Keys = []Key{{1, "secret"}}
		}
		test.spoil(b, &b.cfg.Interfaces[0])
		delete(w.owner, wire.members[1].addr)
		wire.members[1].addr = b.cfg.Interfaces[0].Addr.Addr()
		b.addrs["Ethernet0"] = wire.members[1].addr
		w.owner[wire.members[1].addr] = wire.members[1]
		w.boot()
		w.run(14 * time.Second) // what is wrong is said once in a while, not at each Hello
		got := w.said()
		if name == "no secret" { // B listens to A in vain
			w.want(name, got, "10ms B: 10.0.0.1 (Ethernet0) up"+test.want)
			continue
		}
		if len(a.Snapshot().Neighbors)+len(b.Snapshot().Neighbors) > 0 {
			t.Errorf("%s: they are neighbours", name)
		}
		w.want(name, got, test.want)
	}
}

// TestKeyChain: the first key signs, and each of the chain is accepted, so that
// keys can be changed on one side after the other.
func TestKeyChain(t *testing.T) {
	w, a, b, _ := pair(t)
	a.cfg.Interfaces[0].Keys = []Key{{1, "old"}, {2, "new"}}
	b.cfg.Interfaces[0].Keys = []Key{{2, "new"}, {1, "old"}}
	w.boot()
	w.run(2 * time.Second)
	if len(a.fib) != 1 || len(b.fib) != 1 {
		t.Errorf("A forwards by %v, B by %v", a.fib, b.fib)
	}
}

// TestStaticNeighbors: there is no multicast among them, and who is not one is
// not listened to.
func TestStaticNeighbors(t *testing.T) {
	w, a, b, wire := pair(t)
	c := w.router("C")
	w.attach(c, wire, ethernet("Ethernet0", "10.0.0.3/24"))
	a.cfg.Interfaces[0].Neighbors = []netip.Addr{ip("10.0.0.2")}
	b.cfg.Interfaces[0].Neighbors = []netip.Addr{ip("10.0.0.1")}
	w.after = func(n *node, out Output) {
		for _, p := range out.Send {
			if n != c && p.Addr == Group && p.Interface == "Ethernet0" {
				t.Errorf("%s multicasts", n.name)
			}
		}
	}
	w.boot()
	w.run(2 * time.Second)
	w.edit(a, "Ethernet1", func(i *Interface) { i.Delay = 7 })
	w.run(2 * time.Second)
	w.want("B", b.forwarding(), "D 192.168.1.0/24 [90/283392] via 10.0.0.1, Ethernet0")
	if n := len(c.Snapshot().Neighbors); n != 0 {
		t.Errorf("C has %d neighbours", n)
	}
}

// TestLoss: a third of all packets is lost, some come twice, and all out of
// order; everything arrives.
func TestLoss(t *testing.T) {
	w, hub, _ := star(t, 8)
	w.delay = func() time.Duration { return time.Duration(w.rand.IntN(30)) * time.Millisecond }
	w.fate = func(_, _ *node, m Message) int { return []int{0, 1, 1, 1, 2, 0}[w.rand.IntN(6)] }
	for _, n := range w.nodes {
		n.cfg.Interfaces[0].Hold = time.Minute // a holding time is 12 Hellos
	}
	w.boot()
	w.run(3 * time.Minute)
	w.whole(8)
	w.edit(w.nodes[3], "Ethernet1", func(i *Interface) { i.Up = false })
	w.run(time.Minute)
	lan := prefix("172.16.2.0/24")
	for _, n := range w.nodes {
		if len(n.fib[lan]) != 0 {
			t.Errorf("%s still forwards to the LAN that is gone", n.name)
		}
	}
	if s := hub.Snapshot().Interfaces[0]; s.Resent == 0 || s.Peers != 8 {
		t.Errorf("the hub has %+v", s)
	}
}

// TestFlap: 40 of 120 spokes come and go, and no other adjacency notices.
func TestFlap(t *testing.T) {
	w, hub, _ := star(t, 120)
	w.boot()
	w.run(20 * time.Second)
	w.whole(120)
	w.said()
	for _, s := range w.nodes[1:41] {
		w.crash(s)
	}
	w.run(DefaultHold + time.Second)
	for _, s := range w.nodes[1:41] {
		w.reboot(s)
	}
	w.run(20 * time.Second)
	w.whole(120)
	since := map[netip.Addr]time.Time{}
	for _, n := range hub.Snapshot().Neighbors {
		since[n.Addr] = n.Since
	}
	for k, s := range w.nodes[1:] {
		fresh := since[s.addrs["Tunnel0"]].After(boot.Add(10 * time.Second))
		if fresh != (k < 40) {
			t.Errorf("%s: the hub knows it since %v", s.name, since[s.addrs["Tunnel0"]].Sub(boot))
		}
	}
	if lines := len(w.log); lines != 3*40 {
		t.Errorf("%d lines were logged, want 40 down, and 40 up at both ends", lines)
	}
}
