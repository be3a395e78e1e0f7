package commands

import (
	"gresh/modes"
	"gresh/modes/grammar"
)

// sessionCommands change the session and nothing of the router.
var sessionCommands = modes.Mode[Exec]{
	leaving("exit", "Exit from the EXEC"),
	leaving("logout", "Exit from the EXEC"),
	leaving("quit", "Exit from the EXEC"),
	configureCommand(),
}

func leaving(name, help string) modes.Command[Exec] {
	return modes.Command[Exec]{
		Line:  grammar.Line{grammar.Word(name, help)},
		Level: modes.Anyone,
		Run: func(e *Exec, _ grammar.Args) error {
			open := e.session.connections
			if len(open) > 0 && !e.Confirm("You have open connections [confirm]") {
				return nil
			}
			for _, c := range open {
				e.printf("Closing: %s !\n", c.host)
			}
			e.session.closed = true
			return nil
		},
	}
}
