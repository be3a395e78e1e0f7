package commands

import (
	"errors"
	"strings"

	"gresh/modes"
	"gresh/modes/grammar"
)

// sessionCommands change the session and nothing of the router.
var sessionCommands = modes.Mode[Exec]{
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
