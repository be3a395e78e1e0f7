package commands

import (
	"cmp"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"gresh/backend"
	"gresh/backend/config"
	"gresh/backend/event"
)

// What is said to who is not let in.
var (
	errLogin  = errors.New("% Login invalid")
	errQuiet  = errors.New("% Connection refused: too many logins have failed")
	errNobody = errors.New("% Connection refused: nobody may log in here without a password")
)

// Authenticate says whether the origin's user has this password. It takes its
// time, in its caller's goroutine. The error is what to tell the client.
func (l *Lines) Authenticate(o Origin, password string) error {
	c, now := l.running()
	if l.keptOut(c, now, o) {
		return errQuiet
	}
	number, err := l.free(c, o)
	if err != nil {
		return err
	}
	line, _ := c.Line("vty", number)
	err = l.try(c, l.methods(c, line, o), line, o, password)
	l.attempted(c, o, err)
	return err
}

// running is the running configuration of the moment, which never changes.
func (l *Lines) running() (c *config.Config, now time.Time) {
	l.loop.Do(func(r *backend.Router, at time.Time) { c, now = r.Running(), at })
	return c, now
}

// open says whether a lab has been given nothing to ask for.
func (l *Lines) open(c *config.Config) bool {
	asks := func(x config.Line) bool { return x.Type == "vty" && x.Password.Set() }
	return l.options.Open && len(c.Users) == 0 && !c.AAA.NewModel.On() && !slices.ContainsFunc(c.Lines, asks)
}

// methods are those by which who comes to a line is asked who he is.
func (l *Lines) methods(c *config.Config, line config.Line, o Origin) []string {
	_, said := c.Line(line.Type, line.Number)
	vty := line.Type == "vty"
	switch {
	case o.Way == Script, o.Way == Attached, vty && l.open(c):
		return []string{"none"}
	case c.AAA.NewModel.On():
		return aaaLogin(c, line)
	case line.Login == "none" && o.Way == SSH && !l.options.Open: // the protocol asks, so there must be an answer
		return []string{"local"}
	case line.Login != "":
		return []string{line.Login}
	case !vty:
		return []string{"none"}
	case !said && len(c.Users) > 0:
		return []string{"local"}
	}
	return []string{"line"}
}

// aaaLogin is the list that a line names. Where there is none the console asks
// nobody, and other lines ask for a user.
func aaaLogin(c *config.Config, line config.Line) []string {
	for _, list := range c.AAA.Login {
		if list.Name == cmp.Or(line.LoginList, "default") {
			return list.Methods
		}
	}
	if line.Type == "con" {
		return []string{"none"}
	}
	return []string{"local"}
}

// try goes through the methods until one has an answer. One that has nothing to
// compare with has none.
func (l *Lines) try(c *config.Config, methods []string, line config.Line, o Origin, password string) error {
	remote := o.Way == Telnet || o.Way == SSH
	for _, m := range methods {
		var kept config.Secret
		switch m {
		case "none":
			if remote && !l.options.Open {
				return errNobody
			}
			return nil
		case "local", "local-case":
			if len(c.Users) == 0 {
				continue
			}
			user := account(c, o.User, m)
			if user == nil {
				return errLogin
			}
			if user.NoPassword && (!remote || l.options.Open) {
				return nil
			}
			kept = user.Secret
			if !kept.Set() {
				kept = user.Password
			}
		case "line":
			kept = line.Password
		case "enable":
			kept, _ = enableSecret(c, 15)
		}
		if !kept.Set() && m != "local" && m != "local-case" {
			continue
		}
		if !l.verifier.right(kept, password) {
			return errLogin
		}
		return nil
	}
	return errLogin
}

// account is the user of a name, which is not told from another by its case
// unless the method says so.
func account(c *config.Config, name, method string) *config.User {
	if u := c.User(name); u != nil || method == "local-case" {
		return u
	}
	for i := range c.Users {
		if strings.EqualFold(c.Users[i].Name, name) {
			return &c.Users[i]
		}
	}
	return nil
}

// enableSecret is what "enable" asks for a level, and whether it is a secret.
func enableSecret(c *config.Config, level int) (s config.Secret, secret bool) {
	for _, e := range c.EnableSecrets {
		if int(e.Level) == level {
			return e.Secret, true
		}
	}
	for _, e := range c.EnablePasswords {
		if int(e.Level) == level {
			return e.Secret, false
		}
	}
	return s, false
}

// keptOut says whether nobody but those of the quiet mode's access list is let
// in at the moment.
func (l *Lines) keptOut(c *config.Config, now time.Time, o Origin) bool {
	l.mu.Lock()
	over, quiet := l.watch.calm(now), l.watch.isQuiet(now)
	l.mu.Unlock()
	if over {
		l.note(event.QuietModeOff{})
	}
	remote := o.Way == Telnet || o.Way == SSH
	return quiet && remote && (c.Guard.QuietClass == "" || !c.Permits(c.Guard.QuietClass, o.from()))
}

// attempted counts an attempt at a login, and logs what is to be logged of it.
func (l *Lines) attempted(c *config.Config, o Origin, err error) {
	who := event.Login{User: o.User, From: o.from(), Port: localPort(o.Way)}
	_, now := l.running()
	g := c.Guard
	every := func(n int, each uint16) bool { return each > 0 && n%int(each) == 0 }
	if err == nil {
		l.mu.Lock()
		l.watch.succeeded++
		log := every(l.watch.succeeded, g.LogSuccesses)
		l.mu.Unlock()
		if log {
			l.note(event.LoginSucceeded{Login: who})
		}
		return
	}
	l.mu.Lock()
	quiet := l.watch.fail(now, g, failure{user: o.User, from: o.from(), port: who.Port, at: now})
	left := time.Duration(0)
	if quiet {
		left = time.Duration(g.Within)*time.Second - now.Sub(l.watch.recent[0])
	}
	log := every(l.watch.failed, g.LogFailures)
	l.mu.Unlock()
	if log {
		l.note(event.LoginFailed{Login: who})
	}
	if quiet {
		l.note(event.QuietModeOn{Login: who, Left: left, Class: cmp.Or(g.QuietClass, "sl_def_acl")})
	}
	if g.Delay > 0 || g.Seconds > 0 {
		l.options.Sleep(time.Duration(max(1, g.Delay)) * time.Second)
	}
}

func localPort(w Way) uint16 {
	return map[Way]uint16{Telnet: 23, SSH: 22}[w]
}

// note logs an event.
func (l *Lines) note(value any) {
	l.loop.Do(func(r *backend.Router, now time.Time) { r.Note(now, value) })
}

// from is the address that an origin came from, if it came over a network.
func (o Origin) from() (a netip.Addr) { return o.Remote.Addr() }
