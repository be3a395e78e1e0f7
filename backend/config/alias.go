package config

import "slices"

// An Alias is a word that stands for the beginning of a line in a mode.
type Alias struct {
	Mode string // "exec", "configure", "interface"
	Name string
	Text string // "": the alias of that name that every router has is gone
}

// usualAliases are those that every router has.
var usualAliases = []Alias{
	{"exec", "h", "help"},
	{"exec", "lo", "logout"},
	{"exec", "p", "ping"},
	{"exec", "r", "resume"},
	{"exec", "s", "show"},
	{"exec", "u", "undebug"},
	{"exec", "un", "undebug"},
	{"exec", "w", "where"},
}

// UsualAlias is what a name stands for unless something else is said; "" if it
// stands for nothing.
func UsualAlias(mode, name string) string {
	return textOf(usualAliases, mode, name)
}

func textOf(list []Alias, mode, name string) string {
	for _, a := range list {
		if a.Mode == mode && a.Name == name {
			return a.Text
		}
	}
	return ""
}

// AllAliases are those of a mode that hold: the usual ones first, then those
// that were entered, in their order.
func (c *Config) AllAliases(mode string) (all []Alias) {
	for _, u := range usualAliases {
		said := slices.ContainsFunc(c.Aliases, func(a Alias) bool { return a.Mode == u.Mode && a.Name == u.Name })
		if u.Mode == mode && !said {
			all = append(all, u)
		}
	}
	for _, a := range c.Aliases {
		if a.Mode == mode && a.Text != "" {
			all = append(all, a)
		}
	}
	return all
}
