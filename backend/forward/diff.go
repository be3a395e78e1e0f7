package forward

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"gresh/backend/sadb"
)

// An Op is one step from one forwarding state to another.
type Op struct {
	Add  bool
	Item any // an Interface, Route, Neighbor, Multicast, Policy or sadb.SA
}

// Diff returns the steps from one table to another: what is new or different
// first, then what is gone, so that nothing is missing between. Policies come
// before the interfaces they close, and go after them; SAs before what is sent
// under them.
func Diff(from, to Table) (ops []Op) {
	ops = add(ops, from.Policies, to.Policies, func(p Policy) Policy { return p })
	ops = add(ops, from.SAs, to.SAs, sadb.SA.Key)
	ops = add(ops, from.Interfaces, to.Interfaces, func(i Interface) string { return i.Name })
	ops = add(ops, from.Neighbors, to.Neighbors, func(n Neighbor) Neighbor { return Neighbor{Dev: n.Dev, Addr: n.Addr} })
	ops = add(ops, from.Multicast, to.Multicast, func(m Multicast) Multicast { return m })
	ops = add(ops, from.Routes, to.Routes, func(r Route) string { return r.Prefix.String() })

	ops = remove(ops, from.Routes, to.Routes, func(r Route) string { return r.Prefix.String() })
	ops = remove(ops, from.Multicast, to.Multicast, func(m Multicast) Multicast { return m })
	ops = remove(ops, from.Neighbors, to.Neighbors, func(n Neighbor) Neighbor { return Neighbor{Dev: n.Dev, Addr: n.Addr} })
	ops = remove(ops, from.Interfaces, to.Interfaces, func(i Interface) string { return i.Name })
	ops = remove(ops, from.SAs, to.SAs, sadb.SA.Key)
	return remove(ops, from.Policies, to.Policies, func(p Policy) Policy { return p })
}

// add appends what of to is not in from, or is different there.
func add[T any, K comparable](ops []Op, from, to []T, key func(T) K) []Op {
	have := index(from, key)
	for _, item := range to {
		if old, ok := have[key(item)]; !ok || !reflect.DeepEqual(old, item) {
			ops = append(ops, Op{Add: true, Item: item})
		}
	}
	return ops
}

// remove appends what of from is not in to.
func remove[T any, K comparable](ops []Op, from, to []T, key func(T) K) []Op {
	keep := index(to, key)
	for _, item := range from {
		if _, ok := keep[key(item)]; !ok {
			ops = append(ops, Op{Item: item})
		}
	}
	return ops
}

func index[T any, K comparable](items []T, key func(T) K) map[K]T {
	m := make(map[K]T, len(items))
	for _, i := range items {
		m[key(i)] = i
	}
	return m
}

// String is the step as a line for a reader: no keys are in it.
func (o Op) String() string {
	verb := map[bool]string{true: "add", false: "del"}[o.Add]
	switch i := o.Item.(type) {
	case Interface:
		return fmt.Sprintf("%s interface %s up=%t %v mtu %d%s", verb, i.Name, i.Up, i.Addresses, i.MTU, i.Tunnel)
	case Route:
		return fmt.Sprintf("%s route %v %v", verb, i.Prefix, i.Hops)
	case Neighbor:
		return fmt.Sprintf("%s neighbor %v dev %s nbma %v", verb, i.Addr, i.Dev, i.NBMA)
	case Multicast:
		return fmt.Sprintf("%s multicast dev %s nbma %v", verb, i.Dev, i.NBMA)
	case Policy:
		return fmt.Sprintf("%s policy local %v%s sadb %s", verb, i.Local, keyText(i.HasKey, i.Key), cmp.Or(i.SADB, "none"))
	case sadb.SA:
		return fmt.Sprintf("%s sa %d %#x %v -> %v sadb %s", verb, i.Proto, i.SPI, i.Src, i.Dst, i.SADB)
	}
	return fmt.Sprintf("%s %v", verb, o.Item)
}

func (t Tunnel) String() string {
	if !t.Local.IsValid() {
		return ""
	}
	s := fmt.Sprintf(" gre %v -> %v%s", t.Local, t.Remote, keyText(t.HasKey, t.Key))
	if t.SADB != "" {
		s += " sadb " + t.SADB
	}
	return s
}

func keyText(has bool, key uint32) string {
	if !has {
		return ""
	}
	return fmt.Sprintf(" key %d", key)
}

// Sorted returns the steps in the order of their text, for comparison.
func Sorted(ops []Op) []string {
	var all []string
	for _, o := range ops {
		all = append(all, o.String())
	}
	slices.Sort(all)
	return all
}
