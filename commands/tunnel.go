package commands

import (
	"cmp"
	"errors"
	"net/netip"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// tunnelLine begins every tunnel line of interface mode.
var tunnelLine = under(global, "tunnel", "protocol-over-protocol tunneling")

// tunnelTTL is the default of "tunnel ttl".
const tunnelTTL = 255

// tunnelInterface is the tunnel's part of interface mode.
var tunnelInterface = ofTunnels(
	tunnelSource(),
	modes.Value(under(tunnelLine, "destination", "destination of tunnel"), grammar.IPv4("ip address"),
		func(i *config.Interface) *netip.Addr { return &i.Tunnel.Destination }),
	modes.Value(under(tunnelLine, "mode", "tunnel encapsulation method"),
		grammar.Enum(
			grammar.Choice[config.TunnelMode]{Name: "gre ip", Help: "over IP", Value: config.ModeGRE},
			grammar.Choice[config.TunnelMode]{Name: "gre multipoint", Help: "over IP (multipoint)", Value: config.ModeGREMultipoint},
			grammar.Choice[config.TunnelMode]{Name: "ipsec ipv4", Help: "over IPv4", Value: config.ModeIPsecIPv4},
		),
		func(i *config.Interface) *config.TunnelMode { return &i.Tunnel.Mode }),
	tunnelKey(),
	tunnelLife(),
	tunnelProtection(),
)

// ofTunnels makes lines refuse other interfaces. A tunnel that the startup
// configuration had wrong is judged anew after each of them: what it then is,
// the rules say. They have nothing to say while its protection is not known.
func ofTunnels(mode ...modes.Command[config.Interface]) modes.Mode[config.Interface] {
	only := func(f func(*config.Interface, grammar.Args) error) func(*config.Interface, grammar.Args) error {
		return func(i *config.Interface, a grammar.Args) error {
			if !i.IsTunnel() {
				return errors.New("% " + i.Name + " is not a tunnel interface")
			}
			if i.Tunnel.Protection.Profile != "" {
				i.Refused = ""
			}
			return f(i, a)
		}
	}
	for at := range mode {
		mode[at].Set, mode[at].Unset = only(mode[at].Set), only(mode[at].Unset)
	}
	return mode
}

// tunnelSource is an interface or an address. One takes the other's place.
func tunnelSource() modes.Command[config.Interface] {
	addr, name := grammar.IPv4("ip address"), interfaceName("Interface to send from")
	line := under(tunnelLine, "source", "source of tunnel packets")
	return modes.Command[config.Interface]{
		Line: with(line, grammar.Alt(grammar.Line{addr}, grammar.Line{name})),
		Bare: len(line),
		Set: func(i *config.Interface, a grammar.Args) error {
			if name.From(a) == i.Name {
				return errors.New("% " + i.Name + " can't be its own tunnel source")
			}
			i.Tunnel.SourceAddr, i.Tunnel.Source = addr.From(a), name.From(a)
			return nil
		},
		Unset: func(i *config.Interface, _ grammar.Args) error {
			i.Tunnel.SourceAddr, i.Tunnel.Source = netip.Addr{}, ""
			return nil
		},
		Get: func(i *config.Interface) []grammar.Args {
			if a := given(addr, i.Tunnel.SourceAddr).And(given(name, i.Tunnel.Source)); len(a) > 0 {
				return []grammar.Args{a}
			}
			return nil
		},
	}
}

// tunnelKey may be zero, which is not the same as none.
func tunnelKey() modes.Command[config.Interface] {
	key := grammar.Uint(0, 4294967295, "key")
	line := under(tunnelLine, "key", "security or selector key")
	return modes.Command[config.Interface]{
		Line: with(line, key),
		Bare: len(line),
		Set: func(i *config.Interface, a grammar.Args) error {
			i.Tunnel.Key, i.Tunnel.HasKey = key.From(a), true
			return nil
		},
		Unset: func(i *config.Interface, _ grammar.Args) error {
			i.Tunnel.Key, i.Tunnel.HasKey = 0, false
			return nil
		},
		Get: func(i *config.Interface) []grammar.Args {
			if i.Tunnel.HasKey {
				return []grammar.Args{key.Is(i.Tunnel.Key)}
			}
			return nil
		},
	}
}

func tunnelLife() modes.Command[config.Interface] {
	hops := grammar.Uint(1, 255, "ttl")
	return unless(tunnelTTL, hops, modes.Number(under(tunnelLine, "ttl", "set time-to-live"), hops,
		func(i *config.Interface) *uint8 { return &i.Tunnel.TTL }))
}

// tunnelProtection is the line that all this is for. That shared and
// isakmp-profile exclude each other, its shape says.
func tunnelProtection() modes.Command[config.Interface] {
	profile := grammar.String("profile name")
	shared := grammar.Flag("shared", "use shared crypto socket")
	isakmp := grammar.String("ISAKMP profile name")
	line := under(under(under(tunnelLine, "protection", "Enable tunnel protection"),
		"ipsec", "Use IPSec to protect this tunnel interface"), "profile", "determine the ipsec policy profile to use.")
	return modes.Command[config.Interface]{
		Line: with(line, profile, grammar.Opt(grammar.Alt(
			grammar.Line{shared},
			grammar.Line{grammar.Word("isakmp-profile", "Specify the ISAKMP profile to use"), isakmp},
		))),
		Bare: len(line),
		Set: func(i *config.Interface, a grammar.Args) error {
			i.Tunnel.Protection = config.Protection{Profile: profile.From(a), Shared: shared.From(a), ISAKMPProfile: isakmp.From(a)}
			i.Refused = ""
			return nil
		},
		Unset: func(i *config.Interface, a grammar.Args) error {
			if name := i.Tunnel.Protection.Profile; cmp.Or(profile.From(a), name) != name {
				return errors.New("% " + i.Name + " is protected by the profile " + name)
			}
			i.Tunnel.Protection, i.Refused = config.Protection{}, ""
			return nil
		},
		Get: func(i *config.Interface) []grammar.Args {
			p := i.Tunnel.Protection
			if p.Profile == "" {
				return nil
			}
			return []grammar.Args{profile.Is(p.Profile).And(flagged(shared, p.Shared)).And(given(isakmp, p.ISAKMPProfile))}
		},
	}
}
