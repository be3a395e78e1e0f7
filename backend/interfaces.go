package backend

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"gresh/backend/config"
	"gresh/backend/event"
	"gresh/backend/rib"
)

// An interfaceState is what an interface has come to, beside what is
// configured.
type interfaceState struct {
	up          bool         // the line protocol
	address     netip.Prefix // configured or leased; invalid: none
	tunnelLocal netip.Addr   // of a tunnel: the address of its source
	held        string       // of a tunnel: the rule that keeps it down
	since       time.Time    // of the last change
	risen       uint64       // the how-manieth interface to come up it was
}

// interfaceMTU is the largest IP packet an interface takes whole. A tunnel's
// own is what is left of 1500 after IP, GRE and the key.
func interfaceMTU(i *config.Interface) int {
	mtu := cmp.Or(int(i.IPMTU), int(i.MTU))
	switch {
	case mtu != 0:
		return mtu
	case i.IsTunnel() && i.Tunnel.HasKey:
		return 1472
	case i.IsTunnel():
		return 1476
	}
	return 1500
}

// refreshInterfaces works out the state of every interface, sources before the
// tunnels that use them, and returns what changed, to be logged.
func (r *Router) refreshInterfaces(now time.Time) (news []any) {
	held := r.heldTunnels()
	next := map[string]*interfaceState{}
	old := r.interfaces
	r.interfaces = next
	for _, tunnels := range []bool{false, true} {
		for _, i := range r.running.Interfaces {
			if i.IsTunnel() == tunnels {
				s := r.stateOf(i, held[i.Name])
				next[i.Name] = s
				news = append(news, r.carryOver(now, i, old[i.Name], s)...)
			}
		}
	}
	for name, o := range old {
		if next[name] == nil && o.up {
			news = append(news, event.InterfaceChanged{Name: name, Admin: true})
		}
	}
	return news
}

// heldTunnels maps each tunnel that a rule keeps down to the reason.
func (r *Router) heldTunnels() map[string]string {
	held := map[string]string{}
	for _, p := range r.problems() {
		if !p.Refuse && len(p.Tunnels) > 0 {
			held[p.Tunnels[len(p.Tunnels)-1]] = p.Text
		}
	}
	for _, i := range r.running.Interfaces {
		if i.Refused != "" {
			held[i.Name] = i.Refused
		}
	}
	return held
}

func (r *Router) stateOf(i *config.Interface, held string) *interfaceState {
	s := &interfaceState{address: i.Address, held: held}
	if c, ok := r.clients[i.Name]; ok && i.DHCP {
		s.address = c.Snapshot().Lease.Address
	}
	switch {
	case i.IsTunnel():
		s.tunnelLocal = r.tunnelLocal(i)
		s.up = !i.Shutdown && held == "" && s.tunnelLocal.IsValid() && r.reachesDestination(i)
	case i.IsLoopback():
		s.up = !i.Shutdown
	default:
		s.up = !i.Shutdown && r.links[i.Name]
	}
	return s
}

// tunnelLocal is the address a tunnel sends from, invalid while its source has
// none or is down.
func (r *Router) tunnelLocal(i *config.Interface) netip.Addr {
	if i.Tunnel.SourceAddr.IsValid() {
		for _, s := range r.interfaces {
			if s.up && s.address.Addr() == i.Tunnel.SourceAddr {
				return i.Tunnel.SourceAddr
			}
		}
		return netip.Addr{}
	}
	if s, ok := r.interfaces[i.Tunnel.Source]; ok && s.up {
		return s.address.Addr()
	}
	return netip.Addr{}
}

// reachesDestination says whether a point-to-point tunnel has a route to its
// other end that does not lead through itself. A multipoint one needs none.
func (r *Router) reachesDestination(i *config.Interface) bool {
	if i.Tunnel.Mode == config.ModeGREMultipoint {
		return true
	}
	if !i.Tunnel.Destination.IsValid() {
		return false
	}
	return slices.ContainsFunc(r.rib.Lookup(i.Tunnel.Destination), func(route rib.Route) bool {
		return route.Dev != i.Name
	})
}

// carryOver keeps of the old state what has not changed, and returns what has.
func (r *Router) carryOver(now time.Time, i *config.Interface, old, s *interfaceState) (news []any) {
	if old == nil {
		old = &interfaceState{since: now}
	}
	s.since, s.risen = old.since, old.risen
	if s.held != "" && s.held != old.held {
		news = append(news, event.TunnelHeld{Name: i.Name, Reason: s.held})
	}
	if s.up == old.up {
		return news
	}
	s.since = now
	if s.up {
		r.risen++
		s.risen = r.risen
	}
	return append(news, event.InterfaceChanged{Name: i.Name, Up: s.up, Admin: i.Shutdown})
}

// refreshRoutes works out the routing table, and says whether it changed the
// state of a point-to-point tunnel, whose destination must be reachable.
func (r *Router) refreshRoutes(now time.Time) {
	var candidates []rib.Route
	for _, i := range r.running.Interfaces {
		s := r.interfaces[i.Name]
		if !s.up {
			continue
		}
		for _, p := range addresses(i, s) {
			candidates = append(candidates, rib.Route{Prefix: p.Masked(), Dev: i.Name, Source: rib.Connected})
		}
		if c, ok := r.clients[i.Name]; ok && i.DHCP {
			for _, via := range c.Snapshot().Lease.Routers {
				candidates = append(candidates, rib.Route{Prefix: netip.PrefixFrom(netip.IPv4Unspecified(), 0),
					Via: via, Source: rib.DHCP, Distance: 254})
				break // IOS takes the first
			}
		}
	}
	for _, s := range r.running.Routes {
		if s.Interface != "" && s.Interface != rib.Null0 && !r.isUp(s.Interface) && !s.Permanent {
			continue
		}
		candidates = append(candidates, rib.Route{Prefix: s.Prefix, Via: s.Via, Dev: s.Interface,
			Source: rib.Static, Distance: cmp.Or(s.Distance, 1), Permanent: s.Permanent})
	}
	r.rib = rib.Build(now, r.rib, slices.Concat(candidates, r.eigrpRoutes(), r.shortcuts()))
}

func (r *Router) isUp(name string) bool {
	s, ok := r.interfaces[name]
	return ok && s.up
}

// addresses are those of an interface, the primary first.
func addresses(i *config.Interface, s *interfaceState) []netip.Prefix {
	if !s.address.IsValid() {
		return nil
	}
	return append([]netip.Prefix{s.address}, i.Secondary...)
}
