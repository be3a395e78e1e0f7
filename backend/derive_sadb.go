package backend

import (
	"cmp"
	"slices"
	"time"

	"gresh/backend/config"
	"gresh/backend/forward"
	"gresh/backend/sadb"
)

// The defaults of "crypto ipsec security-association" and of replay detection.
const (
	lifetimeSeconds   = 3600
	lifetimeKilobytes = 4608000
	replayWindow      = 64
)

// sadbPolicies derives the SADBs: one per profile and source for shared
// tunnels, one per tunnel for the others, with the tunnels that are up in the
// order in which they came up.
func (r *Router) sadbPolicies() sadb.Policies {
	var out sadb.Policies
	for _, i := range r.tunnelsByRise() {
		name := config.SADBName(r.running, i)
		at := slices.IndexFunc(out, func(p sadb.Policy) bool { return p.SADB == name })
		if at < 0 {
			policy, ok := r.sadbPolicy(i)
			if !ok {
				continue
			}
			policy.SADB = name
			at, out = len(out), append(out, policy)
		}
		out[at].Tunnels = append(out[at].Tunnels, sadb.Member{Name: i.Name,
			Key: i.Tunnel.Key, HasKey: i.Tunnel.HasKey, Remote: i.Tunnel.Destination})
	}
	return out
}

// tunnelsByRise are the protected tunnels that are up, first risen first.
func (r *Router) tunnelsByRise() []*config.Interface {
	var up []*config.Interface
	for _, i := range r.running.Interfaces {
		if i.IsTunnel() && i.Tunnel.Protection.Profile != "" && r.isUp(i.Name) {
			up = append(up, i)
		}
	}
	slices.SortFunc(up, func(a, b *config.Interface) int {
		return cmp.Compare(r.interfaces[a.Name].risen, r.interfaces[b.Name].risen)
	})
	return up
}

// sadbPolicy is what a tunnel's profile allows to be negotiated.
func (r *Router) sadbPolicy(i *config.Interface) (sadb.Policy, bool) {
	at := slices.IndexFunc(r.running.Profiles, func(p config.IPsecProfile) bool {
		return p.Name == i.Tunnel.Protection.Profile
	})
	if at < 0 {
		return sadb.Policy{}, false
	}
	out := r.profilePolicy(r.running.Profiles[at])
	out.ISAKMPProfile = cmp.Or(i.Tunnel.Protection.ISAKMPProfile, out.ISAKMPProfile)
	out.Interface = cmp.Or(i.Tunnel.Source, r.ownerOf(i))
	out.Local = r.interfaces[i.Name].tunnelLocal
	out.Shared = i.Tunnel.Protection.Shared
	return out, true
}

// profilePolicy is what an IPsec profile says, with the defaults filled in.
func (r *Router) profilePolicy(p config.IPsecProfile) sadb.Policy {
	c := r.running
	out := sadb.Policy{
		Profile:       p.Name,
		ISAKMPProfile: p.ISAKMPProfile,
		PFS:           sadb.Group(p.PFS),
		IdleTime:      time.Duration(cmp.Or(p.IdleTime, c.SAIdleTime)) * time.Second,
		ReplayWindow:  r.replayWindow(p),
		Lifetime: sadb.Lifetime{
			Seconds:   cmp.Or(p.Lifetime.Seconds, c.SALifetime.Seconds, lifetimeSeconds),
			Kilobytes: cmp.Or(p.Lifetime.Kilobytes, c.SALifetime.Kilobytes, lifetimeKilobytes),
		},
	}
	if p.Lifetime.NoVolume || c.SALifetime.NoVolume && p.Lifetime.Kilobytes == 0 {
		out.Lifetime.Kilobytes = 0
	}
	for _, name := range p.TransformSets {
		for _, t := range c.TransformSets {
			if t.Name == name {
				out.Sets = append(out.Sets, transformSet(t))
			}
		}
	}
	return out
}

// ownerOf is the interface that has a tunnel's source address.
func (r *Router) ownerOf(i *config.Interface) string {
	for _, o := range r.running.Interfaces {
		if s := r.interfaces[o.Name]; s != nil && s.address.Addr() == i.Tunnel.SourceAddr {
			return o.Name
		}
	}
	return ""
}

func (r *Router) replayWindow(p config.IPsecProfile) int {
	of := r.running.Replay
	if p.Replay != (config.Replay{}) {
		of = p.Replay
	}
	if of.Disabled {
		return 0
	}
	return cmp.Or(int(of.Window), replayWindow)
}

// transforms says what each transform of a set adds to it.
var transforms = map[string]sadb.TransformSet{
	"ah-md5-hmac":     {AH: sadb.MD5},
	"ah-sha-hmac":     {AH: sadb.SHA1},
	"ah-sha256-hmac":  {AH: sadb.SHA256},
	"ah-sha384-hmac":  {AH: sadb.SHA384},
	"ah-sha512-hmac":  {AH: sadb.SHA512},
	"esp-null":        {Cipher: sadb.Null},
	"esp-des":         {Cipher: sadb.DES},
	"esp-3des":        {Cipher: sadb.TripleDES},
	"esp-aes":         {Cipher: sadb.AES, KeyBits: 128},
	"esp-aes 128":     {Cipher: sadb.AES, KeyBits: 128},
	"esp-aes 192":     {Cipher: sadb.AES, KeyBits: 192},
	"esp-aes 256":     {Cipher: sadb.AES, KeyBits: 256},
	"esp-gcm":         {Cipher: sadb.GCM, KeyBits: 128},
	"esp-gcm 128":     {Cipher: sadb.GCM, KeyBits: 128},
	"esp-gcm 192":     {Cipher: sadb.GCM, KeyBits: 192},
	"esp-gcm 256":     {Cipher: sadb.GCM, KeyBits: 256},
	"esp-md5-hmac":    {Auth: sadb.MD5},
	"esp-sha-hmac":    {Auth: sadb.SHA1},
	"esp-sha256-hmac": {Auth: sadb.SHA256},
	"esp-sha384-hmac": {Auth: sadb.SHA384},
	"esp-sha512-hmac": {Auth: sadb.SHA512},
}

func transformSet(from config.TransformSet) sadb.TransformSet {
	out := sadb.TransformSet{Name: from.Name}
	for _, name := range from.Transforms {
		t := transforms[name]
		out.AH, out.Auth = max(out.AH, t.AH), max(out.Auth, t.Auth)
		out.Cipher, out.KeyBits = max(out.Cipher, t.Cipher), max(out.KeyBits, t.KeyBits)
	}
	if from.Transport {
		out.Mode = sadb.TransportMode
	}
	return out
}

// openDestinations opens the sockets of the point-to-point tunnels, which have
// their peer by configuration and not by NHRP.
func (r *Router) openDestinations(now time.Time) (said []any) {
	for _, p := range r.policies {
		for _, m := range p.Tunnels {
			if m.Remote.IsValid() {
				said = append(said, r.sadb.Open(now, m.Name, m.Remote))
			}
		}
	}
	return said
}

// dropPolicies are the tunnels' claims that nothing of theirs passes in clear.
// They come from the configuration alone: a tunnel that is down, or whose
// protection was refused, has them too.
func (r *Router) dropPolicies() []forward.Policy {
	var out []forward.Policy
	for _, i := range r.running.Interfaces {
		if !i.IsTunnel() || i.Tunnel.Protection.Profile == "" && i.Refused == "" {
			continue
		}
		local := r.tunnelLocal(i)
		if !local.IsValid() {
			continue
		}
		p := forward.Policy{SADB: config.SADBName(r.running, i), Local: local}
		if !i.Tunnel.Protection.Shared {
			p.Key, p.HasKey = i.Tunnel.Key, i.Tunnel.HasKey
		}
		if policy, ok := r.sadbPolicy(i); ok && len(policy.Sets) > 0 {
			first := policy.Sets[0]
			p.Shape = forward.Shape{AH: first.AH != sadb.NoIntegrity, ESP: first.Cipher != sadb.NoCipher, Mode: first.Mode}
		}
		if i.Refused != "" {
			p.SADB, p.Shape = "", forward.Shape{}
		}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}
