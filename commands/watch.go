package commands

import (
	"net/netip"
	"slices"
	"time"

	"gresh/backend/config"
)

// failuresMost is how many failed logins are kept for "show login failures".
const failuresMost = 50

// A failure is who failed to log in, how often and when last.
type failure struct {
	user  string
	from  netip.Addr
	port  uint16
	count int
	at    time.Time
}

// A watch counts failed logins and says when there have been too many. It is
// told the time, and held by Lines.
type watch struct {
	recent    []time.Time // within the window
	failures  []failure   // most recent last
	failed    int
	succeeded int
	quiet     time.Time // until then nobody is let in; zero: no
}

// fail counts a failure, and says whether it is one too many.
func (w *watch) fail(now time.Time, g config.Guard, f failure) (quiet bool) {
	w.failed++
	w.note(f)
	if g.Seconds == 0 {
		return false
	}
	w.forget(now, g)
	w.recent = append(w.recent, now)
	if len(w.recent) < int(g.Attempts) || w.isQuiet(now) {
		return false
	}
	w.quiet = now.Add(time.Duration(g.Seconds) * time.Second)
	return true
}

// forget forgets the failures that are older than the window.
func (w *watch) forget(now time.Time, g config.Guard) {
	since := now.Add(-time.Duration(g.Within) * time.Second)
	w.recent = slices.DeleteFunc(w.recent, func(at time.Time) bool { return !at.After(since) })
}

func (w *watch) note(f failure) {
	f.count = 1
	same := func(o failure) bool { return o.user == f.user && o.from == f.from && o.port == f.port }
	if at := slices.IndexFunc(w.failures, same); at >= 0 {
		f.count += w.failures[at].count
		w.failures = slices.Delete(w.failures, at, at+1)
	}
	if len(w.failures) >= failuresMost {
		w.failures = slices.Delete(w.failures, 0, 1)
	}
	w.failures = append(w.failures, f)
}

func (w *watch) isQuiet(now time.Time) bool { return now.Before(w.quiet) }

// calm ends a quiet time that is over, and says whether there was one.
func (w *watch) calm(now time.Time) (over bool) {
	over = !w.quiet.IsZero() && !w.isQuiet(now)
	if over {
		w.quiet, w.recent = time.Time{}, nil
	}
	return over
}
