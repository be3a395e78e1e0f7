package commands

import (
	"errors"
	"net/netip"
	"slices"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

var ipDHCP = under(ipGlobal, "dhcp", "Configure DHCP server and relay parameters")

var dhcpGlobal = modes.Mode[config.Config]{dhcpExcluded(), dhcpPools()}

// dhcpExcluded are addresses that the server gives to nobody.
func dhcpExcluded() modes.Command[config.Config] {
	low, high := grammar.IPv4("Low IP address"), grammar.IPv4("High IP address")
	read := func(a grammar.Args) config.AddressRange {
		r := config.AddressRange{First: low.From(a), Last: low.From(a)}
		if high.In(a) {
			r.Last = high.From(a)
		}
		return r
	}
	return modes.Command[config.Config]{
		Line: with(under(ipDHCP, "excluded-address", "Prevent DHCP from assigning certain addresses"),
			low, grammar.Opt(high)),
		Section: modes.Apart,
		Set: func(c *config.Config, a grammar.Args) error {
			r := read(a)
			if r.Last.Less(r.First) {
				return errors.New("% Invalid address range")
			}
			if !slices.Contains(c.DHCPExcluded, r) {
				c.DHCPExcluded = append(c.DHCPExcluded, r)
			}
			return nil
		},
		Unset: func(c *config.Config, a grammar.Args) error {
			c.DHCPExcluded = emptied(slices.DeleteFunc(c.DHCPExcluded, func(r config.AddressRange) bool { return r == read(a) }))
			return nil
		},
		Get: func(c *config.Config) []grammar.Args {
			return values(c.DHCPExcluded, func(r config.AddressRange) grammar.Args {
				if r.First == r.Last {
					return low.Is(r.First)
				}
				return low.Is(r.First).And(high.Is(r.Last))
			})
		},
	}
}

func dhcpPools() modes.Command[config.Config] {
	name := grammar.String("Pool name")
	l := listing[config.DHCPPool, string]{
		list:  func(c *config.Config) *[]config.DHCPPool { return &c.DHCPPools },
		param: name,
		name:  func(p *config.DHCPPool) string { return p.Name },
		make:  func(name string) config.DHCPPool { return config.DHCPPool{Name: name} },
	}
	return modes.Sub(l.block(modes.Block[config.Config, config.DHCPPool]{
		Line:   with(under(ipDHCP, "pool", "Configure DHCP address pools"), name),
		Title:  "DHCP pool configuration commands:",
		Prompt: "dhcp-config",
		Mode: modes.Mode[config.DHCPPool]{
			poolPrefix(under(global, "network", "Network number and mask"), false,
				func(p *config.DHCPPool) *netip.Prefix { return &p.Network }),
			poolPrefix(under(global, "host", "Client IP address and mask"), true,
				func(p *config.DHCPPool) *netip.Prefix { return &p.Host }),
			modes.Value(under(global, "client-identifier", "Client identifier"), grammar.Hex("Client identifier"),
				func(p *config.DHCPPool) *string { return &p.ClientID }),
			modes.Value(under(global, "hardware-address", "Client hardware address"), grammar.MAC("Hardware address"),
				func(p *config.DHCPPool) *string { return &p.Hardware }),
			modes.Value(under(global, "client-name", "Client name"), grammar.String("Client name"),
				func(p *config.DHCPPool) *string { return &p.ClientName }),
			poolServers(under(global, "default-router", "Default routers"),
				func(p *config.DHCPPool) *[]netip.Addr { return &p.Routers }),
			poolServers(under(global, "dns-server", "DNS servers"),
				func(p *config.DHCPPool) *[]netip.Addr { return &p.DNS }),
			modes.Value(under(global, "domain-name", "Domain name"), grammar.String("Domain name"),
				func(p *config.DHCPPool) *string { return &p.Domain }),
			poolLease(),
		},
	}))
}

// poolPrefix is what a pool gives: a network or one host's address, not both.
func poolPrefix(line grammar.Line, host bool,
	field func(*config.DHCPPool) *netip.Prefix) modes.Command[config.DHCPPool] {
	addr, mask := grammar.IPv4("Address in dotted-decimal notation"), grammar.Mask("Mask in dotted-decimal notation")
	return modes.Command[config.DHCPPool]{
		Line: with(line, addr, mask),
		Bare: len(line),
		Set: func(p *config.DHCPPool, a grammar.Args) error {
			if other := p.Network.IsValid(); host && other || !host && p.Host.IsValid() {
				return errors.New("% A pool is for a network or for a host, not for both")
			}
			prefix := netip.PrefixFrom(addr.From(a), mask.From(a))
			if !host && prefix != prefix.Masked() {
				return errAddressMask
			}
			*field(p) = prefix
			return nil
		},
		Unset: func(p *config.DHCPPool, _ grammar.Args) error { *field(p) = netip.Prefix{}; return nil },
		Get: func(p *config.DHCPPool) []grammar.Args {
			if f := *field(p); f.IsValid() {
				return []grammar.Args{addr.Is(f.Addr()).And(mask.Is(f.Bits()))}
			}
			return nil
		},
	}
}

// poolServers are up to eight addresses in one line.
func poolServers(line grammar.Line, field func(*config.DHCPPool) *[]netip.Addr) modes.Command[config.DHCPPool] {
	list := grammar.Repeat(8, grammar.IPv4("IP address of the server"))
	return modes.Command[config.DHCPPool]{
		Line:  with(line, list),
		Bare:  len(line),
		Set:   func(p *config.DHCPPool, a grammar.Args) error { *field(p) = list.From(a); return nil },
		Unset: func(p *config.DHCPPool, _ grammar.Args) error { *field(p) = nil; return nil },
		Get: func(p *config.DHCPPool) []grammar.Args {
			if *field(p) == nil {
				return nil
			}
			return []grammar.Args{list.Is(*field(p))}
		},
	}
}

// leaseDay is the default of a lease.
const leaseDay = 86400

func poolLease() modes.Command[config.DHCPPool] {
	days := grammar.Uint(0, 365, "Days")
	hours := grammar.Uint(0, 23, "Hours")
	minutes := grammar.Uint(0, 59, "Minutes")
	infinite := grammar.Flag("infinite", "Infinite lease")
	line := under(global, "lease", "Address lease time")
	return modes.Command[config.DHCPPool]{
		Line: with(line, grammar.Alt(grammar.Line{infinite},
			grammar.Line{days, grammar.Opt(hours, grammar.Opt(minutes))})),
		Bare: len(line),
		Set: func(p *config.DHCPPool, a grammar.Args) error {
			seconds := ((days.From(a)*24+hours.From(a))*60 + minutes.From(a)) * 60
			if seconds == 0 && !infinite.In(a) {
				return errors.New("% A lease can't be for no time")
			}
			if seconds == leaseDay {
				seconds = 0
			}
			p.LeaseSecs, p.Infinite = seconds, infinite.From(a)
			return nil
		},
		Unset: func(p *config.DHCPPool, _ grammar.Args) error { p.LeaseSecs, p.Infinite = 0, false; return nil },
		Get: func(p *config.DHCPPool) []grammar.Args {
			m := p.LeaseSecs / 60
			switch {
			case p.Infinite:
				return []grammar.Args{infinite.Is(true)}
			case m == 0:
				return nil
			case m%60 != 0:
				return []grammar.Args{days.Is(m / 1440).And(hours.Is(m / 60 % 24)).And(minutes.Is(m % 60))}
			case m%1440 != 0:
				return []grammar.Args{days.Is(m / 1440).And(hours.Is(m / 60 % 24))}
			}
			return []grammar.Args{days.Is(m / 1440)}
		},
	}
}
