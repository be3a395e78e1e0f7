package nhrp

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// A tunnel is NHRP on one interface. All its state but the counters begins
// when the interface can be used and ends when it cannot.
type tunnel struct {
	engine  *Engine
	cfg     Interface
	running bool
	cache
	peers     map[netip.Addr]*peer
	multicast []*peer // held by "map multicast"
	servers   []*registration
	purges    []*purge
	limiter   limiter
	errors    limiter // of our error indications
	warnings  limiter // of what the log hears of wrong packets
	shortcuts map[netip.Prefix]*shortcut
	told      []told
	nat       netip.Addr // our NBMA address as a server sees it, if it differs
	traffic   Traffic
}

func newTunnel(e *Engine, name string) *tunnel {
	return &tunnel{engine: e, cfg: Interface{Name: name}}
}

// addr is our own address on the tunnel.
func (t *tunnel) addr() netip.Addr { return t.cfg.Addr.Addr() }

// holdtime is for how long others may hold our address.
func (t *tunnel) holdtime() time.Duration { return cmp.Or(t.cfg.Holdtime, DefaultHoldtime) }

// usable says whether NHRP can run on an interface as it stands.
func (i Interface) usable() bool {
	return i.Up && i.NBMA.IsValid() && i.Addr.IsValid() && i.NetworkID != 0
}

// sameStation says whether peers that knew the one know the other: if not,
// nothing of what was learnt holds any more.
func (i Interface) sameStation(j Interface) bool {
	return i.NBMA == j.NBMA && i.Remote == j.Remote &&
		i.Multipoint == j.Multipoint && i.Protected == j.Protected
}

func (t *tunnel) configure(now time.Time, to Interface, out *Output) {
	if t.running && (!to.usable() || !to.sameStation(t.cfg)) {
		t.stop(out)
	}
	from := t.cfg
	t.cfg = to
	if !to.usable() {
		return
	}
	if !t.running {
		t.running, from = true, Interface{Addr: to.Addr}
		t.cache, t.peers = newCache(), map[netip.Addr]*peer{}
		t.shortcuts = map[netip.Prefix]*shortcut{}
	}
	if from.Addr != to.Addr {
		t.renumber(now, from.Addr.Addr(), out)
	}
	t.dropServers(now, out)
	t.adjustMaps(now, out)
	t.adjustMulticast(out)
	t.adjustServers(now, !from.registersAs(to), out)
}

// registersAs says whether a server knows the same of both.
func (i Interface) registersAs(j Interface) bool {
	return i.Addr == j.Addr && i.Holdtime == j.Holdtime && i.RegTimeout == j.RegTimeout &&
		i.Unique == j.Unique && i.Authentication == j.Authentication && i.MTU == j.MTU
}

// renumber forgets what was learnt under an address that we had, and has who
// knows the address forget it too.
func (t *tunnel) renumber(now time.Time, old netip.Addr, out *Output) {
	if old != t.addr() {
		for _, to := range t.holders() {
			t.purge(now, to, old, out)
		}
	}
	for _, n := range slices.Clone(t.order) {
		if n.kind != static {
			t.remove(n, TunnelDown, out)
		}
	}
}

// adjustMaps makes the static entries those of the configuration: what comes
// before what goes, so that a peer that stays is not closed in between. Of two
// maps for one address the first counts.
func (t *tunnel) adjustMaps(now time.Time, out *Output) {
	keep := map[netip.Addr]bool{}
	for _, m := range t.cfg.Maps {
		n := t.entries[m.Addr]
		done := n != nil && n.kind == static && n.nbma == m.NBMA
		if done || keep[m.Addr] {
			keep[m.Addr] = true
			continue
		}
		keep[m.Addr] = true
		if n == nil {
			n = t.insert(now, m.Addr)
		}
		n.become(static)
		n.created, n.expires, n.request = now, time.Time{}, request{}
		t.bind(n, m.NBMA, out)
		n.schedule()
	}
	for _, n := range slices.Clone(t.order) {
		if n.kind == static && !keep[n.addr] {
			t.remove(n, NoReason, out)
		}
	}
}

func (t *tunnel) adjustMulticast(out *Output) {
	old := t.multicast
	t.multicast = nil
	for _, nbma := range t.cfg.Multicast {
		t.multicast = append(t.multicast, t.hold(nbma, out))
	}
	for _, p := range old {
		t.release(p, out)
	}
}

// dropServers ends the registrations that are not configured any more, while
// what is configured for their servers still stands.
func (t *tunnel) dropServers(now time.Time, out *Output) {
	t.servers = slices.DeleteFunc(t.servers, func(s *registration) bool {
		if slices.Contains(t.cfg.NHS, s.addr) {
			return false
		}
		s.withdraw(now, out)
		s.end()
		return true
	})
}

// adjustServers makes the registrations those of the configuration; anew says
// that the servers must hear of a change.
func (t *tunnel) adjustServers(now time.Time, anew bool, out *Output) {
	old := t.servers
	t.servers = nil
	for _, addr := range t.cfg.NHS {
		i := slices.IndexFunc(old, func(s *registration) bool { return s.addr == addr })
		if i >= 0 {
			t.servers = append(t.servers, old[i])
			old = slices.Delete(old, i, i+1)
			continue
		}
		t.servers = append(t.servers, newRegistration(now, t, addr))
	}
	for _, s := range t.servers {
		if moved := s.locate(now, out); moved || anew {
			s.start(now, out)
		}
	}
}

// stop ends everything on the tunnel.
func (t *tunnel) stop(out *Output) {
	if !t.running {
		return
	}
	for _, s := range t.servers {
		s.down(TunnelDown, out)
		s.end()
	}
	for _, n := range slices.Clone(t.order) {
		t.remove(n, TunnelDown, out)
	}
	t.told = nil
	for _, p := range slices.Clone(t.purges) {
		p.end(out)
	}
	for _, p := range t.multicast {
		t.release(p, out)
	}
	t.servers, t.multicast, t.running, t.nat = nil, nil, false, netip.Addr{}
	t.engine.changed(out)
}

// clear forgets dynamic entries; a prefix that is not valid means all.
func (t *tunnel) clear(now time.Time, which netip.Prefix, out *Output) {
	for _, n := range slices.Clone(t.order) {
		if n.kind != static && (!which.IsValid() || which.Contains(n.addr)) {
			t.remove(n, Cleared, out)
		}
	}
	for _, s := range t.servers {
		s.start(now, out)
	}
}

// claimable says whether an address can be another station's: a host of the
// tunnel's subnet, and not ours. A tunnel with a host mask has no subnet.
func (t *tunnel) claimable(addr netip.Addr) bool {
	if !addr.Is4() || addr == t.addr() || !unicast(addr) {
		return false
	}
	return t.cfg.Addr.IsSingleIP() || t.cfg.Addr.Contains(addr)
}

// reachable says whether an NBMA address can be another station's.
func (t *tunnel) reachable(nbma netip.Addr) bool {
	return nbma.Is4() && nbma != t.cfg.NBMA && unicast(nbma)
}

func unicast(a netip.Addr) bool {
	return !a.IsUnspecified() && !a.IsMulticast() && !a.IsLoopback() && a != broadcast
}

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})
