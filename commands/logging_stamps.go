package commands

import (
	"time"

	"gresh/backend"
	"gresh/backend/config"
	"gresh/backend/machine"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// Words are the words of the log in the release and with the stamp that a
// configuration asks for; see backend.Words.
func Words(e backend.Event, c *config.Config, booted time.Time, clock machine.Clock) (stamp string, lines []string) {
	if lines = show.LogTexts(e.At, e.Value, show.ReleaseOf(c.Version)); len(lines) > 0 {
		stamp = show.Stamp(e.At, booted, c.Logging.Stamps[config.StampLog], c.Clock, clock)
	}
	return stamp, lines
}

// service begins every line that says so.
var service = under(global, "service", "Modify use of network based services")

var stamps = under(service, "timestamps", "Timestamp debug/log messages")

// stampsGlobal are the times before the lines of the log. Nothing here writes
// lines of debugging: what is said of them is kept.
var stampsGlobal = modes.Mode[config.Config]{
	debugStamp(),
	stamp("log", "Timestamp log messages", config.StampLog),
	allStamps(),
}

func debugStamp() modes.Command[config.Config] {
	c := stamp("debug", "Timestamp debug messages", config.StampDebug)
	c.Kept = true
	return c
}

// stamp is what stands before the lines of one kind.
func stamp(word, help string, kind int) modes.Command[config.Config] {
	uptime := grammar.Flag("uptime", "Timestamp with system uptime")
	date := grammar.Flag("datetime", "Timestamp with date and time")
	msec := grammar.Flag("msec", "Include milliseconds in timestamp")
	local := grammar.Flag("localtime", "Use local time zone for timestamps")
	zone := grammar.Flag("show-timezone", "Add time zone information to timestamp")
	year := grammar.Flag("year", "Include year in timestamp")
	put := func(s config.LogStamp) func(*config.Config, grammar.Args) error {
		return func(c *config.Config, _ grammar.Args) error { c.Logging.Stamps[kind] = s; return nil }
	}
	return modes.Command[config.Config]{
		Line: with(under(stamps, word, help), grammar.Opt(grammar.Alt(grammar.Line{uptime}, grammar.Line{date,
			grammar.Any(grammar.Line{msec}, grammar.Line{local}, grammar.Line{zone}, grammar.Line{year})}))),
		Bare: 3,
		Set: func(c *config.Config, a grammar.Args) error {
			s := config.LogStamp{Form: config.StampUptime}
			if date.In(a) {
				s = config.LogStamp{Form: config.StampDate, Msec: msec.In(a), Local: local.In(a), Zone: zone.In(a), Year: year.In(a)}
			}
			c.Logging.Stamps[kind] = s
			return nil
		},
		Unset:   put(config.LogStamp{Form: config.StampNone}),
		Default: put(config.LogStamp{}),
		Get: func(c *config.Config) []grammar.Args {
			switch s := c.Logging.Stamps[kind]; s.Form {
			case config.StampDate:
				return []grammar.Args{date.Is(true).And(flagged(msec, s.Msec)).And(flagged(local, s.Local)).
					And(flagged(zone, s.Zone)).And(flagged(year, s.Year))}
			case config.StampUptime:
				return []grammar.Args{uptime.Is(true)}
			case config.StampNone:
				return []grammar.Args{modes.No(nil)}
			}
			return nil
		},
	}
}

// allStamps is "service timestamps" alone, which is of debugging when it is
// said, and of everything when it is denied.
func allStamps() modes.Command[config.Config] {
	all := func(form config.StampForm, kinds ...int) func(*config.Config, grammar.Args) error {
		return func(c *config.Config, _ grammar.Args) error {
			for _, k := range kinds {
				c.Logging.Stamps[k] = config.LogStamp{Form: form}
			}
			return nil
		}
	}
	return modes.Command[config.Config]{
		Line:    stamps,
		Set:     all(config.StampUptime, config.StampDebug),
		Unset:   all(config.StampNone, config.StampDebug, config.StampLog),
		Default: all(config.StampUsual, config.StampDebug, config.StampLog),
	}
}

var sequenceGlobal = modes.Mode[config.Config]{
	modes.Flag(under(service, "sequence-numbers", "Stamp logger messages with a sequence number"),
		func(c *config.Config) *bool { return &c.Logging.Sequence }),
}
