package eigrp

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// A talk is an engine and those who speak to it, packet by packet: neighbours
// that acknowledge everything, and do nothing by themselves. The first is at
// 10.0.0.2.
type talk struct {
	peers []netip.Addr
	peer  netip.Addr // who speaks, and whose packets are noted
	t     testing.TB
	e     *Engine
	now   time.Time
	seq   uint32
	log   []string
	got   []string
	fib   map[string]bool
}

// meetTalk lets them become neighbours; the engine has a LAN, 192.168.1.0/24.
func meetTalk(t testing.TB, edit func(*Config)) *talk {
	k := &talk{t: t, e: New(), now: boot, seq: 100, fib: map[string]bool{}}
	cfg := Config{AS: 1, RouterID: ip("1.1.1.1"), Interfaces: []Interface{
		ethernet("Ethernet0", "10.0.0.1/24"), ethernet("Ethernet1", "192.168.1.1/24")}}
	for i := range cfg.Interfaces {
		cfg.Interfaces[i].Up = true
	}
	if edit != nil {
		edit(&cfg)
	}
	k.take(k.e.Configure(k.now, cfg))
	k.meet("10.0.0.2")
	k.log, k.got = nil, nil
	return k
}

// meet lets another neighbour come. From now on it is the one who speaks.
func (k *talk) meet(addr string) {
	k.peer = ip(addr)
	k.peers = append(k.peers, k.peer)
	k.hello()
	k.say(Message{Op: Update, Flags: flagInit})
	k.say(Message{Op: Update, Flags: flagEndOfTable})
}

func (k *talk) hello() {
	k.hear(Message{Op: Hello, Parameters: &Parameters{K: DefaultWeights, Hold: 15}})
}

// say sends a reliable packet.
func (k *talk) say(m Message) {
	k.seq++
	m.Seq = k.seq
	k.hear(m)
}

func (k *talk) hear(m Message) { k.hearFrom(k.peer, m) }

func (k *talk) hearFrom(peer netip.Addr, m Message) {
	m.AS = 1
	k.take(k.e.Receive(k.now, Packet{Interface: "Ethernet0", Addr: peer, Payload: m.AppendTo(nil, nil)}))
}

// take notes what the engine says, and acknowledges it.
func (k *talk) take(out Output) {
	for _, e := range out.Log {
		k.log = append(k.log, spell(e))
	}
	for _, p := range out.Send {
		m, err := Parse(p.Payload)
		if err != nil {
			k.t.Fatal(err)
		}
		if p.Interface != "Ethernet0" || m.Op == Hello {
			continue
		}
		for _, r := range m.Routes {
			if p.Addr != Group && p.Addr != k.peer {
				continue
			}
			active := ""
			if r.Flags&routeActive != 0 {
				active = " active"
			}
			k.got = append(k.got, fmt.Sprintf("%s %v%s", opNames[m.Op], r, active))
		}
		for _, a := range k.peers {
			if p.Addr == Group || p.Addr == a {
				k.hearFrom(a, Message{Op: Hello, Ack: m.Seq})
			}
		}
	}
}

var opNames = map[Opcode]string{Update: "update", Query: "query", Reply: "reply", SIAQuery: "sia-query", SIAReply: "sia-reply"}

// run lets d pass, with a Hello every five seconds.
func (k *talk) run(d time.Duration) {
	until := k.now.Add(d)
	for hello := k.now; ; {
		next := k.e.Next()
		if hello.Before(next) {
			next = hello
		}
		if next.After(until) {
			break
		}
		k.now = next
		if next.Equal(hello) {
			k.hello()
			hello = hello.Add(5 * time.Second)
		}
		k.take(k.e.Advance(k.now))
	}
	k.now = until
}

func (k *talk) want(what, want string) {
	k.t.Helper()
	got := strings.Join(append(slices.Clone(k.got), k.log...), "\n")
	if strings.TrimSpace(want) != got {
		k.t.Errorf("%s:\n%s\nwant:\n%s", what, got, strings.TrimSpace(want))
	}
	k.got, k.log = nil, nil
}

func (k *talk) state(p string) dualState { return k.e.table.by[prefix(p)].state }

// reachable is a route with a metric of so many tens of microseconds.
func at(p string, delay uint32) Route {
	return Route{Prefix: prefix(p), Metric: LinkMetric(10000, delay, 1500)}
}

func gone(p string) Route { return Route{Prefix: prefix(p), Metric: unreachable} }

const lan = "192.168.1.0/24"

// TestActive walks through the states of DUAL: the LAN of the engine goes, and
// the neighbour, which counted on it, takes its time.
func TestActive(t *testing.T) {
	k := meetTalk(t, nil)
	down := k.e.cfg
	down.Interfaces = slices.Clone(down.Interfaces)
	down.Interfaces[1].Up = false
	k.take(k.e.Configure(k.now, down))
	k.want("the LAN goes", "query "+lan+" unreachable")
	if s := k.state(lan); s != active1 {
		t.Errorf("state %d, want active1", s)
	}
	k.say(Message{Op: Query, Routes: []Route{gone(lan)}})
	k.want("a query from who is no successor is answered at once", "reply "+lan+" unreachable")
	k.say(Message{Op: Reply, Routes: []Route{gone(lan)}})
	k.want("nobody has it", "")
	if r := k.e.table.by[prefix(lan)]; r != nil {
		t.Errorf("the route is still there: %+v", r)
	}
}

// TestDualTable takes every arrow of the machine with two neighbours: one that
// gives the path, and one that is asked.
func TestDualTable(t *testing.T) {
	for _, row := range []struct {
		state dualState
		event dualEvent
		want  dualState
	}{
		{passive, infeasible, active1}, {passive, successorAsks, active3},
		{active1, farther, active0}, {active1, successorAsks, active2}, {active1, lastFeasible, passive},
		{active0, successorAsks, active2}, {active0, lastFeasible, passive}, {active0, lastInfeasible, active1},
		{active3, farther, active2}, {active3, lastFeasible, passive},
		{active2, lastFeasible, passive}, {active2, lastInfeasible, active3}, {active2, farther, active2},
	} {
		if got := dual[row.state][row.event]; got != row.want {
			t.Errorf("state %d, event %d: %d, want %d", row.state, row.event, got, row.want)
		}
	}
}

// TestFartherWhileActive: the path becomes worse while it is asked about, so
// that the first round is not enough.
func TestFartherWhileActive(t *testing.T) {
	k := meetTalk(t, nil)
	const far = "10.9.0.0/16"
	k.say(Message{Op: Update, Routes: []Route{at(far, 10)}})
	k.run(0)
	r := k.e.table.by[prefix(far)]
	if r.feasible != 256*(1000+110) {
		t.Errorf("FD %d", r.feasible)
	}
	k.say(Message{Op: Update, Routes: []Route{at(far, 500)}})
	if r.state != passive || r.feasible != 256*(1000+600) {
		t.Errorf("with nobody to ask: state %d, FD %d", r.state, r.feasible)
	}
	k.say(Message{Op: Query, Routes: []Route{gone(far)}})
	k.want("the successor asks, nobody else is there", "reply "+far+" unreachable")
}

// TestStuckInActive: who does not reply is reminded after half the active
// time, and dropped if it does not answer that.
func TestStuckInActive(t *testing.T) {
	k := meetTalk(t, nil)
	k.lose()
	k.run(90*time.Second - 1)
	k.want("before half the time", "query "+lan+" unreachable")
	k.run(1)
	k.want("after half of it", "sia-query "+lan+" unreachable active")
	k.run(90*time.Second - 1)
	k.want("before the end", "")
	k.run(1)
	k.want("at the end", `
eigrp.Stuck{1 192.168.1.0/24 Ethernet0 10.0.0.2}
10.0.0.2 (Ethernet0) down: stuck in active`)
	if len(k.e.table.routes) != 1 {
		t.Errorf("the route is still there")
	}
}

// lose takes the engine's LAN away.
func (k *talk) lose() {
	down := k.e.cfg
	down.Interfaces = slices.Clone(down.Interfaces)
	down.Interfaces[1].Up = false
	k.take(k.e.Configure(k.now, down))
}

// TestReminded: who says that it is still at it is reminded three times.
func TestReminded(t *testing.T) {
	k := meetTalk(t, nil)
	k.lose()
	still := gone(lan)
	still.Flags = routeActive
	for n := range siaMax {
		k.got = nil
		k.run(90 * time.Second)
		k.want(fmt.Sprintf("reminder %d", n+1), "sia-query "+lan+" unreachable active")
		k.say(Message{Op: SIAReply, Routes: []Route{still}})
	}
	k.run(90*time.Second - 1)
	k.want("before the end", "")
	k.run(1)
	k.want("at the end", `
eigrp.Stuck{1 192.168.1.0/24 Ethernet0 10.0.0.2}
10.0.0.2 (Ethernet0) down: stuck in active`)
}

// TestSIAReplyEnds: an answer that says the neighbour has converged is as good
// as its reply.
func TestSIAReplyEnds(t *testing.T) {
	k := meetTalk(t, nil)
	k.lose()
	k.run(90 * time.Second)
	k.say(Message{Op: SIAReply, Routes: []Route{gone(lan)}})
	if k.e.table.by[prefix(lan)] != nil {
		t.Error("the route is still active")
	}
}

// TestSIAQueryIsAnswered, whether the route is known, active or not.
func TestSIAQueryIsAnswered(t *testing.T) {
	k := meetTalk(t, nil)
	k.say(Message{Op: SIAQuery, Routes: []Route{gone("10.7.0.0/16"), gone(lan)}})
	k.want("passive", "sia-reply 10.7.0.0/16 unreachable\nsia-reply "+lan+" delay 25600 bandwidth 256000")
	k.lose()
	k.got = nil
	k.say(Message{Op: SIAQuery, Routes: []Route{gone(lan)}})
	k.want("active", "sia-reply "+lan+" unreachable active")
}

// TestActiveTimeDisabled: then nobody is ever dropped for it.
func TestActiveTimeDisabled(t *testing.T) {
	k := meetTalk(t, func(c *Config) { c.Active = -1 })
	k.lose()
	k.got = nil
	k.run(time.Hour)
	k.want("an hour later", "")
}

// TestStubIsNotAsked: a stub router knows no other way, so it is told.
func TestStubIsNotAsked(t *testing.T) {
	k := meetTalk(t, nil)
	s := StubConnected
	k.hear(Message{Op: Hello, Parameters: &Parameters{K: DefaultWeights, Hold: 15}, Stub: &s})
	k.lose()
	k.want("the LAN goes", "update "+lan+" unreachable")
}

// TestOwnNextHop: a hub says our own network with our address as its next hop.
func TestOwnNextHop(t *testing.T) {
	k := meetTalk(t, nil)
	back := at("172.16.0.0/16", 10)
	back.NextHop = ip("10.0.0.1")
	third := at("172.17.0.0/16", 10)
	third.NextHop = ip("10.0.0.7")
	off := at("172.18.0.0/16", 10)
	off.NextHop = ip("10.5.0.7")
	k.say(Message{Op: Update, Routes: []Route{back, third, off}})
	got := ""
	for _, r := range k.e.Routes() {
		got += fmt.Sprintf("%v via %v\n", r.Prefix, r.Via)
	}
	if want := "172.17.0.0/16 via 10.0.0.7\n172.18.0.0/16 via 10.0.0.2\n"; got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

// TestWhatIsNotTaken: hop counts over the limit, externals of our own, and
// prefixes that nobody may announce.
func TestWhatIsNotTaken(t *testing.T) {
	k := meetTalk(t, func(c *Config) { c.MaximumHops = 5 })
	far := at("10.1.0.0/16", 10)
	far.Metric.Hops = 5
	near := at("10.2.0.0/16", 10)
	near.Metric.Hops = 4
	own := at("10.3.0.0/16", 10)
	own.External = &External{Router: ip("1.1.1.1")}
	k.say(Message{Op: Update, Routes: []Route{far, near, own, at("224.0.0.0/8", 1), at("127.0.0.0/8", 1)}})
	if all := k.e.Routes(); len(all) != 1 || all[0].Prefix != near.Prefix {
		t.Errorf("routes %v, want one", all)
	}
}

// TestWhoComesWhileActive: a neighbour that comes while a route is active has
// not been asked, and will not have agreed to the distance that the route ends
// with. It is told nothing before.
func TestWhoComesWhileActive(t *testing.T) {
	k := meetTalk(t, func(c *Config) { c.Interfaces[0].NoSplitHorizon = true })
	const far = "10.9.0.0/16"
	k.meet("10.0.0.3")
	k.say(Message{Op: Update, Routes: []Route{at(far, 200)}})
	k.peer = ip("10.0.0.2")
	k.say(Message{Op: Update, Routes: []Route{at(far, 10)}})
	k.got, k.log = nil, nil
	k.say(Message{Op: Update, Routes: []Route{at(far, 500)}})
	k.want("the shortest path is not feasible", "query "+far+" delay 153600 bandwidth 256000")
	k.meet("10.0.0.4")
	k.want("the table of a new neighbour", `
update 10.0.0.0/24 delay 25600 bandwidth 256000
update `+lan+` delay 25600 bandwidth 256000
10.0.0.4 (Ethernet0) up`)
	k.say(Message{Op: Query, Routes: []Route{gone(far)}})
	k.want("its query", "reply "+far+" unreachable")
	k.peer = ip("10.0.0.2")
	k.say(Message{Op: Reply, Routes: []Route{at(far, 500)}})
	k.peer = ip("10.0.0.3")
	k.say(Message{Op: Reply, Routes: []Route{gone(far)}})
	k.run(time.Second) // the pace
	k.want("all have replied: it is what was asked about, and told anew", "update "+far+" delay 153600 bandwidth 256000")
	if r := k.e.table.by[prefix(far)]; r.state != passive || r.feasible != 256*(1000+600) {
		t.Errorf("state %d, FD %d", r.state, r.feasible)
	}
}
