package commands

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"gresh/backend"
	"gresh/backend/config"
	"gresh/backend/event"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// lockGlobal is whether who configures does so alone.
var lockGlobal = modes.Mode[config.Config]{
	modes.Value(under(under(under(global, "configuration", "Configuration access"), "mode", "Configuration mode"),
		"exclusive", "Configuration mode exclusive"), grammar.Enum(
		choice("auto", "Lock configuration mode automatically", "auto"),
		choice("manual", "Lock configuration mode on-demand", "manual"),
	), func(c *config.Config) *string { return &c.Exclusive }),
}

// lockCommands show who configures alone, and take it from him.
func lockCommands() modes.Mode[Exec] {
	word, lock := grammar.Word("configuration", "Contents of Non-Volatile memory"), grammar.Word("lock", "Configuration mode lock")
	return modes.Mode[Exec]{
		viewingAt(15, showing(word, lock), func(q query, _ grammar.Args) (view, error) {
			l := q.exec.session.lines.holder()
			return func(w io.Writer) { show.ConfigurationLock(w, l) }, nil
		}),
		{
			Line:  grammar.Line{grammar.Word("clear", "Reset functions"), grammar.Word("configuration", "Clear configuration"), lock},
			Level: 15,
			Run:   func(e *Exec, _ grammar.Args) error { e.session.lines.unlock(nil); return nil },
		},
	}
}

// lock has a session configure alone, until it leaves configuration mode.
func (l *Lines) lock(i *Interpreter) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.reserved(i); err != nil {
		return err
	}
	l.alone, l.aloneBy = i, i.typed
	return nil
}

// unlock ends that, whoever it is if no session is said.
func (l *Lines) unlock(i *Interpreter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i == nil || l.alone == i {
		l.alone = nil
	}
}

// excluded says why a session may not configure now; nil if it may.
func (l *Lines) excluded(i *Interpreter) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reserved(i)
}

// reserved is excluded for who holds the mutex.
func (l *Lines) reserved(i *Interpreter) error {
	if l.alone == nil || l.alone == i {
		return nil
	}
	return fmt.Errorf("Configuration mode locked exclusively by user '%s' process '0' from terminal '%d'. Please try later.",
		cmp.Or(l.alone.origin.User, "unknown"), absolute(l.alone.number))
}

// holder is who configures alone; nil if nobody does.
func (l *Lines) holder() *show.Holder {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.alone == nil {
		return nil
	}
	return &show.Holder{User: l.alone.origin.User, Line: absolute(l.alone.number), Command: l.aloneBy}
}

// An entering is "configure terminal" with what else was said.
type entering struct {
	asked   bool   // what to configure from was said
	lock    bool   // nobody else may meanwhile
	minutes uint32 // until it is taken back unconfirmed; 0: never
}

func configureCommand() modes.Command[Exec] {
	terminal := grammar.Flag("terminal", "Configure from the terminal")
	lock := grammar.Flag("lock", "Lock configuration mode")
	minutes := minutesOf("Rollback after the timer expires")
	return modes.Command[Exec]{
		Line: configuring(grammar.Opt(terminal, grammar.Any(
			grammar.Line{lock},
			grammar.Line{grammar.Word("revert", "Parameters for reverting the configuration"), grammar.Word("timer", "Revert timer"), minutes},
		))),
		Level:      15,
		Configures: true,
		Run: func(e *Exec, a grammar.Args) error {
			return e.configure(entering{terminal.In(a), lock.In(a), minutes.From(a)})
		},
	}
}

var errRevertNeedsArchive = errors.New("%Please turn config archive on before using the Rollback Confirmed Change functionality")

// configure is "configure terminal"; what from is asked when it is not said.
func (e *Exec) configure(o entering) error {
	if !o.asked {
		answer, ok := e.Ask("Configuring from terminal, memory, or network [terminal]? ")
		if !ok || answer != "" && !strings.HasPrefix("terminal", strings.ToLower(answer)) {
			return errors.New("?Must be \"terminal\"")
		}
	}
	if err := e.session.lines.excluded(e.session); err != nil {
		return err
	}
	if o.minutes > 0 {
		if err := e.revertLater(o.minutes); err != nil {
			return err
		}
	}
	e.with(func(r *backend.Router, _ time.Time) { o.lock = o.lock || r.Running().Exclusive == "auto" })
	if o.lock {
		if err := e.session.lines.lock(e.session); err != nil {
			return err
		}
	}
	e.printf("Enter configuration commands, one per line.  End with CNTL/Z.\n")
	if o.lock {
		e.printf("Configuration mode locked exclusively. The lock will be cleared once you exit out of configuration mode using end/exit\n")
	}
	return nil
}

// revertLater has what is about to be configured taken back unless it will be
// confirmed.
func (e *Exec) revertLater(minutes uint32) (err error) {
	var name string
	e.with(func(r *backend.Router, now time.Time) {
		if name, err = r.Archive(now); err == nil {
			r.RevertIn(now, minutes, cmp.Or(e.session.origin.User, "console"))
			r.Note(now, event.RevertScheduled{By: e.session.who(), Minutes: minutes})
		}
	})
	switch {
	case errors.Is(err, backend.ErrNoArchive):
		return errRevertNeedsArchive
	case err != nil:
		return noFile{"opening", name, err}
	}
	e.printf("Rollback Confirmed Change: Backing up current running config to %s\n\n", name)
	return nil
}
