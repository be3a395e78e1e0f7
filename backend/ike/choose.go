package ike

import (
	"net/netip"
	"slices"

	"gresh/backend/sadb"
)

// secretFor is the key of the most specific prefix that holds the peer.
func secretFor(all []Key, peer netip.Addr) (secret string, ok bool) {
	best := -1
	for _, k := range all {
		if k.Prefix.Contains(peer) && k.Prefix.Bits() > best {
			secret, best = k.Secret, k.Prefix.Bits()
		}
	}
	return secret, best >= 0
}

// matches is the length of the longest prefix of the profile that holds the
// identity, -1 if none does.
func (p *Profile) matches(identity netip.Addr) int {
	best := -1
	for _, m := range p.Match {
		if m.Contains(identity) {
			best = max(best, m.Bits())
		}
	}
	return best
}

func (p *Profile) serves(local netip.Addr) bool {
	return !p.Local.IsValid() || p.Local == local
}

func (c *Config) profile(name string) *Profile {
	i := slices.IndexFunc(c.Profiles, func(p Profile) bool { return p.Name == name })
	if i < 0 {
		return nil
	}
	return &c.Profiles[i]
}

// secrets are the pre-shared keys that the peer may hold, before its identity
// is known: of every profile, those first that match its address, and of no
// profile. wanted restricts them to what one profile may use; "" does not.
func (c *Config) secrets(local, peer netip.Addr, wanted string) (all []string) {
	add := func(keys []Key) {
		if s, ok := secretFor(keys, peer); ok && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	if wanted != "" {
		if p := c.profile(wanted); p != nil && p.serves(local) {
			add(p.Keys)
		}
		return all
	}
	for _, matching := range []bool{true, false} {
		for i := range c.Profiles {
			if p := &c.Profiles[i]; p.serves(local) && (p.matches(peer) >= 0) == matching {
				add(p.Keys)
			}
		}
		if matching {
			add(c.Keys)
		}
	}
	return all
}

// profileOf is the profile of a peer that has proved an identity by a secret:
// of those that match the identity and have that secret for the peer, the most
// specific, then the first. ok is false if neither a profile nor the keys
// outside of profiles have it. A peer that a profile in use claims does not
// escape it by the key of no profile.
func (c *Config) profileOf(local, peer, identity netip.Addr, secret string) (name string, ok bool) {
	best, claimed := -1, false
	for i := range c.Profiles {
		p := &c.Profiles[i]
		length := p.matches(identity)
		if !p.serves(local) || length < 0 {
			continue
		}
		claimed = claimed || c.SADBs.Bound(local, p.Name)
		if s, has := secretFor(p.Keys, peer); has && s == secret && length > best {
			name, best = p.Name, length
		}
	}
	if best >= 0 {
		return name, true
	}
	s, has := secretFor(c.Keys, peer)
	return "", has && s == secret && !claimed
}

// binding is the profile for the purpose of choosing an SADB: one that no SADB
// there names counts as none.
func (c *Config) binding(local netip.Addr, profile string) string {
	if c.SADBs.Bound(local, profile) {
		return profile
	}
	return ""
}

func (c *Config) sadb(name string) (sadb.Policy, bool) {
	i := slices.IndexFunc(c.SADBs, func(s sadb.Policy) bool { return s.SADB == name })
	if i < 0 {
		return sadb.Policy{}, false
	}
	return c.SADBs[i], true
}

// dpd is the detection that a profile asks for.
func (c *Config) dpd(profile string) DPD {
	if p := c.profile(profile); p != nil && p.DPD.Interval > 0 {
		return p.DPD
	}
	return c.DPD
}
