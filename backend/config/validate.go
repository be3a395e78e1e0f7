package config

import (
	"fmt"
	"net/netip"
	"strings"
)

// The rules that a Problem can be of. Those with numbers are the rules of
// sharing IPsec between tunnels.
const (
	RuleInterfaceSource = "1"        // shared protection needs an interface as tunnel source
	RuleOneSource       = "2"        // tunnels of one source share one profile
	RuleOneUse          = "3"        // a profile is shared or not, and by tunnels of one source
	RuleUnique          = "4"        // source, destination and key are a tunnel's own
	RuleNoVTI           = "5"        // a virtual tunnel interface can't share
	RuleNames           = "6"        // what is named exists
	RuleDestination     = "mode"     // a multipoint tunnel has no destination
	RuleOverlap         = "overlap"  // subnets of interfaces do not overlap
	RuleHostname        = "hostname" // the host name is one
)

// A Problem is what is wrong with a configuration as a whole.
type Problem struct {
	Rule    string
	Tunnels []string // the interfaces concerned; the last one is at fault
	Text    string   // for the operator: what is wrong and what to change
	Refuse  bool     // refuse the change; else hold down the tunnel at fault, if there is one

	// Definition is the line of the profile at fault, if it is no interface.
	Definition string
}

// Validate returns what is wrong with c. If every problem that is to be
// refused is taken as the end of the tunnel at fault, the others stand: of
// tunnels that exclude each other the first in order is right.
//
// Tunnels without protection, or without a source yet, break no rule of
// sharing, or else the lines of a tunnel could not be entered one by one. A
// tunnel that is Refused has been told already, and is passed over.
func Validate(c *Config) (all []Problem) {
	v := newValidator(c)
	v.hostname()
	v.definitions()
	for _, i := range c.Interfaces {
		if i.IsTunnel() && i.Refused == "" && v.sound(i) {
			v.together(i)
		}
	}
	v.overlaps()
	return v.problems
}

// A validator goes through a configuration once. Its maps are what has been
// seen so far.
type validator struct {
	*Config
	problems []Problem

	profiles       map[string]*IPsecProfile
	isakmpProfiles map[string]bool
	transformSets  map[string]bool
	keyrings       map[string]bool
	owners         map[netip.Addr]string // interfaces by address

	ends    map[ends]*Interface
	uses    map[string]*use     // by IPsec profile
	sources map[string]*sharing // by tunnel source
}

func newValidator(c *Config) *validator {
	v := &validator{
		Config:         c,
		profiles:       map[string]*IPsecProfile{},
		isakmpProfiles: map[string]bool{},
		transformSets:  map[string]bool{},
		keyrings:       map[string]bool{"default": true},
		owners:         map[netip.Addr]string{},
		ends:           map[ends]*Interface{},
		uses:           map[string]*use{},
		sources:        map[string]*sharing{},
	}
	for i := range c.Profiles {
		v.profiles[c.Profiles[i].Name] = &c.Profiles[i]
	}
	for _, p := range c.ISAKMPProfiles {
		v.isakmpProfiles[p.Name] = true
	}
	for _, t := range c.TransformSets {
		v.transformSets[t.Name] = true
	}
	for _, k := range c.Keyrings {
		v.keyrings[k.Name] = true
	}
	for _, i := range c.Interfaces {
		for _, a := range i.addresses() {
			v.owners[a.Addr()] = i.Name
		}
	}
	return v
}

// refuse reports a problem of what is named last of the tunnels.
func (v *validator) refuse(rule string, tunnels []string, format string, args ...any) {
	v.problems = append(v.problems, Problem{Rule: rule, Tunnels: tunnels, Refuse: true,
		Text: "% " + fmt.Sprintf(format, args...)})
}

// hostname accepts any name, as IOS does, but says what it thinks of it.
func (v *validator) hostname() {
	if !legalHostname(v.Hostname) {
		v.problems = append(v.problems, Problem{Rule: RuleHostname,
			Text: "% Hostname contains one or more illegal characters."})
	}
}

// legalHostname holds a name to RFC 952: letters, digits and hyphens, a letter
// first, no hyphen last.
func legalHostname(name string) bool {
	for i, c := range name {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != '-' && (c < '0' || c > '9')) {
			return false
		}
	}
	return !strings.HasSuffix(name, "-")
}

// definitions is rule 6 where a profile names something.
func (v *validator) definitions() {
	undefined := func(definition, text string) {
		v.problems = append(v.problems, Problem{Rule: RuleNames, Text: "% " + text, Refuse: true, Definition: definition})
	}
	for _, p := range v.ISAKMPProfiles {
		if p.Keyring != "" && !v.keyrings[p.Keyring] {
			undefined("crypto isakmp profile "+p.Name, fmt.Sprintf("ISAKMP profile %s names the keyring %s, "+
				`which does not exist: enter "crypto keyring %s" first`, p.Name, p.Keyring, p.Keyring))
		}
	}
	for i := range v.Profiles {
		if missing := v.missingIn(&v.Profiles[i]); missing != "" {
			undefined("crypto ipsec profile "+v.Profiles[i].Name, missing)
		}
	}
}

// missingIn says what a profile names that does not exist; "": nothing.
func (v *validator) missingIn(p *IPsecProfile) string {
	for _, t := range p.TransformSets {
		if !v.transformSets[t] {
			return fmt.Sprintf("IPsec profile %s names the transform set %s, which does not exist: "+
				`enter "crypto ipsec transform-set %s" first`, p.Name, t, t)
		}
	}
	if p.ISAKMPProfile != "" && !v.isakmpProfiles[p.ISAKMPProfile] {
		return fmt.Sprintf("IPsec profile %s names the ISAKMP profile %s, which does not exist: "+
			`enter "crypto isakmp profile %s" first`, p.Name, p.ISAKMPProfile, p.ISAKMPProfile)
	}
	return ""
}
