package show

import (
	"cmp"
	"io"
	"strings"
	"time"

	"gresh/backend/config"
	"gresh/backend/machine"
)

// A Box is what the views of the router as a thing are made of.
type Box struct {
	Config   *config.Config
	Booted   time.Time
	Reloaded bool // by a command, and not for want of power
	Machine  machine.Machine
	Ports    []*config.Interface
}

// serial is that of every box: there is none.
const serial = "GRESH0000001"

// Version renders "show version". What it says of the software is ours; the
// lines that programs look for stand where they look for them.
func Version(w io.Writer, b Box, now time.Time) {
	release := cmp.Or(b.Config.Version, "12.4")
	printf(w, "Cisco IOS Software, GRESH Software (GRESH-ADVIPSERVICESK9-M), Version %s, RELEASE SOFTWARE (fc1)\n", release)
	printf(w, "Technical Support: see the README of gresh: there is no software of Cisco in it\n\n")
	printf(w, "ROM: gresh bootstrap\n\n%s uptime is %s\n", hostname(b.Config), spelled(now.Sub(b.Booted)))
	restarted(w, b, ReleaseOf(release))
	printf(w, "System image file is \"flash:gresh\"\n")
	if ReleaseOf(release) == Release15 {
		printf(w, "Last reload reason: %s\n", reason(b, Release12))
	}
	printf(w, "\nCisco GRESH (Go) processor (revision 1.0) with %dK/0K bytes of memory.\n", b.Machine.Memory/1024)
	printf(w, "Processor board ID %s\n", serial)
	for _, kind := range portKinds(b.Ports) {
		printf(w, "%s\n", kind)
	}
	printf(w, "256K bytes of non-volatile configuration memory.\n\nConfiguration register is 0x2102\n")
}

// restarted says why and, if the clock tells, when.
func restarted(w io.Writer, b Box, release Release) {
	printf(w, "System returned to ROM by %s\n", reason(b, release))
	if b.Machine.Clock != machine.Unset {
		printf(w, "System restarted at %s\n", b.Booted.In(Zone(b.Config.Clock)).Format("15:04:05 MST Mon Jan 2 2006"))
	}
}

func reason(b Box, release Release) string {
	switch {
	case !b.Reloaded:
		return "power-on"
	case release == Release15:
		return "reload"
	}
	return "Reload Command"
}

// portKinds counts the ports of each kind, in the order in which they come.
func portKinds(ports []*config.Interface) (lines []string) {
	var kinds []string
	number := map[string]int{}
	for _, p := range ports {
		kind := strings.TrimRight(p.Name, "0123456789/.")
		if number[kind] == 0 {
			kinds = append(kinds, kind)
		}
		number[kind]++
	}
	for _, kind := range kinds {
		lines = append(lines, plural(number[kind], strings.Replace(kind, "GigabitEthernet", "Gigabit Ethernet", 1)+" interface"))
	}
	return lines
}

func hostname(c *config.Config) string { return cmp.Or(c.Hostname, "Router") }

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

// Inventory renders "show inventory": the chassis, which is all there is.
func Inventory(w io.Writer) {
	printf(w, "NAME: \"chassis\", DESCR: \"gresh chassis\"\n")
	printf(w, "PID: %-18s, VID: %-3s, SN: %s\n\n", "GRESH", "V01", serial)
}
