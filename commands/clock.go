package commands

import (
	"errors"
	"strconv"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

var clockGlobal = modes.Mode[config.Config]{clockTimezone()}

// clockTimezone is what the hours of a router's texts are called, and how far
// they are from UTC.
func clockTimezone() modes.Command[config.Config] {
	zone := grammar.String("name of time zone")
	hours := grammar.New("<-23 - 23>", "Hours offset from UTC", func(w string) (int, bool) {
		n, err := strconv.Atoi(w)
		return n, err == nil && n >= -23 && n <= 23
	}, strconv.Itoa)
	minutes := grammar.Uint(0, 59, "Minutes offset from UTC")
	return modes.Command[config.Config]{
		Line: append(under(global, "clock", "Configure time-of-day clock"),
			grammar.Word("timezone", "Configure time zone"), zone, hours, grammar.Opt(minutes)),
		Bare: 2,
		Set: func(c *config.Config, a grammar.Args) error {
			offset := hours.From(a) * 60
			if offset < 0 {
				offset -= int(minutes.From(a))
			} else {
				offset += int(minutes.From(a))
			}
			c.Clock = config.Clock{Zone: zone.From(a), Offset: int16(offset)}
			return nil
		},
		Unset: func(c *config.Config, _ grammar.Args) error {
			c.Clock = config.Clock{}
			return nil
		},
		Get: func(c *config.Config) []grammar.Args {
			if c.Clock.Zone == "" {
				return nil
			}
			h, m := int(c.Clock.Offset)/60, int(c.Clock.Offset)%60
			a := zone.Is(c.Clock.Zone).And(hours.Is(h))
			if m != 0 || show.ReleaseOf(c.Version) == show.Release15 {
				a = a.And(minutes.Is(uint32(max(m, -m))))
			}
			return []grammar.Args{a}
		},
	}
}

// errClock is the answer to whoever would set the clock of a router that has
// none of its own.
var errClock = errors.New("% The clock is that of the host, or of the lab: set it there")

// clockSet refuses: the time is told to a router, and it cannot tell it back.
func clockSet() modes.Command[Exec] {
	return modes.Command[Exec]{
		Line: grammar.Line{grammar.Word("clock", "Manage the system clock"), grammar.Word("set", "Set the time and date"),
			grammar.Text("Current Time (hh:mm:ss), day, month and year")},
		Level: 15,
		Run:   func(*Exec, grammar.Args) error { return errClock },
	}
}
