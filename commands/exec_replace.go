package commands

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gresh/backend"
	"gresh/backend/config"
	"gresh/backend/event"
	"gresh/modes"
	"gresh/modes/grammar"
)

// configuring begins the exec commands that deal with the whole configuration.
func configuring(rest ...grammar.Token) grammar.Line {
	return append(grammar.Line{grammar.Word("configure", "Enter configuration mode")}, rest...)
}

// A replacing is "configure replace" with what else was said.
type replacing struct {
	from    location
	force   bool
	list    bool
	nolock  bool
	minutes uint32 // until it comes back unconfirmed; 0: never
}

// replaceCommands replace the configuration as a whole, and take it back.
func replaceCommands() modes.Mode[Exec] {
	file := aFile("Replace with")
	force, list := grammar.Flag("force", "Force the rollback operation"), grammar.Flag("list", "List the commands applied")
	nolock := grammar.Flag("nolock", "Do not acquire configuration lock")
	time1, time2 := minutesOf("Timer value in minutes"), minutesOf("Rollback after the timer expires")
	trigger := grammar.Word("trigger", "Trigger for reverting")
	now := grammar.Word("now", "Cancel the timer and revert immediately")
	timer := grammar.Word("timer", "Reset the timer")
	reset := minutesOf("New timer value in minutes")
	return modes.Mode[Exec]{
		{
			Line: configuring(grammar.Word("replace", "Replace the running-config with a new config file"), file.token(), grammar.Any(
				grammar.Line{force}, grammar.Line{list},
				grammar.Line{grammar.Word("ignorecase", "Ignore the case of the configuration")},
				grammar.Line{nolock},
				grammar.Line{grammar.Word("time", "Time in minutes"), time1},
				grammar.Line{grammar.Word("revert", "Parameters for reverting the configuration"), grammar.Opt(trigger,
					grammar.Opt(grammar.Word("error", "Trigger upon error in commit"))),
					grammar.Opt(timer, time2)},
				grammar.Line{timer, time2},
			)),
			Level: 15,
			Run: func(e *Exec, a grammar.Args) error {
				from, err := e.at(file, a)
				if err != nil {
					return err
				}
				return e.replace(replacing{from, force.In(a), list.In(a), nolock.In(a), time1.From(a) + time2.From(a)})
			},
		},
		{
			Line:  configuring(grammar.Word("confirm", "Confirm replacement of running-config with a new config file")),
			Level: 15, Run: func(e *Exec, _ grammar.Args) error { return e.confirmChange() },
		},
		{
			Line:  configuring(grammar.Word("revert", "Parameters for reverting the configuration"), now),
			Level: 15, Run: func(e *Exec, _ grammar.Args) error { return e.revertNow() },
		},
		{
			Line:  configuring(grammar.Word("revert", "Parameters for reverting the configuration"), timer, reset),
			Level: 15, Run: func(e *Exec, a grammar.Args) error { return e.resetTimer(reset.From(a)) },
		},
	}
}

func minutesOf(help string) *grammar.Param[uint32] { return grammar.Uint(1, 120, help) }

var (
	errNoConfig   = errors.New("%The input file is not a valid config file.")
	errNoRollback = errors.New("%No Rollback Confirmed Change pending")
)

const replaceQuestion = `This will apply all necessary additions and deletions
to replace the current running configuration with the
contents of the specified configuration file, which is
assumed to be a complete configuration, not a partial
configuration. Enter Y if you are sure you want to proceed. ? [no]: `

// replace makes a file's configuration the running one, whole or not at all.
func (e *Exec) replace(o replacing) error {
	text, err := e.read(o.from)
	if err == nil && !o.nolock {
		err = e.session.lines.excluded(e.session)
	}
	switch {
	case err != nil:
		return err
	case !isWhole(string(text)):
		return errNoConfig
	}
	if !o.force {
		answer, ok := e.Ask(replaceQuestion)
		if answer = strings.ToLower(answer); !ok || answer == "" || !strings.HasPrefix("yes", answer) {
			return nil
		}
	}
	next, refused := e.whatFileSays(string(text))
	if len(refused) > 0 {
		return rolledBack(refused)
	}
	before := e.runningText()
	var notes []string
	e.with(func(r *backend.Router, now time.Time) {
		if o.minutes > 0 {
			r.RevertIn(now, o.minutes, cmp.Or(e.session.origin.User, "console"))
		}
		if notes, err = r.Replace(now, next); err != nil && o.minutes > 0 {
			r.Confirm()
		} else if o.minutes > 0 {
			r.Note(now, event.RevertScheduled{By: e.session.who(), Minutes: o.minutes})
		}
	})
	if err != nil {
		return fmt.Errorf("%w\n\nRollback aborted: the original configuration has been successfully restored", err)
	}
	e.session.configured()
	if o.list {
		for _, l := range modes.Replacing(strings.Split(before, "\n"), strings.Split(e.runningText(), "\n")) {
			e.printf("%s\n", l)
		}
	}
	for _, n := range notes {
		e.printf("%s\n", n)
	}
	e.printf("\nTotal number of passes: 1\nRollback Done\n\n")
	return nil
}

// isWhole says whether text can be a whole configuration: what a router wrote
// ends in "end".
func isWhole(text string) bool {
	for _, l := range slices.Backward(strings.Split(text, "\n")) {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "!") {
			return l == "end"
		}
	}
	return false
}

// whatFileSays reads a whole configuration for this router: with the ports that
// it has.
func (e *Exec) whatFileSays(text string) (next *config.Config, refused []modes.Note) {
	next = new(config.Config)
	e.with(func(r *backend.Router, _ time.Time) {
		for _, i := range r.Running().Interfaces {
			if i.IsPhysical() {
				next.AddInterface(i.Name)
			}
		}
	})
	for _, n := range e.session.root.Load(next, withoutHead(text)) {
		if n.Err != nil {
			refused = append(refused, n)
		}
	}
	return next, refused
}

// withoutHead takes away what a terminal prints before a configuration.
func withoutHead(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "Building configuration") || strings.HasPrefix(line, "Current configuration :") ||
			strings.HasPrefix(line, "Using ") {
			line = "!\n"
		}
		b.WriteString(line)
	}
	return b.String()
}

// rolledBack says which lines kept a configuration from becoming the running
// one.
func rolledBack(refused []modes.Note) error {
	var b strings.Builder
	b.WriteString("The following commands are failed to apply to the IOS image.\n********\n")
	for _, n := range refused {
		fmt.Fprintf(&b, "%s\n%s\n", visible(n.Line), message(n.Err))
	}
	b.WriteString("********\n\nRollback aborted: the original configuration has been successfully restored")
	return errors.New(b.String())
}

func (e *Exec) confirmChange() (err error) {
	e.with(func(r *backend.Router, now time.Time) {
		if !r.Confirm() {
			err = errNoRollback
			return
		}
		r.Note(now, event.RevertConfirmed{By: e.session.who()})
	})
	return err
}

func (e *Exec) revertNow() (err error) {
	var was bool
	e.with(func(r *backend.Router, now time.Time) { was, err = r.Revert(now) })
	switch {
	case err != nil:
		return err
	case !was:
		return errNoRollback
	}
	e.printf("Rollback Confirmed Change: rolling back now\n\nTotal number of passes: 1\nRollback Done\n\n")
	return nil
}

func (e *Exec) resetTimer(minutes uint32) (err error) {
	e.with(func(r *backend.Router, now time.Time) {
		if !r.DelayReversion(now, minutes) {
			err = errNoRollback
		}
	})
	return err
}
