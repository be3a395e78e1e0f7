package show

import (
	"io"
	"time"
)

// Archives are the copies of the configuration that are kept.
type Archives struct {
	Enabled bool
	Maximum int
	Names   []string // oldest first
	Next    string
}

// Archive renders "show archive".
func Archive(w io.Writer, a Archives) {
	printf(w, "The maximum archive configurations allowed is %d.\n", a.Maximum)
	if len(a.Names) > 0 {
		printf(w, "There are currently %d archive configurations saved.\n", len(a.Names))
	}
	printf(w, "The next archive file will be named %s\n Archive #  Name\n", a.Next)
	for n := range a.Maximum {
		printf(w, "   %-2d       ", n+1)
		switch {
		case n == len(a.Names)-1:
			printf(w, "%s <- Most Recent\n", a.Names[n])
		case n < len(a.Names):
			printf(w, "%s\n", a.Names[n])
		default:
			printf(w, "\n")
		}
	}
}

// ConfigDifferences renders "show archive config differences".
func ConfigDifferences(w io.Writer, lines []string) {
	differences(w, "!Contextual Config Diffs:", lines)
}

// ConfigIncrements renders "show archive config incremental-diffs".
func ConfigIncrements(w io.Writer, lines []string) { differences(w, "!List of Commands:", lines) }

func differences(w io.Writer, title string, lines []string) {
	if len(lines) == 0 {
		printf(w, "!No changes were found\n")
		return
	}
	printf(w, "%s\n", title)
	for _, l := range lines {
		printf(w, "%s\n", l)
	}
}

// RollbackTimer renders "show archive config rollback timer".
func RollbackTimer(w io.Writer, set time.Time, minutes uint32, user string) {
	printf(w, "Time configured(or reconfigured): %s\nTimer type: absolute timer\nTimer value: %d min\nUser: %s\n", moment(set), minutes, user)
}
