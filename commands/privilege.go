package commands

import (
	"fmt"
	"slices"
	"strings"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

var privilegeGlobal = modes.Mode[config.Config]{privilegeLine(), privilegeReset()}

// privilegeModes are the modes whose commands can be given another level, by
// what their prompts say.
var privilegeModes = map[string]string{
	"exec": "exec", "config": "configure", "config-if": "interface", "config-line": "line",
}

// isCommand says whether a command of a mode begins with some words. It is set
// in init: the commands that it looks at are among those it is of.
var isCommand func(mode, words string) bool

func init() {
	isCommand = func(mode, words string) bool {
		switch mode {
		case "exec":
			return anyBegins(execMode(), words)
		case "interface":
			return anyBegins(interfaceMode(), words)
		case "line":
			return anyBegins(lineMode(), words)
		}
		return anyBegins(configMode(), words)
	}
}

func anyBegins[S any](m modes.Mode[S], words string) bool {
	return slices.ContainsFunc(m, func(c modes.Command[S]) bool {
		fits, _ := beginsWith(c.Line.Words(), words)
		return fits
	})
}

// beginsWith says whether a line begins with some words, which may be cut
// short, and whether there is nothing more to it.
func beginsWith(line, words string) (fits, whole bool) {
	of, said := strings.Fields(line), strings.Fields(words)
	for i, w := range said {
		if i >= len(of) || !strings.HasPrefix(of[i], strings.ToLower(w)) {
			return false, false
		}
	}
	return true, len(of) == len(said)
}

// levels are the levels that a configuration gives to commands. A level that is
// lower than usual is that of the command itself, or of all that begins with
// two words or more; a higher one of all that begins so.
func levels(given []config.Privilege) modes.Levels {
	return func(mode, words string, usual int) int {
		level, best := usual, 0
		for _, p := range given {
			fits, whole := beginsWith(words, p.Command)
			said := len(strings.Fields(p.Command))
			deep := whole || p.All || said > 1 || int(p.Level) > usual
			if privilegeModes[mode] == p.Mode && fits && deep && said >= best {
				level, best = int(p.Level), said
			}
		}
		return level
	}
}

// leveledTree is all commands with the levels that a configuration gives them.
func leveledTree(given []config.Privilege) modes.Tree[Exec, config.Config] {
	t, f := Tree(), levels(given)
	t.Exec, t.Acts = t.Exec.Leveled("exec", 1, f), t.Acts.Leveled("config", 15, f)
	t.Config = t.Config.Leveled("config", 15, f)
	return t
}

// within is what a privilege level may see of the configuration: what it may
// say.
func within(level int, given []config.Privilege) modes.Mode[config.Config] {
	if level >= 15 {
		return writing
	}
	return writing.Leveled("config", 15, levels(given)).Within(level)
}

// A privilegeText is the parameters of "privilege".
type privilegeText struct {
	mode    *grammar.Param[string]
	all     *grammar.Param[bool]
	level   *grammar.Param[uint32]
	command *grammar.Param[string]
}

func privilegeWords() privilegeText {
	return privilegeText{
		mode: grammar.Enum(
			choice("exec", "Exec mode", "exec"),
			choice("configure", "Global configuration mode", "configure"),
			choice("interface", "Interface configuration mode", "interface"),
			choice("line", "Line configuration mode", "line"),
		),
		all:     grammar.Flag("all", "All suboption will be set to the same level"),
		level:   grammar.Uint(0, 15, "Privilege level"),
		command: grammar.Text("Initial keywords of the command to modify"),
	}
}

// forget removes what is said of a command.
func (p privilegeText) forget(c *config.Config, a grammar.Args) error {
	c.Privileges = emptied(slices.DeleteFunc(c.Privileges, func(x config.Privilege) bool {
		return x.Mode == p.mode.From(a) && x.Command == strings.TrimSpace(p.command.From(a))
	}))
	return nil
}

func privilegeLine() modes.Command[config.Config] {
	p := privilegeWords()
	return modes.Command[config.Config]{
		Line: with(under(global, "privilege", "Command privilege parameters"), p.mode, grammar.Opt(p.all),
			grammar.Word("level", "Set privilege level of command"), p.level, p.command),
		Set: func(c *config.Config, a grammar.Args) error {
			x := config.Privilege{Mode: p.mode.From(a), All: p.all.In(a), Level: uint8(p.level.From(a)),
				Command: strings.TrimSpace(p.command.From(a))}
			if !isCommand(x.Mode, x.Command) {
				return fmt.Errorf("%% No command of %s mode begins with %q", x.Mode, x.Command)
			}
			_ = p.forget(c, a)
			c.Privileges = append(c.Privileges, x)
			return nil
		},
		Unset: p.forget,
		Get: func(c *config.Config) []grammar.Args {
			return values(c.Privileges, func(x config.Privilege) grammar.Args {
				return p.mode.Is(x.Mode).And(flagged(p.all, x.All)).And(p.level.Is(uint32(x.Level))).And(p.command.Is(x.Command))
			})
		},
	}
}

// privilegeReset gives a command its usual level back. It is no line of a
// configuration.
func privilegeReset() modes.Command[config.Config] {
	p := privilegeWords()
	return modes.Command[config.Config]{
		Line: with(under(global, "privilege", "Command privilege parameters"), p.mode,
			grammar.Word("reset", "Reset privilege level of command"), p.command),
		Set: p.forget,
	}
}
