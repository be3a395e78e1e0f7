package backend

import (
	"gresh/backend/config"
	"gresh/backend/forward"
)

// tunnelTTL is the TTL of the outer header unless "tunnel ttl" says another.
const tunnelTTL = 255

// table derives the whole forwarding state.
func (r *Router) table() forward.Table {
	t := forward.Table{Policies: r.dropPolicies(), SAs: r.sadb.SAs()}
	for _, i := range r.running.Interfaces {
		t.Interfaces = append(t.Interfaces, r.forwardInterface(i))
	}
	for _, e := range r.rib.Entries() {
		route := forward.Route{Prefix: e.Prefix}
		for _, h := range e.Hops {
			route.Hops = append(route.Hops, forward.Hop{Dev: h.Dev, Via: h.Via})
		}
		t.Routes = append(t.Routes, route)
	}
	for _, n := range r.nhrp.Neighbors() {
		t.Neighbors = append(t.Neighbors, forward.Neighbor{Dev: n.Tunnel, Addr: n.Addr, NBMA: n.NBMA})
	}
	for _, m := range r.nhrp.Multicasts() {
		t.Multicast = append(t.Multicast, forward.Multicast{Dev: m.Tunnel, NBMA: m.NBMA})
	}
	return t
}

func (r *Router) forwardInterface(i *config.Interface) forward.Interface {
	s := r.interfaces[i.Name]
	out := forward.Interface{
		Name:      i.Name,
		Up:        !i.Shutdown,
		Addresses: addresses(i, s),
		MTU:       interfaceMTU(i),
		AdjustMSS: int(i.AdjustMSS),
		Groups:    r.groups(i),
	}
	switch {
	case i.IsLoopback():
		out.Kind = forward.Loopback
	case i.IsTunnel():
		out.Kind = forward.GRE
		out.Up = s.up
		out.Redirect = i.NHRP.Redirect && i.NHRP.NetworkID != 0
		out.Tunnel = forward.Tunnel{
			Local:  s.tunnelLocal,
			Remote: i.Tunnel.Destination,
			Key:    i.Tunnel.Key,
			HasKey: i.Tunnel.HasKey,
			TTL:    tunnelTTL,
		}
		if i.Tunnel.TTL != 0 {
			out.Tunnel.TTL = i.Tunnel.TTL
		}
		if i.Tunnel.Protection.Profile != "" {
			out.Tunnel.SADB = config.SADBName(r.running, i)
		}
	}
	return out
}
