//go:build linux

package linux

import (
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gresh/backend/forward"
	"gresh/backend/sadb"
)

// watch checks after every single step on the way between two tables that
// nothing is missing which both of them have.
func (r *rig) watch(from, to forward.Table) {
	was, is := r.desired(from), r.desired(to)
	r.k.after = func(s step) {
		for _, fault := range slices.Concat(r.open(from, to), r.bare(from, to), r.lost(was, is)) {
			r.t.Errorf("%s, after %s", fault, named(s.object, r.h.sadbOf))
		}
	}
}

// desired are the objects that a table asks for.
func (r *rig) desired(t forward.Table) map[any]object {
	wanted := r.h.wanted
	defer func() { r.h.wanted = wanted }()
	r.h.wanted = t
	all := map[any]object{}
	for _, op := range forward.Diff(forward.Table{}, t) {
		for _, o := range r.h.objects(op.Item) {
			all[o.name()] = o
		}
	}
	return all
}

// open are the devices that are up and must be closed by policies, but are not:
// those that are protected in both tables, and those that are as they are only
// in the one where they are protected.
func (r *rig) open(from, to forward.Table) (faults []string) {
	was, is := tunnels(from), tunnels(to)
	for dev, d := range r.k.devices {
		if d.kind != forward.GRE || !d.ours || !d.up {
			continue
		}
		old, now := was[dev].Tunnel, is[dev].Tunnel
		must := old.SADB != "" && now.SADB != "" ||
			old.SADB != "" && looks(d.link, old) && !looks(d.link, now) ||
			now.SADB != "" && looks(d.link, now) && !looks(d.link, old)
		if must && !(r.closes(d.link, true) && r.closes(d.link, false)) {
			faults = append(faults, "open: "+d.link.String())
		}
	}
	return faults
}

func tunnels(t forward.Table) map[string]forward.Interface {
	all := map[string]forward.Interface{}
	for _, i := range t.Interfaces {
		if i.Up {
			all[i.Name] = i
		}
	}
	return all
}

func looks(l link, t forward.Tunnel) bool {
	return l.local == t.Local && l.remote == t.Remote && l.key == t.Key && l.hasKey == t.HasKey
}

// closes says whether a policy is there for all that a device sends or gets.
func (r *rig) closes(l link, out bool) bool {
	for _, p := range r.k.policies {
		if p.out == out && p.local == l.local && (!p.hasKey || l.hasKey && p.key == l.key) &&
			(!p.peer.IsValid() || p.peer == l.remote) {
			return true
		}
	}
	return false
}

// bare are the ways to a peer that have an SA in both tables, and none now.
func (r *rig) bare(from, to forward.Table) (faults []string) {
	was := ways(from.SAs)
	for way := range ways(to.SAs) {
		if !was[way] {
			continue
		}
		found := false
		for _, s := range r.k.states {
			name, _ := r.h.sadbOf(s.reqid)
			found = found || way == [3]string{name, s.src.String(), s.dst.String()}
		}
		if !found {
			faults = append(faults, "no SA: "+way[0]+" from "+way[1]+" to "+way[2])
		}
	}
	return faults
}

func ways(all []sadb.SA) map[[3]string]bool {
	out := map[[3]string]bool{}
	for _, s := range all {
		out[[3]string{s.SADB, s.Src.String(), s.Dst.String()}] = true
	}
	return out
}

// lost are the objects that both tables want the same, on devices that both
// want the same, and that are not there.
func (r *rig) lost(was, is map[any]object) (faults []string) {
	for name, o := range is {
		if was[name] == o && r.steady(o, was, is) && !r.has(o) {
			faults = append(faults, "lost: "+o.String())
		}
	}
	return faults
}

func (r *rig) steady(o object, was, is map[any]object) bool {
	var devs []string
	switch o := o.(type) {
	case address:
		devs = []string{o.dev}
	case neighbor:
		devs = []string{o.dev}
	case route:
		devs = devsOf(o)
	}
	return !slices.ContainsFunc(devs, func(dev string) bool {
		name := link{dev: dev}.name()
		return was[name] != is[name]
	})
}

// has says whether an object is there. A policy may still have the reqid that
// a predecessor gave it; an SA, what it had first.
func (r *rig) has(o object) bool {
	switch o := o.(type) {
	case link:
		d, ok := r.k.devices[o.dev]
		return ok && (o.kind == forward.Ethernet || d.link == o)
	case address:
		return slices.ContainsFunc(r.k.addresses, func(a fakeAddress) bool { return a.address == o })
	case neighbor:
		return r.k.neighbors[o.name()] == o
	case route:
		return r.k.routes[fakeRouteKey{o.prefix, routeMetric}].route == o
	case policy:
		p, ok := r.k.policies[selectorOf(o)]
		return ok && (p.reqid != 0 || o.reqid == 0)
	case state:
		_, ok := r.k.states[o.key()]
		return ok
	}
	return false
}

// sites are routers as a configuration can have them.
func sites() *rapid.Generator[site] {
	return rapid.Custom(func(t *rapid.T) site {
		s := site{ethernet: rapid.SampledFrom([]string{"172.17.0.11/24", "172.17.0.12/24"}).Draw(t, "address"),
			null: rapid.SampledFrom([]string{"", "192.168.0.0/24", "192.168.1.0/24"}).Draw(t, "null")}
		local := netip.MustParsePrefix(s.ethernet).Addr().String()
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"Tunnel0", "Tunnel1", "Tunnel2"}), 0, 3,
			rapid.ID[string]).Draw(t, "tunnels") {
			s.tunnels = append(s.tunnels, drawTunnel(t, name, local))
		}
		for _, u := range s.tunnels {
			for _, p := range u.peers {
				s.pairs = drawPairs(t, s.pairs, u, p.nbma)
			}
		}
		return s
	})
}

func drawTunnel(t *rapid.T, name, local string) tunnelAs {
	u := tunnelAs{name: name, local: local, key: rapid.Uint32Range(0, 3).Draw(t, "key"),
		address: "10.0." + name[len("Tunnel"):] + rapid.SampledFrom([]string{".1/24", ".2/24"}).Draw(t, "host"),
		down:    rapid.Bool().Draw(t, "down")}
	switch rapid.IntRange(0, 3).Draw(t, "protection") {
	case 1:
		u.sadb, u.shared = shared, true
	case 2:
		u.sadb = name + "-head-0"
	case 3:
		u.sadb, u.refused, u.shared = shared, true, rapid.Bool().Draw(t, "shared")
	}
	if rapid.Bool().Draw(t, "point-to-point") {
		u.remote = rapid.SampledFrom([]string{"172.17.0.1", "172.17.0.5"}).Draw(t, "remote")
		return u
	}
	for _, host := range rapid.SliceOfNDistinct(rapid.IntRange(3, 5), 0, 2, rapid.ID[int]).Draw(t, "peers") {
		digit := string(rune('0' + host))
		u.peers = append(u.peers, peerAs{"10.0." + name[len("Tunnel"):] + "." + digit,
			"172.17.0." + rapid.SampledFrom([]string{"1", "5"}).Draw(t, "nbma"), "192.168." + digit + ".0/24"})
	}
	return u
}

// drawPairs adds the SAs of a tunnel and a peer, one pair or two amid a rekey.
func drawPairs(t *rapid.T, pairs []pairAs, u tunnelAs, nbma string) []pairAs {
	same := func(p pairAs) bool { return p.sadb == u.sadb && p.peer == nbma }
	if u.sadb == "" || u.refused || slices.ContainsFunc(pairs, same) {
		return pairs
	}
	base := uint32(len(u.sadb))<<16 | uint32(u.sadb[len("Tunnel")])<<8 | uint32(nbma[len(nbma)-1])<<4
	if u.local == "172.17.0.12" {
		base += 1 << 28
	}
	for _, n := range rapid.SliceOfNDistinct(rapid.Uint32Range(0, 3), 0, 2, rapid.ID[uint32]).Draw(t, "pairs") {
		pairs = append(pairs, pairAs{sadb: u.sadb, local: u.local, peer: nbma, spi: base + 2*n})
	}
	return pairs
}

// failed syncs while the kernel fails a step. If that was one of an SA, which
// is then left out, nobody can tell what the way to its peer has.
func (r *rig) failed(next forward.Table, n int) {
	r.k.fail = r.k.calls + n
	after := r.k.after
	r.k.after = nil
	err := r.sync(next)
	r.k.fail, r.k.after = 0, after
	if refused := r.refusals(); err == nil && len(refused) > 0 {
		r.h.stale = true // or the SA would be left out for good
	}
}

// From any table to any other a kernel comes to have just what the other asks
// for, and on the way nothing is open, bare or lost. A router that was killed
// in between, a kernel that fails a step, and others' state change nothing.
func TestConverges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r, was := newRig(rt), forward.Table{}
		foreignState(r.k)
		for range rapid.IntRange(1, 4).Draw(rt, "changes") {
			next := sites().Draw(rt, "next").table()
			if rapid.Bool().Draw(rt, "killed") {
				r.restart()
				was.SAs = nil // nobody knows their keys any more
			}
			r.watch(was, next)
			if rapid.IntRange(0, 3).Draw(rt, "failing") == 0 {
				r.failed(next, rapid.IntRange(1, 20).Draw(rt, "step"))
			}
			r.mustSync(next)
			fresh := newRig(rt)
			foreignState(fresh.k)
			fresh.mustSync(next)
			if got, want := r.text(), fresh.text(); got != want {
				rt.Fatalf("there is\n%s\nnot\n%s", got, want)
			}
			was = next
		}
	})
}
