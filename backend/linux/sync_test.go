//go:build linux

package linux

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gresh/backend/forward"
	"gresh/backend/sadb"
)

var update = flag.Bool("update", false, "rewrite the golden files (on the host: with GRESH_UML=off)")

// A tunnelAs is a tunnel of a router in these tests.
type tunnelAs struct {
	name          string
	local, remote string // "": none, multipoint
	key           uint32 // 0: none
	address       string
	sadb          string // "": unprotected
	shared        bool
	refused       bool // its protection was: closed, and down
	down          bool
	peers         []peerAs
}

// A peerAs is a next hop of a tunnel, with a network behind it.
type peerAs struct{ addr, nbma, behind string }

// A pairAs is an SA each way; pairs of one SADB and peer follow each other.
type pairAs struct {
	sadb, local, peer string
	spi               uint32 // of what leaves; what enters has one more
	encap             sadb.Encap
}

// A site is a router in these tests: table is what it asks of its kernel.
type site struct {
	ethernet string // its address
	noLink   bool
	tunnels  []tunnelAs
	pairs    []pairAs
	null     string // a network that leads nowhere
}

func (s site) table() (t forward.Table) {
	port := forward.Interface{Name: "Ethernet0", Kind: forward.Ethernet, Up: true, MTU: 1500}
	if s.ethernet != "" {
		port.Addresses = []netip.Prefix{netip.MustParsePrefix(s.ethernet)}
		if !s.noLink {
			t.Routes = append(t.Routes, linkRoute(s.ethernet, "Ethernet0"))
		}
	}
	t.Interfaces = []forward.Interface{port}
	if s.null != "" {
		t.Routes = append(t.Routes, forward.Route{Prefix: netip.MustParsePrefix(s.null)})
	}
	for i, tunnel := range s.tunnels {
		tunnel.down = tunnel.down || tunnel.refused || tunnel.local == "" || held(s.tunnels[:i], tunnel)
		tunnel.addTo(&t)
	}
	for _, p := range s.pairs {
		t.SAs = append(t.SAs, p.sas()...)
	}
	return t
}

// held says whether an earlier tunnel has the ends and the key of this one:
// then this one is down.
func held(earlier []tunnelAs, t tunnelAs) bool {
	return slices.ContainsFunc(earlier, func(o tunnelAs) bool {
		return o.local == t.local && o.remote == t.remote && o.key == t.key
	})
}

func linkRoute(address, dev string) forward.Route {
	return forward.Route{Prefix: netip.MustParsePrefix(address).Masked(), Hops: []forward.Hop{{Dev: dev}}}
}

func optional(a string) netip.Addr {
	if a == "" {
		return netip.Addr{}
	}
	return ip(a)
}

func (u tunnelAs) addTo(t *forward.Table) {
	i := forward.Interface{Name: u.name, Kind: forward.GRE, Up: !u.down, MTU: 1400,
		Addresses: []netip.Prefix{netip.MustParsePrefix(u.address)},
		Tunnel: forward.Tunnel{Local: optional(u.local), Remote: optional(u.remote), Key: u.key, HasKey: u.key != 0,
			TTL: 255, SADB: u.sadb}}
	t.Interfaces = append(t.Interfaces, i)
	if p, ok := u.policy(); ok && !slices.Contains(t.Policies, p) {
		t.Policies = append(t.Policies, p)
	}
	if u.down {
		return
	}
	t.Routes = append(t.Routes, linkRoute(u.address, u.name))
	for _, p := range u.peers {
		t.Neighbors = append(t.Neighbors, forward.Neighbor{Dev: u.name, Addr: ip(p.addr), NBMA: ip(p.nbma)})
		t.Routes = addHop(t.Routes, netip.MustParsePrefix(p.behind), forward.Hop{Dev: u.name, Via: ip(p.addr)})
	}
}

// addHop makes a route of several hops where several tunnels lead.
func addHop(routes []forward.Route, to netip.Prefix, hop forward.Hop) []forward.Route {
	for i := range routes {
		if routes[i].Prefix == to {
			routes[i].Hops = append(slices.Clone(routes[i].Hops), hop)
			return routes
		}
	}
	return append(routes, forward.Route{Prefix: to, Hops: []forward.Hop{hop}})
}

// policy is what closes a tunnel, as the router derives it.
func (u tunnelAs) policy() (p forward.Policy, ok bool) {
	if u.sadb == "" && !u.refused || u.local == "" {
		return p, false
	}
	p = forward.Policy{SADB: u.sadb, Local: ip(u.local), Shape: forward.Shape{ESP: true, Mode: sadb.TransportMode}}
	if !u.shared {
		p.Key, p.HasKey = u.key, u.key != 0
	}
	if u.refused {
		p.SADB, p.Shape = "", forward.Shape{}
	}
	return p, true
}

func (p pairAs) sas() []sadb.SA {
	out := sadb.SA{Proto: sadb.ESP, SPI: p.spi, Src: ip(p.local), Dst: ip(p.peer), SADB: p.sadb, Mode: sadb.TransportMode,
		Cipher: sadb.DES, Integrity: sadb.MD5, EncKey: []byte("8 octets"), AuthKey: []byte("sixteen octets.."), Encap: p.encap}
	in := out
	in.SPI, in.Src, in.Dst, in.Replay = p.spi+1, out.Dst, out.Src, 64
	return []sadb.SA{out, in}
}

// A rig is a host on a kernel that is a map.
type rig struct {
	t       rapid.TB
	k       *fakeKernel
	h       *Host
	seconds int64 // each look at the clock takes one
}

func newRig(t rapid.TB) *rig {
	r := &rig{t: t, k: newFakeKernel("eth0", "eth1")}
	r.restart()
	return r
}

// restart is a new process, which knows nothing of what the last one did.
func (r *rig) restart() {
	r.t.Helper()
	n := newNames(map[string]string{"Ethernet0": "eth0"})
	r.k.names = n
	for dev := range r.k.devices {
		r.k.learn(dev)
	}
	r.h = newHost(Options{Ports: n.ports}, r.k, n)
	r.h.clamps.known = true // there is no nf_tables here
	r.h.second = func() int64 { r.seconds++; return r.seconds }
	if err := r.k.route(); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) sync(t forward.Table) error { return r.h.Sync(time.Time{}, t) }

func (r *rig) mustSync(t forward.Table) {
	r.t.Helper()
	if err := r.sync(t); err != nil {
		r.t.Fatalf("cannot sync: %v", err)
	}
}

func (r *rig) text() string { return r.k.text(r.h.sadbOf) }

// refusals are what the host has told the router that the kernel did not take.
func (r *rig) refusals() (all []string) {
	for len(r.h.loop.events) > 0 {
		if e, ok := (<-r.h.loop.events).(forward.Refused); ok {
			all = append(all, fmt.Sprintf("%s: %s", e.What, e.Reason))
		}
	}
	return all
}

// A story is what a kernel is asked and what it has then, for a golden file.
type story struct {
	*rig
	b strings.Builder
}

func newStory(t *testing.T) *story {
	s := &story{rig: newRig(t)}
	s.k.after = func(did step) {
		mark := map[bool]string{true: "+", false: "-"}[did.set]
		if did.set && did.over {
			mark = "~"
		}
		fmt.Fprintf(&s.b, "%s %s\n", mark, named(did.object, s.h.sadbOf))
	}
	return s
}

// to syncs what a site asks for.
func (s *story) to(title string, t forward.Table) {
	fmt.Fprintf(&s.b, "== %s\n", title)
	if err := s.sync(t); err != nil {
		fmt.Fprintf(&s.b, "refused: %v\n", err)
	}
	for _, r := range s.refusals() {
		fmt.Fprintf(&s.b, "refused: %s\n", r)
	}
	fmt.Fprintf(&s.b, "--\n%s\n", s.text())
}

// golden compares the story with testdata/kernel.
func (s *story) golden(name string) {
	s.t.Helper()
	file := filepath.Join("..", "..", "testdata", "kernel", name+".txt")
	got := s.b.String()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	if got != string(want) {
		s.t.Errorf("%s differs (GRESH_UML=off go test ./backend/linux -update, then read the diff)\ngot:\n%s\nwant:\n%s",
			file, got, want)
	}
}

const (
	spokeNBMA = "172.17.0.11"
	shared    = "vpnprof-head-1"
)

// guideSpoke is a spoke of the guide, once its address is leased.
func guideSpoke() site {
	return site{ethernet: spokeNBMA + "/24", tunnels: []tunnelAs{
		{name: "Tunnel0", local: spokeNBMA, key: 100000, address: "10.0.0.11/24", sadb: shared, shared: true,
			peers: []peerAs{{"10.0.0.1", "172.17.0.1", "192.168.0.0/24"}}},
		{name: "Tunnel1", local: spokeNBMA, key: 100001, address: "10.0.1.11/24", sadb: shared, shared: true,
			peers: []peerAs{{"10.0.1.1", "172.17.0.5", "192.168.0.0/24"}}},
	}}
}

// protected has SAs with the hubs.
func protected() site {
	s := guideSpoke()
	s.pairs = []pairAs{{sadb: shared, local: spokeNBMA, peer: "172.17.0.1", spi: 0x1000},
		{sadb: shared, local: spokeNBMA, peer: "172.17.0.5", spi: 0x1010}}
	return s
}

// The guide's spoke from its start to its end.
func TestSpoke(t *testing.T) {
	s := newStory(t)
	none := guideSpoke()
	none.ethernet = ""
	for i := range none.tunnels {
		none.tunnels[i].local = ""
	}
	s.to("start, without an address", none.table())
	s.to("a lease", guideSpoke().table())
	up := protected()
	s.to("SAs with the hubs", up.table())
	up.tunnels[0].peers = append(slices.Clone(up.tunnels[0].peers), peerAs{"10.0.0.12", "172.17.0.12", "192.168.2.0/24"})
	up.pairs = append(up.pairs, pairAs{sadb: shared, local: spokeNBMA, peer: "172.17.0.12", spi: 0x1020})
	s.to("a shortcut to the other spoke", up.table())
	s.to("the same again", up.table())
	both := up
	both.pairs = append(slices.Clone(up.pairs), pairAs{sadb: shared, local: spokeNBMA, peer: "172.17.0.1", spi: 0x2000})
	s.to("a rekey begins", both.table())
	both.pairs = both.pairs[1:]
	s.to("and ends", both.table())
	both.pairs[0].encap = sadb.Encap{SrcPort: 4500, DstPort: 1024}
	s.to("the mapping of a NAT moves", both.table())
	s.to("the end", forward.Table{})
	s.golden("spoke")
}

// A tunnel comes, changes and goes beside one that stays.
func TestTunnel(t *testing.T) {
	s := newStory(t)
	one := protected()
	one.tunnels, one.pairs = one.tunnels[:1], one.pairs[:1]
	s.to("one tunnel", one.table())
	s.to("a second", protected().table())
	changed := protected()
	changed.tunnels = slices.Clone(changed.tunnels)
	changed.tunnels[1].key, changed.tunnels[1].address = 7, "10.0.1.99/24"
	s.to("another key and address", changed.table())
	changed.tunnels[1].peers, changed.tunnels[1].remote = nil, "172.17.0.5"
	s.to("point-to-point", changed.table())
	changed.tunnels[1].down = true
	s.to("shut down", changed.table())
	s.to("no second", one.table())
	s.golden("tunnel")
}

// The tunnels stop sharing: policies by key take over from the one for both,
// before it goes.
func TestUnshared(t *testing.T) {
	s := newStory(t)
	s.to("shared", protected().table())
	apart := guideSpoke()
	for i := range apart.tunnels {
		apart.tunnels[i].sadb, apart.tunnels[i].shared = apart.tunnels[i].name+"-head-0", false
	}
	s.to("unshared", apart.table())
	apart.pairs = []pairAs{{sadb: "Tunnel0-head-0", local: spokeNBMA, peer: "172.17.0.1", spi: 0x3000},
		{sadb: "Tunnel1-head-0", local: spokeNBMA, peer: "172.17.0.5", spi: 0x3010}}
	s.to("with SAs", apart.table())
	apart.tunnels[1].refused = true
	s.to("the protection of one refused", apart.table())
	s.to("shared again", protected().table())
	s.golden("unshared")
}

// foreignState is what others have in the namespace, all of it near to ours.
func foreignState(k *fakeKernel) {
	k.make(link{dev: "Tunnel9", kind: forward.GRE, up: true, local: ip("172.17.0.11"), key: 9, hasKey: true}, false)
	k.addresses = append(k.addresses, fakeAddress{address{"eth0", netip.MustParsePrefix("172.17.0.12/24")}, false})
	k.neighbors[neighbor{dev: "Tunnel9", addr: ip("10.0.0.1")}] = neighbor{"Tunnel9", ip("10.0.0.1"), ip("172.17.0.1")}
	all := netip.MustParsePrefix("172.17.0.0/24")
	k.routes[fakeRouteKey{all, 0}] = fakeRoute{route{all, "eth0\n"}, false}
	p := policy{out: true, local: ip("172.17.0.11"), key: 9, hasKey: true, reqid: 1, shape: forward.Shape{ESP: true}}
	k.policies[selectorOf(p)] = fakePolicy{p, false}
	s := state{proto: sadb.ESP, spi: 0x9000, src: ip("172.17.0.11"), dst: ip("172.17.0.1"), reqid: 1}
	k.states[s.key()] = fakeState{s, false}
}

// foreign are the lines of what others have.
func (r *rig) foreign() (lines []string) {
	for line := range strings.Lines(r.text()) {
		if strings.Contains(line, "(foreign)") {
			lines = append(lines, line)
		}
	}
	return lines
}

// What others have stays, whatever comes and goes beside it; where we would
// need its place we are refused.
func TestForeign(t *testing.T) {
	s := newStory(t)
	foreignState(s.k)
	before := s.foreign()
	s.to("beside others", protected().table())
	other := guideSpoke()
	other.tunnels[1].name = "Tunnel9"
	s.to("a tunnel by the name of one of others", other.table())
	same := guideSpoke()
	same.tunnels[1].key = 9
	s.to("a tunnel with the ends and the key of one of others", same.table())
	same.tunnels[1].sadb, same.tunnels[1].shared = "Tunnel1-head-0", false
	s.to("a policy in place of one of others", same.table())
	sa := protected()
	sa.pairs = append(sa.pairs, pairAs{sadb: shared, local: spokeNBMA, peer: "172.17.0.1", spi: 0x9000})
	s.to("an SA in place of one of others", sa.table())
	s.to("an address of others", site{ethernet: "172.17.0.12/24"}.table())
	s.to("the end", forward.Table{})
	if after := s.foreign(); !slices.Equal(before, after) {
		t.Errorf("others have now %q, had %q", after, before)
	}
	s.golden("foreign")
}

// A predecessor was killed: what the next process wants of what it left stays
// without a gap, the rest goes.
func TestTakeOver(t *testing.T) {
	s := newStory(t)
	s.to("a router, and it is killed", protected().table())
	s.restart()
	s.to("the next, with the same configuration", guideSpoke().table())
	s.restart()
	other := guideSpoke()
	other.tunnels[0].name, other.tunnels = "Tunnel5", other.tunnels[:1]
	s.to("the next, with a tunnel of another name", other.table())
	s.restart()
	s.to("the next, with none", site{ethernet: spokeNBMA + "/24"}.table())
	s.golden("takeover")
}

// A device that others meddle with is put right, with all that hung on it.
func TestMeddling(t *testing.T) {
	for name, meddle := range map[string]func(*rig){
		"deleted": func(r *rig) {
			was, _ := r.h.names.device("Tunnel0")
			r.k.remove("Tunnel0")
			r.h.names.set("Tunnel0", was) // nobody has told yet
		},
		"switched off": func(r *rig) { r.k.turn(r.k.devices["Tunnel0"], false) },
		"without route": func(r *rig) {
			r.k.dropRoutes("Tunnel0", true)
			r.h.stale = true
		},
	} {
		r := newRig(t)
		r.mustSync(protected().table())
		want := r.text()
		meddle(r)
		if r.text() == want {
			t.Fatalf("%s: nothing was done", name)
		}
		r.h.lookAt(nil, time.Time{}, "Tunnel0")
		if got := r.text(); got != want {
			t.Errorf("%s: there is now\n%s\nnot\n%s", name, got, want)
		}
	}
}

// A kernel that has not enough of something fails any step: then all is as it
// was, or, for an SA, the rest is as it is to be. The next Sync gets there.
func TestFailures(t *testing.T) {
	from, to := protected(), guideSpoke()
	to.tunnels[0].key, to.tunnels[1].address = 5, "10.0.1.12/24"
	to.tunnels[1].sadb, to.tunnels[1].shared = "Tunnel1-head-0", false
	to.pairs = []pairAs{{sadb: shared, local: spokeNBMA, peer: "172.17.0.1", spi: 0x2000}}
	to.null = "192.0.2.0/24"
	whole := newRig(t)
	whole.mustSync(from.table())
	was, calls, sas := whole.text(), whole.k.calls, map[int]bool{}
	whole.k.after = func(s step) { sas[whole.k.calls] = s.object.class() == classState }
	whole.mustSync(to.table())
	want := whole.text()
	if was == want || whole.k.calls-calls < 10 {
		t.Fatalf("only %d steps", whole.k.calls-calls)
	}
	for n := calls + 1; n <= whole.k.calls; n++ {
		r := newRig(t)
		r.mustSync(from.table())
		r.k.fail = n
		if !sas[n] { // one that fails is left out
			r.watch(from.table(), to.table())
		}
		switch err := r.sync(to.table()); {
		case err != nil && r.text() != was:
			t.Errorf("step %d: %v, and there is\n%snot what was:\n%s", n, err, r.text(), was)
		case err == nil && r.text() != want && len(r.refusals()) == 0 && !r.h.stale:
			t.Errorf("step %d: no error, and there is\n%snot\n%s", n, r.text(), want)
		}
		r.h.stale = true // as when the kernel tells more than can be listened to
		if err := r.sync(to.table()); err != nil || r.text() != want {
			t.Errorf("step %d, and again: %v\n%snot\n%s", n, err, r.text(), want)
		}
	}
}

// A namespace that can't be the router is left as it was found.
func TestFirstFails(t *testing.T) {
	r := newRig(t)
	r.mustSync(protected().table())
	r.restart()
	r.k.make(link{dev: "Tunnel7", kind: forward.GRE}, false)
	r.k.learn("Tunnel7")
	was, next := r.text(), guideSpoke()
	next.tunnels[1].name = "Tunnel7"
	if err := r.sync(next.table()); err == nil || r.h.first == nil {
		t.Fatal("a device of others was taken")
	}
	if got := r.text(); got != was {
		t.Errorf("there is now\n%s\nnot\n%s", got, was)
	}
}

// Of the SAs to a peer that were added within one second the kernel takes
// whichever it likes. Only the last is left to be taken, and what comes in goes
// on coming in.
func TestOneSecond(t *testing.T) {
	r := newRig(t)
	r.h.second = func() int64 { return 7 }
	s := guideSpoke()
	s.pairs = nil
	for spi := uint32(0x1000); spi < 0x1006; spi += 2 {
		s.pairs = append(s.pairs, pairAs{sadb: shared, local: spokeNBMA, peer: "172.17.0.1", spi: spi})
		r.mustSync(s.table())
	}
	text := r.text()
	for spi, there := range map[string]bool{"0x1000": false, "0x1002": false, "0x1004": true,
		"0x1001": true, "0x1003": true, "0x1005": true} {
		if strings.Contains(text, "sa esp "+spi+" ") != there {
			t.Errorf("%s is there: %v\n%s", spi, !there, text)
		}
	}
	r.mustSync(forward.Table{})
	if text := r.text(); strings.Contains(text, "sa esp") {
		t.Errorf("left over:\n%s", text)
	}
}
