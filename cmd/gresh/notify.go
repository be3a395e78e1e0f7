package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/coreos/go-systemd/v22/journal"

	"gresh/backend"
)

// toJournal says whether what is written to w becomes lines of the journal.
func toJournal(w io.Writer) bool {
	if file, ok := w.(*os.File); !ok || file != os.Stderr {
		return false
	}
	is, err := journal.StderrIsJournalStream()
	return err == nil && is
}

// statusEvery is how often the status is looked at, unless the watchdog wants
// to hear from us more often.
const statusEvery = 10 * time.Second

// notifying tells the service manager that the router runs, how it does, and
// again and again that its loop is alive: each time the loop itself has been
// asked, so one that hangs is noticed. stop says that the router is about to
// end. Without a service manager none of it does anything.
func notifying(loop backend.Loop) (stop func()) {
	every := statusEvery
	watchdog, err := daemon.SdWatchdogEnabled(false)
	if err == nil && watchdog > 0 {
		every = min(every, watchdog/2)
	}
	said := statusOf(loop)
	tell(daemon.SdNotifyReady, "STATUS="+said)
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
			}
			if status := statusOf(loop); status != said {
				said = status
				tell("STATUS=" + status)
			}
			tell(daemon.SdNotifyWatchdog)
		}
	}()
	return func() {
		close(quit)
		<-ended
		tell(daemon.SdNotifyStopping)
	}
}

// tell sends assignments to the service manager, if there is one. Nothing
// depends on its listening.
func tell(assignments ...string) {
	_, _ = daemon.SdNotify(false, strings.Join(assignments, "\n"))
}

// statusOf is the router in one line.
func statusOf(loop backend.Loop) (status string) {
	loop.Do(func(r *backend.Router, _ time.Time) {
		tunnels, up := 0, 0
		for _, i := range r.Interfaces() {
			if c := r.Running().Interface(i.Name); c != nil && c.IsTunnel() && !c.Shutdown {
				tunnels++
				if i.Up {
					up++
				}
			}
		}
		open := 0
		for _, db := range r.SADB().SADBs {
			for _, i := range db.Instances {
				if i.Open() {
					open++
				}
			}
		}
		status = fmt.Sprintf("%s: %d of %d tunnels up, %d crypto sockets open", r.Running().Hostname, up, tunnels, open)
	})
	return status
}
