package show

import (
	"cmp"
	"io"
	"time"

	"gresh/backend/config"
	"gresh/backend/machine"
)

// Zone is the time zone that a router is in.
func Zone(c config.Clock) *time.Location {
	return time.FixedZone(cmp.Or(c.Zone, "UTC"), int(c.Offset)*60)
}

// Clock renders "show clock".
func Clock(w io.Writer, now time.Time, zone config.Clock, source machine.Clock) {
	printf(w, "%s%s\n", source.Mark(), now.In(Zone(zone)).Format("15:04:05.000 MST Mon Jan 2 2006"))
}

// ClockSource renders what "show clock detail" adds.
func ClockSource(w io.Writer, source machine.Clock) {
	switch source {
	case machine.Unset:
		printf(w, "No time source\n")
	case machine.Free:
		printf(w, "Time source is the host's clock\n")
	default:
		printf(w, "Time source is NTP\n")
	}
}
