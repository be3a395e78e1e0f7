package backend

import (
	"time"

	"gresh/backend/event"
)

// A Schedule is a reload that is to come.
type Schedule struct {
	At     time.Time
	By     string // who ordered it, as the log names him
	Reason string
}

// warnings are how long before it everybody is told of a reload.
var warnings = []time.Duration{time.Hour, 30 * time.Minute, 5 * time.Minute, time.Minute}

// A countdown is a Schedule, and when it has something to say next.
type countdown struct {
	Schedule
	next time.Time
}

// after says when there is something to say next.
func (c *countdown) after(now time.Time) {
	c.next = c.At
	for _, w := range warnings {
		if at := c.At.Add(-w); at.After(now) {
			c.next = at
			return
		}
	}
}

// ScheduleReload has the router reload at a time to come, instead of at one
// that was set before.
func (r *Router) ScheduleReload(now time.Time, s Schedule) {
	r.reload = countdown{Schedule: s}
	r.reload.after(now)
	r.note(now, event.ShutdownNear{In: s.At.Sub(now)})
	r.Note(now, event.ReloadScheduled{At: s.At, By: s.By, Reason: s.Reason})
}

// CancelReload takes back what ScheduleReload did, and says whether there was
// anything to take back.
func (r *Router) CancelReload(now time.Time) (was bool) {
	if r.reload.At.IsZero() {
		return false
	}
	r.reload = countdown{}
	r.note(now, event.ShutdownAborted{})
	r.Note(now, event.ReloadCancelled{})
	return true
}

// Scheduled is the reload that is to come, if there is one.
func (r *Router) Scheduled() (s Schedule, is bool) { return r.reload.Schedule, !r.reload.At.IsZero() }

// countDown does what is due of a scheduled reload, and says whether the router
// has been started again.
func (r *Router) countDown(now time.Time) (reloaded bool) {
	c := &r.reload
	switch {
	case c.next.IsZero() || now.Before(c.next):
		return false
	case now.Before(c.At):
		c.after(now)
		r.note(now, event.ShutdownNear{In: c.At.Sub(now)})
		return false
	}
	r.note(now, event.ShutdownNear{})
	r.Note(now, event.Reloading{By: c.By, Reason: c.Reason})
	r.Reload(now)
	return true
}
