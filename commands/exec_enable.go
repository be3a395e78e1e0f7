package commands

import (
	"errors"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

var (
	errNoEnable   = errors.New("% No password set")
	errDenied     = errors.New("% Access denied")
	errAAA        = errors.New("% Error in authentication.")
	errBadSecrets = errors.New("% Bad secrets\n\n")
	errBadPass    = errors.New("% Bad passwords\n\n")
	errNoAnswer   = errors.New("")
)

// enableCommands change who the session is and what it may do.
func enableCommands() modes.Mode[Exec] {
	up, down := grammar.Uint(0, 15, "Enable level"), grammar.Uint(0, 15, "Disable level")
	return modes.Mode[Exec]{
		{
			Line:  grammar.Line{grammar.Word("enable", "Turn on privileged commands"), grammar.Opt(up)},
			Level: modes.Anyone,
			Run: func(e *Exec, a grammar.Args) error {
				if up.In(a) {
					return e.session.enable(e, int(up.From(a)))
				}
				return e.session.enable(e, 15)
			},
		},
		{
			Line:  grammar.Line{grammar.Word("disable", "Turn off privileged commands"), grammar.Opt(down)},
			Level: modes.Anyone,
			Run: func(e *Exec, a grammar.Args) error {
				level := 1
				if down.In(a) {
					level = int(down.From(a))
				}
				if level > e.session.level {
					return errors.New(`% New privilege level must be less than the current one: "enable" raises it`)
				}
				e.session.level = level
				return nil
			},
		},
		{
			Line: grammar.Line{grammar.Word("login", "Log in as a particular user")},
			Run:  func(e *Exec, _ grammar.Args) error { return e.session.relogin(e) },
		},
	}
}

// enable raises the level of the session, or lowers it without asking.
func (i *Interpreter) enable(t modes.Terminal, level int) error {
	c, _ := i.lines.running()
	if level > i.level {
		if err := i.mayEnable(t, c, level); err != nil {
			return err
		}
	}
	i.level = level
	return nil
}

func (i *Interpreter) mayEnable(t modes.Terminal, c *config.Config, level int) error {
	if c.AAA.NewModel.On() {
		return i.mayEnableAAA(t, c, level)
	}
	kept, secret := enableSecret(c, level)
	if !kept.Set() {
		return i.mayEnableUnasked(c)
	}
	for range triesMost {
		answer, ok := t.Secret("Password: ")
		if !ok {
			return errNoAnswer
		}
		if i.lines.verifier.right(kept, answer) {
			return nil
		}
	}
	if secret {
		return errBadSecrets
	}
	return errBadPass
}

// mayEnableUnasked is "enable" where there is nothing to ask for: whoever is at
// the box may do as he likes.
func (i *Interpreter) mayEnableUnasked(c *config.Config) error {
	if i.origin.Way == Telnet || i.origin.Way == SSH {
		if !i.lines.open(c) {
			return errNoEnable
		}
	}
	return nil
}

// mayEnableAAA asks once, by the first method that has an answer.
func (i *Interpreter) mayEnableAAA(t modes.Terminal, c *config.Config, level int) error {
	methods := c.AAA.Enable
	if methods == nil {
		methods = []string{"enable"}
	}
	for _, m := range methods {
		var kept config.Secret
		switch m {
		case "none":
			return nil
		case "line":
			kept = i.line(c).Password
		case "enable":
			kept, _ = enableSecret(c, level)
		}
		if !kept.Set() {
			continue
		}
		if answer, ok := t.Secret("Password: "); !ok || !i.lines.verifier.right(kept, answer) {
			return errDenied
		}
		return nil
	}
	if c.AAA.Enable == nil && i.mayEnableUnasked(c) == nil {
		return nil
	}
	return errAAA
}

// relogin is "login": another user at the same line.
func (i *Interpreter) relogin(t modes.Terminal) error {
	c, _ := i.lines.running()
	methods := []string{"local"}
	if c.AAA.NewModel.On() {
		methods = aaaLogin(c, i.line(c))
	}
	if !i.identify(t, c, i.line(c), methods) {
		return errNoAnswer
	}
	return nil
}
