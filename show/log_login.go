package show

import (
	"fmt"
	"net/netip"
	"time"

	"gresh/backend/event"
)

// loginLine words who came and went.
func loginLine(at time.Time, e any, release Release) []string {
	when := at.UTC().Format("15:04:05 MST Mon Jan 2 2006")
	switch e := e.(type) {
	case event.LoginSucceeded:
		return one("%%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success %s at %s", visitor(e.Login), when)
	case event.LoginFailed:
		return one("%%SEC_LOGIN-4-LOGIN_FAILED: Login failed %s [Reason: Login Authentication Failed] at %s", visitor(e.Login), when)
	case event.QuietModeOn:
		return one("%%SEC_LOGIN-1-QUIET_MODE_ON: Still timeleft for watching failures is %d secs, %s "+
			"[Reason: Login Authentication Failed] [ACL: %s] at %s", seconds(e.Left), visitor(e.Login), e.Class, when)
	case event.QuietModeOff:
		return one("%%SEC_LOGIN-5-QUIET_MODE_OFF: Quiet Mode is OFF, because block period timed out at %s", when)
	case event.LoggedOut:
		if release == Release12 {
			return nil
		}
		return one("%%SYS-6-LOGOUT: User %s has exited tty session %d(%s)", e.User, e.Line, source(e.From))
	}
	return nil
}

func visitor(l event.Login) string {
	return fmt.Sprintf("[user: %s] [Source: %s] [localport: %d]", l.User, source(l.From), l.Port)
}

// source is an address; that of the console is all zeros.
func source(a netip.Addr) string {
	if !a.IsValid() {
		return "0.0.0.0"
	}
	return a.String()
}
