package backend

import (
	"time"

	"gresh/backend/config"
)

// A Stamp is when something was last done, and by which user; "" if nobody had
// to say who he is. Zero is never, in this life of the router.
type Stamp struct {
	At time.Time
	By string
}

// history is what was done to the configurations since the router started.
type history struct {
	changed Stamp          // the running configuration
	stored  Stamp          // the startup configuration
	kept    *config.Config // what the startup configuration says; nil: something else than has run
}

// Changed notes that a user has configured the router.
func (r *Router) Changed(now time.Time, by string) { r.history.changed = Stamp{now, by} }

// SetStartup replaces the startup configuration as a whole, or not at all; empty
// removes it.
func (r *Router) SetStartup(now time.Time, by string, text []byte) error {
	if err := r.options.Store.SetStartup(text); err != nil {
		return err
	}
	r.history.kept = nil
	if len(text) > 0 && string(text) == r.options.Text(r.running) {
		r.history.kept = r.running
	}
	r.history.stored = Stamp{now, by}
	return nil
}

// Modified says whether a reload would lose something of the running
// configuration.
func (r *Router) Modified() bool {
	k := r.history.kept
	return k == nil || k != r.running && r.options.Text(k) != r.options.Text(r.running)
}

// Stamps are when the running configuration was changed, and the startup
// configuration written.
func (r *Router) Stamps() (changed, stored Stamp) { return r.history.changed, r.history.stored }
