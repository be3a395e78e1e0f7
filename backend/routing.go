package backend

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"time"

	"gresh/backend/config"
	"gresh/backend/eigrp"
	"gresh/backend/forward"
	"gresh/backend/rib"
)

const (
	eigrpProtocol = 88
	eigrpTTL      = 2
	eigrpTOS      = 0xc0 // precedence 6, internetwork control (RFC 791 section 3.1)
)

// A routingProcess is one autonomous system, with the routes that it has found.
type routingProcess struct {
	*eigrp.Engine
	as     uint16
	id     netip.Addr // its router ID; not valid before there is an address
	routes map[netip.Prefix][]rib.Route
}

// processes are the routing processes, by their numbers.
type processes []*routingProcess

// find is the process of an AS; nil: there is none.
func (p processes) find(as uint16) *routingProcess {
	at, ok := slices.BinarySearchFunc(p, as, func(p *routingProcess, as uint16) int { return cmp.Compare(p.as, as) })
	if !ok {
		return nil
	}
	return p[at]
}

// eigrpSaid is the output of a process.
type eigrpSaid struct {
	*routingProcess
	eigrp.Output
}

// configureEIGRP makes the processes those of the configuration.
func (r *Router) configureEIGRP(now time.Time) (said []any) {
	var next processes
	for _, c := range r.running.EIGRP {
		p := r.eigrp.find(c.AS)
		if p == nil {
			p = &routingProcess{Engine: eigrp.New(), as: c.AS, routes: map[netip.Prefix][]rib.Route{}}
		}
		next = append(next, p)
		cfg := r.eigrpConfig(c)
		if !cfg.RouterID.IsUnspecified() {
			p.id = cfg.RouterID
		}
		said = append(said, eigrpSaid{p, p.Configure(now, cfg)})
	}
	for _, p := range r.eigrp {
		if next.find(p.as) == nil {
			said = append(said, eigrpSaid{p, p.Configure(now, eigrp.Config{})})
		}
	}
	r.eigrp = next
	return said
}

// leaveEIGRP has neighbours hear a goodbye on the interfaces that a process
// leaves. It goes before the Sync that takes them away.
func (r *Router) leaveEIGRP(now time.Time) {
	for _, p := range r.eigrp {
		cfg := eigrp.Config{}
		for _, c := range r.running.EIGRP {
			if c.AS == p.as {
				cfg = r.eigrpConfig(c)
			}
		}
		for _, packet := range p.Leave(now, cfg) {
			r.host.Send(now, r.eigrpPacket(packet))
		}
	}
}

// carryOutEIGRP takes the routes of a process into the table, which is worked
// out anew before the host hears of anything.
func (r *Router) carryOutEIGRP(now time.Time, out eigrpSaid) {
	for _, c := range out.Routes {
		r.rerouted = true
		if len(c.Routes) == 0 {
			delete(out.routes, c.Prefix)
		} else {
			out.routes[c.Prefix] = c.Routes
		}
	}
	for _, e := range out.Log {
		r.note(now, e)
	}
	for _, p := range out.Send {
		r.outbox = append(r.outbox, r.eigrpPacket(p))
	}
}

func (r *Router) eigrpPacket(p eigrp.Packet) forward.SendIP {
	out := forward.SendIP{Dev: p.Interface, Dst: p.Addr, Protocol: eigrpProtocol, TTL: eigrpTTL, TOS: eigrpTOS, Payload: p.Payload}
	if i := r.interfaces[p.Interface]; i != nil {
		out.Src = i.address.Addr()
	}
	return out
}

// receiveRouting shows a packet to every process; each knows its own.
func (r *Router) receiveRouting(now time.Time, up forward.Routing) (said []any) {
	for _, p := range r.eigrp {
		said = append(said, eigrpSaid{p, p.Receive(now, eigrp.Packet{Interface: up.Dev, Addr: up.Src,
			Multicast: up.Dst.IsMulticast(), Payload: up.Payload})})
	}
	return said
}

// reroute works out the table anew if a process has changed its routes, and
// with it the tunnels whose destination is found or lost, and what static
// routes are worth to the processes.
func (r *Router) reroute(now time.Time) (said []any) {
	if !r.rerouted {
		return nil
	}
	r.rerouted = false
	r.dirty = true
	before := r.tunnelsUp()
	r.refreshRoutes(now)
	said = append(said, r.nhrp.RoutesChanged(now))
	if r.wouldChange(before) {
		said = append(said, r.reconfigured(now)...)
	}
	return said
}

// tunnelsUp says which point-to-point tunnels are up.
func (r *Router) tunnelsUp() map[string]bool {
	up := map[string]bool{}
	for _, i := range r.running.Interfaces {
		if i.IsTunnel() && i.Tunnel.Mode != config.ModeGREMultipoint {
			up[i.Name] = r.interfaces[i.Name].up
		}
	}
	return up
}

// wouldChange says whether a tunnel is up whose destination is not reached, or
// the reverse.
func (r *Router) wouldChange(before map[string]bool) bool {
	for name, up := range before {
		i := r.running.Interface(name)
		s := r.interfaces[name]
		if now := !i.Shutdown && s.held == "" && s.tunnelLocal.IsValid() && r.reachesDestination(i); now != up {
			return true
		}
	}
	return false
}

// shortcutDistance is the administrative distance of NHRP.
const shortcutDistance = 250

// shortcuts are the routes that NHRP has found.
func (r *Router) shortcuts() (all []rib.Route) {
	for _, s := range r.nhrp.Shortcuts() {
		all = append(all, rib.Route{Prefix: s.Prefix, Via: s.Via, Dev: s.Tunnel, Source: rib.NHRP,
			Distance: shortcutDistance, Metric: 1})
	}
	return all
}

// eigrpRoutes are the routes of all processes, in order.
func (r *Router) eigrpRoutes() (all []rib.Route) {
	for _, p := range r.eigrp {
		for _, prefix := range slices.SortedFunc(maps.Keys(p.routes), comparePrefixes) {
			all = append(all, p.routes[prefix]...)
		}
	}
	return all
}

func comparePrefixes(a, b netip.Prefix) int {
	return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
}

// groups are the multicast groups that are listened to on an interface.
func (r *Router) groups(i *config.Interface) (all []netip.Addr) {
	for _, c := range r.running.EIGRP {
		if e, ok := r.eigrpInterface(c, i); ok && !e.Passive {
			return []netip.Addr{eigrp.Group}
		}
	}
	return nil
}

// ClearEIGRP drops neighbours of all processes: of an interface ("": any) and
// with an address (not valid: any).
func (r *Router) ClearEIGRP(now time.Time, dev string, neighbor netip.Addr) {
	var said []any
	for _, p := range r.eigrp {
		said = append(said, eigrpSaid{p, p.Clear(now, dev, neighbor)})
	}
	r.settle(now, said...)
}

// EIGRP is the state of the routing processes, by their numbers.
func (r *Router) EIGRP() (all []eigrp.Snapshot) {
	for _, p := range r.eigrp {
		all = append(all, p.Snapshot())
	}
	return all
}
