package commands

import (
	"fmt"
	"io"
	"time"

	"gresh/backend"
	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// An Exec is what an exec command works on: the session it was typed in, and
// the way to the router.
type Exec struct {
	modes.Terminal
	loop    backend.Loop
	session *Interpreter
}

// printf writes to the session.
func (e *Exec) printf(format string, args ...any) { fmt.Fprintf(e, format, args...) }

// note tells what was accepted, but will not do what one may think.
func (e *Exec) note(notes []string) {
	for _, n := range notes {
		e.printf("%s\n", n)
	}
}

// with runs f where the router may be used.
func (e *Exec) with(f func(r *backend.Router, now time.Time)) { e.loop.Do(f) }

// A view is a picture of the router, taken in its goroutine, that can be
// rendered outside.
type view func(w io.Writer)

// viewing declares a command that shows something: take makes the picture,
// which is rendered in the session's own time.
func viewing(line grammar.Line, take func(q query, a grammar.Args) (view, error)) modes.Command[Exec] {
	return viewingAt(1, line, take)
}

// viewingAt is viewing for a privilege level.
func viewingAt(level int, line grammar.Line, take func(q query, a grammar.Args) (view, error)) modes.Command[Exec] {
	return modes.Command[Exec]{
		Line:   line,
		Level:  level,
		Filter: true,
		Run: func(e *Exec, a grammar.Args) error {
			render := func(io.Writer) {} // where the router's loop has ended
			var err error
			e.with(func(r *backend.Router, now time.Time) {
				render, err = take(query{r, now, show.ReleaseOf(r.Running().Version), e}, a)
			})
			if err != nil {
				return err
			}
			render(e)
			return nil
		},
	}
}

// A query is what a view is taken from.
type query struct {
	*backend.Router
	now     time.Time
	release show.Release
	exec    *Exec
}

// execMode are all the commands of exec mode.
func execMode() modes.Mode[Exec] {
	var all modes.Mode[Exec]
	for _, part := range []modes.Mode[Exec]{
		sessionCommands, terminalCommands(), enableCommands(), lineCommands(), aliasCommands(),
		copyCommands(), fileCommands(), replaceCommands(), archiveCommands(), reloadCommands(), lockCommands(), clearCommands(), eigrpCommands(), probeCommands(), connectCommands(),
		showCrypto(), showSSH(), showIP(), showBox(), showConfig(),
		showInterfaces(), showMachine(), logCommands(), configLogCommands(), showAbsent(),
	} {
		all = append(all, part...)
	}
	return all
}

// Tree is every command there is.
func Tree() modes.Tree[Exec, config.Config] {
	return modes.Tree[Exec, config.Config]{Exec: execMode(), Config: configMode(), Acts: keyActs()}
}
