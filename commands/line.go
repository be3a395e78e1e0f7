package commands

import (
	"cmp"
	"errors"
	"iter"
	"slices"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

var lineGlobal = modes.Mode[config.Config]{lines()}

// A lineName is the parameters of "line …": one line of the box, or a range of
// virtual terminals.
type lineName struct {
	single      *grammar.Param[string]
	zero        *grammar.Param[uint32]
	vty         *grammar.Param[bool]
	first, last *grammar.Param[uint32]
}

// lineTypes are in the order of a running configuration.
var lineTypes = []string{"con", "aux", "vty"}

func lines() modes.Command[config.Config] {
	n := lineName{
		single: grammar.Enum(
			choice("con", "Primary terminal line", "con"),
			choice("console", "Primary terminal line", "con"),
			choice("aux", "Auxiliary line", "aux"),
		),
		zero:  grammar.Uint(0, 0, "Line number"),
		vty:   grammar.Flag("vty", "Virtual terminal"),
		first: grammar.Uint(0, 988, "First Line number"),
		last:  grammar.Uint(1, 988, "Last Line number"),
	}
	return modes.Sub(modes.Block[config.Config, config.Line]{
		Line: with(under(global, "line", "Configure a terminal line"), grammar.Alt(
			grammar.Line{n.single, n.zero},
			grammar.Line{n.vty, n.first, grammar.Opt(n.last)})),
		Title:   "Line configuration commands:",
		Prompt:  "config-line",
		Mode:    lineMode(),
		Section: modes.Apart,
		Find:    n.find,
		Create:  n.create,
		Remove: func(c *config.Config, a grammar.Args) error {
			if !n.vty.In(a) {
				return errors.New("% Can't delete the lines of the box")
			}
			wanted := n.from(a)
			c.Lines = emptied(slices.DeleteFunc(c.Lines, func(l config.Line) bool { return compareLines(l, wanted) == 0 }))
			return nil
		},
		All: func(c *config.Config) iter.Seq2[grammar.Args, *config.Line] {
			return func(yield func(grammar.Args, *config.Line) bool) {
				for i := range c.Lines {
					if !yield(n.is(c.Lines[i]), &c.Lines[i]) {
						return
					}
				}
			}
		},
	})
}

func (n lineName) from(a grammar.Args) config.Line {
	if !n.vty.In(a) {
		return config.Line{Type: n.single.From(a)}
	}
	l := config.Line{Type: "vty", First: uint16(n.first.From(a)), Last: uint16(n.first.From(a))}
	if n.last.In(a) {
		l.Last = uint16(n.last.From(a))
	}
	return l
}

func (n lineName) is(l config.Line) grammar.Args {
	switch {
	case l.Type != "vty":
		return n.single.Is(l.Type).And(n.zero.Is(0))
	case l.First == l.Last:
		return n.vty.Is(true).And(n.first.Is(uint32(l.First)))
	}
	return n.vty.Is(true).And(n.first.Is(uint32(l.First))).And(n.last.Is(uint32(l.Last)))
}

func compareLines(a, b config.Line) int {
	return cmp.Or(cmp.Compare(slices.Index(lineTypes, a.Type), slices.Index(lineTypes, b.Type)),
		cmp.Compare(a.First, b.First), cmp.Compare(a.Last, b.Last))
}

func (n lineName) find(c *config.Config, a grammar.Args) *config.Line {
	if at, found := slices.BinarySearchFunc(c.Lines, n.from(a), compareLines); found {
		return &c.Lines[at]
	}
	return nil
}

func (n lineName) create(c *config.Config, a grammar.Args) (*config.Line, error) {
	l := n.from(a)
	if l.Last < l.First {
		return nil, errors.New("% Bad line range")
	}
	at, _ := slices.BinarySearchFunc(c.Lines, l, compareLines)
	c.Lines = slices.Insert(c.Lines, at, l)
	return &c.Lines[at], nil
}

func lineMode() modes.Mode[config.Line] {
	keptOfLine := func(l *config.Line) *[]string { return &l.Kept }
	logging := under(global, "logging", "Modify message logging facilities")
	return modes.Mode[config.Line]{
		execTimeout(),
		modes.Optional(under(under(global, "privilege", "Change privilege level for line"),
			"level", "Assign default privilege level for line"),
			grammar.Uint(0, 15, "Default privilege level for line"), func(l *config.Line) **uint8 { return &l.Privilege }),
		modes.Value(under(global, "password", "Set a password"), grammar.Text("The UNENCRYPTED (cleartext) line password"),
			func(l *config.Line) *string { return &l.Password }),
		modes.Flag(under(logging, "synchronous", "Synchronized message output"),
			func(l *config.Line) *bool { return &l.Synchronous }),
		lineLogin(),
		modes.Optional(under(global, "length", "Set number of lines on a screen"),
			grammar.Uint(0, 512, "Number of lines on screen (0 for no pausing)"),
			func(l *config.Line) **uint16 { return &l.Length }),
		modes.Optional(under(global, "width", "Set width of the display terminal"),
			grammar.Uint(0, 512, "Number of characters on a screen line"), func(l *config.Line) **uint16 { return &l.Width }),
		modes.Optional(under(under(global, "history", "Enable and control the command history function"),
			"size", "Set history buffer size"),
			grammar.Uint(0, 256, "Size of history buffer"), func(l *config.Line) **uint16 { return &l.History }),
		modes.List(under(global, "transport", "Define transport protocols for line"),
			grammar.Text("The direction and the protocols"), func(l *config.Line) *[]string { return &l.Transport }),
		kept(keptOfLine, "exec", "Configure EXEC"),
		kept(keptOfLine, "stopbits", "Set async line stop bits"),
		kept(keptOfLine, "speed", "Set the transmit and receive speeds"),
		kept(keptOfLine, "databits", "Set number of data bits per character"),
		kept(keptOfLine, "parity", "Set terminal parity"),
		kept(keptOfLine, "flowcontrol", "Set the flow control"),
		kept(keptOfLine, "escape-character", "Change the current line's escape character"),
		kept(keptOfLine, "session-timeout", "Set interval for closing connection when there is no input traffic"),
	}
}

// execTimeout is ten minutes unless it is set; none at all is 0 0.
func execTimeout() modes.Command[config.Line] {
	minutes, seconds := grammar.Uint(0, 35791, "Timeout in minutes"), grammar.Uint(0, 2147483, "Timeout in seconds")
	line := under(global, "exec-timeout", "Set the EXEC timeout")
	return modes.Command[config.Line]{
		Line: with(line, minutes, grammar.Opt(seconds)),
		Bare: len(line),
		Set: func(l *config.Line, a grammar.Args) error {
			l.ExecTimeout = &[2]uint32{minutes.From(a), seconds.From(a)}
			if *l.ExecTimeout == [2]uint32{10, 0} {
				l.ExecTimeout = nil
			}
			return nil
		},
		Unset: func(l *config.Line, _ grammar.Args) error { l.ExecTimeout = &[2]uint32{}; return nil },
		Default: func(l *config.Line, _ grammar.Args) error {
			l.ExecTimeout = nil
			return nil
		},
		Get: func(l *config.Line) []grammar.Args {
			if l.ExecTimeout == nil {
				return nil
			}
			return []grammar.Args{minutes.Is(l.ExecTimeout[0]).And(seconds.Is(l.ExecTimeout[1]))}
		},
	}
}

// lineLogin is how who connects is asked who he is; "no login" asks nobody.
func lineLogin() modes.Command[config.Line] {
	local := grammar.Flag("local", "Local password checking")
	return modes.Command[config.Line]{
		Line: with(under(global, "login", "Enable password checking"), grammar.Opt(local)),
		Set: func(l *config.Line, a grammar.Args) error {
			l.Login = "line"
			if local.In(a) {
				l.Login = "local"
			}
			return nil
		},
		Unset:   func(l *config.Line, _ grammar.Args) error { l.Login = "none"; return nil },
		Default: func(l *config.Line, _ grammar.Args) error { l.Login = ""; return nil },
		Get: func(l *config.Line) []grammar.Args {
			switch l.Login {
			case "":
				return nil
			case "none":
				return []grammar.Args{modes.No(nil)}
			}
			return []grammar.Args{flagged(local, l.Login == "local")}
		},
	}
}
