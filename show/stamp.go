package show

import (
	"time"

	"gresh/backend/config"
	"gresh/backend/machine"
)

// Stamp is what stands before a line of the log, as "service timestamps" has
// it. The mark says how far the clock can be trusted.
func Stamp(at, booted time.Time, s config.LogStamp, zone config.Clock, clock machine.Clock) string {
	switch s.Form {
	case config.StampNone:
		return ""
	case config.StampUptime:
		return uptime(at.Sub(booted)) + ": "
	case config.StampUsual:
		s = config.LogStamp{Msec: true}
	}
	layout := "Jan _2 "
	if s.Year {
		layout += "2006 "
	}
	layout += "15:04:05"
	if s.Msec {
		layout += ".000"
	}
	if s.Zone {
		layout += " MST"
	}
	at = at.UTC()
	if s.Local {
		at = at.In(Zone(zone))
	}
	return clock.Mark() + at.Format(layout) + ": "
}
