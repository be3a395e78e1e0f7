package sim

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"gresh/backend"
	"gresh/backend/config"
	happened "gresh/backend/event" // event is what the world is made of
	"gresh/backend/forward"
	"gresh/backend/nvram"
	"gresh/backend/probe"
)

// router adds a node whose startup configuration has every port open, with
// the address, if there is one, on the first.
func router(w *World, name string, address string, ports ...string) *Node {
	load := func(string) (*config.Config, []happened.LineRefused) {
		c := &config.Config{Hostname: name}
		for i, p := range ports {
			added := c.AddInterface(p)
			if i == 0 && address != "" {
				added.Address = prefix(address)
			}
		}
		return c, nil
	}
	return w.AddNode(NodeConfig{Name: name, Ports: ports,
		Options: backend.Options{Store: nvram.NewMemory([]byte("!\n")), Load: load}})
}

// carriers are what the node's router knows of its ports.
func carriers(n *Node) (up []bool) {
	n.With(func(r *backend.Router, _ time.Time) {
		for _, i := range r.Interfaces() {
			up = append(up, i.Link)
		}
	})
	return up
}

func TestNodeLearnsItsCarriers(t *testing.T) {
	w := New(1, begin)
	a, b := router(w, "a", "", "Ethernet0", "Ethernet1"), router(w, "b", "", "Ethernet0")
	l := w.Connect("a-b", a.End("Ethernet0", Conditions{}), b.End("Ethernet0", Conditions{}))
	cut := func(is bool) { l.SetAll(func(c *Conditions) { c.Cut = is }) }
	for _, step := range []struct {
		what string
		do   func()
		want []bool
	}{
		{"on, with a port on no link", a.PowerOn, []bool{true, false}},
		{"cut", func() { cut(true) }, []bool{false, false}},
		{"healed", func() { cut(false) }, []bool{true, false}},
		{"cut while it is off", func() { a.PowerOff(); cut(true); a.PowerOn() }, []bool{false, false}},
		{"healed while it is off", func() { a.PowerOff(); cut(false); a.PowerOn() }, []bool{true, false}},
	} {
		step.do()
		if got := carriers(a); !slices.Equal(got, step.want) {
			t.Errorf("%s: carriers %v, want %v", step.what, got, step.want)
		}
	}
}

func TestNodeWithoutPower(t *testing.T) {
	w := New(1, begin)
	a, b := router(w, "a", "10.0.0.1/24", "Ethernet0"), router(w, "b", "10.0.0.2/24", "Ethernet0")
	l := w.Connect("a-b", a.End("Ethernet0", Conditions{}), b.End("Ethernet0", Conditions{}))
	frames := 0
	l.Tap(func(time.Time, []byte) { frames++ })
	if a.On() || a.Version() != "" || len(carriers(a)) != 0 {
		t.Error("a node that was never on knows something")
	}
	a.PowerOn()
	b.PowerOn()
	w.Run(time.Second)
	if frames == 0 {
		t.Fatal("no frame announces the addresses: the test sees nothing")
	}
	a.PowerOff()
	frames = 0
	a.With(func(_ *backend.Router, now time.Time) {
		a.Send(now, forward.SendUDP{Dev: "Ethernet0", Local: port("10.0.0.1:9"), Remote: port("255.255.255.255:9")})
	})
	if w.Run(time.Hour); frames > 0 {
		t.Errorf("%d frames leave a node without power", frames)
	}
	if a.With(func(r *backend.Router, _ time.Time) {
		if len(r.Running().Interfaces) > 0 || len(r.Log().Lines) > 0 {
			t.Error("what it knew outlives the power")
		}
	}); a.On() {
		t.Error("asking it something has switched it on")
	}
}

// Who waits for a ping is not left waiting when the node has no power.
func TestPowerOffEndsProbes(t *testing.T) {
	w := New(1, begin)
	n := router(w, "a", "10.0.0.1/24", "Ethernet0")
	n.PowerOn()
	woken := false
	var p *backend.Probe
	n.With(func(r *backend.Router, now time.Time) {
		ping := &probe.Ping{Dst: netip.MustParseAddr("10.0.0.9"), Count: 9, Size: 100, Timeout: time.Hour}
		p = r.Probe(now, ping, func() { woken = true })
	})
	n.PowerOff()
	if _, over := p.Events(); !woken || !over {
		t.Errorf("woken %v, over %v", woken, over)
	}
}

// A node that comes back has new dice: the same ones would make the keys and
// SPIs of its last life again, which its peers still know.
func TestNodeDoesNotRepeatItself(t *testing.T) {
	w := New(1, begin)
	n := router(w, "a", "", "Ethernet0")
	drawn := map[string]bool{}
	for range 3 {
		n.PowerOn()
		for _, from := range []func([]byte) (int, error){n.config.Options.Rand.Read, n.vectors.Read} {
			b := make([]byte, 16)
			if _, err := from(b); err != nil || drawn[string(b)] {
				t.Fatalf("%x again, or %v", b, err)
			}
			drawn[string(b)] = true
		}
		n.PowerOff()
	}
}

func TestNodesAreToldApart(t *testing.T) {
	w := New(1, begin)
	seen := map[[6]byte]string{}
	for _, name := range []string{"a", "b", "c"} {
		for _, p := range router(w, name, "", "Ethernet0", "Ethernet1").Ports() {
			if other := seen[p.MAC]; other != "" {
				t.Errorf("%s of %s has the address of %s", p.Name, name, other)
			}
			seen[p.MAC] = name
		}
	}
	if want := [6]byte{0xaa, 0xbb, 0xcc, 0, 2, 1}; seen[want] != "b" {
		t.Errorf("%x is of %q, want of the second node", want, seen[want])
	}
}
