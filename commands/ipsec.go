package commands

import (
	"errors"
	"fmt"
	"iter"
	"slices"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// The lines that more than one command of IPsec begins with.
var (
	ipsec       = under(crypto, "ipsec", "Configure IPSEC policy")
	association = under(ipsec, "security-association", "Security association parameters")
	setSA       = under(setting, "security-association", "Security association parameters")
)

// The defaults of security associations.
const (
	saSeconds   = 3600
	saKilobytes = 4608000
	saWindow    = 64
)

// ipsecGlobal is IPsec in configuration mode.
var ipsecGlobal = slices.Concat(
	lifetimes(association, func(c *config.Config) *config.Lifetime { return &c.SALifetime }),
	modes.Mode[config.Config]{
		modes.Value(under(association, "idle-time", "Automatically delete IPSec SAs after a given idle period."),
			grammar.Uint(60, 86400, "Idle time-based key duration in seconds"),
			func(c *config.Config) *uint32 { return &c.SAIdleTime }),
		replay(association, saWindow, func(c *config.Config) *config.Replay { return &c.Replay }),
		modes.NegFlag(under(under(ipsec, "nat-transparency", "IPsec NAT transparency model"),
			"udp-encapsulation", "UDP encapsulation of IPsec protocols"),
			func(c *config.Config) *bool { return &c.NoNATT }),
		transformSets(),
		ipsecProfiles(),
	},
)

// lifetimes are the two limits of an SA, a line each.
func lifetimes[S any](line grammar.Line, field func(*S) *config.Lifetime) modes.Mode[S] {
	line = under(line, "lifetime", "security association lifetime")
	seconds := grammar.Uint(120, 86400, "Time-based key duration in seconds")
	kilobytes := grammar.Uint(2560, 4294967295, "Volume-based key duration in kilobytes")
	disable := grammar.Flag("disable", "Disable Volume-based Rekey")
	inKilobytes := under(line, "kilobytes", "Volume-based key duration")
	return modes.Mode[S]{
		unless(saSeconds, seconds, modes.Value(under(line, "seconds", "Time-based key duration"), seconds,
			func(s *S) *uint32 { return &field(s).Seconds })),
		unless(saKilobytes, kilobytes, modes.Command[S]{
			Line: with(inKilobytes, grammar.Alt(grammar.Line{kilobytes}, grammar.Line{disable})),
			Bare: len(inKilobytes),
			Set: func(s *S, a grammar.Args) error {
				field(s).Kilobytes, field(s).NoVolume = kilobytes.From(a), disable.From(a)
				return nil
			},
			Unset: func(s *S, _ grammar.Args) error {
				field(s).Kilobytes, field(s).NoVolume = 0, false
				return nil
			},
			Get: func(s *S) []grammar.Args {
				if a := given(kilobytes, field(s).Kilobytes).And(flagged(disable, field(s).NoVolume)); len(a) > 0 {
					return []grammar.Args{a}
				}
				return nil
			},
		}),
	}
}

// replay is replay detection. Usual is the window that need not be printed; a
// profile has none.
func replay[S any](line grammar.Line, usual uint16, field func(*S) *config.Replay) modes.Command[S] {
	line = under(line, "replay", "Set replay checking.")
	disable := grammar.Flag("disable", "Disable replay checking")
	var sizes []grammar.Choice[uint16]
	for _, n := range []uint16{64, 128, 256, 512, 1024} {
		sizes = append(sizes, grammar.Choice[uint16]{Name: fmt.Sprint(n),
			Help: fmt.Sprintf("Window size of %d", n), Value: n})
	}
	window := grammar.Enum(sizes...)
	return modes.Command[S]{
		Line: with(line, grammar.Alt(grammar.Line{disable},
			grammar.Line{grammar.Word("window-size", "Set replay window size."), window})),
		Bare: len(line),
		Set: func(s *S, a grammar.Args) error {
			*field(s) = config.Replay{Disabled: disable.From(a), Window: window.From(a)}
			if field(s).Window == usual {
				field(s).Window = 0
			}
			return nil
		},
		Unset: func(s *S, _ grammar.Args) error { *field(s) = config.Replay{}; return nil },
		Get: func(s *S) []grammar.Args {
			if a := flagged(disable, field(s).Disabled).And(given(window, field(s).Window)); len(a) > 0 {
				return []grammar.Args{a}
			}
			return nil
		},
	}
}

func transformSets() modes.Command[config.Config] {
	name, transforms := grammar.String("Transform set tag"), grammar.Repeat(3, transform)
	l := listing[config.TransformSet, string]{
		list:  func(c *config.Config) *[]config.TransformSet { return &c.TransformSets },
		param: name,
		name:  func(t *config.TransformSet) string { return t.Name },
		make:  func(name string) config.TransformSet { return config.TransformSet{Name: name} },
		used: func(c *config.Config, name string) error {
			for _, p := range c.Profiles {
				if slices.Contains(p.TransformSets, name) {
					return fmt.Errorf("%% The transform set %s is named by the IPsec profile %s: "+
						`change its "set transform-set" first`, name, p.Name)
				}
			}
			return nil
		},
	}
	line := with(under(ipsec, "transform-set", "Define transform and settings"), name)
	b := l.block(modes.Block[config.Config, config.TransformSet]{
		Line:   with(line, transforms, endBlank),
		Bare:   len(line),
		Title:  "Crypto transform configuration commands:",
		Prompt: "cfg-crypto-trans",
		Mode: modes.Mode[config.TransformSet]{
			modes.Value(under(global, "mode", "encapsulation mode (transport/tunnel)"),
				grammar.Enum(
					choice("transport", "transport (payload encapsulation) mode", true),
					choice("tunnel", "tunnel (datagram encapsulation) mode", false),
				),
				func(t *config.TransformSet) *bool { return &t.Transport }),
		},
		Set: func(t *config.TransformSet, a grammar.Args) (err error) {
			t.Transforms, err = combine(transforms.From(a))
			return err
		},
	})
	all := b.All
	b.All = func(c *config.Config) iter.Seq2[grammar.Args, *config.TransformSet] {
		return func(yield func(grammar.Args, *config.TransformSet) bool) {
			all(c)(func(a grammar.Args, t *config.TransformSet) bool {
				return yield(a.And(transforms.Is(t.Transforms)), t)
			})
		}
	}
	return modes.Sub(b)
}

func ipsecProfiles() modes.Command[config.Config] {
	name := grammar.String("Profile name")
	l := listing[config.IPsecProfile, string]{
		list:  func(c *config.Config) *[]config.IPsecProfile { return &c.Profiles },
		param: name,
		name:  func(p *config.IPsecProfile) string { return p.Name },
		make:  func(name string) config.IPsecProfile { return config.IPsecProfile{Name: name} },
		used: func(c *config.Config, name string) error {
			for _, i := range c.Interfaces {
				if i.Tunnel.Protection.Profile == name {
					return fmt.Errorf("%% The IPsec profile %s protects %s: "+
						`enter "no tunnel protection ipsec profile" there first`, name, i.Name)
				}
			}
			return nil
		},
	}
	return modes.Sub(l.block(modes.Block[config.Config, config.IPsecProfile]{
		Line:   with(under(ipsec, "profile", "Configure an ipsec policy profile"), name),
		Title:  "Crypto Map configuration commands:",
		Prompt: "ipsec-profile",
		Mode:   ipsecProfileMode(),
	}))
}

func ipsecProfileMode() modes.Mode[config.IPsecProfile] {
	return slices.Concat(
		modes.Mode[config.IPsecProfile]{
			modes.Value(under(global, "description", "Description of the crypto map statement policy"),
				grammar.Text("Up to 80 characters"), func(p *config.IPsecProfile) *string { return &p.Description }),
		},
		lifetimes(setSA, func(p *config.IPsecProfile) *config.Lifetime { return &p.Lifetime }),
		modes.Mode[config.IPsecProfile]{
			modes.Value(under(setSA, "idle-time", "Automatically delete IPSec SAs after a given idle period."),
				grammar.Uint(60, 86400, "Idle time-based key duration in seconds"),
				func(p *config.IPsecProfile) *uint32 { return &p.IdleTime }),
			replay(setSA, 0, func(p *config.IPsecProfile) *config.Replay { return &p.Replay }),
			profileSets(),
			profilePFS(),
			modes.Value(under(setting, "isakmp-profile", "Specify isakmp Profile"), grammar.String("ISAKMP profile name"),
				func(p *config.IPsecProfile) *string { return &p.ISAKMPProfile }),
		},
	)
}

// profileSets names up to six transform sets, the best first.
func profileSets() modes.Command[config.IPsecProfile] {
	names := grammar.Repeat(6, grammar.String("Proposal tag"))
	line := under(setting, "transform-set", "Specify list of transform sets in priority order")
	return modes.Command[config.IPsecProfile]{
		Line: with(line, names, endBlank),
		Bare: len(line),
		Set: func(p *config.IPsecProfile, a grammar.Args) error {
			p.TransformSets = nil
			for _, n := range names.From(a) {
				if slices.Contains(p.TransformSets, n) {
					return errors.New("% The transform set " + n + " is named twice")
				}
				p.TransformSets = append(p.TransformSets, n)
			}
			return nil
		},
		Unset: func(p *config.IPsecProfile, _ grammar.Args) error { p.TransformSets = nil; return nil },
		Get: func(p *config.IPsecProfile) []grammar.Args {
			if p.TransformSets == nil {
				return nil
			}
			return []grammar.Args{names.Is(p.TransformSets)}
		},
	}
}

// profilePFS is group 1 if none is said.
func profilePFS() modes.Command[config.IPsecProfile] {
	group := grammar.Enum(pfsGroups...)
	line := under(setting, "pfs", "Specify pfs settings")
	return modes.Command[config.IPsecProfile]{
		Line: with(line, grammar.Opt(group)),
		Bare: len(line),
		Set: func(p *config.IPsecProfile, a grammar.Args) error {
			p.PFS = max(group.From(a), 1)
			return nil
		},
		Unset: func(p *config.IPsecProfile, _ grammar.Args) error { p.PFS = 0; return nil },
		Get: func(p *config.IPsecProfile) []grammar.Args {
			if p.PFS == 0 {
				return nil
			}
			return []grammar.Args{group.Is(p.PFS)}
		},
	}
}
