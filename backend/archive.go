package backend

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"gresh/backend/config"
	"gresh/backend/event"
)

// ErrNoArchive is the answer to archiving without "archive path".
var ErrNoArchive = errors.New("there is no archive path")

// flashPrefix is the file system that archives are in.
const flashPrefix = "flash:"

// An archive is the copies of the running configuration that were made since
// the router started, oldest first.
type archive struct {
	names  []string // "flash:backup-1"
	last   int      // the number of the youngest
	period time.Duration
	next   time.Time
}

// Archived is the state of the archive.
type Archived struct {
	Enabled bool
	Maximum int
	Names   []string // of the copies, oldest first
	Next    string   // the name of the next one
}

// Archived says what has been archived.
func (r *Router) Archived(now time.Time) Archived {
	a := r.running.Archive
	if a == nil || a.Path == "" {
		return Archived{}
	}
	return Archived{Enabled: true, Maximum: a.Most(), Names: append([]string{}, r.archive.names...), Next: r.archiveName(now)}
}

// archiveName is the name of the next copy. $h in the path is the host name, $t
// the time.
func (r *Router) archiveName(now time.Time) string {
	host := r.running.Hostname
	if host == "" {
		host = "Router"
	}
	path := strings.NewReplacer("$h", host, "$H", host, "$t", stamp(now), "$T", stamp(now)).Replace(r.running.Archive.Path)
	return fmt.Sprintf("%s-%d", path, r.archive.last+1)
}

func stamp(now time.Time) string { return now.UTC().Format("Jan-02-15-04-05") }

// Archive keeps a copy of the running configuration. When there are more than
// are wanted the oldest goes.
func (r *Router) Archive(now time.Time) (name string, err error) {
	if a := r.running.Archive; a == nil || a.Path == "" {
		return "", ErrNoArchive
	}
	name = r.archiveName(now)
	if err := r.options.Store.WriteFile(inFlash(name), []byte(r.options.Text(r.running)), now); err != nil {
		return name, err
	}
	r.archive.last++
	r.archive.names = append(r.archive.names, name)
	for len(r.archive.names) > r.running.Archive.Most() {
		_ = r.options.Store.Remove(inFlash(r.archive.names[0])) // somebody may have
		r.archive.names = r.archive.names[1:]
	}
	return name, nil
}

// inFlash is the path of a name in the store.
func inFlash(name string) string {
	return strings.TrimLeft(strings.TrimPrefix(name, flashPrefix), "/")
}

// scheduleArchive begins the period of "time-period" anew if it was changed.
func (r *Router) scheduleArchive(now time.Time) {
	a := &r.archive
	if period := r.running.ArchivePeriod(); period != a.period {
		a.period, a.next = period, time.Time{}
		if period > 0 {
			a.next = now.Add(period)
		}
	}
}

// archivePeriodically is due when the period has passed. A copy that could not
// be made is tried again a period later.
func (r *Router) archivePeriodically(now time.Time) {
	if r.archive.next.IsZero() || now.Before(r.archive.next) {
		return
	}
	r.archive.next = now.Add(r.archive.period)
	_, _ = r.Archive(now)
}

// A Reversion is when a configuration comes back unless it is told not to.
type Reversion struct {
	Set, At time.Time // when this was said, and when it comes back
	Minutes uint32    // as it was asked for
	By      string    // who asked for it
}

// reversion is a Reversion with the configuration.
type reversion struct {
	Reversion
	to *config.Config
}

// set has the configuration come back in so many minutes from now.
func (v *Reversion) set(now time.Time, minutes uint32) {
	v.Set, v.At, v.Minutes = now, now.Add(time.Duration(minutes)*time.Minute), minutes
}

// RevertIn has the configuration as it is now come back in so many minutes,
// unless Confirm is called.
func (r *Router) RevertIn(now time.Time, minutes uint32, by string) {
	r.reversion = &reversion{Reversion: Reversion{By: by}, to: r.running.Clone()}
	r.reversion.set(now, minutes)
}

// Reversion says when the configuration will come back; not ok if it won't.
func (r *Router) Reversion() (v Reversion, ok bool) {
	if r.reversion == nil {
		return v, false
	}
	return r.reversion.Reversion, true
}

// DelayReversion has the configuration come back in so many minutes from now;
// not ok if it would not.
func (r *Router) DelayReversion(now time.Time, minutes uint32) (ok bool) {
	if r.reversion == nil {
		return false
	}
	r.reversion.set(now, minutes)
	return true
}

// Confirm keeps the configuration as it is, and says whether it would not have
// been kept.
func (r *Router) Confirm() (was bool) {
	was = r.reversion != nil
	r.reversion = nil
	return was
}

// Revert brings back the configuration that RevertIn kept; not ok if there is
// none.
func (r *Router) Revert(now time.Time) (ok bool, err error) {
	if r.reversion == nil {
		return false, nil
	}
	to := r.reversion.to
	r.reversion = nil
	_, err = r.Replace(now, to)
	return true, err
}

// Replace makes another configuration the running one, as one transaction: what
// is in both is not disturbed.
func (r *Router) Replace(now time.Time, to *config.Config) (notes []string, err error) {
	return r.Commit(now, func(c *config.Config) error {
		*c = *to.Clone()
		return nil
	})
}

// deadlines of the archive, of a reversion and of a reload.
func (r *Router) nextAppointment() time.Time {
	next := first(r.archive.next, r.reload.next)
	if r.reversion != nil {
		next = first(next, r.reversion.At)
	}
	return next
}

// keepAppointments does what is due of them.
func (r *Router) keepAppointments(now time.Time) {
	r.archivePeriodically(now)
	if r.reversion != nil && !now.Before(r.reversion.At) {
		r.note(now, event.Reverting{})
		if _, err := r.Revert(now); err != nil {
			r.note(now, event.RevertFailed{Reason: err.Error()})
		}
	}
}
