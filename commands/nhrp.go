package commands

import (
	"errors"
	"net/netip"
	"slices"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// ipNHRP begins every NHRP line of interface mode.
var ipNHRP = under(ipPort, "nhrp", "NHRP interface subcommands")

// The lines that more than one command begins with.
var (
	nhrpMap          = under(ipNHRP, "map", "Map dest IP addresses to NBMA addresses")
	nhrpMulticast    = under(nhrpMap, "multicast", "Use this NBMA mapping for all broadcasts/multicasts")
	nhrpRegistration = under(ipNHRP, "registration", "Settings for registration packets.")
)

// nhrpHoldtime is the default of "ip nhrp holdtime", in seconds.
const nhrpHoldtime = 7200

// nhrpInterface is NHRP's part of interface mode.
var nhrpInterface = modes.Mode[config.Interface]{
	nhrpAuthentication(),
	nhrpMaps(),
	modes.List(nhrpMulticast, grammar.IPv4("IP NBMA address"),
		func(i *config.Interface) *[]netip.Addr { return &i.NHRP.Multicast }),
	modes.Flag(under(nhrpMulticast, "dynamic", "Dynamically learn destinations from client registrations on hub"),
		func(i *config.Interface) *bool { return &i.NHRP.Dynamic }),
	modes.Value(under(ipNHRP, "network-id", "NBMA network identifier for this interface"),
		grammar.Uint(1, 4294967295, "Network identifier"),
		func(i *config.Interface) *uint32 { return &i.NHRP.NetworkID }),
	nhrpHold(),
	modes.List(under(ipNHRP, "nhs", "Specify a next hop server"), grammar.IPv4("IP address of the next-hop server"),
		func(i *config.Interface) *[]netip.Addr { return &i.NHRP.NextHops }),
	modes.Flag(under(nhrpRegistration, "no-unique", "Don't set unique flag."),
		func(i *config.Interface) *bool { return &i.NHRP.NoUnique }),
	modes.Number(under(nhrpRegistration, "timeout", "Time between periodic registrations."),
		grammar.Uint(1, 65535, "Number of seconds between registrations"),
		func(i *config.Interface) *uint16 { return &i.NHRP.RegTimeout }),
	nhrpMaxSend(),
	modes.Flag(under(ipNHRP, "server-only", "Disable NHRP requests"),
		func(i *config.Interface) *bool { return &i.NHRP.ServerOnly }),
	modes.Flag(under(ipNHRP, "shortcut", "Enable shortcut switching"),
		func(i *config.Interface) *bool { return &i.NHRP.Shortcut }),
	modes.Flag(under(ipNHRP, "redirect", "Enable NHRP redirect traffic indication"),
		func(i *config.Interface) *bool { return &i.NHRP.Redirect }),
}

// nhrpAuthentication takes what fits into a packet: eight characters.
func nhrpAuthentication() modes.Command[config.Interface] {
	text := grammar.Secret(grammar.String("Authentication string (8 char maximum)"))
	c := modes.Value(under(ipNHRP, "authentication", "Authentication string"), text,
		func(i *config.Interface) *string { return &i.NHRP.Authentication })
	set := c.Set
	c.Set = func(i *config.Interface, a grammar.Args) error {
		if len(text.From(a)) > 8 {
			return errors.New("% The NHRP authentication string has more than 8 characters")
		}
		return set(i, a)
	}
	return c
}

func nhrpHold() modes.Command[config.Interface] {
	seconds := grammar.Uint(1, 65535, "Advertise next-hop valid for this many seconds")
	return unless(nhrpHoldtime, seconds,
		modes.Number(under(ipNHRP, "holdtime", "Advertised holdtime"), seconds,
			func(i *config.Interface) *uint16 { return &i.NHRP.Holdtime }))
}

// nhrpMaps are the static mappings. An address has one.
func nhrpMaps() modes.Command[config.Interface] {
	addr, nbma := grammar.IPv4("IP address of destination"), grammar.IPv4("IP NBMA address")
	same := func(a grammar.Args) func(config.NHRPMap) bool {
		return func(m config.NHRPMap) bool { return m.Addr == addr.From(a) }
	}
	return modes.Command[config.Interface]{
		Line: with(nhrpMap, addr, nbma),
		Bare: len(nhrpMap) + 1,
		Set: func(i *config.Interface, a grammar.Args) error {
			m := config.NHRPMap{Addr: addr.From(a), NBMA: nbma.From(a)}
			if at := slices.IndexFunc(i.NHRP.Maps, same(a)); at >= 0 {
				i.NHRP.Maps[at] = m
			} else {
				i.NHRP.Maps = append(i.NHRP.Maps, m)
			}
			return nil
		},
		Unset: func(i *config.Interface, a grammar.Args) error {
			i.NHRP.Maps = emptied(slices.DeleteFunc(i.NHRP.Maps, same(a)))
			return nil
		},
		Get: func(i *config.Interface) []grammar.Args {
			return values(i.NHRP.Maps, func(m config.NHRPMap) grammar.Args { return addr.Is(m.Addr).And(nbma.Is(m.NBMA)) })
		},
	}
}

func nhrpMaxSend() modes.Command[config.Interface] {
	packets := grammar.Uint(1, 65535, "Number of packets to send")
	seconds := grammar.Uint(10, 65535, "Number of seconds")
	line := under(ipNHRP, "max-send", "Rate limit NHRP traffic")
	return modes.Command[config.Interface]{
		Line: with(line, packets, grammar.Word("every", "Time interval"), seconds),
		Bare: len(line),
		Set: func(i *config.Interface, a grammar.Args) error {
			i.NHRP.MaxSend = [2]uint32{packets.From(a), seconds.From(a)}
			return nil
		},
		Unset: func(i *config.Interface, _ grammar.Args) error {
			i.NHRP.MaxSend = [2]uint32{}
			return nil
		},
		Get: func(i *config.Interface) []grammar.Args {
			if m := i.NHRP.MaxSend; m != [2]uint32{} {
				return []grammar.Args{packets.Is(m[0]).And(seconds.Is(m[1]))}
			}
			return nil
		},
	}
}
