package nhrp

import (
	"maps"
	"net/netip"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A chaos is a hub that is also a spoke, to which anything may happen.
type chaos struct {
	e    *Engine
	cfg  Config
	now  time.Time
	open map[Peer]bool
}

var (
	chaosAddrs = []netip.Addr{ip("10.0.0.2"), ip("10.0.0.3"), ip("10.0.0.4"), ip("10.0.0.5")}
	chaosNBMAs = []netip.Addr{ip("172.17.0.2"), ip("172.17.0.3"), ip("172.17.0.4")}
)

// step does one thing at random and checks that peers balance.
func (c *chaos) step(t *rapid.T) {
	addr := rapid.SampledFrom(chaosAddrs).Draw(t, "addr")
	nbma := rapid.SampledFrom(chaosNBMAs).Draw(t, "nbma")
	hold := rapid.Uint16Range(1, 200).Draw(t, "hold")
	id := rapid.Uint32Range(1, 9).Draw(t, "id")
	i := &c.cfg.Interfaces[0]
	configure := false
	var out Output
	switch rapid.IntRange(0, 12).Draw(t, "step") {
	case 0:
		out = c.e.Resolve(c.now, i.Name, addr)
	case 1:
		out = c.e.Used(c.now, i.Name, addr)
	case 2:
		out = c.e.PeerUp(c.now, i.Name, nbma)
	case 3:
		out = c.e.PeerDown(c.now, i.Name, nbma)
	case 4:
		out = c.e.Clear(c.now, Selector{})
	case 5:
		out = c.e.Receive(c.now, registering(addr.String(), nbma.String(), holdFor(hold)))
	case 6:
		out = c.e.Receive(c.now, asking(nbma.String(), addr.String(), nbma.String(), "10.0.0.1", holdFor(hold)))
	case 7:
		m := answering(nbma.String(), id, nbma.String(), func(m *Message) {
			m.Src, m.Dst, m.Clients[0].Addr, m.Clients[0].Hold = ip("10.0.0.1"), addr, addr, hold
		})
		out = c.e.Receive(c.now, m)
	case 8:
		reply := Message{Hops: 9, Type: RegistrationReply, ID: id, Src: ip("10.0.0.1"), Clients: make([]Client, 1)}
		out = c.e.Receive(c.now, Packet{i.Name, nbma, signed(reply)})
	case 9:
		out = c.e.Receive(c.now, purging(nbma.String(), addr.String(), 0))
	case 10:
		i.Maps, configure = []Map{{addr, nbma}}, true
		i.NHS = []netip.Addr{addr}
	case 11:
		i.Multicast, configure = []netip.Addr{nbma}, true
		i.Up = rapid.Bool().Draw(t, "up")
	default:
		c.now = c.now.Add(time.Duration(rapid.Uint32Range(1, 100).Draw(t, "seconds")) * time.Second)
		out = c.e.Advance(c.now)
	}
	if configure {
		c.cfg.Interfaces = slices.Clone(c.cfg.Interfaces)
		out = c.e.Configure(c.now, c.cfg)
	}
	c.book(t, out)
}

func (c *chaos) book(t *rapid.T, out Output) {
	for _, p := range out.Close {
		if !c.open[p] {
			t.Fatalf("%v is closed and was not open", p)
		}
		delete(c.open, p)
	}
	for _, p := range out.Open {
		if c.open[p] {
			t.Fatalf("%v is opened twice", p)
		}
		c.open[p] = true
	}
}

// check compares what the engine keeps up to date with what follows from its
// snapshot.
func (c *chaos) check(t *rapid.T) {
	i := c.cfg.Interfaces[0]
	needed := map[Peer]bool{}
	if i.Up {
		for _, nbma := range i.Multicast {
			needed[Peer{i.Name, nbma}] = true
		}
	}
	var targets []netip.Addr
	for _, n := range c.e.Snapshot().Entries {
		targets = append(targets, n.Target.Addr())
		if n.NBMA.IsValid() {
			needed[Peer{i.Name, n.NBMA}] = true
		}
		if !n.Expires.IsZero() && n.Expires.Before(c.now) {
			t.Fatalf("%v is still there %v after its end", n.Target, c.now.Sub(n.Expires))
		}
	}
	for _, n := range c.e.tunnels[0].order {
		if (n.kind == static || n.kind == registered) && n.pending() {
			t.Fatalf("%v is known and still asked for", n.addr)
		}
	}
	for _, p := range c.e.tunnels[0].purges {
		needed[Peer{i.Name, p.to.NBMA}] = true
	}
	if !maps.Equal(needed, c.open) {
		t.Fatalf("open %v, needed %v", c.open, needed)
	}
	if !slices.IsSortedFunc(targets, netip.Addr.Compare) {
		t.Fatalf("entries out of order: %v", targets)
	}
	kept := slices.Clone(c.e.Neighbors())
	c.e.changed(&Output{})
	if now := c.e.Neighbors(); !slices.Equal(kept, now) {
		t.Fatalf("neighbours are %v, and nobody was told; known are %v", now, kept)
	}
}

func TestAnythingMayHappen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := hubTunnel("Tunnel0", "10.0.0.1")
		i.NBMA = ip("172.17.0.1")
		c := &chaos{e: New(), now: boot, open: map[Peer]bool{},
			cfg: Config{Rand: &counter{}, Interfaces: []Interface{i}}}
		c.book(t, c.e.Configure(boot, c.cfg))
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			c.step(t)
			c.check(t)
			if next := c.e.Next(); !next.IsZero() && !next.After(c.now) {
				c.book(t, c.e.Advance(c.now))
				if again := c.e.Next(); !again.IsZero() && !again.After(c.now) {
					t.Fatalf("due again at once: %v at %v", again, c.now)
				}
			}
		}
	})
}
