package backend

import (
	"net/netip"
	"time"

	"gresh/backend/config"
	"gresh/backend/nhrp"
)

// nhrpConfig derives the NHRP engine's configuration: the tunnels it runs on.
func (r *Router) nhrpConfig() nhrp.Config {
	out := nhrp.Config{Rand: r.options.Rand, Route: r.routeOf}
	for _, i := range r.running.Interfaces {
		if i.NHRP.NetworkID == 0 || i.Tunnel.Mode == config.ModeIPsecIPv4 || !i.IsTunnel() {
			continue
		}
		state := r.interfaces[i.Name]
		n := nhrp.Interface{
			Name:           i.Name,
			Addr:           i.Address,
			NBMA:           state.tunnelLocal,
			Up:             state.up,
			Multipoint:     i.Tunnel.Mode == config.ModeGREMultipoint,
			Protected:      i.Tunnel.Protection.Profile != "",
			Remote:         i.Tunnel.Destination,
			Authentication: i.NHRP.Authentication,
			NetworkID:      i.NHRP.NetworkID,
			Holdtime:       time.Duration(i.NHRP.Holdtime) * time.Second,
			RegTimeout:     time.Duration(i.NHRP.RegTimeout) * time.Second,
			Unique:         !i.NHRP.NoUnique,
			Multicast:      i.NHRP.Multicast,
			Dynamic:        i.NHRP.Dynamic,
			NHS:            i.NHRP.NextHops,
			ServerOnly:     i.NHRP.ServerOnly,
			Redirect:       i.NHRP.Redirect,
			Shortcut:       i.NHRP.Shortcut,
			MaxSend: nhrp.Rate{Packets: int(i.NHRP.MaxSend[0]),
				Interval: time.Duration(i.NHRP.MaxSend[1]) * time.Second},
			MTU: uint16(interfaceMTU(i)),
		}
		for _, m := range i.NHRP.Maps {
			n.Maps = append(n.Maps, nhrp.Map{Addr: m.Addr, NBMA: m.NBMA})
		}
		out.Interfaces = append(out.Interfaces, n)
	}
	return out
}

// routeOf is where packets to an address go, by everything but shortcuts.
func (r *Router) routeOf(to netip.Addr) (out nhrp.Route, ok bool) {
	routes := r.rib.Lookup(to)
	if len(routes) == 0 {
		return out, false
	}
	hop, ok := r.rib.Resolve(routes[0])
	return nhrp.Route{Prefix: routes[0].Prefix, Dev: hop.Dev, Via: hop.Via}, ok
}
