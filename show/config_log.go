package show

import (
	"io"
)

// A LoggedCommand is a line that somebody entered into the configuration.
type LoggedCommand struct {
	Number, Session  uint64
	User, Line, Text string
}

// loggedUser is who entered a line: at a console nobody needs a name.
func loggedUser(user, line string) string {
	switch {
	case user != "":
		return user
	case line == "console":
		return line
	}
	return "unknown user"
}

// ConfigLog renders "show archive log config".
func ConfigLog(w io.Writer, all []LoggedCommand) {
	printf(w, " idx   sess           user@line      Logged command\n")
	for _, c := range all {
		who := readable(loggedUser(c.User, c.Line) + "@" + c.Line)
		printf(w, "%5d %5d %22s  |%s \n", c.Number, c.Session, who, readable(c.Text))
	}
}

// ConfigLogProvisioning renders the lines alone, as they may be entered again
// but for their secrets.
func ConfigLogProvisioning(w io.Writer, all []LoggedCommand) {
	for _, c := range all {
		printf(w, "%s\n", readable(c.Text))
	}
}

// ConfigLogStatistics renders "show archive log config statistics". The memory
// is that of the text.
func ConfigLogStatistics(w io.Writer, all []LoggedCommand, freed int) {
	sessions, held := map[uint64]bool{}, 0
	for _, c := range all {
		sessions[c.Session], held = true, held+len(c.Text)
	}
	for _, part := range []struct {
		title, entries, place, of string
		n, held, freed            int
	}{
		{"Config Log Session Info:", "Number of sessions being tracked", "Memory being held", "session tracking", len(sessions), 8 * len(sessions), 0},
		{"Config Log log-queue Info:", "Number of entries in the log-queue", "Memory being held in the log-queue", "log entries", len(all), held, freed},
	} {
		printf(w, "%s\n        %s: %d\n        %s: %d bytes\n", part.title, part.entries, part.n, part.place, part.held)
		printf(w, "        Total memory allocated for %s: %d bytes\n        Total memory freed from %s: %d bytes\n\n",
			part.of, part.held+part.freed, part.of, part.freed)
	}
}
