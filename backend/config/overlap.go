package config

import (
	"cmp"
	"net/netip"
	"slices"
)

// addresses are those of an interface, the primary one first.
func (i *Interface) addresses() []netip.Prefix {
	if !i.Address.IsValid() {
		return nil
	}
	return append([]netip.Prefix{i.Address}, i.Secondary...)
}

// A subnet is one that an interface is on.
type subnet struct {
	netip.Prefix // masked
	interfaced   int
}

// overlaps reports interfaces on subnets that overlap. Two prefixes overlap
// only if one contains the other, so with the containing ones first a stack of
// those that are open finds every overlap with the nearest of them.
func (v *validator) overlaps() {
	var all []subnet
	for at, i := range v.Interfaces {
		for _, p := range i.addresses() {
			all = append(all, subnet{p.Masked(), at})
		}
	}
	slices.SortFunc(all, func(a, b subnet) int {
		return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()), cmp.Compare(a.interfaced, b.interfaced))
	})
	var found []Problem
	var open []subnet
	for _, s := range all {
		for len(open) > 0 && !open[len(open)-1].Overlaps(s.Prefix) {
			open = open[:len(open)-1]
		}
		if n := len(open); n > 0 && open[n-1].interfaced != s.interfaced {
			found = append(found, v.overlap(open[n-1], s))
		}
		open = append(open, s)
	}
	v.problems = append(v.problems, found...)
}

// overlap words an overlap as IOS does: the interface that comes later is the
// one whose address is refused.
func (v *validator) overlap(a, b subnet) Problem {
	if a.interfaced > b.interfaced {
		a, b = b, a
	}
	first, later := v.Interfaces[a.interfaced].Name, v.Interfaces[b.interfaced].Name
	return Problem{Rule: RuleOverlap, Tunnels: []string{first, later}, Refuse: true, Text: overlapText(b.Addr(), first)}
}

func overlapText(subnet netip.Addr, with string) string {
	return "% " + subnet.String() + " overlaps with " + with
}

// Blame words a problem of after for whoever made it out of before: of two
// interfaces that overlap, the one at fault is the one whose address is new.
func (p Problem) Blame(before, after *Config) string {
	if p.Rule != RuleOverlap {
		return p.Text
	}
	first, later := after.Interface(p.Tunnels[0]), after.Interface(p.Tunnels[1])
	if was := before.Interface(later.Name); was == nil || !slices.Equal(was.addresses(), later.addresses()) {
		return p.Text
	}
	for _, a := range first.addresses() {
		if slices.ContainsFunc(later.addresses(), a.Overlaps) {
			return overlapText(a.Masked().Addr(), later.Name)
		}
	}
	return p.Text
}
