package show

import (
	"io"
)

// Running renders "show running-config" around the lines of a configuration.
func Running(w io.Writer, text string) {
	printf(w, "Building configuration...\n\nCurrent configuration : %d bytes\n%s", len(text), text)
}

// Startup renders "show startup-config".
func Startup(w io.Writer, text string) {
	if text == "" {
		printf(w, "startup-config is not present\n")
		return
	}
	printf(w, "Using %d out of 262136 bytes\n%s", len(text), text)
}

// History renders "show history".
func History(w io.Writer, lines []string) {
	for _, l := range lines {
		printf(w, "  %s\n", l)
	}
}

// Privilege renders "show privilege".
func Privilege(w io.Writer, level int) { printf(w, "Current privilege level is %d\n", level) }
