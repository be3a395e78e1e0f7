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

// Kept renders "show configuration kept", which is ours.
func Kept(w io.Writer, lines []string) {
	if len(lines) == 0 {
		printf(w, "Every line of the running configuration has an effect.\n")
		return
	}
	printf(w, "Kept without effect:\n!\n")
	for _, l := range lines {
		printf(w, "%s\n", l)
	}
}
