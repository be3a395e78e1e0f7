package commands

import (
	"io"

	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// terminal begins every line that sets something of this session.
func terminal(rest ...grammar.Token) grammar.Line {
	return append(grammar.Line{grammar.Word("terminal", "Set terminal line parameters")}, rest...)
}

// The keywords of a terminal's settings, which both "terminal" and "terminal
// no" have.
var (
	terminalLength  = grammar.Word("length", "Set number of lines on a screen")
	terminalWidth   = grammar.Word("width", "Set width of the display terminal")
	terminalHistory = grammar.Word("history", "Enable and control the command history function")
	terminalSize    = grammar.Word("size", "Set history buffer size")
	terminalMonitor = grammar.Word("monitor", "Copy debug output to the current terminal line")
)

// terminalCommands set up the session, at any level: programs do before they
// do anything else.
func terminalCommands() modes.Mode[Exec] {
	negated := grammar.Word("no", "Negate a command or set its defaults")
	lines := grammar.Uint(0, 512, "Number of lines on screen (0 for no pausing)")
	columns := grammar.Uint(0, 512, "Number of characters on a screen line")
	size := grammar.Uint(0, 256, "Size of history buffer")
	with := func(s func(*modes.Settings, grammar.Args), level int, line ...grammar.Token) modes.Command[Exec] {
		return modes.Command[Exec]{Line: terminal(line...), Level: level, Run: func(e *Exec, a grammar.Args) error {
			s(e.Settings(), a)
			return nil
		}}
	}
	to := func(s func(*modes.Settings), line ...grammar.Token) modes.Command[Exec] {
		return with(func(t *modes.Settings, _ grammar.Args) { s(t) }, 1, line...)
	}
	return modes.Mode[Exec]{
		with(func(s *modes.Settings, a grammar.Args) { s.Length = int(lines.From(a)) }, 1, terminalLength, lines),
		with(func(s *modes.Settings, a grammar.Args) { s.Width = int(columns.From(a)) }, 1, terminalWidth, columns),
		with(func(s *modes.Settings, a grammar.Args) { s.HistorySize = int(size.From(a)) }, 1, terminalHistory, terminalSize, size),
		to(func(s *modes.Settings) { s.NoHistory = false }, terminalHistory),
		to(func(s *modes.Settings) { s.Length = modes.LengthDefault }, negated, terminalLength),
		to(func(s *modes.Settings) { s.Width = modes.WidthDefault }, negated, terminalWidth),
		to(func(s *modes.Settings) { s.HistorySize = modes.HistoryDefault }, negated, terminalHistory, terminalSize),
		to(func(s *modes.Settings) { s.NoHistory = true }, negated, terminalHistory),
		with(func(s *modes.Settings, _ grammar.Args) { s.Monitor = true }, 15, terminalMonitor),
		with(func(s *modes.Settings, _ grammar.Args) { s.Monitor = false }, 15, negated, terminalMonitor),
		viewing(showing(grammar.Word("terminal", "Display terminal configuration parameters")), showTerminal),
		{Line: grammar.Line{grammar.Word("help", "Description of the interactive help system")}, Run: func(e *Exec, _ grammar.Args) error {
			show.Help(e)
			return nil
		}},
	}
}

func showTerminal(q query, _ grammar.Args) (view, error) {
	i, s := q.exec.session, q.exec.Settings()
	t := show.TerminalLine{Line: i.line(q.Running()), Number: absolute(i.number), Length: s.Length, Width: s.Width, Monitor: s.Monitor,
		NoHistory: s.NoHistory, HistorySize: s.HistorySize}
	return func(w io.Writer) { show.Terminal(w, t) }, nil
}
