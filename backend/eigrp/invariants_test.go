package eigrp

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A chaos is an engine to which anything may happen: three neighbours on two
// interfaces say what they like, and the configuration changes.
type chaos struct {
	e    *Engine
	cfg  Config
	now  time.Time
	seqs map[netip.Addr]uint32
}

var (
	chaosPeers = []Packet{{Interface: "Ethernet0", Addr: ip("10.0.0.2")}, {Interface: "Ethernet0", Addr: ip("10.0.0.3")},
		{Interface: "Ethernet1", Addr: ip("10.0.1.2")}}
	chaosPrefixes = []netip.Prefix{prefix("10.0.0.0/24"), prefix("10.0.1.0/24"), prefix("172.16.0.0/16"),
		prefix("172.16.1.0/24"), prefix("172.16.2.0/24"), prefix("0.0.0.0/0")}
)

// step does one thing at random.
func (c *chaos) step(t *rapid.T) {
	switch k := rapid.IntRange(0, 19).Draw(t, "step"); k {
	case 0:
		c.cfg.Interfaces = slices.Clone(c.cfg.Interfaces)
		i := &c.cfg.Interfaces[rapid.IntRange(0, 1).Draw(t, "interface")]
		switch rapid.IntRange(0, 4).Draw(t, "change") {
		case 0:
			i.Up = !i.Up
		case 1:
			i.Delay = rapid.Uint32Range(1, 500).Draw(t, "delay")
		case 2:
			i.NoSplitHorizon, i.NoNextHopSelf = rapid.Bool().Draw(t, "split"), rapid.Bool().Draw(t, "self")
		case 3:
			i.Summaries = []Summary{{Prefix: prefix("172.16.0.0/16")}}[:rapid.IntRange(0, 1).Draw(t, "summaries")]
		case 4:
			i.Passive = !i.Passive
		}
		c.e.Configure(c.now, c.cfg)
	case 1:
		c.cfg.Variance, c.cfg.MaximumPaths = rapid.IntRange(1, 3).Draw(t, "variance"), rapid.IntRange(1, 4).Draw(t, "paths")
		c.cfg.Redistributed = []Redistributed{{Prefix: chaosPrefixes[3], Metric: LinkMetric(1000, 10, 1500),
			Protocol: FromStatic}}[:rapid.IntRange(0, 1).Draw(t, "redistributed")]
		c.e.Configure(c.now, c.cfg)
	case 2:
		c.e.Clear(c.now, "", netip.Addr{})
	case 3:
		c.pass(rapid.IntRange(0, 200).Draw(t, "seconds"))
	case 4, 5:
		c.pass(0)
	default:
		c.hear(t)
	}
}

func (c *chaos) pass(seconds int) {
	until := c.now.Add(time.Duration(seconds) * time.Second)
	for next := c.e.Next(); !next.IsZero() && !next.After(until); next = c.e.Next() {
		c.now = next
		c.e.Advance(c.now)
	}
	c.now = until
}

// hear lets a packet come: more often than not one that makes sense.
func (c *chaos) hear(t *rapid.T) {
	p := rapid.SampledFrom(chaosPeers).Draw(t, "peer")
	m := Message{AS: 1, Op: rapid.SampledFrom([]Opcode{Update, Query, Reply, Hello, Hello, SIAQuery, SIAReply, Request}).Draw(t, "op")}
	if m.Op == Hello {
		m.Parameters = &Parameters{K: DefaultWeights, Hold: 15}
		if rapid.IntRange(0, 9).Draw(t, "leaves") == 0 {
			m.Parameters.K = goodbye
		}
	} else {
		c.seqs[p.Addr]++
		m.Seq = c.seqs[p.Addr] - uint32(rapid.IntRange(0, 1).Draw(t, "again"))
		m.Flags = uint32(rapid.SampledFrom([]int{0, 0, 0, flagInit, flagCR, flagEndOfTable}).Draw(t, "flags"))
		for range rapid.IntRange(0, 3).Draw(t, "routes") {
			r := anyRoute.Draw(t, "route")
			r.Prefix = rapid.SampledFrom(chaosPrefixes).Draw(t, "prefix")
			r.Metric.Delay = rapid.SampledFrom([]uint32{256, 2560, 25600, infinite}).Draw(t, "delay")
			r.Metric.Bandwidth, r.Metric.Hops = 256000, 1
			m.Routes = append(m.Routes, r)
		}
	}
	if n := c.neighbor(p); n != nil && len(n.queue) > 0 && rapid.IntRange(0, 3).Draw(t, "acknowledges") > 0 {
		m.Ack = n.queue[0].seq
	}
	p.Multicast = m.Op == Hello || rapid.Bool().Draw(t, "multicast")
	p.Payload = m.AppendTo(nil, nil)
	c.e.Receive(c.now, p)
}

func (c *chaos) neighbor(p Packet) *neighbor {
	if i := c.e.iface(p.Interface); i != nil {
		return i.byAddr[p.Addr]
	}
	return nil
}

// meet makes neighbours of all.
func (c *chaos) meet() {
	for _, p := range chaosPeers {
		p.Multicast = true
		p.Payload = Message{AS: 1, Op: Hello, Parameters: &Parameters{K: DefaultWeights, Hold: 15}}.AppendTo(nil, nil)
		c.e.Receive(c.now, p)
		p.Multicast = false
		c.seqs[p.Addr] = 1
		p.Payload = Message{AS: 1, Op: Update, Flags: flagInit, Seq: 1, Ack: c.neighbor(p).queue[0].seq}.AppendTo(nil, nil)
		c.e.Receive(c.now, p)
	}
}

// check compares what the engine keeps with what must follow from it.
func (c *chaos) check(t *rapid.T) {
	e := c.e
	e.Snapshot()
	if len(e.table.routes) != len(e.table.by) {
		t.Fatalf("%d routes in order, %d by prefix", len(e.table.routes), len(e.table.by))
	}
	prefixes := map[*neighbor]int{}
	for k, r := range e.table.routes {
		if k > 0 && comparePrefix(e.table.routes[k-1].prefix, r.prefix) >= 0 {
			t.Fatalf("%v is out of order", r.prefix)
		}
		for n, x := range r.entries {
			if n > 0 && compareEntries(r.entries[n-1], x) >= 0 || x.distance == infinite {
				t.Fatalf("%v: entry %+v is out of place", r.prefix, x)
			}
			if x.from != nil {
				prefixes[x.from]++
			}
		}
		c.checkRoute(t, r)
	}
	for _, i := range e.ifaces {
		for _, n := range i.neighbors {
			if n.dropped || n.prefixes != prefixes[n] {
				t.Fatalf("%v counts %d prefixes of %d", n.addr, n.prefixes, prefixes[n])
			}
			if n.state == up && len(n.queue) > 0 && !n.inFlight && !n.ready {
				t.Fatalf("what is for %v is forgotten", n.addr)
			}
			delete(prefixes, n)
		}
	}
	if len(prefixes) > 0 {
		t.Fatalf("there are entries of neighbours that are gone")
	}
	if next := e.Next(); !next.IsZero() && next.Before(c.now) {
		t.Fatalf("due at %v, and it is %v", next, c.now)
	}
}

func (c *chaos) checkRoute(t *rapid.T, r *route) {
	if r.successor != nil && !slices.Contains(r.entries, r.successor) {
		t.Fatalf("%v: the successor is no entry", r.prefix)
	}
	if !slices.Equal(c.e.ribRoutes(r), r.installed) {
		t.Fatalf("%v: installed is %v, and should be %v", r.prefix, r.installed, c.e.ribRoutes(r))
	}
	if r.state == passive {
		if r.computing != nil || r.reported != r.successor || r.successor != r.best() || r.feasible > distanceOf(r.successor) {
			t.Fatalf("%v: passive, and %+v", r.prefix, r)
		}
		return
	}
	waiting := 0
	for n, q := range r.computing.asked {
		if n.dropped {
			t.Fatalf("%v waits for %v, which is gone", r.prefix, n.addr)
		}
		if !q.answered {
			waiting++
		}
	}
	if waiting == 0 || waiting != r.computing.waiting {
		t.Fatalf("%v: active, waits for %d and counts %d", r.prefix, waiting, r.computing.waiting)
	}
}

// TestInvariants lets anything happen.
func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &chaos{e: New(), now: boot, seqs: map[netip.Addr]uint32{}}
		c.cfg = Config{AS: 1, RouterID: ip("1.1.1.1"), Interfaces: []Interface{
			ethernet("Ethernet0", "10.0.0.1/24"), ethernet("Ethernet1", "10.0.1.1/24")}}
		c.cfg.Interfaces[0].Up, c.cfg.Interfaces[1].Up = true, true
		c.e.Configure(c.now, c.cfg)
		c.meet()
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			c.step(t)
			c.check(t)
		}
	})
}
