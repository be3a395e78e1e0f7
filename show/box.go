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

// Logging renders "show logging".
func Logging(w io.Writer, lines []string) {
	printf(w, "Syslog logging: enabled (0 messages dropped, 0 messages rate-limited,\n"+
		"                0 flushes, 0 overruns, xml disabled, filtering disabled)\n"+
		"    Console logging: level debugging, %d messages logged, xml disabled,\n"+
		"                     filtering disabled\n"+
		"    Monitor logging: level debugging, 0 messages logged, xml disabled,\n"+
		"                     filtering disabled\n"+
		"    Buffer logging: level debugging, %d messages logged, xml disabled,\n"+
		"                    filtering disabled\n"+
		"    Logging Exception size (4096 bytes)\n    Count and timestamp logging messages: disabled\n\n"+
		"Log Buffer (4096 bytes):\n\n", len(lines), len(lines))
	for _, l := range lines {
		printf(w, "%s\n", l)
	}
}

// Privilege renders "show privilege".
func Privilege(w io.Writer, level int) { printf(w, "Current privilege level is %d\n", level) }
