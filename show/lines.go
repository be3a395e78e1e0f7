package show

import (
	"io"
	"time"
)

// A Seat is a line of the box and who is on it.
type Seat struct {
	Number   int    // among all lines
	Name     string // "con 0", "vty 4"
	Type     string // "CTY", "AUX", "VTY"
	Taken    bool
	Here     bool // it is the one that asks
	User     string
	Location string // where he came from
	Idle     time.Duration
	Uses     int
	AccessIn string // access class for who comes in
}

// Users renders "show users": the lines that somebody is on, or all of them.
func Users(w io.Writer, seats []Seat, all bool) {
	printf(w, "    Line       User       Host(s)              Idle       Location\n")
	for _, s := range seats {
		if !s.Taken && !all {
			continue
		}
		host := ""
		if s.Taken {
			host = "idle"
		}
		printf(w, "%s%3d %-9s %-10s %-20s %s %s\n", mark(s.Here), s.Number, s.Name, readable(s.User), host, clock(max(s.Idle, 0)), s.Location)
	}
	printf(w, "\n  Interface    User               Mode         Idle     Peer Address\n\n")
}

// Lines renders "show line". What a line of this box can't have is zero.
func Lines(w io.Writer, seats []Seat) {
	printf(w, "   Tty Typ     Tx/Rx    A Modem  Roty AccO AccI   Uses   Noise  Overruns   Int\n")
	for _, s := range seats {
		speed, access := "", "-"
		if s.Type == "AUX" {
			speed = "9600/9600"
		}
		if s.AccessIn != "" {
			access = readable(s.AccessIn)
		}
		printf(w, "%s%6d %-3s%12s  -    -      -    - %4s %6d %7d %7s %7s\n", mark(s.Taken), s.Number, s.Type, speed, access, s.Uses, 0, "0/0", "-")
	}
	printf(w, "\n")
}

func mark(is bool) string {
	if is {
		return "*"
	}
	return " "
}

// A Guard is what "show login" shows.
type Guard struct {
	On                        bool
	Seconds, Attempts, Within int
	Delay                     int
	QuietClass                string
	Quiet                     time.Duration // left of the quiet mode; 0: normal mode
	Window                    time.Duration // left of the window
	Recent, Failed            int
}

// Login renders "show login".
func Login(w io.Writer, g Guard) {
	if g.Delay > 0 {
		printf(w, "     A login delay of %d seconds is applied.\n", g.Delay)
	} else {
		printf(w, "     No login delay has been applied.\n")
	}
	if g.QuietClass == "" {
		printf(w, "     No Quiet-Mode access list has been configured.\n\n")
	} else {
		printf(w, "     Quiet-Mode access list %s is applied.\n\n", readable(g.QuietClass))
	}
	if !g.On {
		printf(w, "     Router NOT enabled to watch for login Attacks\n\n")
		return
	}
	printf(w, "     Router enabled to watch for login Attacks.\n"+
		"     If more than %d login failures occur in %d seconds or less,\n"+
		"     logins will be disabled for %d seconds.\n\n", g.Attempts-1, g.Within, g.Seconds)
	if g.Quiet > 0 {
		printf(w, "     Router presently in Quiet-Mode.\n     Will remain in Quiet-Mode for %d seconds.\n", seconds(g.Quiet))
	} else {
		printf(w, "     Router presently in Normal-Mode.\n     Current Watch Window\n"+
			"         Time remaining: %d seconds.\n         Login failures for current window: %d.\n", seconds(g.Window), g.Recent)
	}
	printf(w, "     Total login failures: %d.\n\n", g.Failed)
}

// A LoginFailure is a line of "show login failures".
type LoginFailure struct {
	User, From string
	Port       uint16
	Count      int
	At         time.Time
}

// LoginFailures renders "show login failures".
func LoginFailures(w io.Writer, total int, failures []LoginFailure) {
	if total == 0 {
		printf(w, "*** No logged failed login attempts with the device.***\n")
		return
	}
	printf(w, "Total failed logins: %d\nDetailed information about last 50 failures\n\n", total)
	printf(w, "%-15s %-15s %-5s %-5s %s\n", "Username", "SourceIPAddr", "lPort", "Count", "TimeStamp")
	for _, f := range failures {
		printf(w, "%-15s %-15s %-5d %-5d %s\n", readable(f.User), f.From, f.Port, f.Count,
			f.At.UTC().Format("15:04:05 MST Mon Jan 2 2006"))
	}
}
