package eigrp

import (
	"fmt"
	"testing"
	"time"
)

func TestSummary(t *testing.T) {
	w, a, b := metPair(t)
	w.attach(a, nil, Interface{Name: "Ethernet2", Addr: prefix("192.168.5.1/24"), Bandwidth: 10000, Delay: 50})
	w.edit(a, "Ethernet0", func(i *Interface) { i.Summaries = []Summary{{Prefix: prefix("192.168.0.0/16")}} })
	w.run(2 * time.Second)
	w.want("B has the summary, with the metric of its nearest part", b.forwarding(),
		"D 192.168.0.0/16 [90/294400] via 10.0.0.1, Ethernet0")
	w.want("A discards what it has no part of", a.forwarding(), `
D 192.168.0.0/16 [5/268800] Null0
D 192.168.2.0/24 [90/307200] via 10.0.0.2, Ethernet0`)
	w.edit(a, "Ethernet2", func(i *Interface) { i.Up = false })
	w.run(2 * time.Second)
	w.want("one part less", b.forwarding(), "D 192.168.0.0/16 [90/307200] via 10.0.0.1, Ethernet0")
	w.edit(b, "Ethernet1", func(i *Interface) { i.Up = false })
	w.edit(a, "Ethernet1", func(i *Interface) { i.Up = false })
	w.run(2 * time.Second)
	w.want("no part left", b.forwarding()+a.forwarding(), "")
	w.edit(a, "Ethernet1", func(i *Interface) { i.Up = true })
	w.edit(a, "Ethernet0", func(i *Interface) { i.Summaries = nil })
	w.run(2 * time.Second)
	w.want("the summary is taken away", b.forwarding(), "D 192.168.1.0/24 [90/307200] via 10.0.0.1, Ethernet0")
	w.want("log", w.said(), "")
}

func TestRedistributed(t *testing.T) {
	w, a, b := metPair(t)
	a.cfg.Redistributed = []Redistributed{
		{Prefix: prefix("0.0.0.0/0"), Metric: LinkMetric(10000, 100, 1500), Protocol: FromStatic, Default: true},
		{Prefix: prefix("172.20.0.0/16"), Metric: LinkMetric(1000, 100, 1500), Protocol: FromConnected, Tag: 70000},
	}
	b.cfg.External = 200
	w.configure(a)
	w.configure(b)
	w.run(2 * time.Second)
	w.want("B", b.forwarding(), `
D EX 0.0.0.0/0 [200/307200] via 10.0.0.1, Ethernet0
D EX 172.20.0.0/16 [200/2611200] via 10.0.0.1, Ethernet0
D 192.168.1.0/24 [90/307200] via 10.0.0.1, Ethernet0`)
	if tag := b.fib[prefix("172.20.0.0/16")][0].Tag; tag != 70000 {
		t.Errorf("tag %d", tag)
	}
	r := b.table.by[prefix("0.0.0.0/0")].successor
	if r.flags != routeDefault || *r.external != (External{Router: a.cfg.RouterID, Protocol: FromStatic}) {
		t.Errorf("the default route is %+v of %+v", r, r.external)
	}
	b.cfg.NoDefaultIn = true
	w.configure(b)
	w.carry(b, b.Clear(w.now, "", ip("10.0.0.1")))
	w.run(10 * time.Second)
	if f := b.table.by[prefix("0.0.0.0/0")].successor.flags; f != 0 {
		t.Errorf("with \"no default-information in\" its flags are %d", f)
	}
	a.cfg.Redistributed = nil
	w.configure(a)
	w.run(2 * time.Second)
	w.want("no more", b.forwarding(), "D 192.168.1.0/24 [90/307200] via 10.0.0.1, Ethernet0")
}

// TestStub: what a stub router announces, and that it passes nothing on.
func TestStub(t *testing.T) {
	for stub, want := range map[Stub]string{
		0:                          "0.0.0.0/0 10.2.0.0/24 172.20.0.0/16 192.168.2.0/24 192.168.3.0/24",
		StubConnected:              "10.2.0.0/24 172.20.0.0/16 192.168.2.0/24",
		StubStatic:                 "0.0.0.0/0",
		StubReceiveOnly:            "",
		StubConnected | StubStatic: "0.0.0.0/0 10.2.0.0/24 172.20.0.0/16 192.168.2.0/24",
	} {
		w, a, b, _ := pair(t)
		c, wire := w.router("C"), &segment{}
		w.attach(b, wire, ethernet("Ethernet2", "10.2.0.2/24"))
		w.attach(c, wire, ethernet("Ethernet0", "10.2.0.3/24"))
		w.attach(c, nil, ethernet("Ethernet1", "192.168.3.1/24"))
		b.cfg.Stub = stub
		b.cfg.Redistributed = []Redistributed{
			{Prefix: prefix("0.0.0.0/0"), Metric: LinkMetric(10000, 100, 1500), Protocol: FromStatic},
			{Prefix: prefix("172.20.0.0/16"), Metric: LinkMetric(1000, 100, 1500), Protocol: FromConnected},
		}
		w.boot()
		w.run(3 * time.Second)
		got := ""
		for _, r := range a.Routes() {
			got += " " + r.Prefix.String()
		}
		w.want(fmt.Sprintf("stub %d", stub), got, want)
		if n := a.Snapshot().Neighbors[0]; (n.Stub != nil) != (stub != 0) {
			t.Errorf("stub %d is seen as %v", stub, n.Stub)
		}
	}
}

// diamond is A and D with B and C between; the way by C is longer.
func diamond(t testing.TB) (w *network, a, d *node) {
	w = newNetwork(t, 1)
	a = w.router("A")
	b, c := w.router("B"), w.router("C")
	d = w.router("D")
	for k, via := range []*node{b, c} {
		near, far := &segment{}, &segment{}
		i := ethernet(fmt.Sprintf("Ethernet%d", k), fmt.Sprintf("10.%d.0.1/24", k))
		i.Delay += uint32(500 * k)
		w.attach(a, near, i)
		w.attach(via, near, ethernet("Ethernet0", fmt.Sprintf("10.%d.0.2/24", k)))
		w.attach(via, far, ethernet("Ethernet1", fmt.Sprintf("10.%d.1.1/24", k)))
		w.attach(d, far, ethernet(fmt.Sprintf("Ethernet%d", k), fmt.Sprintf("10.%d.1.2/24", k)))
	}
	w.attach(d, nil, ethernet("Ethernet9", "192.168.9.1/24"))
	w.boot()
	w.run(5 * time.Second)
	return w, a, d
}

// TestVariance: a longer path shares the load if it is feasible, and not too
// long; the table gets both with one metric.
func TestVariance(t *testing.T) {
	w, a, _ := diamond(t)
	to := prefix("192.168.9.0/24")
	w.want("without", fmt.Sprint(len(a.fib[to]), a.fib[to][0].Via, a.fib[to][0].Metric), "1 10.0.0.2 332800")
	a.cfg.Variance = 2
	w.configure(a)
	if got := a.fib[to]; len(got) != 2 || got[0].Via != ip("10.0.0.2") || got[1].Via != ip("10.1.0.2") || got[1].Metric != 332800 {
		t.Errorf("with variance 2: %v", got)
	}
	a.cfg.MaximumPaths = 1
	w.configure(a)
	if got := a.fib[to]; len(got) != 1 || got[0].Via != ip("10.0.0.2") {
		t.Errorf("with one path at most: %v", got)
	}
	a.cfg.MaximumPaths, a.cfg.Internal = 2, 100
	w.configure(a)
	if got := a.fib[to]; len(got) != 2 || got[0].Distance != 100 {
		t.Errorf("with distance 100: %v", got)
	}
}

// TestFeasibleSuccessor takes over in the same call, and nobody is asked.
func TestFeasibleSuccessor(t *testing.T) {
	w, a, _ := diamond(t)
	queries := 0
	w.trace = func(_, _ *node, m Message) {
		for _, r := range m.Routes {
			if m.Op == Query && r.Prefix == prefix("192.168.9.0/24") {
				queries++
			}
		}
	}
	w.edit(a, "Ethernet0", func(i *Interface) { i.Up = false })
	if got := a.fib[prefix("192.168.9.0/24")]; len(got) != 1 || got[0].Via != ip("10.1.0.2") {
		t.Errorf("it goes by %v", got)
	}
	w.run(2 * time.Second)
	if queries != 0 {
		t.Errorf("%d queries were sent", queries)
	}
}

// TestConditionalReceive: a neighbour that lags is kept from a multicast, and
// gets it later alone; the other takes it at once.
func TestConditionalReceive(t *testing.T) {
	w, a, b, wire := pair(t)
	c := w.router("C")
	w.attach(c, wire, ethernet("Ethernet0", "10.0.0.3/24"))
	w.boot()
	w.run(3 * time.Second)
	w.fate = silence(b) // its acknowledgments are lost
	change := func(delay uint32) {
		w.edit(a, "Ethernet1", func(i *Interface) { i.Delay = delay })
		w.run(25 * time.Millisecond)
	}
	change(200)
	change(300)
	if a.ifaces[0].counters.conditional != 1 {
		t.Errorf("%d conditional packets", a.ifaces[0].counters.conditional)
	}
	to := prefix("192.168.1.0/24")
	if got := c.fib[to][0].Metric; got != 256*(1000+400) {
		t.Errorf("C has metric %d", got)
	}
	if got := b.fib[to][0].Metric; got != 256*(1000+300) {
		t.Errorf("B has metric %d: it has taken what was not for it", got)
	}
	w.fate = nil
	w.run(2 * time.Second)
	if got := b.fib[to][0].Metric; got != 256*(1000+400) {
		t.Errorf("B has metric %d in the end", got)
	}
}

// TestPacing: a hub of 60 spokes on 1 Mbit/s uses half of it at most, all
// copies counted, however much there is to say.
func TestPacing(t *testing.T) {
	w, hub, _ := star(t, 60)
	hub.cfg.Interfaces[0].Bandwidth = 1000
	perSecond := map[int]int{}
	w.trace = func(from, _ *node, m Message) {
		if from == hub && m.reliable() {
			perSecond[int(w.now.Sub(boot)/time.Second)] += len(m.AppendTo(nil, nil)) + ipv4HeaderOctets
		}
	}
	w.boot()
	w.run(2 * time.Minute)
	w.whole(60)
	const half, slack = 1_000_000 / 2 / 8, 60 * 1500 // one multicast may begin at the end of a second
	for second, octets := range perSecond {
		if octets > half+slack {
			t.Errorf("second %d: %d octets", second, octets)
		}
	}
}

// TestFollowingNext: an engine wants to run when it says, and not again at
// once.
func TestFollowingNext(t *testing.T) {
	w, a, _ := metPair(t)
	for range 50 {
		next := a.Next()
		if !next.After(w.now) {
			t.Fatalf("due at %v, and it is %v", next.Sub(boot), w.now.Sub(boot))
		}
		if early := a.Advance(next.Add(-1)); len(early.Send)+len(early.Log)+len(early.Routes) > 0 {
			t.Fatalf("an early Advance does %+v", early)
		}
		w.run(next.Sub(w.now))
	}
}
