package commands

import (
	"io"
	"slices"
	"strings"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// levelMost is the highest privilege level.
const levelMost = 15

// aliasModes are the modes that aliases are for: as "alias" calls them, what
// they are, and their prompts.
var aliasModes = []struct{ name, what, prompt string }{
	{"exec", "Exec mode", ""},
	{"configure", "Global configuration mode", "config"},
	{"dhcp", "DHCP pool configuration mode", "dhcp-config"},
	{"interface", "Interface configuration mode", "config-if"},
	{"line", "Line configuration mode", "config-line"},
	{"router", "Router configuration mode", "config-router"},
}

var aliasGlobal = modes.Mode[config.Config]{aliases()}

func aliasMode() *grammar.Param[string] {
	var all []grammar.Choice[string]
	for _, m := range aliasModes {
		all = append(all, choice(m.name, m.what, m.name))
	}
	return grammar.Enum(all...)
}

// aliases are printed as they were entered. One that every router has is gone
// when "no" says so, and back when "default" does.
func aliases() modes.Command[config.Config] {
	mode, name, text := aliasMode(), grammar.String("Alias name"), grammar.Text("Alias body")
	remove := func(c *config.Config, a grammar.Args) error {
		c.Aliases = emptied(slices.DeleteFunc(c.Aliases, func(old config.Alias) bool {
			return old.Mode == mode.From(a) && old.Name == name.From(a)
		}))
		return nil
	}
	put := func(c *config.Config, alias config.Alias) {
		at := slices.IndexFunc(c.Aliases, func(old config.Alias) bool { return old.Mode == alias.Mode && old.Name == alias.Name })
		if at < 0 {
			at, c.Aliases = len(c.Aliases), append(c.Aliases, alias)
		}
		c.Aliases[at] = alias
	}
	return modes.Command[config.Config]{
		Line: with(under(global, "alias", "Create command alias"), mode, name, text),
		Bare: 3,
		Set: func(c *config.Config, a grammar.Args) error {
			alias := config.Alias{Mode: mode.From(a), Name: name.From(a), Text: strings.TrimRight(text.From(a), " ")}
			if config.UsualAlias(alias.Mode, alias.Name) == alias.Text {
				return remove(c, a)
			}
			put(c, alias)
			return nil
		},
		Unset: func(c *config.Config, a grammar.Args) error {
			if config.UsualAlias(mode.From(a), name.From(a)) == "" {
				return remove(c, a)
			}
			put(c, config.Alias{Mode: mode.From(a), Name: name.From(a)})
			return nil
		},
		Default: remove,
		Get: func(c *config.Config) []grammar.Args {
			return values(c.Aliases, func(alias config.Alias) grammar.Args {
				is := mode.Is(alias.Mode).And(name.Is(alias.Name))
				if alias.Text == "" {
					return modes.No(is)
				}
				return is.And(text.Is(alias.Text))
			})
		},
	}
}

// An expansion is a line with what its first word stands for.
type expansion struct {
	line  string
	short int // characters that were typed of the word
	long  int // and that it stands for
}

// expand puts in what the first word of a line stands for at a place, if it is
// an alias in full; a blank before it means the word itself. It is but another
// way of typing: the line is read with the rights of whoever typed it.
func expand(c *config.Config, at place, line string) expansion {
	word, rest, _ := strings.Cut(line, " ")
	for _, m := range aliasModes {
		if word == "" || m.prompt != at.Mode() {
			continue
		}
		for _, a := range c.AllAliases(m.name) {
			if a.Name == word && understood(at, a) {
				text := a.Text
				if len(line) > len(word) {
					text += " " + rest
				}
				return expansion{text, len(word), len(a.Text)}
			}
		}
	}
	return expansion{line: line}
}

// typed is the place in the line that was typed of a place in what it stands
// for.
func (x expansion) typed(col int) int {
	if col < x.long {
		return min(col, x.short)
	}
	return col - x.long + x.short
}

// shortFor are the aliases of a place that a word may become, as help has them.
func shortFor(c *config.Config, at place, word string) (names []grammar.Item) {
	for _, m := range aliasModes {
		if m.prompt != at.Mode() {
			continue
		}
		for _, a := range c.AllAliases(m.name) {
			if strings.HasPrefix(a.Name, word) && understood(at, a) {
				names = append(names, grammar.Item{Name: "*" + a.Name + "=" + a.Text})
			}
		}
	}
	return names
}

// understood says whether a command begins with what an alias stands for. Those that
// every router has are for some that this one does not.
func understood(at place, a config.Alias) bool {
	return at.Help(strings.Fields(a.Text)[0], levelMost).Found()
}

// aliasCommands show them.
func aliasCommands() modes.Mode[Exec] {
	mode := aliasMode()
	return modes.Mode[Exec]{
		viewing(showing(grammar.Word("aliases", "Display alias commands"), grammar.Opt(mode)), func(q query, a grammar.Args) (view, error) {
			var all []show.AliasGroup
			for _, m := range aliasModes {
				if of := q.Running().AllAliases(m.name); len(of) > 0 && (!mode.In(a) || mode.From(a) == m.name) {
					all = append(all, show.AliasGroup{Mode: m.what, Aliases: of})
				}
			}
			return func(w io.Writer) { show.Aliases(w, all) }, nil
		}),
	}
}
