package commands

import (
	"net/netip"
	"slices"

	"gresh/backend/config"
	"gresh/backend/syslog"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

var logging = under(global, "logging", "Modify message logging facilities")

// loggingHere is what becomes of the log on the box, loggingThere what hosts
// are sent of it. A running configuration has them in two places.
var (
	loggingHere = modes.Mode[config.Config]{
		modes.NegFlag(under(logging, "on", "Enable logging to all enabled destinations"),
			func(c *config.Config) *bool { return &c.Logging.Off }),
		loggingBuffered(),
		loggingSink("console", "Set console logging parameters", config.LogDebugging,
			func(c *config.Config) *config.LogSink { return &c.Logging.Console }),
		loggingSink("monitor", "Set terminal line (monitor) logging parameters", config.LogDebugging,
			func(c *config.Config) *config.LogSink { return &c.Logging.Monitor }),
		loggingRate(),
	}
	loggingThere = modes.Mode[config.Config]{
		loggingSink("trap", "Set syslog server logging level", config.LogInformational,
			func(c *config.Config) *config.LogSink { return &c.Logging.Trap }),
		loggingOrigin(),
		loggingFacility(),
		modes.Value(under(logging, "source-interface", "Specify interface for source address in logging transactions"),
			interfaceName("Interface"), func(c *config.Config) *string { return &c.Logging.Source }),
		loggingHost(),
		typed(loggingAddress()),
	}
)

// A levelPlace is where a severity may stand, by its name or its number.
type levelPlace struct {
	name   *grammar.Param[config.LogLevel]
	number *grammar.Param[uint32]
}

func newLevel() levelPlace {
	return levelPlace{
		grammar.Enum(
			choice("alerts", "Immediate action needed           (severity=1)", config.LogAlerts),
			choice("critical", "Critical conditions               (severity=2)", config.LogCritical),
			choice("debugging", "Debugging messages                (severity=7)", config.LogDebugging),
			choice("emergencies", "System is unusable                (severity=0)", config.LogEmergencies),
			choice("errors", "Error conditions                  (severity=3)", config.LogErrors),
			choice("informational", "Informational messages            (severity=6)", config.LogInformational),
			choice("notifications", "Normal but significant conditions (severity=5)", config.LogNotifications),
			choice("warnings", "Warning conditions                (severity=4)", config.LogWarnings),
		),
		grammar.Uint(0, 7, "Logging severity level"),
	}
}

func (p levelPlace) token() grammar.Token {
	return grammar.Alt(grammar.Line{p.name}, grammar.Line{p.number})
}

// from is the level that was said, or the usual one.
func (p levelPlace) from(a grammar.Args, usual config.LogLevel) config.LogLevel {
	switch {
	case p.number.In(a):
		return config.LogLevel(p.number.From(a) + 1)
	case p.name.In(a):
		return p.name.From(a)
	}
	return usual
}

// loggingSink is a line that says down to which severity a place has the log.
func loggingSink(word, help string, usual config.LogLevel, field func(*config.Config) *config.LogSink) modes.Command[config.Config] {
	level, line := newLevel(), under(logging, word, help)
	return modes.Command[config.Config]{
		Line: with(line, grammar.Opt(level.token())),
		Set: func(c *config.Config, a grammar.Args) error {
			*field(c) = config.LogSink{}
			if l := level.from(a, usual); l != usual {
				field(c).Level = l
			}
			return nil
		},
		Unset:   func(c *config.Config, _ grammar.Args) error { *field(c) = config.LogSink{Off: true}; return nil },
		Default: func(c *config.Config, _ grammar.Args) error { *field(c) = config.LogSink{}; return nil },
		Get: func(c *config.Config) []grammar.Args {
			switch s := *field(c); {
			case s.Off:
				return []grammar.Args{modes.No(nil)}
			case s.Level != 0:
				return []grammar.Args{level.name.Is(s.Level)}
			}
			return nil
		},
	}
}

// loggingBuffered is the buffer: its size, and down to which severity it has
// the log. 12.4 always says both.
func loggingBuffered() modes.Command[config.Config] {
	size, level := grammar.Uint(4096, 1<<31-1, "Logging buffer size"), newLevel()
	set := func(c *config.Config, b config.LogSink, said bool, octets uint32) error {
		c.Logging.Buffered, c.Logging.Sized, c.Logging.Size = b, said, octets
		return nil
	}
	return modes.Command[config.Config]{
		Line: with(under(logging, "buffered", "Set buffered logging parameters"), grammar.Opt(size), grammar.Opt(level.token())),
		Bare: 2,
		Set: func(c *config.Config, a grammar.Args) error {
			return set(c, config.LogSink{Level: level.from(a, config.LogDebugging)}, true, size.From(a))
		},
		Unset:   func(c *config.Config, _ grammar.Args) error { return set(c, config.LogSink{Off: true}, false, 0) },
		Default: func(c *config.Config, _ grammar.Args) error { return set(c, config.LogSink{}, false, 0) },
		Get: func(c *config.Config) []grammar.Args {
			l, older := c.Logging, show.ReleaseOf(c.Version) == show.Release12
			switch {
			case l.Buffered.Off:
				return []grammar.Args{modes.No(nil)}
			case !l.Sized:
				return nil
			}
			a := given(size, l.Size)
			if older && l.Size == 0 {
				a = size.Is(4096)
			}
			if older || l.Buffered.Level != config.LogDebugging {
				a = a.And(level.name.Is(l.Buffered.Level))
			}
			return []grammar.Args{a}
		},
	}
}

// loggingRate is how many lines there may be in a second.
func loggingRate() modes.Command[config.Config] {
	console := grammar.Flag("console", "Rate limit only console messages")
	all := grammar.Flag("all", "Rate limit all messages, including debug messages")
	number, level := grammar.Uint(1, 10000, "Messages per second"), newLevel()
	return modes.Command[config.Config]{
		Line: with(under(logging, "rate-limit", "Set messages per second limit"), grammar.Opt(console), grammar.Opt(all), number,
			grammar.Opt(grammar.Word("except", "Messages of this severity or higher"), level.token())),
		Bare: 2,
		Set: func(c *config.Config, a grammar.Args) error {
			l := &c.Logging
			l.Rate, l.RateHere, l.RateDebug, l.RateBelow = number.From(a), console.From(a), all.From(a), level.from(a, 0)
			return nil
		},
		Unset: func(c *config.Config, _ grammar.Args) error {
			l := &c.Logging
			l.Rate, l.RateHere, l.RateDebug, l.RateBelow = 0, false, false, 0
			return nil
		},
		Get: func(c *config.Config) []grammar.Args {
			l := c.Logging
			if l.Rate == 0 {
				return nil
			}
			a := number.Is(l.Rate).And(flagged(console, l.RateHere)).And(flagged(all, l.RateDebug))
			return []grammar.Args{a.And(given(level.name, l.RateBelow))}
		},
	}
}

// loggingHost is a host that is sent the log. The last word is ours: IOS has no
// word for the format.
func loggingHost() modes.Command[config.Config] {
	h := hostPlace{grammar.IPv4("IP address of the syslog server"), grammar.Uint(1, 65535, "UDP port number"),
		grammar.Flag("rfc5424", "Send lines as in RFC 5424 (gresh)")}
	return h.command(with(under(logging, "host", "Set syslog server IP address and parameters"), h.addr,
		grammar.Opt(grammar.Word("transport", "Specify the transport protocol (default=UDP)"),
			grammar.Word("udp", "User Datagram Protocol"), grammar.Word("port", "Specify the UDP port number (default=514)"), h.port),
		grammar.Opt(h.structured)), 3)
}

// loggingAddress is how IOS used to say a host.
func loggingAddress() modes.Command[config.Config] {
	h := hostPlace{addr: grammar.IPv4("IP address of the logging host"), port: grammar.Uint(1, 1, ""), structured: grammar.Flag("", "")}
	return h.command(with(logging, h.addr), 2)
}

// A hostPlace is where a line names a host.
type hostPlace struct {
	addr       *grammar.Param[netip.Addr]
	port       *grammar.Param[uint32]
	structured *grammar.Param[bool]
}

func (p hostPlace) command(line grammar.Line, bare int) modes.Command[config.Config] {
	return modes.Command[config.Config]{
		Line: line, Bare: bare,
		Set: func(c *config.Config, a grammar.Args) error {
			h := p.from(a)
			c.Logging.Hosts = append(slices.DeleteFunc(c.Logging.Hosts, h.Same), h)
			return nil
		},
		Unset: func(c *config.Config, a grammar.Args) error {
			h := p.from(a)
			c.Logging.Hosts = emptied(slices.DeleteFunc(c.Logging.Hosts, func(o config.LogHost) bool {
				return o.Same(h) || !p.port.In(a) && o.Addr == h.Addr
			}))
			return nil
		},
		Get: func(c *config.Config) []grammar.Args {
			return values(c.Logging.Hosts, func(h config.LogHost) grammar.Args {
				return p.addr.Is(h.Addr).And(given(p.port, uint32(h.Port))).And(flagged(p.structured, h.Structured))
			})
		},
	}
}

// from is the host that a line names; the usual port is none.
func (p hostPlace) from(a grammar.Args) config.LogHost {
	h := config.LogHost{Addr: p.addr.From(a), Port: uint16(p.port.From(a)), Structured: p.structured.From(a)}
	if h.Port == syslog.Port {
		h.Port = 0
	}
	return h
}

// loggingOrigin is what hosts are told of who sends.
func loggingOrigin() modes.Command[config.Config] {
	kind := grammar.Enum(
		choice("hostname", "Use origin hostname as ID", "hostname"),
		choice("ip", "Use origin IP address as ID", "ip"),
	)
	text := grammar.Text("Define a unique text string as ID")
	return modes.Command[config.Config]{
		Line: with(under(logging, "origin-id", "Add origin ID to syslog messages"), grammar.Alt(grammar.Line{kind},
			grammar.Line{grammar.Word("string", "Define a unique text string as ID"), text})),
		Bare: 2,
		Set: func(c *config.Config, a grammar.Args) error {
			c.Logging.Origin, c.Logging.Text = kind.From(a), text.From(a)
			if text.In(a) {
				c.Logging.Origin = "string"
			}
			return nil
		},
		Unset: func(c *config.Config, _ grammar.Args) error {
			c.Logging.Origin, c.Logging.Text = "", ""
			return nil
		},
		Get: func(c *config.Config) []grammar.Args {
			switch c.Logging.Origin {
			case "":
				return nil
			case "string":
				return []grammar.Args{text.Is(c.Logging.Text)}
			}
			return []grammar.Args{kind.Is(c.Logging.Origin)}
		},
	}
}

// loggingFacility is who hosts are told that the lines are from (RFC 5424
// section 6.2.1).
func loggingFacility() modes.Command[config.Config] {
	var all []grammar.Choice[uint8]
	for _, f := range []struct {
		name, help string
		code       uint8
	}{
		{"auth", "Authorization system", 4}, {"cron", "Cron/at facility", 9}, {"daemon", "System daemons", 3}, {"kern", "Kernel", 0},
		{"local0", "Local use", 16}, {"local1", "Local use", 17}, {"local2", "Local use", 18}, {"local3", "Local use", 19},
		{"local4", "Local use", 20}, {"local5", "Local use", 21}, {"local6", "Local use", 22}, {"local7", "Local use", 23},
		{"lpr", "Line printer system", 6}, {"mail", "Mail system", 2}, {"news", "USENET news", 7},
		{"sys10", "System use", 10}, {"sys11", "System use", 11}, {"sys12", "System use", 12}, {"sys13", "System use", 13}, {"sys14", "System use", 14},
		{"syslog", "Syslog itself", 5}, {"user", "User process", 1}, {"uucp", "Unix-to-Unix copy system", 8},
	} {
		all = append(all, choice(f.name, f.help, f.code+1))
	}
	const local7 = 24
	facility := grammar.Enum(all...)
	return unless(local7, facility, modes.Value(under(logging, "facility", "Facility parameter for syslog messages"),
		facility, func(c *config.Config) *uint8 { return &c.Logging.Facility }))
}
