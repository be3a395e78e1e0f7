package show

import (
	"io"
	"strings"
	"time"

	"gresh/backend/config"
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

// Clock renders "show clock"; the star says that nobody has set it.
func Clock(w io.Writer, now time.Time) {
	printf(w, "*%s\n", now.UTC().Format("15:04:05.000 MST Mon Jan 2 2006"))
}

// Version renders "show version". What it says of the software is ours; the
// lines that programs look for stand where they look for them.
func Version(w io.Writer, c *config.Config, booted, now time.Time, ports int) {
	release := "12.4"
	if c.Version != "" {
		release = c.Version
	}
	printf(w, "Cisco IOS Software compatible, gresh Software (GRESH-ADVIPSERVICESK9-M), Version %s, RELEASE SOFTWARE (fc1)\n\n", release)
	printf(w, "ROM: gresh bootstrap\n\n%s uptime is %s\n", hostname(c), spelled(now.Sub(booted)))
	printf(w, "System returned to ROM by power-on\nSystem image file is \"flash:gresh\"\n\n")
	printf(w, "Cisco compatible gresh (Go) processor (revision 1.0) with 262144K/65536K bytes of memory.\n")
	printf(w, "Processor board ID GRESH0000001\n%s\n", plural(ports, "Ethernet interface"))
	printf(w, "256K bytes of non-volatile configuration memory.\n\nConfiguration register is 0x2102\n")
}

func hostname(c *config.Config) string {
	if c.Hostname == "" {
		return "Router"
	}
	return c.Hostname
}

// spelled is a duration in words, as in "show version".
func spelled(d time.Duration) string {
	minutes := int(d / time.Minute)
	var parts []string
	for _, unit := range []struct {
		minutes int
		name    string
	}{{60 * 24 * 365, "year"}, {60 * 24 * 7, "week"}, {60 * 24, "day"}, {60, "hour"}, {1, "minute"}} {
		if n := minutes / unit.minutes; n > 0 || unit.minutes == 1 && len(parts) == 0 {
			parts = append(parts, plural(n, unit.name))
			minutes %= unit.minutes
		}
	}
	return strings.Join(parts, ", ")
}

// Users renders "show users" for a session that is alone on its line.
func Users(w io.Writer, line string) {
	printf(w, "    Line       User       Host(s)              Idle       Location\n")
	printf(w, "*%3d %-9s %-10s %-20s %-10s\n\n", 0, line, "", "idle", "00:00:00")
	printf(w, "  Interface    User               Mode         Idle     Peer Address\n\n")
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
