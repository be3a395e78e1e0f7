package show

import (
	"cmp"
	"io"
	"strings"
	"time"
)

// A Change is when a configuration was changed or written, in the zone of the
// router, and by whom; zero is not in this life of the router.
type Change struct {
	At time.Time
	By string
}

// A Configuration is one as it is shown.
type Configuration struct {
	Text            string // of its lines, from "!" to "end"
	Changed, Stored Change
	Numbered        bool
}

// Running renders "show running-config".
func Running(w io.Writer, c Configuration) {
	text := c.stamped()
	printf(w, "Building configuration...\n\nCurrent configuration : %d bytes\n", len(text))
	if !c.Numbered {
		printf(w, "%s", text)
		return
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		printf(w, "%5d : %s", n, line)
	}
}

// stamped is the text with the remarks on its history behind the first "!".
func (c Configuration) stamped() string {
	remarks := c.Changed.remark("Last configuration change") + c.Stored.remark("NVRAM config last updated")
	if remarks == "" {
		return c.Text
	}
	return "!\n" + remarks + c.Text
}

func (s Change) remark(what string) string {
	if s.At.IsZero() {
		return ""
	}
	text := "! " + what + " at " + moment(s.At)
	if s.By != "" {
		text += " by " + readable(s.By)
	}
	return text + "\n"
}

// Startup renders "show startup-config".
func Startup(w io.Writer, text string) {
	if text == "" {
		printf(w, "startup-config is not present\n")
		return
	}
	printf(w, "Using %d out of 262136 bytes\n%s", len(text), text)
}

// A Holder is who configures alone.
type Holder struct {
	User    string
	Line    int // among all lines
	Command string
}

// ConfigurationLock renders "show configuration lock"; nil is nobody. There are
// no processes to be named.
func ConfigurationLock(w io.Writer, h *Holder) {
	printf(w, "Parser Configure Lock\n---------------------\n")
	user, tty, kind, state, class, count, typed := "unknown", -1, "NO LOCK", "FREE", "unknown", 0, ""
	if h != nil {
		user, tty, kind, state, class, count, typed = h.User, h.Line, "EXCLUSIVE", "LOCKED", "EXPOSED", 1, readable(h.Command)
	}
	for _, row := range []struct {
		name  string
		value any
	}{{"Owner PID", -1}, {"User", cmp.Or(user, "unknown")}, {"TTY", tty}, {"Type", kind}, {"State", state}, {"Class", class},
		{"Count", count}, {"Pending Requests", 0}, {"User debug info", typed}} {
		printf(w, "%-17s : %v\n", row.name, row.value)
	}
	printf(w, "\n")
}
