package commands

import (
	"errors"
	"strings"

	"gresh/modes"
	"gresh/modes/grammar"
)

var (
	terminalLength  = grammar.Uint(0, 512, "Number of lines on screen (0 for no pausing)")
	terminalWidth   = grammar.Uint(0, 512, "Number of characters on a screen line")
	terminalHistory = grammar.Uint(0, 256, "Size of history buffer")
	enableLevel     = grammar.Uint(1, 15, "Enable level")
)

// terminal begins every line that sets something of this session.
func terminal(rest ...grammar.Token) grammar.Line {
	return append(grammar.Line{grammar.Word("terminal", "Set terminal line parameters")}, rest...)
}

// sessionCommands change the session and nothing of the router.
var sessionCommands = modes.Mode[Exec]{
	{
		Line:  grammar.Line{grammar.Word("enable", "Turn on privileged commands"), grammar.Opt(enableLevel)},
		Level: 1,
		Run: func(e *Exec, a grammar.Args) error {
			e.session.level = 15
			if enableLevel.In(a) {
				e.session.level = int(enableLevel.From(a))
			}
			return nil
		},
	},
	{
		Line:  grammar.Line{grammar.Word("disable", "Turn off privileged commands")},
		Level: 1,
		Run: func(e *Exec, _ grammar.Args) error {
			e.session.level = 1
			return nil
		},
	},
	leaving("exit", "Exit from the EXEC"),
	leaving("logout", "Exit from the EXEC"),
	leaving("quit", "Exit from the EXEC"),
	{
		Line: grammar.Line{grammar.Word("configure", "Enter configuration mode"),
			grammar.Opt(grammar.Word("terminal", "Configure from the terminal"))},
		Level:      15,
		Configures: true,
		Run:        configure,
	},
	{
		Line:  terminal(grammar.Word("length", "Set number of lines on a screen"), terminalLength),
		Level: 1,
		Run: func(e *Exec, a grammar.Args) error {
			e.Settings().Length = int(terminalLength.From(a))
			return nil
		},
	},
	{
		Line:  terminal(grammar.Word("width", "Set width of the display terminal"), terminalWidth),
		Level: 1,
		Run: func(e *Exec, a grammar.Args) error {
			e.Settings().Width = int(terminalWidth.From(a))
			return nil
		},
	},
	{
		Line: terminal(grammar.Word("history", "Enable and control the command history function"),
			grammar.Word("size", "Set history buffer size"), terminalHistory),
		Level: 1,
		Run: func(e *Exec, a grammar.Args) error {
			e.Settings().HistorySize = int(terminalHistory.From(a))
			return nil
		},
	},
	monitoring(terminal(grammar.Word("monitor", "Copy debug output to the current terminal line")), true),
	monitoring(terminal(grammar.Word("no", "Negate a command or set its defaults"),
		grammar.Word("monitor", "Copy debug output to the current terminal line")), false),
}

func leaving(name, help string) modes.Command[Exec] {
	return modes.Command[Exec]{
		Line:  grammar.Line{grammar.Word(name, help)},
		Level: 1,
		Run: func(e *Exec, _ grammar.Args) error {
			e.session.closed = true
			return nil
		},
	}
}

func monitoring(line grammar.Line, on bool) modes.Command[Exec] {
	return modes.Command[Exec]{Line: line, Level: 15, Run: func(e *Exec, _ grammar.Args) error {
		e.Settings().Monitor = on
		return nil
	}}
}

// configure is "configure", which asks what from when it is not said.
func configure(e *Exec, _ grammar.Args) error {
	if fields := strings.Fields(e.session.typed); len(fields) == 1 {
		answer, ok := e.Ask("Configuring from terminal, memory, or network [terminal]? ")
		if !ok || answer != "" && !strings.HasPrefix("terminal", strings.ToLower(answer)) {
			return errors.New("?Must be \"terminal\"")
		}
	}
	e.printf("Enter configuration commands, one per line.  End with CNTL/Z.\n")
	return nil
}
