package commands

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"gresh/backend"
	"gresh/backend/event"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// reloadMost is how far ahead a reload may be.
const reloadMost = 24 * 24 * time.Hour

// reloadCommands start the router again, now or later.
func reloadCommands() modes.Mode[Exec] {
	reload := grammar.Line{grammar.Word("reload", "Halt and perform a cold restart")}
	reason := grammar.Text("Reason for reload")
	delay, clock := delayParam(), clockParam()
	date := newDate()
	command := func(line grammar.Line, run func(e *Exec, a grammar.Args) error) modes.Command[Exec] {
		return modes.Command[Exec]{Line: line, Level: 15, Run: run}
	}
	return modes.Mode[Exec]{
		command(with(reload, grammar.Opt(reason)), func(e *Exec, a grammar.Args) error { return e.reload(reason.From(a)) }),
		command(with(under(reload, "in", "Reload after a time interval"), delay, grammar.Opt(reason)),
			func(e *Exec, a grammar.Args) error {
				return e.reloadLater(func(now time.Time) time.Time { return now.Add(delay.From(a)) }, reason.From(a))
			}),
		command(with(under(reload, "at", "Reload at a specific time/date"), clock, grammar.Opt(grammar.Alt(
			grammar.Line{date.day, date.month, grammar.Opt(reason)},
			grammar.Line{date.month, date.day, grammar.Opt(reason)},
			grammar.Line{reason},
		))), func(e *Exec, a grammar.Args) error {
			a = date.before(reason, a)
			return e.reloadLater(func(now time.Time) time.Time { return date.next(now, clock.From(a), a) }, reason.From(a))
		}),
		command(under(reload, "cancel", "Cancel pending reload"), func(e *Exec, _ grammar.Args) error { return e.cancelReload() }),
		viewing(showing(grammar.Word("reload", "Scheduled reload information")), func(q query, _ grammar.Args) (view, error) {
			s, is := q.Scheduled()
			if !is {
				return func(w io.Writer) { show.ScheduledReload(w, nil, q.now) }, nil
			}
			return func(w io.Writer) { show.ScheduledReload(w, (*show.Reload)(&s), q.now) }, nil
		}),
	}
}

// reload starts the router again, after asking what to do with what is not
// saved.
func (e *Exec) reload(reason string) error {
	if ok, err := e.maySave(); !ok {
		return err
	}
	if !e.Confirm("Proceed with reload? [confirm]") {
		return nil
	}
	e.with(func(r *backend.Router, now time.Time) {
		r.Note(now, event.Reloading{By: e.session.who(), Reason: reason})
		r.Reload(now)
	})
	return nil
}

// maySave asks whether to save what is not saved. Not ok ends the reload.
func (e *Exec) maySave() (ok bool, err error) {
	var saved bool
	e.with(func(r *backend.Router, _ time.Time) { saved = !r.Modified() })
	for !saved {
		answer, ok := e.Ask("System configuration has been modified. Save? [yes/no]: ")
		if !ok {
			return false, nil
		}
		switch answer = strings.ToLower(strings.TrimSpace(answer)); {
		case answer != "" && strings.HasPrefix("yes", answer):
			if err := e.save(); err != nil {
				return false, err
			}
			saved = true
		case answer != "" && strings.HasPrefix("no", answer):
			saved = true
		default:
			e.printf("%% Please answer 'yes' or 'no'.\n")
		}
	}
	return true, nil
}

// reloadLater has the router start again at a time to come.
func (e *Exec) reloadLater(when func(now time.Time) time.Time, reason string) error {
	s := backend.Schedule{By: e.session.who(), Reason: reason}
	if ok, err := e.maySave(); !ok {
		return err
	}
	var began time.Time
	e.with(func(r *backend.Router, now time.Time) {
		began = now.In(show.Zone(r.Running().Clock))
		s.At = when(began)
	})
	if d := s.At.Sub(began); d <= 0 || d > reloadMost {
		return errors.New("% Reload must be scheduled within the next 24 days")
	}
	show.ScheduledReload(e, (*show.Reload)(&s), began)
	if !e.Confirm("Proceed with reload? [confirm]") {
		return nil
	}
	e.with(func(r *backend.Router, now time.Time) { r.ScheduleReload(now, s) })
	return nil
}

func (e *Exec) cancelReload() (err error) {
	e.with(func(r *backend.Router, now time.Time) {
		if !r.CancelReload(now) {
			err = errors.New("%No reload is scheduled.")
		}
	})
	return err
}

// delayParam is how long to wait: minutes, or hours and minutes.
func delayParam() *grammar.Param[time.Duration] {
	return grammar.New("[hhh:]mm", "Delay before reload (mmm or hhh:mm)", func(w string) (time.Duration, bool) {
		hours, minutes, both := strings.Cut(w, ":")
		if !both {
			hours, minutes = "0", w
		}
		h, m, ok := twoNumbers(hours, minutes)
		return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute, ok && (!both || m < 60) && h+m > 0
	}, time.Duration.String)
}

// clockParam is a time of day, as what has passed of it.
func clockParam() *grammar.Param[time.Duration] {
	return grammar.New("hh:mm", "Time to reload (hh:mm)", func(w string) (time.Duration, bool) {
		hours, minutes, both := strings.Cut(w, ":")
		h, m, ok := twoNumbers(hours, minutes)
		return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute, ok && both && h < 24 && m < 60
	}, time.Duration.String)
}

func twoNumbers(a, b string) (x, y uint64, ok bool) {
	x, errX := strconv.ParseUint(a, 10, 15)
	y, errY := strconv.ParseUint(b, 10, 15)
	return x, y, errX == nil && errY == nil
}

// A date is a day of a month, in either order, and what reads one.
type date struct {
	day   *grammar.Param[uint32]
	month *grammar.Param[time.Month]
}

func newDate() date {
	var months []grammar.Choice[time.Month]
	for m := time.January; m <= time.December; m++ {
		months = append(months, choice(strings.ToLower(m.String()), fmt.Sprintf("Month %d of the year", m), m))
	}
	return date{grammar.Uint(1, 31, "Day of the month"), grammar.Enum(months...)}
}

// before takes a date from the beginning of a reason, which may be any text and
// so is the first reading of what begins with a number.
func (d date) before(reason *grammar.Param[string], a grammar.Args) grammar.Args {
	dated := grammar.NewSet("", grammar.Entry{Line: grammar.Line{d.day, d.month, grammar.Opt(reason)}})
	if m, err := dated.Parse(reason.From(a), 15); err == nil {
		return a.And(reason.Is("")).And(m.Args)
	}
	return a
}

// next is when a time of day comes: on the date if there is one, else today or
// tomorrow; zero if never.
func (d date) next(now time.Time, clock time.Duration, a grammar.Args) time.Time {
	at := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, int(clock/time.Hour), int(clock%time.Hour/time.Minute), 0, 0, now.Location())
	}
	year, month, day := now.Date()
	if d.month.In(a) {
		month, day = d.month.From(a), int(d.day.From(a))
		t := at(year, month, day)
		if !t.After(now) {
			t = at(year+1, month, day)
		}
		if t.Day() != day {
			return time.Time{}
		}
		return t
	}
	if t := at(year, month, day); t.After(now) {
		return t
	}
	return at(year, month, day+1)
}
