package commands

import (
	"strings"
	"time"

	"gresh/backend"
	"gresh/modes"
	"gresh/modes/grammar"
)

// reloadCommands start the router again.
func reloadCommands() modes.Mode[Exec] {
	return modes.Mode[Exec]{{
		Line:  grammar.Line{grammar.Word("reload", "Halt and perform a cold restart")},
		Level: 15,
		Run:   func(e *Exec, _ grammar.Args) error { return e.reload() },
	}}
}

// reload starts the router again, after asking what to do with what is not
// saved.
func (e *Exec) reload() error {
	var saved bool
	e.with(func(r *backend.Router, _ time.Time) {
		text, err := r.Store().Startup()
		saved = err == nil && string(text) == Text(r.Running())
	})
	for !saved {
		answer, ok := e.Ask("System configuration has been modified. Save? [yes/no]: ")
		if !ok {
			return nil
		}
		switch answer = strings.ToLower(answer); {
		case answer != "" && strings.HasPrefix("yes", answer):
			if err := e.save(); err != nil {
				return err
			}
			saved = true
		case answer != "" && strings.HasPrefix("no", answer):
			saved = true
		default:
			e.printf("%% Please answer 'yes' or 'no'.\n")
		}
	}
	if !e.Confirm("Proceed with reload? [confirm]") {
		return nil
	}
	e.with(func(r *backend.Router, now time.Time) { r.Reload(now) })
	e.session.restart()
	return nil
}
