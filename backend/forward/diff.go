package forward

import (
	"bytes"
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"gresh/backend/sadb"
)

// An Op is one step from one forwarding state to another. Adding what is there
// already under the same name replaces it.
type Op struct {
	Add  bool
	Item any // an Interface, Route, Neighbor, Multicast, Policy or sadb.SA
}

// Diff returns the steps from one table to another: what is new or different
// first, then what is gone, so that nothing is missing between. Policies come
// before the interfaces they close, and go after them; SAs before what is sent
// under them. No table has two items of one name.
func Diff(from, to Table) []Op {
	var add, gone []Op
	add, lost := compare(add, from.Policies, to.Policies, self[Policy], equal[Policy])
	gone = append(lost, gone...)
	add, lost = compare(add, from.SAs, to.SAs, sadb.SA.Key, sameSA)
	gone = append(lost, gone...)
	add, lost = compare(add, from.Interfaces, to.Interfaces, interfaceName, sameInterface)
	gone = append(lost, gone...)
	add, lost = compare(add, from.Neighbors, to.Neighbors, neighborKey, equal[Neighbor])
	gone = append(lost, gone...)
	add, lost = compare(add, from.Multicast, to.Multicast, self[Multicast], equal[Multicast])
	gone = append(lost, gone...)
	add, lost = compare(add, from.Routes, to.Routes, routePrefix, sameRoute)
	gone = append(lost, gone...)
	return append(add, gone...)
}

// compare appends what of to is new or different to add, and returns what of
// from is gone.
func compare[T any, K comparable](
	add []Op, from, to []T, key func(T) K, same func(a, b T) bool,
) (added, gone []Op) {
	from, to = differing(from, to, same)
	have := make(map[K]T, len(from))
	for _, item := range from {
		have[key(item)] = item
	}
	keep := make(map[K]bool, len(to))
	for _, item := range to {
		keep[key(item)] = true
		if old, ok := have[key(item)]; !ok || !same(old, item) {
			add = append(add, Op{Add: true, Item: item})
		}
	}
	for _, item := range from {
		if !keep[key(item)] {
			gone = append(gone, Op{Item: item})
		}
	}
	return add, gone
}

// differing leaves out what two lists have in common, as far as going through
// them side by side can tell: a long table that changes in a few places costs
// one comparison per item. What has moved further than lookahead stays in both.
func differing[T any](from, to []T, same func(a, b T) bool) (olds, news []T) {
	const lookahead = 8
	find := func(item T, in []T) int {
		in = in[:min(len(in), lookahead)]
		return slices.IndexFunc(in, func(other T) bool { return same(item, other) })
	}
	for len(from) > 0 && len(to) > 0 {
		if same(from[0], to[0]) {
			from, to = from[1:], to[1:]
		} else if n := find(to[0], from); n > 0 {
			olds, from = append(olds, from[:n]...), from[n:]
		} else if n := find(from[0], to); n > 0 {
			news, to = append(news, to[:n]...), to[n:]
		} else {
			olds, from = append(olds, from[0]), from[1:]
			news, to = append(news, to[0]), to[1:]
		}
	}
	return append(olds, from...), append(news, to...)
}

func self[T any](v T) T                { return v }
func equal[T comparable](a, b T) bool  { return a == b }
func interfaceName(i Interface) string { return i.Name }
func routePrefix(r Route) netip.Prefix { return r.Prefix }
func neighborKey(n Neighbor) hopKey    { return hopKey{n.Dev, n.Addr} }
func sameRoute(a, b Route) bool        { return a.Prefix == b.Prefix && slices.Equal(a.Hops, b.Hops) }
func (k Kind) String() string          { return [...]string{"ethernet", "loopback", "gre"}[k] }
func verb(add bool) string             { return map[bool]string{true: "add", false: "del"}[add] }
func protocolName(p sadb.Protocol) string {
	return map[sadb.Protocol]string{sadb.ESP: "esp", sadb.AH: "ah"}[p]
}

func sameInterface(a, b Interface) bool {
	return a.Name == b.Name && a.Kind == b.Kind && a.Up == b.Up && a.MTU == b.MTU &&
		a.AdjustMSS == b.AdjustMSS && a.Redirect == b.Redirect && a.Tunnel == b.Tunnel && slices.Equal(a.Addresses, b.Addresses) &&
		slices.Equal(a.Groups, b.Groups)
}

// sameSA compares what a data path knows of an SA; sameKeys, what makes its
// sequence numbers and replay window worth keeping.
func sameSA(a, b sadb.SA) bool {
	return a.SPI == b.SPI && sameKeys(a, b) && a.Src == b.Src && a.Dst == b.Dst && a.SADB == b.SADB &&
		a.Mode == b.Mode && a.Encap == b.Encap && a.Bundle == b.Bundle &&
		a.SoftOctets == b.SoftOctets && a.HardOctets == b.HardOctets
}

func sameKeys(a, b sadb.SA) bool {
	return a.Proto == b.Proto && a.Cipher == b.Cipher && a.Integrity == b.Integrity && a.Replay == b.Replay &&
		bytes.Equal(a.EncKey, b.EncKey) && bytes.Equal(a.AuthKey, b.AuthKey)
}

// String is the step as a line for a reader. No keys are in it.
func (o Op) String() string {
	switch i := o.Item.(type) {
	case Interface:
		return fmt.Sprintf("%s %v", verb(o.Add), i)
	case Route:
		return fmt.Sprintf("%s route %v%v", verb(o.Add), i.Prefix, hopsText(i.Hops))
	case Neighbor:
		return fmt.Sprintf("%s neighbor %v dev %s nbma %v", verb(o.Add), i.Addr, i.Dev, i.NBMA)
	case Multicast:
		return fmt.Sprintf("%s multicast dev %s nbma %v", verb(o.Add), i.Dev, i.NBMA)
	case Policy:
		return fmt.Sprintf("%s policy local %v%s sadb %s", verb(o.Add), i.Local, keyText(i.HasKey, i.Key),
			cmp.Or(i.SADB, "none"))
	case sadb.SA:
		return fmt.Sprintf("%s sa %s %#x from %v to %v sadb %s", verb(o.Add), protocolName(i.Proto), i.SPI,
			i.Src, i.Dst, i.SADB)
	}
	return fmt.Sprintf("%s %v", verb(o.Add), o.Item)
}

// String is the interface on one line.
func (i Interface) String() string {
	state := map[bool]string{true: "up", false: "down"}[i.Up]
	s := fmt.Sprintf("interface %s %v %s", i.Name, i.Kind, state)
	for _, a := range i.Addresses {
		s += " " + a.String()
	}
	if i.MTU != 0 {
		s += fmt.Sprintf(" mtu %d", i.MTU)
	}
	if i.AdjustMSS != 0 {
		s += fmt.Sprintf(" adjust-mss %d", i.AdjustMSS)
	}
	if i.Kind == GRE {
		s += " " + i.Tunnel.String()
	}
	return s
}

// String is the tunnel as part of a line.
func (t Tunnel) String() string {
	s := fmt.Sprintf("from %v to %v%s ttl %d", addrText(t.Local, "none"), addrText(t.Remote, "any"),
		keyText(t.HasKey, t.Key), t.TTL)
	if t.SADB != "" {
		s += " sadb " + t.SADB
	}
	return s
}

func hopsText(hops []Hop) string {
	if len(hops) == 0 {
		return " null0"
	}
	s := ""
	for _, h := range hops {
		s += fmt.Sprintf(" via %v dev %s", addrText(h.Via, "link"), h.Dev)
	}
	return s
}

func addrText(a netip.Addr, absent string) string {
	if !a.IsValid() {
		return absent
	}
	return a.String()
}

func keyText(has bool, key uint32) string {
	if !has {
		return ""
	}
	return fmt.Sprintf(" key %d", key)
}
