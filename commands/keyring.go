package commands

import (
	"fmt"
	"net/netip"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

var keyringGlobal = modes.Mode[config.Config]{keyrings()}

func keyrings() modes.Command[config.Config] {
	name := grammar.String("Name of the keyring")
	l := listing[config.Keyring, string]{
		list:  func(c *config.Config) *[]config.Keyring { return &c.Keyrings },
		param: name,
		name:  func(k *config.Keyring) string { return k.Name },
		make:  func(name string) config.Keyring { return config.Keyring{Name: name} },
		used: func(c *config.Config, name string) error {
			for _, p := range c.ISAKMPProfiles {
				if p.Keyring == name {
					return fmt.Errorf("%% The keyring %s is named by the ISAKMP profile %s: "+
						`enter "no keyring" there first`, name, p.Name)
				}
			}
			return nil
		},
	}
	return modes.Sub(l.block(modes.Block[config.Config, config.Keyring]{
		Line:   with(under(crypto, "keyring", "Key ring commands"), name),
		Title:  "Keyring configuration commands:",
		Prompt: "conf-keyring",
		Mode: modes.Mode[config.Keyring]{
			modes.Value(under(global, "description", "Enter a description for this keyring"),
				grammar.Text("Up to 80 characters"), func(k *config.Keyring) *string { return &k.Description }),
			localAddress(func(k *config.Keyring) *string { return &k.LocalAddress }),
			preSharedKeys(under(global, "pre-shared-key", "Specify the key"), addressThenKey,
				func(k *config.Keyring) *[]config.PreSharedKey { return &k.Keys }),
		},
	}))
}

// localAddress is the interface or the address that a keyring or an ISAKMP
// profile is for.
func localAddress[S any](field func(*S) *string) modes.Command[S] {
	addr, name := grammar.IPv4("IP address"), interfaceName("Local interface")
	line := under(global, "local-address", "Interface or address to be used as local identity")
	return modes.Command[S]{
		Line: with(line, grammar.Alt(grammar.Line{addr}, grammar.Line{name})),
		Bare: len(line),
		Set: func(s *S, a grammar.Args) error {
			*field(s) = name.From(a)
			if addr.In(a) {
				*field(s) = addr.From(a).String()
			}
			return nil
		},
		Unset: func(s *S, _ grammar.Args) error { *field(s) = ""; return nil },
		Get: func(s *S) []grammar.Args {
			switch a, err := netip.ParseAddr(*field(s)); {
			case *field(s) == "":
				return nil
			case err == nil:
				return []grammar.Args{addr.Is(a)}
			}
			return []grammar.Args{name.Is(*field(s))}
		},
	}
}

func isakmpProfiles() modes.Command[config.Config] {
	name := grammar.String("ISAKMP profile name")
	l := listing[config.ISAKMPProfile, string]{
		list:  func(c *config.Config) *[]config.ISAKMPProfile { return &c.ISAKMPProfiles },
		param: name,
		name:  func(p *config.ISAKMPProfile) string { return p.Name },
		make:  func(name string) config.ISAKMPProfile { return config.ISAKMPProfile{Name: name} },
		used:  isakmpProfileUsed,
	}
	return modes.Sub(l.block(modes.Block[config.Config, config.ISAKMPProfile]{
		Line:   with(under(isakmp, "profile", "Define ISAKMP Profiles"), name),
		Title:  "Crypto ISAKMP Profile Commands:",
		Prompt: "conf-isa-prof",
		Mode:   isakmpProfileMode(),
	}))
}

// isakmpProfileUsed is rule 6 for who removes an ISAKMP profile.
func isakmpProfileUsed(c *config.Config, name string) error {
	for _, p := range c.Profiles {
		if p.ISAKMPProfile == name {
			return fmt.Errorf("%% The ISAKMP profile %s is named by the IPsec profile %s: "+
				`enter "no set isakmp-profile" there first`, name, p.Name)
		}
	}
	for _, i := range c.Interfaces {
		if i.Tunnel.Protection.ISAKMPProfile == name {
			return fmt.Errorf(`%% The ISAKMP profile %s is named by %s: change its "tunnel protection" first`, name, i.Name)
		}
	}
	return nil
}

func isakmpProfileMode() modes.Mode[config.ISAKMPProfile] {
	peers := newNetwork("Peer IP address", "Peer IP subnet mask")
	line := under(global, "keepalive", "Set a keepalive interval for use with IOS peers")
	return modes.Mode[config.ISAKMPProfile]{
		modes.Value(under(global, "description", "Specify a description of this profile"),
			grammar.Text("Up to 80 characters"), func(p *config.ISAKMPProfile) *string { return &p.Description }),
		modes.Value(under(global, "keyring", "Specify keyring to use"),
			grammar.String("Name of the keyring"), func(p *config.ISAKMPProfile) *string { return &p.Keyring }),
		networks(under(under(under(global, "match", "Match values of peer"), "identity", "Peer identity"),
			"address", "Peer identity by IP address"), peers,
			func(p *config.ISAKMPProfile) *[]netip.Prefix { return &p.MatchIdentity }),
		modes.Command[config.ISAKMPProfile]{
			Line: with(line, keepaliveSeconds, grammar.Word("retry", "Retry interval"), keepaliveRetry),
			Bare: len(line),
			Set: func(p *config.ISAKMPProfile, a grammar.Args) error {
				p.Keepalive = keepaliveFrom(a)
				return nil
			},
			Unset: func(p *config.ISAKMPProfile, _ grammar.Args) error {
				p.Keepalive = config.Keepalive{}
				return nil
			},
			Get: func(p *config.ISAKMPProfile) []grammar.Args {
				if p.Keepalive.Seconds == 0 {
					return nil
				}
				retry := uint32(p.Keepalive.Retry)
				return []grammar.Args{keepaliveSeconds.Is(uint32(p.Keepalive.Seconds)).And(keepaliveRetry.Is(max(retry, 2)))}
			},
		},
		localAddress(func(p *config.ISAKMPProfile) *string { return &p.LocalAddress }),
	}
}
