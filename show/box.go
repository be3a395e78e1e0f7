package show

import (
	"io"
)

// History renders "show history".
func History(w io.Writer, lines []string) {
	for _, l := range lines {
		printf(w, "  %s\n", l)
	}
}

// Privilege renders "show privilege".
func Privilege(w io.Writer, level int) { printf(w, "Current privilege level is %d\n", level) }
