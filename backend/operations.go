package backend

import (
	"net/netip"
	"slices"
	"time"

	"gresh/backend/config"
	"gresh/backend/dhcp"
	"gresh/backend/forward"
	"gresh/backend/ike"
	"gresh/backend/nhrp"
	"gresh/backend/probe"
	"gresh/backend/rib"
	"gresh/backend/sadb"
)

// SADB, IKE, NHRP and the rest of this file's views are snapshots: they may be
// read by anyone, at any time after.

// SADB is the state of the SADB engine.
func (r *Router) SADB() sadb.Snapshot { return r.sadb.Snapshot() }

// IKE is the state of the IKE engine.
func (r *Router) IKE() ike.Snapshot { return r.ike.Snapshot() }

// NHRP is the state of the NHRP engine.
func (r *Router) NHRP() nhrp.Snapshot { return r.nhrp.Snapshot() }

// Routes are the best routes, by prefix.
func (r *Router) Routes() []rib.Route { return r.rib.Routes() }

// Counters are those of the data path, the peers' since they were cleared.
func (r *Router) Counters() forward.Counters {
	c := r.host.Counters()
	for key, was := range r.cleared {
		c.Peers[key] = c.Peers[key].Since(was)
	}
	return c
}

// ClearPeerCounters has the peers' counters begin at zero.
func (r *Router) ClearPeerCounters() { r.cleared = r.host.Counters().Peers }

// TransformSets are the transform sets as configured.
func (r *Router) TransformSets() []sadb.TransformSet { return TransformSets(r.running) }

// TransformSets are those of a configuration.
func TransformSets(c *config.Config) (all []sadb.TransformSet) {
	for _, t := range c.TransformSets {
		all = append(all, transformSet(t))
	}
	return all
}

// Profiles are the IPsec profiles as configured, as policies of no SADB yet.
func (r *Router) Profiles() (all []sadb.Policy) {
	for _, p := range r.running.Profiles {
		all = append(all, r.profilePolicy(p))
	}
	return all
}

// Bindings is the state of the DHCP server.
func (r *Router) Bindings() dhcp.ServerSnapshot { return r.server.Snapshot() }

// Leases are the DHCP clients' states, by interface.
func (r *Router) Leases() map[string]dhcp.ClientSnapshot {
	out := map[string]dhcp.ClientSnapshot{}
	for name, c := range r.clients {
		out[name] = c.Snapshot()
	}
	return out
}

// Booted is when the router started.
func (r *Router) Booted() time.Time { return r.booted }

// An InterfaceStatus is what an interface has come to.
type InterfaceStatus struct {
	Name    string
	Up      bool         // the line protocol
	Link    bool         // the carrier; of an interface without one, not shut down
	Address netip.Prefix // configured or leased; invalid: none
	MAC     [6]byte
	MTU     int
	Local   netip.Addr // of a tunnel: the address of its source
	Held    string     // of a tunnel: the rule that keeps it down
	Since   time.Time  // of the last change
	Risen   uint64     // orders the interfaces that are up by when they came up
}

// Interfaces are the states of all interfaces, in the order of the
// configuration.
func (r *Router) Interfaces() []InterfaceStatus {
	var out []InterfaceStatus
	for _, i := range r.running.Interfaces {
		s := r.interfaces[i.Name]
		status := InterfaceStatus{Name: i.Name, Up: s.up, Link: !i.Shutdown, Address: s.address,
			MTU: interfaceMTU(i), Local: s.tunnelLocal, Held: s.held, Since: s.since, Risen: s.risen}
		for _, p := range r.ports {
			if p.Name == i.Name {
				status.MAC, status.Link = p.MAC, r.links[p.Name]
			}
		}
		out = append(out, status)
	}
	return out
}

// ClearSA clears SA pairs; the sockets that are still wanted negotiate anew.
func (r *Router) ClearSA(now time.Time, which sadb.Selector) {
	r.settle(now, r.sadb.Clear(now, which))
}

// ClearISAKMP clears phase 1 SAs.
func (r *Router) ClearISAKMP(now time.Time, which ike.Selector) {
	r.settle(now, r.ike.Clear(now, which))
}

// ClearNHRP clears dynamic entries; the next-hop servers are registered with
// anew.
func (r *Router) ClearNHRP(now time.Time, which nhrp.Selector) {
	r.settle(now, r.nhrp.Clear(now, which))
}

// Reload starts the router again from its startup configuration. The peers are
// not told: to them it is as if the power had been cut.
func (r *Router) Reload(now time.Time) {
	r.StopProbes()
	r.Boot(now)
	r.reloaded = true
}

// StopProbes ends every probe, and has who waits for one know. Whoever drops a
// router owes it to him.
func (r *Router) StopProbes() {
	for _, p := range slices.Clone(r.probes) {
		p.Stop()
		p.watch()
	}
}

// Farewell ends what the engines keep up with others, and tells the peers of
// SAs and of IKE. What was protected stays closed. The router is of no use afterwards but to be
// booted.
func (r *Router) Farewell(now time.Time) {
	nothing := nhrp.Config{Rand: r.options.Rand}
	r.leave(now, nothing)
	r.settle(now, r.nhrp.Configure(now, nothing))
	r.settle(now, r.sadb.Configure(now, sadb.Config{}))
	r.settle(now, r.ike.Clear(now, ike.Selector{}))
}

// A Probe is a ping or a traceroute in progress.
type Probe struct {
	router *Router
	engine probe.Engine
	events []probe.Event
	ended  bool
	watch  func()
}

// Probe begins a ping or a traceroute. Whenever it has something to tell,
// watch is called in the router's goroutine; Events then has it.
func (r *Router) Probe(now time.Time, engine probe.Engine, watch func()) *Probe {
	r.probeID++
	p := &Probe{router: r, engine: engine, watch: watch}
	r.probes = append(r.probes, p)
	p.take(now, engine.Start(now, r.probeID))
	r.settle(now)
	return p
}

// Events takes what happened since the last call, and says whether it is over.
func (p *Probe) Events() (events []probe.Event, done bool) {
	events, p.events = p.events, nil
	return events, p.ended
}

// Stop ends the probe.
func (p *Probe) Stop() {
	p.ended = true
	p.router.probes = slices.DeleteFunc(p.router.probes, func(o *Probe) bool { return o == p })
}

func (p *Probe) next() time.Time { return p.engine.Next() }

func (p *Probe) advance(now time.Time) { p.take(now, p.engine.Advance(now)) }

// take carries out what the probe says.
func (p *Probe) take(_ time.Time, out probe.Output) {
	for _, s := range out.Send {
		p.router.outbox = append(p.router.outbox, forward.SendIP{Src: s.Src, Dst: s.Dst,
			Protocol: s.Protocol, TTL: s.TTL, TOS: s.TOS, DF: s.DF, Payload: s.Payload})
	}
	p.events = append(p.events, out.Events...)
	if p.engine.Done() {
		p.Stop()
	}
	if len(out.Events) > 0 || p.ended {
		p.watch()
	}
}

// receiveICMP shows a message to every probe; each knows its own.
func (r *Router) receiveICMP(now time.Time, m forward.ICMP) {
	for _, p := range slices.Clone(r.probes) {
		p.take(now, p.engine.Receive(now, probe.Message{From: m.From, TTL: m.TTL, ICMP: m.Message}))
	}
}
