package show

import (
	"io"
	"net/netip"
	"testing"
	"time"

	"gresh/backend/event"
)

func TestLineViews(t *testing.T) {
	at := time.Date(2002, 3, 1, 12, 0, 0, 0, time.UTC)
	seats := []Seat{
		{Number: 0, Name: "con 0", Type: "CTY", Taken: true, Idle: 118 * time.Second, Uses: 1},
		{Number: 1, Name: "aux 0", Type: "AUX"},
		{Number: 2, Name: "vty 0", Type: "VTY", Taken: true, Here: true, User: "cisco", Location: "192.0.2.1", Uses: 747, AccessIn: "10"},
		{Number: 3, Name: "vty 1", Type: "VTY", Taken: true, User: "bob\x1b[2J", Location: "192.0.2.2", Idle: 26 * time.Hour},
		{Number: 4, Name: "vty 2", Type: "VTY"},
	}
	on := Guard{On: true, Seconds: 120, Attempts: 3, Within: 60, Delay: 2, QuietClass: "10", Window: 50 * time.Second, Recent: 1, Failed: 4}
	quiet := on
	quiet.Quiet = 100 * time.Second
	failures := []LoginFailure{{"bob", "192.0.2.2", 22, 3, at}, {"", "console", 0, 1, at}}
	for name, view := range map[string]func(w io.Writer){
		"users":               func(w io.Writer) { Users(w, seats, false) },
		"users-all":           func(w io.Writer) { Users(w, seats, true) },
		"line":                func(w io.Writer) { Lines(w, seats) },
		"login":               func(w io.Writer) { Login(w, Guard{}) },
		"login-watching":      func(w io.Writer) { Login(w, on) },
		"login-quiet":         func(w io.Writer) { Login(w, quiet) },
		"login-failures":      func(w io.Writer) { LoginFailures(w, 4, failures) },
		"login-failures-none": func(w io.Writer) { LoginFailures(w, 0, nil) },
	} {
		golden(t, name, view)
	}
}

func TestLoginLog(t *testing.T) {
	at := time.Date(2002, 3, 1, 12, 0, 0, 0, time.UTC)
	bob := event.Login{User: "bob", From: netip.MustParseAddr("192.0.2.2"), Port: 22}
	for want, e := range map[string]any{
		"%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: bob] [Source: 192.0.2.2] [localport: 22] at 12:00:00 UTC Fri Mar 1 2002":                                                                                            event.LoginSucceeded{Login: bob},
		"%SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: ] [Source: 0.0.0.0] [localport: 0] [Reason: Login Authentication Failed] at 12:00:00 UTC Fri Mar 1 2002":                                                              event.LoginFailed{},
		"%SEC_LOGIN-5-QUIET_MODE_OFF: Quiet Mode is OFF, because block period timed out at 12:00:00 UTC Fri Mar 1 2002":                                                                                                       event.QuietModeOff{},
		"%SYS-6-LOGOUT: User bob has exited tty session 2(192.0.2.2)":                                                                                                                                                         event.LoggedOut{User: "bob", Line: 2, From: bob.From},
		"%SEC_LOGIN-1-QUIET_MODE_ON: Still timeleft for watching failures is 52 secs, [user: bob] [Source: 192.0.2.2] [localport: 22] [Reason: Login Authentication Failed] [ACL: sl_def_acl] at 12:00:00 UTC Fri Mar 1 2002": event.QuietModeOn{Login: bob, Left: 52 * time.Second, Class: "sl_def_acl"},
	} {
		if got := LogTexts(at, e, Release15); len(got) != 1 || got[0] != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
	if got := LogTexts(at, event.LoggedOut{User: "bob"}, Release12); got != nil {
		t.Errorf("release 12 says %q", got)
	}
}
