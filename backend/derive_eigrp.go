package backend

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"gresh/backend/config"
	"gresh/backend/eigrp"
	"gresh/backend/password"
)

// eigrpConfig derives what one autonomous system is to do.
func (r *Router) eigrpConfig(p config.EIGRP) eigrp.Config {
	out := eigrp.Config{
		AS:           p.AS,
		RouterID:     r.routerID(p),
		Weights:      eigrp.Weights(p.Weights),
		MaximumPaths: int(p.MaximumPaths),
		Variance:     int(p.Variance),
		Internal:     p.DistanceInternal,
		External:     p.DistanceExternal,
		Active:       activeTime(p),
		Stub:         stubOf(p.Stub),
	}
	for _, i := range r.running.Interfaces {
		if e, ok := r.eigrpInterface(p, i); ok {
			out.Interfaces = append(out.Interfaces, e)
		}
	}
	out.Redistributed = r.redistributed(p, out)
	return out
}

func activeTime(p config.EIGRP) time.Duration {
	if p.NoActiveTime {
		return -1
	}
	return time.Duration(p.ActiveTime) * time.Minute
}

// eigrpInterface is an interface as a process has it; not ok if none of its
// network statements covers it.
func (r *Router) eigrpInterface(p config.EIGRP, i *config.Interface) (out eigrp.Interface, ok bool) {
	s := r.interfaces[i.Name]
	if !s.address.IsValid() || !slices.ContainsFunc(p.Networks, func(n config.Network) bool { return n.Covers(s.address.Addr()) }) {
		return out, false
	}
	bandwidth, delay := i.Characteristics()
	out = eigrp.Interface{
		Name:       i.Name,
		Addr:       s.address,
		Up:         s.up,
		Passive:    p.IsPassive(i.Name) || i.IsLoopback(),
		Multipoint: i.Tunnel.Mode == config.ModeGREMultipoint,
		Bandwidth:  bandwidth,
		Delay:      delay,
		MTU:        uint32(interfaceMTU(i)),
	}
	for _, n := range p.Neighbors {
		if n.Interface == i.Name {
			out.Neighbors = append(out.Neighbors, n.Addr)
		}
	}
	at := slices.IndexFunc(i.EIGRP, func(e config.InterfaceEIGRP) bool { return e.AS == p.AS })
	if at < 0 {
		return out, true
	}
	e := i.EIGRP[at]
	out.Hello, out.Hold = time.Duration(e.Hello)*time.Second, time.Duration(e.Hold)*time.Second
	out.BandwidthPercent = e.BandwidthPercent
	out.NoSplitHorizon, out.NoNextHopSelf = e.NoSplitHorizon, e.NoNextHopSelf
	for _, s := range e.Summaries {
		out.Summaries = append(out.Summaries, eigrp.Summary{Prefix: s})
	}
	if e.AuthMD5 {
		out.Keys = r.eigrpKeys(e.KeyChain)
	}
	return out, true
}

// eigrpKeys are the keys of a chain. A chain that is not there has one key that
// nobody knows: what is to be authenticated must not come in without.
func (r *Router) eigrpKeys(chain string) (all []eigrp.Key) {
	for _, c := range r.running.KeyChains {
		for _, k := range c.Keys {
			secret := k.Secret.Text
			if k.Secret.Type == uint8(password.Hidden) {
				secret, _ = password.Reveal(secret)
			}
			if c.Name == chain && secret != "" {
				all = append(all, eigrp.Key{ID: k.ID, Secret: secret})
			}
		}
	}
	if len(all) == 0 {
		return []eigrp.Key{{Secret: unknownSecret}}
	}
	return all
}

const unknownSecret = "\x00 there is no key \x00"

// routerID is the highest address of a loopback, or else of any interface. Once
// chosen it stays: another one would cost all neighbours.
func (r *Router) routerID(p config.EIGRP) (id netip.Addr) {
	if p.RouterID.IsValid() {
		return p.RouterID
	}
	if process := r.eigrp.find(p.AS); process != nil && process.id.IsValid() {
		return process.id
	}
	for _, loopbacks := range []bool{true, false} {
		for _, i := range r.running.Interfaces {
			s := r.interfaces[i.Name]
			if a := s.address.Addr(); i.IsLoopback() == loopbacks && s.up && a.IsValid() && (!id.IsValid() || id.Less(a)) {
				id = a
			}
		}
		if id.IsValid() {
			return id
		}
	}
	return netip.IPv4Unspecified()
}

// stubOf is "eigrp stub" with its words.
func stubOf(words []string) (s eigrp.Stub) {
	for _, w := range words {
		switch w {
		case "receive-only":
			s |= eigrp.StubReceiveOnly
		case "connected":
			s |= eigrp.StubConnected
		case "static":
			s |= eigrp.StubStatic
		case "summary":
			s |= eigrp.StubSummary
		case "redistributed":
			s |= eigrp.StubRedistributed
		}
	}
	return s
}

// redistributed are the routes of others that a process tells of.
func (r *Router) redistributed(p config.EIGRP, own eigrp.Config) (all []eigrp.Redistributed) {
	for _, line := range p.Redistribute {
		words := strings.Fields(line)
		var routes []eigrp.Redistributed
		switch {
		case len(words) == 0:
		case strings.HasPrefix("connected", words[0]):
			routes = r.redistributedConnected(own)
		case strings.HasPrefix("static", words[0]):
			routes = r.redistributedStatic()
		}
		if m, ok := seedMetric(words); ok {
			for i := range routes {
				routes[i].Metric = m
			}
		}
		all = append(all, routes...)
	}
	slices.SortStableFunc(all, func(a, b eigrp.Redistributed) int {
		return cmp.Or(a.Prefix.Addr().Compare(b.Prefix.Addr()), cmp.Compare(a.Prefix.Bits(), b.Prefix.Bits()))
	})
	return slices.CompactFunc(all, func(a, b eigrp.Redistributed) bool { return a.Prefix == b.Prefix })
}

// redistributedConnected are the networks that the process does not run on.
func (r *Router) redistributedConnected(own eigrp.Config) (all []eigrp.Redistributed) {
	for _, i := range r.running.Interfaces {
		s := r.interfaces[i.Name]
		runs := slices.ContainsFunc(own.Interfaces, func(o eigrp.Interface) bool { return o.Name == i.Name })
		if !s.up || !s.address.IsValid() || runs {
			continue
		}
		all = append(all, eigrp.Redistributed{Prefix: s.address.Masked(), Metric: linkMetric(i), Protocol: eigrp.FromConnected})
	}
	return all
}

func (r *Router) redistributedStatic() (all []eigrp.Redistributed) {
	for _, s := range r.running.Routes {
		m := eigrp.LinkMetric(10_000, 100, 1500)
		for _, route := range r.rib.Lookup(s.Prefix.Addr()) {
			if i := r.running.Interface(route.Dev); i != nil {
				m = linkMetric(i)
			}
		}
		all = append(all, eigrp.Redistributed{Prefix: s.Prefix.Masked(), Metric: m, Protocol: eigrp.FromStatic,
			Default: s.Prefix.Bits() == 0})
	}
	return all
}

func linkMetric(i *config.Interface) eigrp.Metric {
	bandwidth, delay := i.Characteristics()
	return eigrp.LinkMetric(bandwidth, delay, uint32(interfaceMTU(i)))
}

// seedMetric is the metric that a redistribution names: bandwidth, delay,
// reliability, load and MTU.
func seedMetric(words []string) (m eigrp.Metric, ok bool) {
	at := slices.Index(words, "metric")
	if at < 0 || len(words) < at+6 {
		return m, false
	}
	var n [5]uint64
	for i := range n {
		v, err := strconv.ParseUint(words[at+1+i], 10, 32)
		if err != nil {
			return m, false
		}
		n[i] = v
	}
	m = eigrp.LinkMetric(uint32(n[0]), uint32(n[1]), uint32(n[4]))
	m.Reliability, m.Load = uint8(min(n[2], 255)), uint8(min(n[3], 255))
	return m, true
}
