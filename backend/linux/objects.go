//go:build linux

package linux

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"gresh/backend/forward"
	"gresh/backend/sadb"
)

// The marks by which objects of ours are known.
const (
	alias          = "gresh"    // of devices
	routeProtocol  = 103        // of routes and addresses: nobody's in rtnetlink's list
	routeMetric    = 20         // of routes: before those of address leases, after the kernel's own
	policyPriority = 0x67720000 // of policies, and the 15 that follow
	reqidFirst     = 0x67720000 // of SAs and policies, and the 65,535 that follow
	reqidLast      = reqidFirst + 0xffff
)

// An object is one thing that the kernel has on the router's behalf. Objects
// are comparable. Two of one name can't be there at once: the later one
// replaces the earlier.
type object interface {
	name() any
	class() class
	String() string
}

// A class orders objects: those of a later one hang on those of earlier ones.
type class int

const (
	classPolicy class = iota
	classState
	classLink
	classAddress
	classNeighbor
	classRoute
)

// A link is a device of ours, or with kind Ethernet one that we only use.
type link struct {
	dev           string
	kind          forward.Kind
	up            bool
	mtu           int // 0: as it is
	local, remote netip.Addr
	key           uint32
	hasKey        bool
	ttl           uint8
}

// An address is one of a device, without the route that usually comes with it.
type address struct {
	dev    string
	prefix netip.Prefix
}

// A neighbor maps a next hop on a tunnel to its NBMA address.
type neighbor struct {
	dev        string
	addr, nbma netip.Addr
}

// A route is a forwarding entry.
type route struct {
	prefix netip.Prefix
	hops   string // "dev via", "dev" … each followed by a newline; empty: to nowhere
}

// A policy closes GRE one way: what it matches passes under SAs of the reqid,
// or not at all.
type policy struct {
	out    bool
	local  netip.Addr
	peer   netip.Addr // invalid: any
	key    uint32
	hasKey bool
	reqid  uint32 // 0: nothing passes
	shape  forward.Shape
}

// A state is an SA.
type state struct {
	proto            sadb.Protocol
	spi              uint32
	src, dst         netip.Addr
	reqid            uint32
	mode             sadb.Mode
	cipher           sadb.Cipher
	integrity        sadb.Integrity
	encKey, authKey  string
	encap            sadb.Encap
	replay           int
	softOct, hardOct uint64
	sadb             string
	listed           bool // the kernel has it; only its name is known
}

func (l link) class() class     { return classLink }
func (a address) class() class  { return classAddress }
func (n neighbor) class() class { return classNeighbor }
func (r route) class() class    { return classRoute }
func (p policy) class() class   { return classPolicy }
func (s state) class() class    { return classState }

func (l link) name() any     { return link{dev: l.dev} }
func (a address) name() any  { return a }
func (n neighbor) name() any { return neighbor{dev: n.dev, addr: n.addr} }
func (r route) name() any    { return route{prefix: r.prefix} }
func (p policy) name() any {
	return policy{out: p.out, local: p.local, peer: p.peer, key: p.key, hasKey: p.hasKey}
}
func (s state) name() any { return s.key() }

// ends are what tells a tunnel from others.
func (l link) ends() link {
	return link{kind: l.kind, local: l.local, remote: l.remote, key: l.key, hasKey: l.hasKey}
}

func (s state) key() sadb.Key { return sadb.Key{Proto: s.proto, Dst: s.dst, SPI: s.spi} }

// priority of a policy: a key is more than none, a peer more than any, and
// what lets something pass comes before what lets nothing pass.
func (p policy) priority() uint32 {
	n := uint32(policyPriority)
	if p.reqid == 0 {
		n += 8
	}
	if !p.hasKey {
		n += 4
	}
	if !p.peer.IsValid() {
		n += 2
	}
	return n
}

// objects are what an item of a forwarding table needs in the kernel.
func (h *Host) objects(item any) []object {
	switch i := item.(type) {
	case forward.Policy:
		return h.policyObjects(i)
	case sadb.SA:
		return h.stateObjects(i)
	case forward.Interface:
		return h.linkObjects(i)
	case forward.Neighbor:
		if dev, ok := h.names.linux(i.Dev); ok {
			return []object{neighbor{dev: dev, addr: i.Addr, nbma: i.NBMA}}
		}
	case forward.Route:
		return h.routeObjects(i)
	}
	return nil // multicast is copied when it is sent
}

// policyObjects close the tunnels of a policy both ways. While none of them is
// up nothing passes, so that what another lets pass prevails. In tunnel mode the
// kernel wants the other end in the policy: there, one for any peer lets nothing
// pass, and each SA brings one for its own.
func (h *Host) policyObjects(p forward.Policy) []object {
	one := policy{local: p.Local, key: p.Key, hasKey: p.HasKey}
	up := h.closedBy(p)
	if len(up) > 0 && p.Shape.Mode == sadb.TransportMode && (p.Shape.AH || p.Shape.ESP) {
		one.reqid, one.shape = h.reqidOf(p.SADB), p.Shape
		if len(up) == 1 {
			one.peer = up[0].Remote // or others of the source could not have theirs
		}
	}
	back := one
	one.out = true
	return []object{one, back}
}

// closedBy are the tunnels that are up and that a policy closes.
func (h *Host) closedBy(p forward.Policy) (up []forward.Tunnel) {
	for _, i := range h.wanted.Interfaces {
		t := i.Tunnel
		if i.Kind == forward.GRE && i.Up && t.SADB != "" && t.SADB == p.SADB && t.Local == p.Local {
			up = append(up, t)
		}
	}
	return up
}

func (h *Host) stateObjects(sa sadb.SA) []object {
	s := state{proto: sa.Proto, spi: sa.SPI, src: sa.Src, dst: sa.Dst, reqid: h.reqidOf(sa.SADB),
		mode: sa.Mode, cipher: sa.Cipher, integrity: sa.Integrity,
		encKey: string(sa.EncKey), authKey: string(sa.AuthKey), encap: sa.Encap, replay: sa.Replay,
		softOct: sa.SoftOctets, hardOct: sa.HardOctets, sadb: sa.SADB}
	if sa.Mode != sadb.TunnelMode || sa.Bundle != 0 && sa.Proto == sadb.ESP {
		return []object{s}
	}
	return append([]object{s}, h.peerPolicies(sa)...)
}

// peerPolicies are those of a tunnel-mode SA, one for each policy of its SADB.
func (h *Host) peerPolicies(sa sadb.SA) (all []object) {
	for _, p := range h.wanted.Policies {
		if p.SADB != sa.SADB || p.Local != sa.Src && p.Local != sa.Dst {
			continue
		}
		one := policy{out: p.Local == sa.Src, local: p.Local, peer: sa.Dst, key: p.Key, hasKey: p.HasKey,
			reqid: h.reqidOf(sa.SADB), shape: forward.Shape{AH: sa.Proto == sadb.AH,
				ESP: sa.Proto == sadb.ESP || sa.Bundle != 0, Mode: sadb.TunnelMode}}
		if !one.out {
			one.peer = sa.Src
		}
		all = append(all, one)
	}
	return all
}

func (h *Host) linkObjects(i forward.Interface) (all []object) {
	dev, ok := h.names.linux(i.Name)
	if !ok {
		return nil
	}
	l := link{dev: dev, kind: i.Kind, up: i.Up, mtu: i.MTU}
	switch i.Kind {
	case forward.Ethernet:
		if !h.names.present(dev) {
			return nil
		}
		if i.MTU == usualMTU {
			l.mtu = 0
		}
	case forward.GRE:
		t := i.Tunnel
		if !i.Up || !t.Local.IsValid() {
			// A device would answer to its addresses, and might be in the way of
			// the one that this tunnel is held down for.
			return nil
		}
		l.local, l.remote, l.key, l.hasKey, l.ttl = t.Local, t.Remote, t.Key, t.HasKey, t.TTL
	}
	all = append(all, l)
	for _, p := range i.Addresses {
		all = append(all, address{dev: dev, prefix: p})
	}
	return all
}

// usualMTU is what an Ethernet interface has when nobody says otherwise: then
// the device keeps its own.
const usualMTU = 1500

func (h *Host) routeObjects(r forward.Route) []object {
	var hops []string
	for _, hop := range r.Hops {
		dev, ok := h.names.linux(hop.Dev)
		if !ok || !h.devised(hop.Dev) {
			continue
		}
		if hop.Via.IsValid() {
			dev += " " + hop.Via.String()
		}
		hops = append(hops, dev+"\n")
	}
	if len(hops) == 0 && len(r.Hops) > 0 {
		return nil
	}
	slices.Sort(hops)
	return []object{route{prefix: r.Prefix, hops: strings.Join(hops, "")}}
}

// devised says whether an interface has a device that can carry a route.
func (h *Host) devised(name string) bool {
	for _, i := range h.wanted.Interfaces {
		if i.Name == name {
			return i.Up && (i.Kind != forward.GRE || i.Tunnel.Local.IsValid())
		}
	}
	return false
}

func (l link) String() string {
	up := map[bool]string{true: "up", false: "down"}[l.up]
	s := fmt.Sprintf("device %s %v %s", l.dev, l.kind, up)
	if l.mtu != 0 {
		s += fmt.Sprintf(" mtu %d", l.mtu)
	}
	if l.kind == forward.GRE {
		s += fmt.Sprintf(" local %v remote %s%s ttl %d", l.local, anyText(l.remote), keyText(l.hasKey, l.key), l.ttl)
	}
	return s
}

func (a address) String() string { return fmt.Sprintf("address %v dev %s", a.prefix, a.dev) }
func (n neighbor) String() string {
	return fmt.Sprintf("neighbor %v dev %s nbma %v", n.addr, n.dev, n.nbma)
}

func (r route) String() string {
	hops := strings.Join(strings.Split(strings.TrimSuffix(r.hops, "\n"), "\n"), ", ")
	return fmt.Sprintf("route %v %s", r.prefix, cmp.Or(hops, "nowhere"))
}

func (p policy) String() string {
	dir := map[bool]string{true: "out", false: "in"}[p.out]
	s := fmt.Sprintf("policy %s local %v peer %s%s", dir, p.local, anyText(p.peer), keyText(p.hasKey, p.key))
	if p.reqid == 0 {
		return s + " block"
	}
	for _, l := range []struct {
		is   bool
		name string
	}{{p.shape.ESP, "esp"}, {p.shape.AH, "ah"}} {
		if l.is {
			s += " " + l.name
		}
	}
	mode := map[sadb.Mode]string{sadb.TunnelMode: "tunnel", sadb.TransportMode: "transport"}[p.shape.Mode]
	return fmt.Sprintf("%s %s reqid %d", s, mode, p.reqid-reqidFirst)
}

func (s state) String() string {
	proto := map[sadb.Protocol]string{sadb.ESP: "esp", sadb.AH: "ah"}[s.proto]
	return fmt.Sprintf("sa %s %#x from %v to %v reqid %d", proto, s.spi, s.src, s.dst, s.reqid-reqidFirst)
}

func anyText(a netip.Addr) string {
	if !a.IsValid() {
		return "any"
	}
	return a.String()
}

func keyText(has bool, key uint32) string {
	if !has {
		return ""
	}
	return fmt.Sprintf(" key %d", key)
}
