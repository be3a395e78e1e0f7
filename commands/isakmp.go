package commands

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// isakmp begins the lines of phase 1.
var isakmp = under(crypto, "isakmp", "Configure ISAKMP policy")

// The defaults of a policy, beside DES, SHA-1 and RSA signatures.
const (
	policyGroup    = 1
	policyLifetime = 86400
)

// isakmpGlobal is phase 1 in configuration mode.
var isakmpGlobal = modes.Mode[config.Config]{
	isakmpPolicies(),
	preSharedKeys(under(isakmp, "key", "Set pre-shared key for remote peer"), keyThenAddress,
		func(c *config.Config) *[]config.PreSharedKey { return &c.Keys }),
	isakmpKeepalive(),
	modes.Number(under(under(isakmp, "nat", "Set a nat keepalive interval for use with IOS"),
		"keepalive", "Set a keepalive interval for use with IOS"),
		grammar.Uint(5, 3600, "Number of seconds between keepalives"),
		func(c *config.Config) *uint16 { return &c.NATKeepalive }),
	isakmpProfiles(),
	modes.Number(under(admission, "sa", "maximum number of IKE SAs allowed"),
		grammar.Uint(1, 99999, "number of IKE SAs"),
		func(c *config.Config) *uint32 { return &c.Admission.SAs }),
	modes.Number(under(admission, "in-negotiation-sa", "maximum number of in-negotiation IKE SAs allowed"),
		grammar.Uint(10, 99999, "number of in-negotiation IKE SAs"),
		func(c *config.Config) *uint32 { return &c.Admission.Negotiating }),
	keptHere("call admission limit", "Call admission control limit"),
}

// admission begins the limits of phase 1.
var admission = under(under(under(under(crypto, "call", "Configure Crypto Call Admission Control"),
	"admission", "Configure Crypto Call Admission Control"),
	"limit", "Configure Crypto Call Admission Control Limit"), "ike", "Configure IKE Call Admission Limit")

func isakmpPolicies() modes.Command[config.Config] {
	priority := grammar.Uint(1, 10000, "Priority of protection suite")
	l := listing[config.ISAKMPPolicy, uint32]{
		list:  func(c *config.Config) *[]config.ISAKMPPolicy { return &c.Policies },
		param: priority,
		name:  func(p *config.ISAKMPPolicy) uint32 { return uint32(p.Priority) },
		make:  func(n uint32) config.ISAKMPPolicy { return config.ISAKMPPolicy{Priority: uint16(n)} },
		order: func(a, b config.ISAKMPPolicy) int { return cmp.Compare(a.Priority, b.Priority) },
	}
	return modes.Sub(l.block(modes.Block[config.Config, config.ISAKMPPolicy]{
		Line:    with(under(isakmp, "policy", "Set policy for an ISAKMP protection suite"), priority),
		Title:   "ISAKMP commands:",
		Prompt:  "config-isakmp",
		Mode:    isakmpPolicyMode(),
		Section: modes.Between, // the keys follow at once
	}))
}

func isakmpPolicyMode() modes.Mode[config.ISAKMPPolicy] {
	group := grammar.Enum(groups...)
	lifetime := grammar.Uint(60, 86400, "lifetime in seconds")
	return modes.Mode[config.ISAKMPPolicy]{
		modes.Value(grammar.Line{grammar.As("encr",
			grammar.Word("encryption", "Set encryption algorithm for protection suite"))},
			grammar.Enum(
				choice("3des", "Three key triple DES", config.Encryption3DES),
				choice("aes", "AES - Advanced Encryption Standard.", config.EncryptionAES128),
				choice("aes 128", "128 bit keys.", config.EncryptionAES128),
				choice("aes 192", "192 bit keys.", config.EncryptionAES192),
				choice("aes 256", "256 bit keys.", config.EncryptionAES256),
				choice("des", "DES - Data Encryption Standard (56 bit keys).", config.EncryptionDES),
			),
			func(p *config.ISAKMPPolicy) *config.Encryption { return &p.Encryption }),
		modes.Value(under(global, "hash", "Set hash algorithm for protection suite"),
			grammar.Enum(
				choice("md5", "Message Digest 5", config.HashMD5),
				choice("sha", "Secure Hash Standard", config.HashSHA),
				choice("sha256", "Secure Hash Standard 2 (256 bit)", config.HashSHA256),
				choice("sha384", "Secure Hash Standard 2 (384 bit)", config.HashSHA384),
				choice("sha512", "Secure Hash Standard 2 (512 bit)", config.HashSHA512),
			),
			func(p *config.ISAKMPPolicy) *config.Hash { return &p.Hash }),
		modes.Value(under(global, "authentication", "Set authentication method for protection suite"),
			grammar.Enum(
				choice("pre-share", "Pre-Shared Key", config.AuthPreShare),
				choice("rsa-sig", "Rivest-Shamir-Adleman Signature", config.AuthRSASig),
			),
			func(p *config.ISAKMPPolicy) *config.Authentication { return &p.Authentication }),
		unless(policyGroup, group, modes.Value(under(global, "group", "Set the Diffie-Hellman group"), group,
			func(p *config.ISAKMPPolicy) *uint8 { return &p.Group })),
		unless(policyLifetime, lifetime, modes.Value(
			under(global, "lifetime", "Set lifetime for ISAKMP security association"), lifetime,
			func(p *config.ISAKMPPolicy) *uint32 { return &p.Lifetime })),
	}
}

// groups are the Diffie-Hellman groups there are.
var groups = []grammar.Choice[uint8]{
	{Name: "1", Help: "Diffie-Hellman group 1 (768 bit)", Value: 1},
	{Name: "2", Help: "Diffie-Hellman group 2 (1024 bit)", Value: 2},
	{Name: "5", Help: "Diffie-Hellman group 5 (1536 bit)", Value: 5},
	{Name: "14", Help: "Diffie-Hellman group 14 (2048 bit)", Value: 14},
	{Name: "15", Help: "Diffie-Hellman group 15 (3072 bit)", Value: 15},
	{Name: "16", Help: "Diffie-Hellman group 16 (4096 bit)", Value: 16},
	{Name: "19", Help: "Diffie-Hellman group 19 (256 bit ecp)", Value: 19},
	{Name: "20", Help: "Diffie-Hellman group 20 (384 bit ecp)", Value: 20},
	{Name: "21", Help: "Diffie-Hellman group 21 (521 bit ecp)", Value: 21},
}

// pfsGroups are the same, as a profile calls them.
var pfsGroups = func() (all []grammar.Choice[uint8]) {
	for _, g := range groups {
		all = append(all, grammar.Choice[uint8]{Name: "group" + g.Name, Help: g.Help, Value: g.Value})
	}
	return all
}()

// A network is an address with its mask, which may be left out for a host.
type network struct {
	addr *grammar.Param[netip.Addr]
	mask *grammar.Param[int]
}

func newNetwork(addrHelp, maskHelp string) network {
	return network{grammar.IPv4(addrHelp), grammar.Mask(maskHelp)}
}

// line is the network as the rest of a line.
func (n network) line() grammar.Line { return grammar.Line{n.addr, grammar.Opt(n.mask)} }

func (n network) from(a grammar.Args) netip.Prefix {
	if !n.mask.In(a) {
		return netip.PrefixFrom(n.addr.From(a), 32)
	}
	return netip.PrefixFrom(n.addr.From(a), n.mask.From(a)).Masked()
}

func (n network) is(p netip.Prefix) grammar.Args {
	if p.Bits() == 32 {
		return n.addr.Is(p.Addr())
	}
	return n.addr.Is(p.Addr()).And(n.mask.Is(p.Bits()))
}

// networks is a line with a network that may be said several times.
func networks[S any](line grammar.Line, n network, field func(*S) *[]netip.Prefix) modes.Command[S] {
	return modes.Command[S]{
		Line: with(line, n.line()...),
		Set: func(s *S, a grammar.Args) error {
			if f, p := field(s), n.from(a); !slices.Contains(*f, p) {
				*f = append(*f, p)
			}
			return nil
		},
		Unset: func(s *S, a grammar.Args) error {
			f := field(s)
			*f = emptied(slices.DeleteFunc(*f, func(p netip.Prefix) bool { return p == n.from(a) }))
			return nil
		},
		Get: func(s *S) []grammar.Args { return values(*field(s), n.is) },
	}
}

// keyThenAddress and addressThenKey are the two orders in which IOS has the
// key and the peers it is for.
func keyThenAddress(key, peers grammar.Line) grammar.Line { return with(key, peers...) }

func addressThenKey(key, peers grammar.Line) grammar.Line {
	return with(peers, with(under(global, "key", "Set pre-shared key"), key...)...)
}

// preSharedKeys are the keys of the router or of a keyring. A key of type 6 is
// encrypted with a master key that this router does not have.
func preSharedKeys[S any](line grammar.Line, order func(key, peers grammar.Line) grammar.Line,
	field func(*S) *[]config.PreSharedKey) modes.Command[S] {
	encrypted := grammar.Flag("6", "Specifies an ENCRYPTED password will follow")
	secret := grammar.Secret(grammar.String("The UNENCRYPTED (cleartext) user password"))
	peers := newNetwork("Peer IP address", "Peer IP subnet mask")
	noXauth := grammar.Flag("no-xauth", "Bypasses XAuth for this peer")
	key := grammar.Line{grammar.Opt(grammar.Alt(
		grammar.Line{grammar.Word("0", "Specifies an UNENCRYPTED password will follow")}, grammar.Line{encrypted})), secret}
	whole := order(key, append(under(global, "address", "define shared key with IP address"), peers.line()...))
	return modes.Command[S]{
		Line: with(line, append(whole, grammar.Opt(noXauth))...),
		Set: func(s *S, a grammar.Args) error {
			if encrypted.In(a) {
				return errors.New("% A key of type 6 can't be decrypted here: enter the key itself")
			}
			keys := field(s)
			k := config.PreSharedKey{Secret: secret.From(a), Address: peers.from(a), NoXauth: noXauth.From(a)}
			at := slices.IndexFunc(*keys, func(old config.PreSharedKey) bool { return old.Address == k.Address })
			if at < 0 {
				*keys = append(*keys, k)
			} else if (*keys)[at] != k {
				return fmt.Errorf("A pre-shared key for address mask %v %v already exists!", k.Address.Addr(), dotted(k.Address))
			}
			return nil
		},
		Unset: func(s *S, a grammar.Args) error {
			keys := field(s)
			*keys = emptied(slices.DeleteFunc(*keys, func(old config.PreSharedKey) bool {
				return old.Address == peers.from(a) && old.Secret == secret.From(a)
			}))
			return nil
		},
		Get: func(s *S) []grammar.Args {
			return values(*field(s), func(k config.PreSharedKey) grammar.Args {
				return secret.Is(k.Secret).And(peers.is(k.Address)).And(flagged(noXauth, k.NoXauth))
			})
		},
	}
}

// dotted is the mask of a prefix.
func dotted(p netip.Prefix) netip.Addr {
	all := netip.PrefixFrom(netip.AddrFrom4([4]byte{255, 255, 255, 255}), p.Bits())
	return all.Masked().Addr()
}

// The parameters of a keepalive.
var (
	keepaliveSeconds = grammar.Uint(10, 3600, "Number of seconds between keep alives")
	keepaliveRetry   = grammar.Uint(2, 60, "Number of seconds between retries if keepalive fails")
	keepalivePolicy  = grammar.Enum(
		choice("on-demand", "only sent if there is traffic to send", false),
		choice("periodic", "sent at regular intervals", true),
	)
)

// keepaliveArgs is a keepalive as it is printed.
func keepaliveArgs(k config.Keepalive) []grammar.Args {
	if k.Seconds == 0 {
		return nil
	}
	return []grammar.Args{keepaliveSeconds.Is(uint32(k.Seconds)).
		And(given(keepaliveRetry, uint32(k.Retry))).And(given(keepalivePolicy, k.Periodic))}
}

// keepaliveFrom reads a keepalive. Two seconds between retries is the default.
func keepaliveFrom(a grammar.Args) config.Keepalive {
	k := config.Keepalive{Seconds: uint16(keepaliveSeconds.From(a)), Retry: uint16(keepaliveRetry.From(a)),
		Periodic: keepalivePolicy.From(a)}
	if k.Retry == 2 {
		k.Retry = 0
	}
	return k
}

func isakmpKeepalive() modes.Command[config.Config] {
	line := under(isakmp, "keepalive", "Set a keepalive interval for use with IOS peers")
	return modes.Command[config.Config]{
		Line:  with(line, keepaliveSeconds, grammar.Opt(keepaliveRetry), grammar.Opt(keepalivePolicy)),
		Bare:  len(line),
		Set:   func(c *config.Config, a grammar.Args) error { c.Keepalive = keepaliveFrom(a); return nil },
		Unset: func(c *config.Config, _ grammar.Args) error { c.Keepalive = config.Keepalive{}; return nil },
		Get:   func(c *config.Config) []grammar.Args { return keepaliveArgs(c.Keepalive) },
	}
}
