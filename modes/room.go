package modes

import (
	"strings"

	"gresh/modes/grammar"
)

// A room is a mode as a Stack needs it: its lines, without its type.
type room struct{ set *grammar.Set }

// An entry is what a line of a room means. State is a pointer to the state of
// the room's mode.
type entry struct {
	line       grammar.Line
	act        func(state any, a grammar.Args) error
	door       *door // the block that the line opens
	exec       bool  // act is of exec mode
	leave      place // where the line leads instead
	configures bool
	kept       bool
	command    any  // the *Command[S]
	undoes     bool // it is the command's "no" or "default"
}

// A place is where a built-in line leads.
type place uint8

const (
	stay place = iota
	up         // one mode up: exit
	top        // to exec mode: end
)

// compile makes the room of a configuration mode. More are the lines that
// only some rooms have.
func compile[S any](title string, m Mode[S], more ...grammar.Entry) *room {
	var all []grammar.Entry
	for i := range m {
		c := &m[i]
		all = append(all, c.entries()...)
	}
	all = append(all, grammar.Entry{
		Line:  grammar.Line{grammar.Word("exit", "Exit from "+modeName(title))},
		Means: &entry{leave: up},
	})
	return &room{grammar.NewSet(title, append(all, more...)...)}
}

// entries are the line of a command, its "no" and its "default".
func (c *Command[S]) entries() []grammar.Entry {
	set := &entry{line: c.Line, act: erase(c.Set), kept: c.Kept, command: c}
	if c.block != nil {
		set.door = c.block.door()
	}
	all := []grammar.Entry{{Line: c.Line, Level: c.Level, Hidden: c.Hidden, Means: set}}
	all = append(all, c.negative(no, c.Unset)...)
	restore := c.Default
	if restore == nil && c.block == nil {
		restore = c.Unset
	}
	return append(all, c.negative(byDefault, restore)...)
}

// modeName makes "interface configuration mode" of the title "Interface
// configuration commands:".
func modeName(title string) string {
	name, ok := strings.CutSuffix(title, " commands:")
	if !ok || len(name) < 2 {
		return "this mode"
	}
	if name[1] >= 'a' { // not an abbreviation
		name = strings.ToLower(name[:1]) + name[1:]
	}
	return name + " mode"
}

var (
	no        = grammar.Word("no", "Negate a command or set its defaults")
	byDefault = grammar.Word("default", "Set a command to its defaults")
)

// negative are the line after a word, in full and as short as it may be.
func (c *Command[S]) negative(w grammar.Token, f func(*S, grammar.Args) error) []grammar.Entry {
	if f == nil {
		return nil
	}
	line := append(grammar.Line{w}, c.Line...)
	means := &entry{line: line, act: erase(f), kept: c.Kept, command: c, undoes: true}
	all := []grammar.Entry{{Line: line, Level: c.Level, Hidden: c.Hidden, Means: means}}
	if c.Bare > 0 && c.Bare < len(c.Line) {
		bare := *means
		bare.line = line[: 1+c.Bare : 1+c.Bare]
		all = append(all, grammar.Entry{Line: bare.line, Level: c.Level, Hidden: c.Hidden, Means: &bare})
	}
	return all
}

// compileExec makes the room of exec mode.
func compileExec[E any](m Mode[E]) *room {
	return &room{grammar.NewSet("Exec commands:", execEntries(m)...)}
}

func execEntries[E any](m Mode[E]) (all []grammar.Entry) {
	for i := range m {
		c := &m[i]
		line := c.Line
		if c.Filter {
			line = append(line[:len(line):len(line)], filters)
		}
		all = append(all, grammar.Entry{Line: line, Level: execLevel(c.Level), Hidden: c.Hidden,
			Means: &entry{act: erase(c.Run), exec: true, configures: c.Configures, kept: c.Kept}})
	}
	return all
}

// execLevel is the level of an exec command that says this of it.
func execLevel(said int) int {
	if said == 0 {
		return 1
	}
	return max(said, 0)
}

func erase[S any](f func(*S, grammar.Args) error) func(any, grammar.Args) error {
	if f == nil {
		return func(any, grammar.Args) error { return nil }
	}
	return func(s any, a grammar.Args) error { return f(s.(*S), a) }
}
