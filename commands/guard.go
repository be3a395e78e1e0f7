package commands

import (
	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// guardGlobal is what is done about who guesses passwords.
var guardGlobal = func() modes.Mode[config.Config] {
	login := under(global, "login", "Enable secure login checking")
	first := blockFor(login)
	first.Section = modes.Opened
	return modes.Mode[config.Config]{
		first,
		modes.Number(under(login, "delay", "Set delay between successive fail login"),
			grammar.Uint(1, 10, "The time period in seconds"), func(c *config.Config) *uint8 { return &c.Guard.Delay }),
		modes.Value(under(under(login, "quiet-mode", "Set quiet-mode options"), "access-class", "Set access class ACL"),
			grammar.String("ACL name or number"), func(c *config.Config) *string { return &c.Guard.QuietClass }),
		logEvery(under(login, "on-failure", "Set options for failed login attempt"),
			func(c *config.Config) *uint16 { return &c.Guard.LogFailures }),
		logEvery(under(login, "on-success", "Set options for successful login attempt"),
			func(c *config.Config) *uint16 { return &c.Guard.LogSuccesses }),
	}
}()

func blockFor(login grammar.Line) modes.Command[config.Config] {
	seconds := grammar.Uint(1, 65535, "Time period in seconds")
	attempts := grammar.Uint(1, 65535, "Set max number of fail attempts")
	within := grammar.Uint(1, 65535, "Time period in seconds")
	line := under(login, "block-for", "Set quiet-mode active time period")
	return modes.Command[config.Config]{
		Line: with(line, seconds, grammar.Word("attempts", "Set max number of fail attempts"), attempts,
			grammar.Word("within", "Watch period for fail attempts"), within),
		Bare: len(line),
		Set: func(c *config.Config, a grammar.Args) error {
			c.Guard.Seconds, c.Guard.Attempts = uint16(seconds.From(a)), uint16(attempts.From(a))
			c.Guard.Within = uint16(within.From(a))
			return nil
		},
		Unset: func(c *config.Config, _ grammar.Args) error {
			c.Guard.Seconds, c.Guard.Attempts, c.Guard.Within = 0, 0, 0
			return nil
		},
		Get: func(c *config.Config) []grammar.Args {
			g := c.Guard
			if g.Seconds == 0 {
				return nil
			}
			return []grammar.Args{seconds.Is(uint32(g.Seconds)).And(attempts.Is(uint32(g.Attempts))).
				And(within.Is(uint32(g.Within)))}
		},
	}
}

// logEvery has every so many of some attempts logged; 0 is none.
func logEvery(line grammar.Line, field func(*config.Config) *uint16) modes.Command[config.Config] {
	every := grammar.Uint(1, 65535, "Number of attempts")
	set := func(c *config.Config, a grammar.Args) error { *field(c) = max(1, uint16(every.From(a))); return nil }
	return modes.Command[config.Config]{
		Line: with(line, grammar.Word("log", "Generate syslogs"), grammar.Opt(grammar.Word("every", "Set the periodicity"), every)),
		Bare: len(line),
		Set:  set,
		Unset: func(c *config.Config, _ grammar.Args) error {
			*field(c) = 0
			return nil
		},
		Get: func(c *config.Config) []grammar.Args {
			switch n := *field(c); n {
			case 0:
				return nil
			case 1:
				return []grammar.Args{nil}
			default:
				return []grammar.Args{every.Is(uint32(n))}
			}
		},
	}
}
