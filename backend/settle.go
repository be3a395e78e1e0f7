package backend

import (
	"fmt"
	"slices"
	"time"

	"gresh/backend/dhcp"
	"gresh/backend/event"
	"gresh/backend/forward"
	"gresh/backend/ike"
	"gresh/backend/nhrp"
	"gresh/backend/sadb"
)

// nhrpProtocol is the GRE protocol type of NHRP (RFC 2332 section 5, the NBMA
// protocol id of NHRP itself).
const nhrpProtocol = 0x2001

// A sending is a packet that waits for the Sync it depends on.
type sending = forward.Packet

// settle carries out what the engines said, and what they say to that, until
// none says anything more. The order is written here and nowhere else:
//
//  1. outputs in the order in which they were said; within one output in the
//     order of its fields: first what ends (NHRP closes, SAs deleted), then what
//     begins, then what is to be computed, then what is logged;
//  2. one Sync of the whole forwarding state, if anything of it changed: an SA
//     stands before the message that lets the peer use it;
//  3. the packets, in the order in which they were said.
//
// It is bounded: engines that never come to rest are a fault, and end it.
func (r *Router) settle(now time.Time, said ...any) {
	for steps := 0; len(said) > 0; steps++ {
		if steps == settleStepsMax {
			panic(fmt.Sprintf("the engines do not come to rest: %T", said[0]))
		}
		next := said[0]
		said = append(said[1:], r.carryOut(now, next)...)
	}
	if again := r.reroute(now); len(again) > 0 {
		r.settle(now, again...)
		return
	}
	if !r.batched {
		r.finish(now)
	}
}

// Together has the host learn once what comes of several inputs, which is what
// a host with many of them waiting does: a table of ten thousand peers is
// compared as a whole. The engines take the inputs one after the other, as ever.
func (r *Router) Together(now time.Time, inputs func()) {
	defer r.surviving(now, "several inputs")
	r.batched = true
	func() {
		defer func() { r.batched = false }()
		inputs()
	}()
	r.finish(now)
}

// finish tells the host what has come of what was settled.
func (r *Router) finish(now time.Time) {
	r.sync(now)
	packets := r.outbox
	r.outbox = nil
	for _, p := range packets {
		r.host.Send(now, p)
	}
}

// sync gives the Host the forwarding state, if it changed.
func (r *Router) sync(now time.Time) {
	if !r.dirty {
		return
	}
	r.dirty = false
	if err := r.host.Sync(now, r.table()); err != nil {
		r.note(now, event.SyncFailed{Reason: err.Error()})
	}
}

// carryOut does what one output asks, and returns what the engines say to it.
func (r *Router) carryOut(now time.Time, output any) []any {
	switch out := output.(type) {
	case nhrp.Output:
		return r.carryOutNHRP(now, out)
	case sadb.Output:
		return r.carryOutSADB(now, out)
	case ike.Output:
		return r.carryOutIKE(now, out)
	case dhcp.Output:
		return r.carryOutDHCP(now, out)
	case eigrpSaid:
		r.carryOutEIGRP(now, out)
		return nil
	}
	panic(fmt.Sprintf("nobody carries out %T", output))
}

func (r *Router) carryOutNHRP(now time.Time, out nhrp.Output) (said []any) {
	for _, p := range out.Close {
		said = append(said, r.sadb.Close(now, p.Tunnel, p.NBMA))
	}
	for _, p := range out.Open {
		said = append(said, r.sadb.Open(now, p.Tunnel, p.NBMA))
	}
	r.dirty = r.dirty || out.Changed
	r.rerouted = r.rerouted || out.Rerouted
	for _, e := range out.Log {
		r.note(now, e)
	}
	for _, p := range out.Send {
		r.outbox = append(r.outbox, tunnelPacket(p))
	}
	return said
}

// leave has NHRP say goodbye on the tunnels that cfg ends. It goes before the
// Sync that takes them away, by the state that the Host still has.
func (r *Router) leave(now time.Time, cfg nhrp.Config) {
	r.leaveEIGRP(now)
	for _, p := range r.nhrp.Leave(now, cfg).Send {
		r.host.Send(now, tunnelPacket(p))
	}
}

func tunnelPacket(p nhrp.Packet) forward.SendTunnel {
	return forward.SendTunnel{Tunnel: p.Tunnel, NBMA: p.NBMA, Protocol: nhrpProtocol, Payload: p.Payload}
}

func (r *Router) carryOutSADB(now time.Time, out sadb.Output) (said []any) {
	for _, p := range out.Delete {
		said = append(said, r.ike.Delete(now, p))
	}
	for _, ref := range out.Down {
		said = append(said, r.nhrp.PeerDown(now, ref.Tunnel, ref.Peer))
	}
	for _, q := range out.Negotiate {
		said = append(said, r.ike.Initiate(now, ike.Request{SADB: q.SADB, Local: q.Local, Peer: q.Peer, Replaces: q.Replaces}))
	}
	for _, ref := range out.Up {
		said = append(said, r.nhrp.PeerUp(now, ref.Tunnel, ref.Peer))
	}
	r.dirty = r.dirty || out.Changed
	for _, e := range out.Log {
		r.note(now, e)
	}
	return said
}

func (r *Router) carryOutIKE(now time.Time, out ike.Output) (said []any) {
	if len(out.Deleted) > 0 {
		said = append(said, r.sadb.Deleted(now, out.Deleted))
	}
	for _, p := range out.Install {
		said = append(said, r.sadb.Installed(now, p))
	}
	for _, key := range out.Unconfirmed {
		said = append(said, r.sadb.Unconfirmed(now, key))
	}
	for _, m := range out.Moved {
		said = append(said, r.sadb.Moved(now, m.SAs, m.Port))
	}
	for _, f := range out.Failed {
		said = append(said, r.sadb.Failed(now, sadb.Request{SADB: f.SADB, Local: f.Local, Peer: f.Peer}, f.Reason))
	}
	for _, job := range out.Compute {
		r.compute(job)
	}
	for _, e := range out.Log {
		r.note(now, e)
	}
	for _, d := range out.Send {
		r.outbox = append(r.outbox, forward.SendUDP{Local: d.Local, Remote: d.Remote, Payload: d.Payload})
	}
	return said
}

func (r *Router) carryOutDHCP(now time.Time, out dhcp.Output) (said []any) {
	for _, e := range out.Log {
		r.note(now, e)
	}
	if out.Lease != nil || out.Lost {
		said = append(said, r.reconfigured(now)...)
	}
	for _, d := range out.Send {
		r.outbox = append(r.outbox, forward.SendUDP{Dev: d.Dev, Local: d.Local, Remote: d.Remote, Payload: d.Payload, LinkDst: d.LinkDst})
	}
	return said
}

// Receive takes what the data path hands up. A fault in an engine drops the
// input and is logged; it never ends the router.
func (r *Router) Receive(now time.Time, up forward.Upcall) {
	defer r.surviving(now, up)
	switch up := up.(type) {
	case forward.UDP:
		r.settle(now, r.receiveUDP(now, up)...)
	case forward.TunnelPacket:
		if up.Protocol == nhrpProtocol {
			r.settle(now, r.nhrp.Receive(now, nhrp.Packet{Tunnel: up.Tunnel, NBMA: up.NBMA, Payload: up.Payload}))
		}
	case forward.Transit:
		r.settle(now, r.nhrp.Transit(now, up.In, up.Out, up.NBMA, up.Packet))
	case forward.Routing:
		r.settle(now, r.receiveRouting(now, up)...)
	case forward.ICMP:
		r.receiveICMP(now, up)
		r.settle(now)
	case forward.Miss:
		r.settle(now, r.nhrp.Resolve(now, up.Tunnel, up.Dest))
	case forward.Acquire:
		r.settle(now, r.sadb.Acquire(now, up.SADB, up.Tunnel, up.Peer))
	case forward.Volume:
		r.settle(now, r.sadb.Volume(now, up.SA, up.Octets))
	case forward.InvalidSPI, forward.Clear:
		r.note(now, up)
	case forward.Refused:
		r.note(now, event.SyncFailed{Reason: up.What + ": " + up.Reason})
	case forward.Link:
		r.links[up.Dev] = up.Up
		r.settle(now, r.reconfigured(now)...)
	}
}

// surviving is deferred around the handling of an input from the network.
func (r *Router) surviving(now time.Time, input any) {
	if fault := recover(); fault != nil {
		r.survived(now, input, fault)
	}
}

func (r *Router) survived(now time.Time, input, fault any) {
	r.panics++
	r.note(now, event.InputPanicked{Input: fmt.Sprintf("%T %+v", input, input), Reason: fmt.Sprint(fault)})
}

const (
	portIKE        = 500
	portIKENAT     = 4500
	portDHCPServer = 67
	portDHCPClient = 68
)

func (r *Router) receiveUDP(now time.Time, d forward.UDP) []any {
	switch d.Local.Port() {
	case portIKE, portIKENAT:
		return []any{r.ike.Receive(now, ike.Datagram{Local: d.Local, Remote: d.Remote, Payload: d.Payload})}
	case portDHCPClient:
		if c, ok := r.clients[d.Dev]; ok {
			return []any{c.Receive(now, d.Payload)}
		}
	case portDHCPServer:
		i, ok := r.interfaces[d.Dev]
		if ok && i.address.IsValid() {
			return []any{r.server.Receive(now, d.Dev, i.address, d.Payload)}
		}
	}
	return nil
}

// Advance does what is due at now.
func (r *Router) Advance(now time.Time) {
	defer r.surviving(now, "a timer")
	if r.countDown(now) {
		return
	}
	said := []any{r.sadb.Advance(now), r.ike.Advance(now), r.nhrp.Advance(now), r.server.Advance(now)}
	for _, p := range r.eigrp {
		said = append(said, eigrpSaid{p, p.Advance(now)})
	}
	for _, name := range r.clientNames() {
		said = append(said, r.clients[name].Advance(now))
	}
	for _, p := range slices.Clone(r.probes) {
		p.advance(now)
	}
	if !r.nextUsage.IsZero() && !now.Before(r.nextUsage) {
		r.nextUsage = now.Add(r.usageInterval())
		said = append(said, r.reportUsage(now)...)
	}
	r.settle(now, said...)
	r.keepAppointments(now)
}
