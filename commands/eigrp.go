package commands

import (
	"cmp"
	"net/netip"
	"reflect"
	"slices"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// autonomousSystem is the number of a routing process, which begins what an
// interface says of it.
var autonomousSystem = grammar.Uint(1, 65535, "Autonomous system number")

// perAS makes of a line about one AS a line of interface mode. Its "eigrp" and
// the number are part of the line already.
func perAS(c modes.Command[config.InterfaceEIGRP]) modes.Command[config.Interface] {
	lift := func(f func(*config.InterfaceEIGRP, grammar.Args) error) func(*config.Interface, grammar.Args) error {
		if f == nil {
			return nil
		}
		return func(i *config.Interface, a grammar.Args) error {
			return editAS(i, uint16(autonomousSystem.From(a)), func(e *config.InterfaceEIGRP) error { return f(e, a) })
		}
	}
	return modes.Command[config.Interface]{
		Line: c.Line, Bare: c.Bare,
		Set: lift(c.Set), Unset: lift(c.Unset), Default: lift(c.Default),
		Get: func(i *config.Interface) (lines []grammar.Args) {
			for _, e := range i.EIGRP {
				for _, a := range c.Get(&e) {
					lines = append(lines, a.And(autonomousSystem.Is(uint32(e.AS))))
				}
			}
			return lines
		},
	}
}

// editAS edits what an interface says of an AS. If that is nothing any more it
// is not mentioned.
func editAS(i *config.Interface, as uint16, edit func(*config.InterfaceEIGRP) error) error {
	at, found := slices.BinarySearchFunc(i.EIGRP, as, func(e config.InterfaceEIGRP, as uint16) int {
		return cmp.Compare(e.AS, as)
	})
	if !found {
		i.EIGRP = slices.Insert(i.EIGRP, at, config.InterfaceEIGRP{AS: as})
	}
	err := edit(&i.EIGRP[at])
	if reflect.DeepEqual(i.EIGRP[at], config.InterfaceEIGRP{AS: as}) {
		i.EIGRP = emptied(slices.Delete(i.EIGRP, at, at+1))
	}
	return err
}

// ofAS is a line about an AS.
func ofAS(line grammar.Line) grammar.Line {
	return with(under(line, "eigrp", "Enhanced Interior Gateway Routing Protocol (EIGRP)"), autonomousSystem)
}

var ipAuthentication = under(ipPort, "authentication", "authentication subcommands")

// eigrpInterface is what an interface says of EIGRP before NHRP's lines, and
// eigrpInterfaceLate what it says after them.
var (
	eigrpInterface = modes.Mode[config.Interface]{
		perAS(modes.NegFlag(ofAS(under(ipPort, "next-hop-self", "Configures IP-EIGRP next-hop-self")),
			func(e *config.InterfaceEIGRP) *bool { return &e.NoNextHopSelf })),
		perAS(modes.Number(ofAS(under(ipPort, "hello-interval", "Configures IP-EIGRP hello interval")),
			grammar.Uint(1, 65535, "Seconds between hello transmissions"),
			func(e *config.InterfaceEIGRP) *uint16 { return &e.Hello })),
		perAS(modes.Number(ofAS(under(ipPort, "hold-time", "Configures IP-EIGRP hold time")),
			grammar.Uint(1, 65535, "Seconds before neighbor is considered down"),
			func(e *config.InterfaceEIGRP) *uint16 { return &e.Hold })),
		perAS(modes.Value(ofAS(under(ipPort, "bandwidth-percent", "Set EIGRP bandwidth limit")),
			grammar.Uint(1, 999999, "Maximum bandwidth percentage that EIGRP may use"),
			func(e *config.InterfaceEIGRP) *uint32 { return &e.BandwidthPercent })),
		perAS(modes.Flag(under(ofAS(under(ipAuthentication, "mode", "mode")), "md5", "Keyed message digest"),
			func(e *config.InterfaceEIGRP) *bool { return &e.AuthMD5 })),
		perAS(modes.Value(ofAS(under(ipAuthentication, "key-chain", "key-chain")), grammar.String("name of key-chain"),
			func(e *config.InterfaceEIGRP) *string { return &e.KeyChain })),
	}
	eigrpInterfaceLate = modes.Mode[config.Interface]{
		perAS(modes.NegFlag(ofAS(under(ipPort, "split-horizon", "Perform split horizon")),
			func(e *config.InterfaceEIGRP) *bool { return &e.NoSplitHorizon })),
		perAS(networks(ofAS(under(ipPort, "summary-address", "Perform address summarization")),
			newNetwork("IP address", "IP network mask"),
			func(e *config.InterfaceEIGRP) *[]netip.Prefix { return &e.Summaries })),
	}
)

var eigrpGlobal = modes.Mode[config.Config]{eigrpProcesses()}

func eigrpProcesses() modes.Command[config.Config] {
	as := grammar.Uint(1, 65535, "Autonomous System")
	l := listing[config.EIGRP, uint32]{
		list:  func(c *config.Config) *[]config.EIGRP { return &c.EIGRP },
		param: as,
		name:  func(e *config.EIGRP) uint32 { return uint32(e.AS) },
		make:  func(n uint32) config.EIGRP { return config.EIGRP{AS: uint16(n)} },
		order: func(a, b config.EIGRP) int { return cmp.Compare(a.AS, b.AS) },
	}
	return modes.Sub(l.block(modes.Block[config.Config, config.EIGRP]{
		Line: with(under(under(global, "router", "Enable a routing process"),
			"eigrp", "Enhanced Interior Gateway Routing Protocol (EIGRP)"), as),
		Title:  "Router configuration commands:",
		Prompt: "config-router",
		Mode:   eigrpMode(),
	}))
}

// eigrpMode is in the order of IOS.
func eigrpMode() modes.Mode[config.EIGRP] {
	keptOfEIGRP := func(e *config.EIGRP) *[]string { return &e.Kept }
	return modes.Mode[config.EIGRP]{
		eigrpPassive(),
		modes.List(under(global, "redistribute", "Redistribute information from another routing protocol"),
			grammar.Text("The protocol and what becomes of its metric"),
			func(e *config.EIGRP) *[]string { return &e.Redistribute }),
		eigrpNetworks(),
		eigrpNeighbors(),
		modes.Number(under(global, "maximum-paths", "Forward packets over multiple paths"),
			grammar.Uint(1, 32, "Number of paths"), func(e *config.EIGRP) *uint8 { return &e.MaximumPaths }),
		modes.Number(under(global, "variance", "Control load balancing variance"),
			grammar.Uint(1, 128, "Metric variance multiplier"), func(e *config.EIGRP) *uint8 { return &e.Variance }),
		eigrpDistance(),
		kept(keptOfEIGRP, "default-metric", "Set metric of redistributed routes"),
		eigrpWeights(),
		eigrpActiveTime(),
		modes.NegFlag(under(global, "auto-summary", "Enable automatic network number summarization"),
			func(e *config.EIGRP) *bool { return &e.NoAutoSummary }),
		modes.Value(under(eigrpSpecific, "router-id", "router-id for this EIGRP process"),
			grammar.IPv4("EIGRP Router-ID in IP address format"),
			func(e *config.EIGRP) *netip.Addr { return &e.RouterID }),
		eigrpStub(),
		kept(keptOfEIGRP, "eigrp log-neighbor-changes", "Enable/Disable EIGRP neighbor logging"),
		kept(keptOfEIGRP, "eigrp log-neighbor-warnings", "Enable/Disable EIGRP neighbor warnings"),
	}
}

var eigrpSpecific = under(global, "eigrp", "EIGRP specific commands")

// eigrpPassive suppresses updates on an interface or, by default, on all, and
// with "no" lets them through on an interface again.
func eigrpPassive() modes.Command[config.EIGRP] {
	usual, name := grammar.Flag("default", "Suppress routing updates on all interfaces"), interfaceName("Interface")
	wanted := func(a grammar.Args) string {
		if usual.In(a) {
			return "default"
		}
		return name.From(a)
	}
	args := func(n string) grammar.Args {
		if n == "default" {
			return usual.Is(true)
		}
		return name.Is(n)
	}
	passive := func(e *config.EIGRP, a grammar.Args) error {
		n := wanted(a)
		e.NotPassive = without(e.NotPassive, n)
		if !slices.Contains(e.Passive, n) && (n == "default" || !slices.Contains(e.Passive, "default")) {
			e.Passive = append(e.Passive, n)
		}
		if n == "default" {
			e.Passive = []string{n}
		}
		return nil
	}
	active := func(e *config.EIGRP, a grammar.Args) error {
		n := wanted(a)
		e.Passive = without(e.Passive, n)
		if n == "default" {
			e.NotPassive = nil
		} else if slices.Contains(e.Passive, "default") && !slices.Contains(e.NotPassive, n) {
			e.NotPassive = append(e.NotPassive, n)
		}
		return nil
	}
	return modes.Command[config.EIGRP]{
		Line: with(under(global, "passive-interface", "Suppress routing updates on an interface"),
			grammar.Alt(grammar.Line{usual}, grammar.Line{name})),
		Set: passive, Unset: active,
		Default: func(e *config.EIGRP, a grammar.Args) error {
			e.Passive, e.NotPassive = without(e.Passive, wanted(a)), without(e.NotPassive, wanted(a))
			return nil
		},
		Get: func(e *config.EIGRP) []grammar.Args {
			return append(values(e.Passive, args),
				values(e.NotPassive, func(n string) grammar.Args { return modes.No(args(n)) })...)
		},
	}
}

func without(list []string, s string) []string {
	return emptied(slices.DeleteFunc(slices.Clone(list), func(t string) bool { return t == s }))
}

func eigrpNetworks() modes.Command[config.EIGRP] {
	addr, wildcard := grammar.IPv4("Network number"), grammar.IPv4("EIGRP wild card bits")
	read := func(a grammar.Args) config.Network {
		return config.Network{Addr: addr.From(a), Wildcard: wildcard.From(a)}
	}
	return modes.Command[config.EIGRP]{
		Line: with(under(global, "network", "Enable routing on an IP network"), addr, grammar.Opt(wildcard)),
		Set: func(e *config.EIGRP, a grammar.Args) error {
			if n := read(a); !slices.Contains(e.Networks, n) {
				e.Networks = append(e.Networks, n)
			}
			return nil
		},
		Unset: func(e *config.EIGRP, a grammar.Args) error {
			e.Networks = emptied(slices.DeleteFunc(e.Networks, func(n config.Network) bool { return n == read(a) }))
			return nil
		},
		Get: func(e *config.EIGRP) []grammar.Args {
			return values(e.Networks, func(n config.Network) grammar.Args {
				return addr.Is(n.Addr).And(given(wildcard, n.Wildcard))
			})
		},
	}
}

func eigrpDistance() modes.Command[config.EIGRP] {
	internal := grammar.Uint(1, 255, "Distance for internal routes")
	external := grammar.Uint(1, 255, "Distance for external routes")
	line := under(under(global, "distance", "Define an administrative distance"), "eigrp", "IP-EIGRP distance")
	return modes.Command[config.EIGRP]{
		Line: with(line, internal, external),
		Bare: len(line),
		Set: func(e *config.EIGRP, a grammar.Args) error {
			e.DistanceInternal, e.DistanceExternal = uint8(internal.From(a)), uint8(external.From(a))
			return nil
		},
		Unset: func(e *config.EIGRP, _ grammar.Args) error {
			e.DistanceInternal, e.DistanceExternal = 0, 0
			return nil
		},
		Get: func(e *config.EIGRP) []grammar.Args {
			if e.DistanceInternal == 0 {
				return nil
			}
			return []grammar.Args{internal.Is(uint32(e.DistanceInternal)).And(external.Is(uint32(e.DistanceExternal)))}
		},
	}
}

// eigrpStub is "connected summary" if nothing is said, as in IOS.
func eigrpStub() modes.Command[config.EIGRP] {
	var keywords []*grammar.Param[bool]
	var lines []grammar.Line
	names := []string{"connected", "receive-only", "redistributed", "static", "summary"}
	helps := []string{"Do advertise connected routes", "Set IP-EIGRP as receive only neighbor",
		"Do advertise redistributed routes", "Do advertise static routes", "Do advertise summary routes"}
	for at, n := range names {
		keywords = append(keywords, grammar.Flag(n, helps[at]))
		lines = append(lines, grammar.Line{keywords[at]})
	}
	line := under(eigrpSpecific, "stub", "Set IP-EIGRP as stubbed router")
	return modes.Command[config.EIGRP]{
		Line: with(line, grammar.Any(lines...)),
		Bare: len(line),
		Set: func(e *config.EIGRP, a grammar.Args) error {
			e.Stub = nil
			for at, k := range keywords {
				if k.In(a) {
					e.Stub = append(e.Stub, names[at])
				}
			}
			if e.Stub == nil {
				e.Stub = []string{"connected", "summary"}
			}
			return nil
		},
		Unset: func(e *config.EIGRP, _ grammar.Args) error { e.Stub = nil; return nil },
		Get: func(e *config.EIGRP) []grammar.Args {
			if e.Stub == nil {
				return nil
			}
			var a grammar.Args
			for at, k := range keywords {
				a = a.And(flagged(k, slices.Contains(e.Stub, names[at])))
			}
			return []grammar.Args{a}
		},
	}
}
