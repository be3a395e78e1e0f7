package backend

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"gresh/backend/config"
	"gresh/backend/ike"
	"gresh/backend/sadb"
)

// ikeConfig derives the IKE engine's configuration.
func (r *Router) ikeConfig(policies sadb.Policies) ike.Config {
	c := r.running
	out := ike.Config{
		Rand:         r.options.Rand,
		Policies:     ikePolicies(c.Policies),
		Keys:         ikeKeys(c.Keys),
		DPD:          dpd(c.Keepalive),
		NATKeepalive: time.Duration(c.NATKeepalive) * time.Second,
		NoNATT:       c.NoNATT,
		Admission:    ike.Admission{SAs: int(c.Admission.SAs), Negotiating: int(c.Admission.Negotiating)},
		SADBs:        policies,
	}
	for _, p := range c.ISAKMPProfiles {
		profile := ike.Profile{Name: p.Name, Match: p.MatchIdentity, DPD: dpd(p.Keepalive)}
		if p.Keyring == "" || p.Keyring == "default" {
			profile.Keys = out.Keys
		} else if i := slices.IndexFunc(c.Keyrings, func(k config.Keyring) bool { return k.Name == p.Keyring }); i >= 0 {
			profile.Keys = ikeKeys(c.Keyrings[i].Keys)
		}
		if p.LocalAddress != "" {
			profile.Local = r.addressOf(p.LocalAddress)
		}
		out.Profiles = append(out.Profiles, profile)
	}
	return out
}

// ikePolicies keeps the policies that authenticate by pre-shared key, the only
// method there is here, by priority.
func ikePolicies(from []config.ISAKMPPolicy) []ike.Policy {
	var out []ike.Policy
	for _, p := range from {
		if p.Authentication != config.AuthPreShare {
			continue
		}
		out = append(out, ike.Policy{
			Priority:   uint32(p.Priority),
			Encryption: ikeEncryption[p.Encryption],
			Hash:       ikeHash[p.Hash],
			Group:      sadb.Group(cmp.Or(p.Group, 1)),
			Lifetime:   time.Duration(cmp.Or(p.Lifetime, 86400)) * time.Second,
		})
	}
	slices.SortFunc(out, func(a, b ike.Policy) int { return cmp.Compare(a.Priority, b.Priority) })
	return out
}

var ikeEncryption = map[config.Encryption]ike.Encryption{
	config.EncryptionDES: ike.DES, config.Encryption3DES: ike.TripleDES,
	config.EncryptionAES128: ike.AES128, config.EncryptionAES192: ike.AES192, config.EncryptionAES256: ike.AES256,
}

var ikeHash = map[config.Hash]ike.Hash{
	config.HashSHA: ike.SHA1, config.HashMD5: ike.MD5,
	config.HashSHA256: ike.SHA256, config.HashSHA384: ike.SHA384, config.HashSHA512: ike.SHA512,
}

func ikeKeys(from []config.PreSharedKey) []ike.Key {
	var out []ike.Key
	for _, k := range from {
		out = append(out, ike.Key{Prefix: k.Address, Secret: k.Secret})
	}
	return out
}

func dpd(k config.Keepalive) ike.DPD {
	return ike.DPD{
		Interval: time.Duration(k.Seconds) * time.Second,
		Retry:    time.Duration(cmp.Or(k.Retry, 2)) * time.Second,
		Periodic: k.Periodic,
	}
}

// addressOf is the address of an interface, or the address that is written.
func (r *Router) addressOf(name string) netip.Addr {
	if a, err := netip.ParseAddr(name); err == nil {
		return a
	}
	if i, ok := r.interfaces[name]; ok {
		return i.address.Addr()
	}
	return netip.Addr{}
}
