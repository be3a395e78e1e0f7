package commands

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

const (
	hostAddressesMost = 8
	nameServersMost   = 6
)

// namesGlobal is how names become addresses. IOS has two spellings of some of
// it, and prints the one with the blank.
var namesGlobal = modes.Mode[config.Config]{
	domainLookup(under(domain, "lookup", "Enable IP Domain Name System hostname translation")),
	typed(domainLookup(under(ipGlobal, "domain-lookup", "Enable IP Domain Name System hostname translation"))),
	domainName(under(domain, "name", "Define the default domain name")),
	typed(domainName(under(ipGlobal, "domain-name", "Define the default domain name"))),
	hosts(),
	nameServers(),
}

var domain = under(ipGlobal, "domain", "IP DNS Resolver")

// typed is a command that may be typed, but is printed by another.
func typed[S any](c modes.Command[S]) modes.Command[S] {
	c.Get = nil
	return c
}

func domainLookup(line grammar.Line) modes.Command[config.Config] {
	return modes.NegFlag(line, func(c *config.Config) *bool { return &c.NoDomainLookup })
}

func domainName(line grammar.Line) modes.Command[config.Config] {
	return modes.Value(line, grammar.String("Default domain name"), func(c *config.Config) *string { return &c.DomainName })
}

// hosts are names with their addresses. To say a name again adds addresses.
func hosts() modes.Command[config.Config] {
	name := grammar.String("Name of host")
	addresses := grammar.Repeat(hostAddressesMost, grammar.IPv4("Host IP address"))
	is := func(name string) func(config.Host) bool {
		return func(h config.Host) bool { return strings.EqualFold(h.Name, name) }
	}
	return modes.Command[config.Config]{
		Line: with(under(ipGlobal, "host", "Add an entry to the ip hostname table"), name, addresses),
		Bare: 3,
		Set: func(c *config.Config, a grammar.Args) error {
			at := slices.IndexFunc(c.Hosts, is(name.From(a)))
			if at < 0 {
				at, c.Hosts = len(c.Hosts), append(c.Hosts, config.Host{Name: name.From(a)})
			}
			all := union(c.Hosts[at].Addresses, addresses.From(a))
			if len(all) > hostAddressesMost {
				return fmt.Errorf("%% A host has %d addresses at most", hostAddressesMost)
			}
			c.Hosts[at].Addresses = all
			return nil
		},
		Unset: func(c *config.Config, a grammar.Args) error {
			at := slices.IndexFunc(c.Hosts, is(name.From(a)))
			if at < 0 {
				return nil
			}
			h := &c.Hosts[at]
			h.Addresses = slices.DeleteFunc(h.Addresses, func(had netip.Addr) bool {
				return !addresses.In(a) || slices.Contains(addresses.From(a), had)
			})
			if len(h.Addresses) == 0 {
				c.Hosts = emptied(slices.Delete(c.Hosts, at, at+1))
			}
			return nil
		},
		Get: func(c *config.Config) []grammar.Args {
			return values(c.Hosts, func(h config.Host) grammar.Args {
				return name.Is(h.Name).And(addresses.Is(h.Addresses))
			})
		},
	}
}

// union is a list with what it lacks of another.
func union[T comparable](list, more []T) []T {
	for _, t := range more {
		if !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	return list
}

// nameServers may be named together, and are printed one by one.
func nameServers() modes.Command[config.Config] {
	addresses := grammar.Repeat(nameServersMost, grammar.IPv4("Domain server IP address"))
	return modes.Command[config.Config]{
		Line: with(under(ipGlobal, "name-server", "Specify address of name server to use"), addresses),
		Set: func(c *config.Config, a grammar.Args) error {
			all := union(slices.Clone(c.NameServers), addresses.From(a))
			if len(all) > nameServersMost {
				return fmt.Errorf("%% Name-server table is full: %d at most", nameServersMost)
			}
			c.NameServers = all
			return nil
		},
		Unset: func(c *config.Config, a grammar.Args) error {
			c.NameServers = emptied(slices.DeleteFunc(c.NameServers, func(had netip.Addr) bool {
				return slices.Contains(addresses.From(a), had)
			}))
			return nil
		},
		Get: func(c *config.Config) []grammar.Args {
			return values(c.NameServers, func(s netip.Addr) grammar.Args { return addresses.Is([]netip.Addr{s}) })
		},
	}
}

// addressOf is the address of a host: itself, or what a name stands for, with
// the domain that names are completed with or without.
func addressOf(c *config.Config, called string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(called); err == nil {
		return a, a.Is4()
	}
	for _, name := range []string{called, called + "." + c.DomainName} {
		for _, h := range c.Hosts {
			if strings.EqualFold(h.Name, name) && len(h.Addresses) > 0 {
				return h.Addresses[0], true
			}
		}
	}
	return netip.Addr{}, false
}

// nameOf is what a host is called; "" if nobody has given it a name.
func nameOf(c *config.Config, a netip.Addr) string {
	for _, h := range c.Hosts {
		if slices.Contains(h.Addresses, a) {
			return h.Name
		}
	}
	return ""
}

// translating is what IOS says before it asks for the address of a name.
func translating(c *config.Config, word string) string {
	asked := "(255.255.255.255)" // everybody
	if len(c.NameServers) > 0 {
		asked = ""
		for _, s := range c.NameServers {
			asked += fmt.Sprintf(" (%v)", s)
		}
		asked = asked[1:]
	}
	return fmt.Sprintf("Translating %q...domain server %s\n", word, asked)
}

// preferredNone is "transport preferred none": a word is a command or a mistake.
const preferredNone = "none"

// connecting is the command that connects to a word, if that names a host; "" if
// not.
func (i *Interpreter) connecting(c *config.Config, word string) string {
	word = strings.TrimSpace(word)
	_, err := netip.ParseAddr(word)
	known := slices.ContainsFunc(c.Hosts, func(h config.Host) bool { return strings.EqualFold(h.Name, word) })
	if err != nil && !known || i.line(c).Preferred == preferredNone {
		return ""
	}
	return "telnet " + word
}

// untranslated is what IOS says when a word that is no command is the name of
// no host either. There is no resolver here to ask: the name servers are named,
// and the answer comes at once.
func untranslated(c *config.Config, word string) string {
	const unknown = "% Unknown command or computer name, or unable to find computer address\n"
	switch {
	case !c.NoDomainLookup:
		return translating(c, word) + unknown
	case show.ReleaseOf(c.Version) == show.Release12:
		return fmt.Sprintf("Translating %q\n%s", word, unknown)
	}
	return "% Bad IP address or host name" + unknown
}
