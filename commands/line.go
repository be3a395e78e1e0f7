package commands

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
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

// A span is what "line …" names: some lines of a kind, each of which takes what
// is said.
type span []*config.Line

const (
	vtyMost   = 1869 // the highest number of a virtual terminal
	vtyAlways = 5    // so many there are whatever is configured
)

func lines() modes.Command[config.Config] {
	n := lineName{
		single: grammar.Enum(
			choice("con", "Primary terminal line", "con"),
			choice("console", "Primary terminal line", "con"),
			choice("aux", "Auxiliary line", "aux"),
		),
		zero:  grammar.Uint(0, 0, "Line number"),
		vty:   grammar.Flag("vty", "Virtual terminal"),
		first: grammar.Uint(0, vtyMost, "First Line number"),
		last:  grammar.Uint(1, vtyMost, "Last Line number"),
	}
	var all modes.Mode[span]
	for _, c := range lineMode() {
		all = append(all, forEach(c))
	}
	return modes.Sub(modes.Block[config.Config, span]{
		Line: with(under(global, "line", "Configure a terminal line"), grammar.Alt(
			grammar.Line{n.single, n.zero},
			grammar.Line{n.vty, n.first, grammar.Opt(n.last)})),
		Title:   "Line configuration commands:",
		Prompt:  "config-line",
		Mode:    all,
		Section: modes.Apart,
		Find:    n.find,
		Create:  n.create,
		Remove:  n.remove,
		All:     n.all,
	})
}

// forEach is a command of a line for a span of them. They are printed together
// only if they say the same.
func forEach(c modes.Command[config.Line]) modes.Command[span] {
	of := func(f func(*config.Line, grammar.Args) error) func(*span, grammar.Args) error {
		if f == nil {
			return nil
		}
		return func(s *span, a grammar.Args) error {
			for _, l := range *s {
				if err := f(l, a); err != nil {
					return err
				}
			}
			return nil
		}
	}
	d := modes.Command[span]{Line: c.Line, Level: c.Level, Bare: c.Bare, Kept: c.Kept, Hidden: c.Hidden, Section: c.Section,
		Set: of(c.Set), Unset: of(c.Unset), Default: of(c.Default)}
	if c.Get != nil {
		d.Get = func(s *span) []grammar.Args { return c.Get((*s)[0]) }
	}
	return d
}

// names are the lines that are named, without what is configured of them.
func (n lineName) names(a grammar.Args) (all []config.Line) {
	if !n.vty.In(a) {
		return []config.Line{{Type: n.single.From(a)}}
	}
	first, last := n.first.From(a), n.first.From(a)
	if n.last.In(a) {
		last = n.last.From(a)
	}
	for i := first; i <= last; i++ {
		all = append(all, config.Line{Type: "vty", Number: uint16(i)})
	}
	return all
}

func (n lineName) is(s span) grammar.Args {
	first, last := s[0], s[len(s)-1]
	switch {
	case first.Type != "vty":
		return n.single.Is(first.Type).And(n.zero.Is(0))
	case first == last:
		return n.vty.Is(true).And(n.first.Is(uint32(first.Number)))
	}
	return n.vty.Is(true).And(n.first.Is(uint32(first.Number))).And(n.last.Is(uint32(last.Number)))
}

func (n lineName) find(c *config.Config, a grammar.Args) *span {
	var s span
	for _, l := range n.names(a) {
		at, found := slices.BinarySearchFunc(c.Lines, l, config.CompareLines)
		if !found {
			return nil
		}
		s = append(s, &c.Lines[at])
	}
	if s == nil {
		return nil
	}
	return &s
}

// create makes those of the lines that there are not yet.
func (n lineName) create(c *config.Config, a grammar.Args) (*span, error) {
	names := n.names(a)
	if len(names) == 0 {
		return nil, errors.New("% Bad line range")
	}
	for _, l := range names {
		if at, found := slices.BinarySearchFunc(c.Lines, l, config.CompareLines); !found {
			c.Lines = slices.Insert(c.Lines, at, l)
		}
	}
	return n.find(c, a), nil
}

// remove takes away a line and those after it: there are no holes.
func (n lineName) remove(c *config.Config, a grammar.Args) error {
	if !n.vty.In(a) {
		return errors.New("% Can't delete the lines of the box")
	}
	first := uint16(n.first.From(a))
	if first < vtyAlways {
		return fmt.Errorf("%% Can't delete last %d VTY lines", vtyAlways)
	}
	c.Lines = emptied(slices.DeleteFunc(c.Lines, func(l config.Line) bool { return l.Type == "vty" && l.Number >= first }))
	return nil
}

func (n lineName) all(c *config.Config) iter.Seq2[grammar.Args, *span] {
	return func(yield func(grammar.Args, *span) bool) {
		var s span
		for i := range c.Lines {
			s = append(s, &c.Lines[i])
			if i+1 < len(c.Lines) && together(c.Lines[i], c.Lines[i+1]) {
				continue
			}
			if !yield(n.is(s), &s) {
				return
			}
			s = nil
		}
	}
}

// together says whether a line and the next are printed as one: if they say the
// same, but that the first five virtual terminals always stand for themselves.
func together(a, b config.Line) bool {
	if a.Type != "vty" || b.Type != "vty" || b.Number != a.Number+1 || b.Number == vtyAlways {
		return false
	}
	a.Number = b.Number
	return reflect.DeepEqual(a, b)
}

func lineMode() modes.Mode[config.Line] {
	logging := under(global, "logging", "Modify message logging facilities")
	return slices.Concat(modes.Mode[config.Line]{
		accessClass(),
		execTimeout(),
		modes.Optional(under(under(global, "privilege", "Change privilege level for line"),
			"level", "Assign default privilege level for line"),
			grammar.Uint(0, 15, "Default privilege level for line"), func(l *config.Line) **uint8 { return &l.Privilege }),
		linePassword(),
		modes.Flag(under(logging, "synchronous", "Synchronized message output"),
			func(l *config.Line) *bool { return &l.Synchronous }),
		lineLogin(),
		modes.NegFlag(under(global, "exec", "Configure EXEC"), func(l *config.Line) *bool { return &l.NoExec }),
		modes.Value(under(global, "autocommand", "Automatically execute an EXEC command"),
			grammar.Text("Appropriate EXEC command"), func(l *config.Line) *string { return &l.Autocommand }),
		modes.Optional(under(global, "length", "Set number of lines on a screen"),
			grammar.Uint(0, 512, "Number of lines on screen (0 for no pausing)"),
			func(l *config.Line) **uint16 { return &l.Length }),
		modes.Optional(under(global, "width", "Set width of the display terminal"),
			grammar.Uint(0, 512, "Number of characters on a screen line"), func(l *config.Line) **uint16 { return &l.Width }),
		modes.Optional(under(under(global, "history", "Enable and control the command history function"),
			"size", "Set history buffer size"),
			grammar.Uint(0, 256, "Size of history buffer"), func(l *config.Line) **uint16 { return &l.History }),
	}, lineTransports(), keptOfLine)
}

var keptOfLine = func() modes.Mode[config.Line] {
	field := func(l *config.Line) *[]string { return &l.Kept }
	return modes.Mode[config.Line]{
		kept(field, "stopbits", "Set async line stop bits"),
		kept(field, "speed", "Set the transmit and receive speeds"),
		kept(field, "databits", "Set number of data bits per character"),
		kept(field, "parity", "Set terminal parity"),
		kept(field, "flowcontrol", "Set the flow control"),
		kept(field, "escape-character", "Change the current line's escape character"),
		kept(field, "session-timeout", "Set interval for closing connection when there is no input traffic"),
	}
}()

// accessClass is who may come in by the line.
func accessClass() modes.Command[config.Line] {
	name := grammar.String("Access-list name or number")
	line := under(global, "access-class", "Filter connections based on an IP access list")
	return modes.Command[config.Line]{
		Line:  with(line, name, grammar.Word("in", "Filter incoming connections")),
		Bare:  len(line),
		Set:   func(l *config.Line, a grammar.Args) error { l.AccessIn = name.From(a); return nil },
		Unset: func(l *config.Line, _ grammar.Args) error { l.AccessIn = ""; return nil },
		Get: func(l *config.Line) []grammar.Args {
			if l.AccessIn == "" {
				return nil
			}
			return []grammar.Args{name.Is(l.AccessIn)}
		},
	}
}

func linePassword() modes.Command[config.Line] {
	p := secretOf("The UNENCRYPTED (cleartext) line password", 0, 7)
	line := under(global, "password", "Set a password")
	return modes.Command[config.Line]{
		Line: p.after(line),
		Bare: len(line),
		Set: func(l *config.Line, a grammar.Args) (err error) {
			s, err := p.from(a)
			if err == nil {
				l.Password = s
			}
			return err
		},
		Unset: func(l *config.Line, _ grammar.Args) error { l.Password = config.Secret{}; return nil },
		Get: func(l *config.Line) []grammar.Args {
			if !l.Password.Set() {
				return nil
			}
			return []grammar.Args{p.is(l.Password)}
		},
	}
}

// protocols are the transports by their names, in the order of their bits.
var protocols = []grammar.Choice[config.Transports]{
	choice("pad", "X.3 PAD", config.TransportPAD),
	choice("telnet", "TCP/IP Telnet protocol", config.TransportTelnet),
	choice("rlogin", "Unix rlogin protocol", config.TransportRlogin),
	choice("udptn", "UDPTN async via UDP protocol", config.TransportUDPTN),
	choice("ssh", "TCP/IP SSH protocol", config.TransportSSH),
	choice("all", "All protocols", config.TransportAll),
	choice("none", "No protocols", config.Transports(0)),
}

func lineTransports() modes.Mode[config.Line] {
	transport := under(global, "transport", "Define transport protocols for line")
	preferred := grammar.Enum(
		choice("none", "No preferred protocol", "none"),
		choice("ssh", "TCP/IP SSH protocol", "ssh"),
		choice("telnet", "TCP/IP Telnet protocol", "telnet"),
	)
	return modes.Mode[config.Line]{
		modes.Value(under(transport, "preferred", "Specify the preferred protocol to use"), preferred,
			func(l *config.Line) *string { return &l.Preferred }),
		transports(under(transport, "input", "Define which protocols to use when connecting to the terminal server"),
			func(l *config.Line) **config.Transports { return &l.Input }),
		transports(under(transport, "output", "Define which protocols to use for outgoing connections"),
			func(l *config.Line) **config.Transports { return &l.Output }),
	}
}

func transports(line grammar.Line, field func(*config.Line) **config.Transports) modes.Command[config.Line] {
	list := grammar.Repeat(len(protocols), grammar.Enum(protocols...))
	return modes.Command[config.Line]{
		Line: with(line, list),
		Bare: len(line),
		Set: func(l *config.Line, a grammar.Args) error {
			var all config.Transports
			for _, t := range list.From(a) {
				all |= t
			}
			*field(l) = &all
			return nil
		},
		Unset: func(l *config.Line, _ grammar.Args) error { *field(l) = nil; return nil },
		Get: func(l *config.Line) []grammar.Args {
			if *field(l) == nil {
				return nil
			}
			return []grammar.Args{list.Is(transportNames(**field(l)))}
		},
	}
}

// transportNames are the transports one by one, as they are printed.
func transportNames(t config.Transports) (all []config.Transports) {
	if t == 0 || t == config.TransportAll {
		return []config.Transports{t}
	}
	for _, p := range protocols {
		if p.Value != config.TransportAll && p.Value&t != 0 {
			all = append(all, p.Value)
		}
	}
	return all
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

// lineLogin is how who connects is asked who he is; "no login" asks nobody. A
// list is for AAA.
func lineLogin() modes.Command[config.Line] {
	local := grammar.Flag("local", "Local password checking")
	list := grammar.String("Use an authentication list with this name.")
	line := under(global, "login", "Enable password checking")
	return modes.Command[config.Line]{
		Line: with(line, grammar.Opt(grammar.Alt(grammar.Line{local},
			grammar.Line{grammar.Word("authentication", "Authentication parameters."), list}))),
		Bare: len(line),
		Set: func(l *config.Line, a grammar.Args) error {
			l.Login, l.LoginList = "line", list.From(a)
			switch {
			case list.In(a):
				l.Login = ""
			case local.In(a):
				l.Login = "local"
			}
			return nil
		},
		Unset:   func(l *config.Line, _ grammar.Args) error { l.Login, l.LoginList = "none", ""; return nil },
		Default: func(l *config.Line, _ grammar.Args) error { l.Login, l.LoginList = "", ""; return nil },
		Get: func(l *config.Line) []grammar.Args {
			switch {
			case l.LoginList != "":
				return []grammar.Args{list.Is(l.LoginList)}
			case l.Login == "":
				return nil
			case l.Login == "none":
				return []grammar.Args{modes.No(nil)}
			}
			return []grammar.Args{flagged(local, l.Login == "local")}
		},
	}
}
