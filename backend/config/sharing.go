package config

import (
	"cmp"
	"net/netip"
)

// SADBName returns the name of the SADB that a protected tunnel belongs to, as
// crypto maps are named: one for each profile that is shared, which rule 3
// makes one for each profile and source, or one of the tunnel's own.
func SADBName(_ *Config, i *Interface) string {
	if i.Tunnel.Protection.Shared {
		return i.Tunnel.Protection.Profile + "-head-1"
	}
	return i.Name + "-head-0"
}

// protect is the line that names a profile.
const protect = `"tunnel protection ipsec profile `

// sound holds a tunnel to the rules that concern it alone.
func (v *validator) sound(i *Interface) bool {
	before := len(v.problems)
	t, self := &i.Tunnel, []string{i.Name}
	if t.Mode == ModeGREMultipoint && t.Destination.IsValid() {
		v.refuse(RuleDestination, self, "%s is multipoint and can't have the tunnel destination %v: "+
			`enter "no tunnel destination" first`, i.Name, t.Destination)
	}
	p := t.Protection
	if p.Profile == "" {
		return len(v.problems) == before
	}
	if p.Shared && t.SourceAddr.IsValid() {
		v.refuse(RuleInterfaceSource, self, "%s shares the IPsec profile %s and needs an interface as tunnel "+
			`source, not the address %v: enter "tunnel source" with the interface first`,
			i.Name, p.Profile, t.SourceAddr)
	}
	if p.Shared && t.Mode == ModeIPsecIPv4 {
		v.refuse(RuleNoVTI, self, "%s is a virtual tunnel interface and can't share the IPsec profile %s: "+
			`enter "tunnel mode gre multipoint", or the protection without "shared", first`, i.Name, p.Profile)
	}
	v.named(i)
	return len(v.problems) == before
}

// named is rule 6 where a tunnel names something.
func (v *validator) named(i *Interface) {
	p, self := i.Tunnel.Protection, []string{i.Name}
	if p.Shared && p.ISAKMPProfile != "" {
		v.refuse(RuleNames, self, "%s: shared and isakmp-profile exclude each other: bind the IPsec profile %s "+
			`with "set isakmp-profile %s" instead`, i.Name, p.Profile, p.ISAKMPProfile)
	}
	if p.ISAKMPProfile != "" && !v.isakmpProfiles[p.ISAKMPProfile] {
		v.refuse(RuleNames, self, "%s: the ISAKMP profile %s does not exist: "+
			`enter "crypto isakmp profile %s" first`, i.Name, p.ISAKMPProfile, p.ISAKMPProfile)
	}
	if profile := v.profiles[p.Profile]; profile == nil {
		v.refuse(RuleNames, self, "%s: the IPsec profile %s does not exist: "+
			`enter "crypto ipsec profile %s" first`, i.Name, p.Profile, p.Profile)
	} else if missing := v.missingIn(profile); missing != "" {
		v.refuse(RuleNames, self, "%s: %s", i.Name, missing)
	}
}

// together holds a tunnel to the rules that concern it and those before it. A
// tunnel that is refused leaves no trace for those that follow.
func (v *validator) together(i *Interface) {
	if i.Tunnel.Protection.Profile != "" {
		join, joins := v.join(i)
		if !joins || !v.oneUse(i) {
			return
		}
		join()
	}
	v.unique(i)
}

// ends are what GRE tells tunnels apart by.
type ends struct {
	source      string
	destination netip.Addr // invalid: multipoint
	key         uint32
	hasKey      bool
	vti         bool
}

// unique is rule 4.
func (v *validator) unique(i *Interface) {
	t := &i.Tunnel
	e := ends{v.source(i), t.Destination, t.Key, t.HasKey, t.Mode == ModeIPsecIPv4}
	if e.source == "" || !e.destination.IsValid() && t.Mode != ModeGREMultipoint {
		return
	}
	first := v.ends[e]
	if first == nil {
		v.ends[e] = i
		return
	}
	what := "source, destination and key"
	if t.Mode == ModeGREMultipoint {
		what = "source and key"
	}
	v.problems = append(v.problems, Problem{Rule: RuleUnique, Tunnels: []string{first.Name, i.Name},
		Text: "% " + i.Name + " has the same tunnel " + what + " as " + first.Name +
			` and stays down: change one of them, or its "tunnel key"`})
}

// source names what a tunnel's source is: an interface if it is known, else an
// address. Empty: it has none yet.
func (v *validator) source(i *Interface) string {
	if a := i.Tunnel.SourceAddr; a.IsValid() {
		return cmp.Or(v.owners[a], a.String())
	}
	return i.Tunnel.Source
}

// A use is how the tunnels so far use an IPsec profile.
type use struct {
	first  *Interface
	source string // of the tunnels that share it; "": not known yet
}

// oneUse is rule 3.
func (v *validator) oneUse(i *Interface) bool {
	p, source := i.Tunnel.Protection, v.source(i)
	u := v.uses[p.Profile]
	if u == nil {
		v.uses[p.Profile] = &use{i, source}
		return true
	}
	both := []string{u.first.Name, i.Name}
	switch {
	case u.first.Tunnel.Protection.Shared != p.Shared:
		shares, doesNot := u.first.Name, i.Name
		if p.Shared {
			shares, doesNot = doesNot, shares
		}
		v.refuse(RuleOneUse, both, "%s shares the IPsec profile %s and %s does not: "+
			`define another "crypto ipsec profile" for one of them`, shares, p.Profile, doesNot)
		return false
	case p.Shared && source != "" && u.source != "" && source != u.source:
		v.refuse(RuleOneUse, both, "%s and %s share the IPsec profile %s with different sources, %s and %s: "+
			`define another "crypto ipsec profile" for one of them`,
			u.first.Name, i.Name, p.Profile, u.source, source)
		return false
	}
	if u.source == "" && source != "" {
		u.first, u.source = i, source
	}
	return true
}

// A sharing is what the protected tunnels of a source have in common so far.
// One of the three must stay true.
type sharing struct {
	first  *Interface
	shared bool // all share the first one's profile
	apart  bool // all point-to-point, unshared, with destinations of their own
	bound  bool // all unshared, each bound to an ISAKMP profile of its own

	destinations map[netip.Addr]bool
	bindings     map[string]bool
}

// join is rule 2 with its exceptions: tunnels that are all point-to-point, and
// rule 7, customers kept apart by their ISAKMP profiles. It returns what makes
// the tunnel one of its source's, if it may be.
func (v *validator) join(i *Interface) (join func(), joins bool) {
	source := v.source(i)
	if source == "" {
		return func() {}, true
	}
	t, binding := &i.Tunnel, v.binding(i)
	g := v.sources[source]
	if g == nil {
		g = &sharing{first: i, shared: true, apart: true, bound: true,
			destinations: map[netip.Addr]bool{}, bindings: map[string]bool{}}
	}
	shared := g.shared && t.Protection.Shared && t.Protection.Profile == g.first.Tunnel.Protection.Profile
	apart := g.apart && !t.Protection.Shared && t.Mode != ModeGREMultipoint && !g.destinations[t.Destination]
	bound := g.bound && !t.Protection.Shared && binding != "" && !g.bindings[binding]
	if g.first != i && !shared && !apart && !bound {
		v.refuseSource(g.first, i, source)
		return nil, false
	}
	return func() {
		v.sources[source] = g
		g.shared, g.apart, g.bound = shared, apart, bound
		g.bindings[binding] = true
		if t.Destination.IsValid() { // else it is still being entered
			g.destinations[t.Destination] = true
		}
	}, true
}

// binding is the ISAKMP profile that a tunnel accepts connections of.
func (v *validator) binding(i *Interface) string {
	p := i.Tunnel.Protection
	return cmp.Or(p.ISAKMPProfile, v.profiles[p.Profile].ISAKMPProfile)
}

func (v *validator) refuseSource(first, i *Interface, source string) {
	a, b := first.Tunnel.Protection, i.Tunnel.Protection
	hint := ""
	if !a.Shared && !b.Shared {
		hint = ` (or bind each to an ISAKMP profile of its own with "set isakmp-profile")`
	}
	v.refuse(RuleOneSource, []string{first.Name, i.Name},
		"%s (%s) and %s (%s) have the same tunnel source %s and must share one IPsec profile: shut one of "+
			`them down, enter its "no tunnel protection ipsec profile", then %s%s shared" on the other and on it%s`,
		first.Name, described(a), i.Name, described(b), source, protect, a.Profile, hint)
}

func described(p Protection) string {
	if p.Shared {
		return p.Profile + " shared"
	}
	return p.Profile + " not shared"
}
