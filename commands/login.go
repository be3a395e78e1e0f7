package commands

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gresh/backend/config"
	"gresh/modes"
)

const (
	triesMost     = 3                // answers to a question for a password
	loginPatience = 30 * time.Second // for each of them
	idleUsual     = 10 * time.Minute // of exec-timeout
)

// Begin is part of shell.Interpreter: it greets whoever has come and asks who
// he is, as his line says.
func (i *Interpreter) Begin(t modes.Terminal) (ok bool) {
	c, now := i.lines.running()
	line := i.line(c)
	i.level = startLevel(line, nil)
	if i.origin.Way == Script {
		return true
	}
	i.settle(t.Settings(), line)
	if i.origin.Command {
		i.level = i.granted(c, line)
		return true
	}
	if i.origin.Way == Console && !pressReturn(t, cmp.Or(c.Hostname, usualHostname)) {
		return false
	}
	i.greet(t, c, "motd")
	if !i.login(t, c, line) || line.NoExec {
		return false
	}
	i.lines.seen(i, now)
	i.greet(t, c, "exec")
	return line.Autocommand == "" || i.automatic(t, line.Autocommand)
}

// line is the configuration of the session's line.
func (i *Interpreter) line(c *config.Config) (l config.Line) {
	if i.number < 0 {
		l, _ = c.Line("con", 0)
	} else {
		l, _ = c.Line("vty", uint16(i.number))
	}
	return l
}

// settle gives a session what its line is set to.
func (i *Interpreter) settle(s *modes.Settings, line config.Line) {
	set := func(to *int, v *uint16) {
		if v != nil {
			*to = int(*v)
		}
	}
	set(&s.Length, line.Length)
	set(&s.Width, line.Width)
	set(&s.HistorySize, line.History)
	s.Synchronous = s.Synchronous || line.Synchronous
	s.Idle = idleUsual
	if t := line.ExecTimeout; t != nil {
		s.Idle = time.Duration(t[0])*time.Minute + time.Duration(t[1])*time.Second
	}
}

// pressReturn waits at the console until somebody is there.
func pressReturn(t modes.Terminal, host string) (ok bool) {
	idle := t.Settings().Idle
	t.Settings().Idle = 0
	defer func() { t.Settings().Idle = idle }()
	fmt.Fprintf(t, "\n\n%s con0 is now available\n\n\n\n\n\nPress RETURN to get started.\n", host)
	_, ok = t.Secret("")
	return ok
}

// greet shows a banner, if there is one.
func (i *Interpreter) greet(t modes.Terminal, c *config.Config, kind string) {
	if text := i.lines.banner(c, kind, i.number); text != "" {
		fmt.Fprintf(t, "\n%s\n", strings.TrimSuffix(text, "\n"))
	}
}

// Banner is the text of a banner that is shown before anybody has a line.
func (l *Lines) Banner(kind string) string {
	c, _ := l.running()
	return l.banner(c, kind, 0)
}

// banner is the text of a banner, with what it says of the router put in.
func (l *Lines) banner(c *config.Config, kind string, number int) string {
	for _, b := range c.Banners {
		if b.Kind == kind {
			return strings.NewReplacer("$(hostname)", cmp.Or(c.Hostname, usualHostname), "$(line)", fmt.Sprint(absolute(number))).Replace(b.Text)
		}
	}
	return ""
}

// login asks who has come, unless his way in has made sure of it.
func (i *Interpreter) login(t modes.Terminal, c *config.Config, line config.Line) (ok bool) {
	if i.origin.Authenticated {
		i.level = i.granted(c, line)
		return true
	}
	methods := i.lines.methods(c, line, i.origin)
	if methods[0] == "none" {
		err := i.lines.try(c, methods, line, i.origin, "")
		if err != nil {
			fmt.Fprintf(t, "\n%v\n", err)
		}
		return err == nil
	}
	if methods[0] == "line" && !line.Password.Set() && len(methods) == 1 {
		fmt.Fprint(t, "\nPassword required, but none set\n")
		return false
	}
	i.greet(t, c, "login")
	fmt.Fprint(t, "\n\nUser Access Verification\n\n")
	return i.identify(t, c, line, methods)
}

// identify asks until an answer is right, three times at most.
func (i *Interpreter) identify(t modes.Terminal, c *config.Config, line config.Line, methods []string) (ok bool) {
	idle := t.Settings().Idle
	t.Settings().Idle = loginPatience
	defer func() { t.Settings().Idle = idle }()
	named := slices.ContainsFunc(methods[:1], func(m string) bool { return strings.HasPrefix(m, "local") })
	wrong := "% Login invalid\n\n"
	if c.AAA.NewModel.On() {
		wrong = "% Authentication failed\n\n"
	}
	for range triesMost {
		o := i.origin
		if named {
			if o.User, ok = t.Ask("Username: "); !ok {
				return false
			}
		}
		password, ok := t.Secret("Password: ")
		if !ok {
			return false
		}
		err := i.admit(c, o, methods, line, password)
		switch {
		case err == nil:
			i.lines.named(i, o.User)
			i.level = i.granted(c, line)
			return true
		case errors.Is(err, errQuiet):
			fmt.Fprintf(t, "%v\n", err)
			return false
		case named:
			fmt.Fprint(t, wrong)
		}
	}
	if !named {
		fmt.Fprint(t, "% Bad passwords\n")
	}
	return false
}

// admit is an attempt that counts.
func (i *Interpreter) admit(c *config.Config, o Origin, methods []string, line config.Line, password string) error {
	_, now := i.lines.running()
	if i.lines.keptOut(c, now, o) {
		return errQuiet
	}
	err := i.lines.try(c, methods, line, o, password)
	i.lines.attempted(c, o, err)
	return err
}

// granted is the privilege level that who has logged in begins with.
func (i *Interpreter) granted(c *config.Config, line config.Line) int {
	user := account(c, i.origin.User, "local")
	if c.AAA.NewModel.On() && !authorizes(c.AAA.Exec) {
		user = nil
	}
	return startLevel(line, user)
}

// authorizes says whether users get their own levels under AAA.
func authorizes(lists []config.MethodList) bool {
	return slices.ContainsFunc(lists, func(l config.MethodList) bool { return slices.Contains(l.Methods, "local") })
}

// startLevel is the level of a line, or of a user who has one of his own.
func startLevel(line config.Line, user *config.User) int {
	switch {
	case user != nil && user.Privilege != nil:
		return int(*user.Privilege)
	case line.Privilege != nil:
		return int(*line.Privilege)
	}
	return 1
}

// automatic carries out the command of a line, after which the session is over.
func (i *Interpreter) automatic(t modes.Terminal, command string) (ok bool) {
	if err := i.Run(command, t); err != nil {
		fmt.Fprintf(t, "Line has invalid autocommand %q\n", command)
	}
	return false
}
