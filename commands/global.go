package commands

import (
	"slices"
	"strings"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// The defaults that are printed nevertheless.
const (
	usualVersion  = "12.4"
	usualHostname = "Router"
)

var versionGlobal = modes.Mode[config.Config]{versionLine()}

// versionLine heads a configuration and chooses the release whose formats the
// show commands have.
func versionLine() modes.Command[config.Config] {
	number := grammar.String("Version number")
	field := func(c *config.Config) *string { return &c.Version }
	return always(usualVersion, number, field,
		modes.Value(under(global, "version", "Version of the configuration"), number, field))
}

var hostnameGlobal = modes.Mode[config.Config]{hostnameLine()}

func hostnameLine() modes.Command[config.Config] {
	name := grammar.String("This system's network name")
	field := func(c *config.Config) *string { return &c.Hostname }
	c := always(usualHostname, name, field,
		modes.Value(under(global, "hostname", "Set system's network name"), name, field))
	c.Section = modes.Apart
	return c
}

var bannerGlobal = modes.Mode[config.Config]{banners()}

// banners are in the order of their kinds, as IOS has them.
func banners() modes.Command[config.Config] {
	kind := grammar.Enum(
		choice("exec", "Set EXEC process creation banner", "exec"),
		choice("incoming", "Set incoming terminal line banner", "incoming"),
		choice("login", "Set login banner", "login"),
		choice("motd", "Set Message of the Day banner", "motd"),
	)
	text := grammar.Delimited("c banner-text c, where 'c' is a delimiting character")
	remove := func(c *config.Config, a grammar.Args) error {
		c.Banners = emptied(slices.DeleteFunc(c.Banners, func(b config.Banner) bool { return b.Kind == kind.From(a) }))
		return nil
	}
	return modes.Command[config.Config]{
		Line:    append(under(global, "banner", "Define a login banner"), kind, text),
		Bare:    2,
		Section: modes.Apart,
		Set: func(c *config.Config, a grammar.Args) error {
			at, found := slices.BinarySearchFunc(c.Banners, kind.From(a), func(b config.Banner, kind string) int {
				return strings.Compare(b.Kind, kind)
			})
			if !found {
				c.Banners = slices.Insert(c.Banners, at, config.Banner{Kind: kind.From(a)})
			}
			c.Banners[at].Text = text.From(a)
			return nil
		},
		Unset: remove,
		Get: func(c *config.Config) []grammar.Args {
			return values(c.Banners, func(b config.Banner) grammar.Args { return kind.Is(b.Kind).And(text.Is(b.Text)) })
		},
	}
}
