package show

import (
	"fmt"
	"io"
	"strings"
	"time"

	"gresh/backend/event"
)

// moment is a time in full, as reloads and configurations have it.
func moment(t time.Time) string { return t.Format("15:04:05 MST Mon Jan 2 2006") }

// A Reload is one that is to come, in the zone of the router.
type Reload struct {
	At         time.Time
	By, Reason string
}

// ScheduledReload renders "show reload" and what "reload in" announces; nil is
// none.
func ScheduledReload(w io.Writer, r *Reload, now time.Time) {
	if r == nil {
		printf(w, "No reload is scheduled.\n")
		return
	}
	printf(w, "Reload scheduled for %s (in %s) by %s\nReload reason: %s\n", moment(r.At), countdown(r.At.Sub(now)), r.By, reloadReason(r.Reason))
}

// countdown is how long it is until a reload, in words.
func countdown(d time.Duration) string {
	seconds := int((d + time.Second - 1) / time.Second)
	var parts []string
	for _, unit := range []struct {
		seconds int
		name    string
	}{{3600, "hour"}, {60, "minute"}, {1, "second"}} {
		if n := seconds / unit.seconds; n > 0 {
			parts = append(parts, plural(n, unit.name))
			seconds %= unit.seconds
		}
	}
	switch n := len(parts); n {
	case 0:
		return "0 seconds"
	case 1:
		return parts[0]
	default:
		return strings.Join(parts[:n-1], ", ") + " and " + parts[n-1]
	}
}

// reloadReason is the reason for a reload, also when nobody gave one.
func reloadReason(given string) string {
	if given == "" {
		return "Reload Command"
	}
	return readable(given)
}

// reloadLine words what is to be logged of a reload.
func reloadLine(at time.Time, e any) []string {
	switch e := e.(type) {
	case event.ReloadScheduled:
		return one("%%SYS-5-SCHEDULED_RELOAD: Reload requested for %s at %s by %s. Reload Reason: %s.",
			moment(e.At), moment(at.In(e.At.Location())), e.By, reloadReason(e.Reason))
	case event.ReloadCancelled:
		return one("%%SYS-5-SCHEDULED_RELOAD_CANCELLED: Scheduled reload cancelled at %s", moment(at))
	case event.Reloading:
		return one("%%SYS-5-RELOAD: Reload requested by %s. Reload Reason: %s.", e.By, reloadReason(e.Reason))
	}
	return nil
}

// Banner is what all who are on a router's lines are told of an event; "" if
// nothing.
func Banner(e any) string {
	switch e := e.(type) {
	case event.ShutdownNear:
		s := int((e.In + time.Second - 1) / time.Second)
		if s == 0 {
			return banner("SHUTDOWN NOW")
		}
		return banner(fmt.Sprintf("SHUTDOWN in %d:%02d:%02d", s/3600, s/60%60, s%60))
	case event.ShutdownAborted:
		return banner("SHUTDOWN ABORTED")
	}
	return ""
}

func banner(text string) string { return "\n\n***\n*** --- " + text + " ---\n***\n" }
