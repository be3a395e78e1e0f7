package backend

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"gresh/backend/config"
	"gresh/backend/event"
	"gresh/backend/forward"
	"gresh/backend/nvram"
	"gresh/backend/probe"
	"gresh/backend/sadb"
)

var boot = time.Date(2002, 3, 1, 0, 0, 0, 0, time.UTC)

// A recorder is a Host that only remembers what it was told.
type recorder struct {
	said   []string // "sync" and "send …", in order
	table  forward.Table
	refuse error
	events []Event
	sent   []forward.Packet
	sums   []sum // what it was given to compute
}

type sum struct {
	id  uint64
	run func() []byte
}

func (h *recorder) Ports() []Port {
	return []Port{{Name: "Ethernet0", MAC: [6]byte{2}}, {Name: "Ethernet1", MAC: [6]byte{3}}}
}

func (h *recorder) Sync(_ time.Time, t forward.Table) error {
	if h.refuse != nil {
		return h.refuse
	}
	h.said = append(h.said, "sync")
	h.table = t
	return nil
}

func (h *recorder) Send(_ time.Time, p forward.Packet) {
	h.said = append(h.said, strings.TrimPrefix(fmt.Sprintf("send %T", p), "forward."))
	h.sent = append(h.sent, p)
}

func (h *recorder) Counters() forward.Counters { return forward.Counters{} }
func (h *recorder) Compute(id uint64, run func() []byte) {
	h.sums = append(h.sums, sum{id, run})
}
func (h *recorder) Log(e Event) { h.events = append(h.events, e) }

func (h *recorder) logged(want any) bool {
	return slices.ContainsFunc(h.events, func(e Event) bool { return fmt.Sprintf("%T", e.Value) == fmt.Sprintf("%T", want) })
}

// spoke is a router with one protected multipoint tunnel.
func spoke() *config.Config {
	c := &config.Config{
		Policies:      []config.ISAKMPPolicy{{Priority: 1, Authentication: config.AuthPreShare}},
		Keys:          []config.PreSharedKey{{Secret: "cisco47", Address: netip.MustParsePrefix("0.0.0.0/0")}},
		TransformSets: []config.TransformSet{{Name: "t", Transforms: []string{"esp-des", "esp-md5-hmac"}, Transport: true}},
		Profiles:      []config.IPsecProfile{{Name: "p", TransformSets: []string{"t"}}},
	}
	c.AddInterface("Ethernet0").Address = netip.MustParsePrefix("172.17.0.11/24")
	t := c.AddInterface("Tunnel0")
	t.Address = netip.MustParsePrefix("10.0.0.11/24")
	t.Tunnel = config.Tunnel{Source: "Ethernet0", Mode: config.ModeGREMultipoint, Key: 1, HasKey: true,
		Protection: config.Protection{Profile: "p", Shared: true}}
	t.NHRP = config.NHRP{NetworkID: 1, NextHops: []netip.Addr{netip.MustParseAddr("10.0.0.1")},
		Maps: []config.NHRPMap{{Addr: netip.MustParseAddr("10.0.0.1"), NBMA: netip.MustParseAddr("172.17.0.1")}}}
	return c
}

func newRouter(t *testing.T, c *config.Config) (*Router, *recorder) {
	t.Helper()
	h := new(recorder)
	r := New(h, Options{Rand: rand.NewChaCha8([32]byte{}), Store: nvram.NewMemory([]byte("startup")),
		Load: func(string) (*config.Config, []event.LineRefused) { return c.Clone(), nil }})
	r.Boot(boot)
	r.Receive(boot, forward.Link{Dev: "Ethernet0", Up: true})
	return r, h
}

func TestNothingIsSentBeforeThePoliciesStand(t *testing.T) {
	_, h := newRouter(t, spoke())
	// One for the boot, and one for the carrier that lets the first be sent.
	first := slices.IndexFunc(h.said, func(s string) bool { return s != "sync" })
	if first != 2 {
		t.Fatalf("%q: two syncs have to come before whatever is sent", h.said)
	}
	want := forward.Policy{SADB: "p-head-1", Local: netip.MustParseAddr("172.17.0.11"),
		Shape: forward.Shape{ESP: true, Mode: sadb.TransportMode}}
	if !slices.Contains(h.table.Policies, want) {
		t.Errorf("policies %v, want %v", h.table.Policies, want)
	}
	if i := h.table.Interfaces[0]; i.Name != "Tunnel0" || i.Tunnel.SADB != "p-head-1" || !i.Up {
		t.Errorf("the tunnel is %+v", i)
	}
}

func TestPoliciesOutliveTheTunnel(t *testing.T) {
	r, h := newRouter(t, spoke())
	for name, edit := range map[string]func(*config.Interface){
		"shut":    func(i *config.Interface) { i.Shutdown, i.Refused = true, "" },
		"refused": func(i *config.Interface) { i.Shutdown, i.Refused = false, "% for a reason" },
	} {
		if _, err := r.Commit(boot, func(c *config.Config) error { edit(c.Interface("Tunnel0")); return nil }); err != nil {
			t.Fatal(err)
		}
		if len(h.table.Policies) != 1 || h.table.Interfaces[0].Up {
			t.Errorf("%s: policies %v, tunnel up %v", name, h.table.Policies, h.table.Interfaces[0].Up)
		}
		if got := h.table.Policies[0].SADB; (got == "") != (name == "refused") {
			t.Errorf("%s: the policy is of SADB %q", name, got)
		}
	}
}

func TestCommitIsAllOrNothing(t *testing.T) {
	r, h := newRouter(t, spoke())
	before, syncs := r.Running(), len(h.said)
	refused := func(edit func(*config.Config) error, want string) {
		t.Helper()
		if _, err := r.Commit(boot, edit); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if r.Running() != before {
			t.Error("the running configuration has changed")
		}
	}
	refused(func(c *config.Config) error { c.Hostname = "x"; return errors.New("% no") }, "% no")
	refused(func(c *config.Config) error {
		c.Interface("Tunnel0").Tunnel.SourceAddr, c.Interface("Tunnel0").Tunnel.Source = netip.MustParseAddr("172.17.0.11"), ""
		return nil
	}, "Tunnel0 shares the IPsec profile p and needs an interface")
	refused(func(c *config.Config) error {
		c.AddInterface("Loopback0").Address = netip.MustParsePrefix("10.0.0.99/32")
		return nil
	}, "% 10.0.0.99 overlaps with Tunnel0")
	refused(func(c *config.Config) error {
		c.Interface("Ethernet1").Address = netip.MustParsePrefix("10.0.0.99/16")
		return nil
	}, "% 10.0.0.0 overlaps with Tunnel0")
	if len(h.said) != syncs {
		t.Error("the Host was told of what was refused")
	}
	h.refuse = errors.New("no such algorithm")
	events := len(h.events)
	refused(func(c *config.Config) error { c.Interface("Tunnel0").Shutdown = true; return nil }, "% no such algorithm")
	if !r.isUp("Tunnel0") || len(r.SADB().SADBs) != 1 || len(h.events) != events {
		t.Error("an engine or the log was told of what the Host refused")
	}
	h.refuse = nil
	if _, err := r.Commit(boot, func(c *config.Config) error { c.Hostname = "x"; return nil }); err != nil || r.Running().Hostname != "x" {
		t.Errorf("%v, hostname %q", err, r.Running().Hostname)
	}
}

// A treacherous reader gives out, as an engine with a fault would.
type treacherous struct{ armed bool }

func (r *treacherous) Read(b []byte) (int, error) {
	if r.armed {
		panic("a fault")
	}
	for i := range b {
		b[i] = 7
	}
	return len(b), nil
}

func TestAFaultInAnEngineCostsTheInputAndNoMore(t *testing.T) {
	dice, h := new(treacherous), new(recorder)
	r := New(h, Options{Rand: dice, Store: nvram.NewMemory([]byte("startup")),
		Load: func(string) (*config.Config, []event.LineRefused) { return spoke(), nil }})
	r.Boot(boot)
	dice.armed = true
	r.Receive(boot, forward.Link{Dev: "Ethernet0", Up: true}) // begins a main mode
	if !h.logged(event.InputPanicked{}) {
		t.Fatal("nothing is said of the fault")
	}
	dice.armed = false
	r.Probe(boot, &probe.Ping{Dst: netip.MustParseAddr("172.17.0.1"), Count: 1, Size: 100, Timeout: time.Second}, func() {})
	if !slices.Contains(h.said, "send forward.SendIP") {
		t.Errorf("the router does nothing any more: %q", h.said)
	}
}

func TestProbesEndWithAReload(t *testing.T) {
	r, _ := newRouter(t, spoke())
	woken := 0
	p := r.Probe(boot, &probe.Ping{Dst: netip.MustParseAddr("172.17.0.1"), Count: 9, Size: 100, Timeout: time.Second},
		func() { woken++ })
	if _, done := p.Events(); done || woken > 0 {
		t.Fatalf("before the reload: done %v, woken %d times", done, woken)
	}
	r.Reload(boot.Add(time.Second))
	if _, done := p.Events(); !done || woken != 1 {
		t.Errorf("who waits is woken %d times, and told %v", woken, done)
	}
	if len(r.probes) != 0 || !r.Booted().Equal(boot.Add(time.Second)) {
		t.Errorf("%d probes, booted %v", len(r.probes), r.Booted())
	}
}
