package event

import (
	"net/netip"
	"time"
)

// A Login is who tried to log in, and how he came.
type Login struct {
	User string
	From netip.Addr // invalid: at the console
	Port uint16     // of the router; 0: the console
}

// LoginSucceeded: somebody was let in.
type LoginSucceeded struct{ Login }

// LoginFailed: somebody was not.
type LoginFailed struct{ Login }

// QuietModeOn: too many logins have failed, and nobody is let in for a while.
type QuietModeOn struct {
	Login
	Left  time.Duration // of the time in which failures are counted
	Class string        // access list of who is let in nevertheless
}

// QuietModeOff: logins are possible again.
type QuietModeOff struct{}

// LoggedOut: a session on a line has ended.
type LoggedOut struct {
	User string
	Line int // among all lines
	From netip.Addr
}
