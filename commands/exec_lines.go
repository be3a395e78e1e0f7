package commands

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// A lineWord is how an exec command names a line: among all, or of its kind.
type lineWord struct {
	number   *grammar.Param[uint32]
	console  *grammar.Param[uint32]
	terminal *grammar.Param[uint32]
}

func lineWords() lineWord {
	return lineWord{
		number:   grammar.Uint(0, vtyMost+2, "Line number"),
		console:  grammar.Uint(0, 0, "Line number"),
		terminal: grammar.Uint(0, vtyMost, "Line number"),
	}
}

func (w lineWord) token() grammar.Token {
	return grammar.Alt(
		grammar.Line{w.number},
		grammar.Line{grammar.Word("console", "Primary terminal line"), w.console},
		grammar.Line{grammar.Word("vty", "Virtual terminal"), w.terminal},
	)
}

// from is the number among all lines.
func (w lineWord) from(a grammar.Args) int {
	switch {
	case w.console.In(a):
		return 0
	case w.terminal.In(a):
		return absolute(int(w.terminal.From(a)))
	}
	return int(w.number.From(a))
}

// lineCommands are about who else is there.
func lineCommands() modes.Mode[Exec] {
	all := grammar.Flag("all", "Include information about inactive ports")
	one, cleared := lineWords(), lineWords()
	users := func(q query, a grammar.Args) (view, error) {
		seats := q.exec.session.seats(q.Running(), q.now)
		return func(w io.Writer) { show.Users(w, seats, all.In(a)) }, nil
	}
	return append(modes.Mode[Exec]{
		viewing(showing(grammar.Word("users", "Display information about terminal lines"), grammar.Opt(all)), users),
		viewing(grammar.Line{grammar.Word("who", "Display information about terminal lines")}, users),
		viewing(grammar.Line{grammar.Word("systat", "Display information about terminal lines")}, users),
		viewing(showing(grammar.Word("line", "TTY line information"), grammar.Opt(one.token())), func(q query, a grammar.Args) (view, error) {
			seats := q.exec.session.seats(q.Running(), q.now)
			if len(a) > 0 {
				wanted := one.from(a)
				seats = slices.DeleteFunc(seats, func(s show.Seat) bool { return s.Number != wanted })
			}
			if len(seats) == 0 {
				return nil, errNoSuchLine
			}
			return func(w io.Writer) { show.Lines(w, seats) }, nil
		}),
		{
			Line:  grammar.Line{grammar.Word("clear", "Reset functions"), grammar.Word("line", "Reset a terminal line"), cleared.token()},
			Level: 15,
			Run:   func(e *Exec, a grammar.Args) error { return e.session.clearLine(e, cleared.from(a)) },
		},
		sending(),
	}, showLogin()...)
}

var errNoSuchLine = errors.New("% No such line")

// seats are all lines, as others see them.
func (i *Interpreter) seats(c *config.Config, now time.Time) (all []show.Seat) {
	l := i.lines
	l.mu.Lock()
	defer l.mu.Unlock()
	for n := -1; n < vtys(c); n++ {
		seat := show.Seat{Number: absolute(n), Name: fmt.Sprintf("vty %d", n), Type: "VTY", Uses: l.uses[n]}
		if n < 0 {
			seat.Name, seat.Type = "con 0", "CTY"
		} else {
			line, _ := c.Line("vty", uint16(n))
			seat.AccessIn = line.AccessIn
		}
		if on := l.on[n]; on != nil {
			seat.Taken, seat.Here, seat.User, seat.Idle = true, on == i, on.origin.User, now.Sub(on.active)
			if from := on.origin.from(); from.IsValid() {
				seat.Location = from.String()
			}
		}
		if all = append(all, seat); n < 0 {
			all = append(all, show.Seat{Number: 1, Name: "aux 0", Type: "AUX"})
		}
	}
	return all
}

// at is who is on a line, by its number among all.
func (l *Lines) at(number int) (i *Interpreter, seat modes.Seat) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n, on := range l.on {
		if absolute(n) == number {
			return on, on.seat
		}
	}
	return nil, nil
}

// clearLine ends the session on a line.
func (i *Interpreter) clearLine(t modes.Terminal, number int) error {
	c, _ := i.lines.running()
	if number > absolute(vtys(c)-1) {
		return errNoSuchLine
	}
	if !t.Confirm("[confirm]") {
		return nil
	}
	if on, seat := i.lines.at(number); on == i {
		i.closed = true
	} else if seat != nil {
		seat.Hangup()
	}
	fmt.Fprint(t, " [OK]\n")
	return nil
}

// sending is "send": a message to other terminals.
func sending() modes.Command[Exec] {
	everybody, one := grammar.Flag("*", "All tty lines"), lineWords()
	return modes.Command[Exec]{
		Line: grammar.Line{grammar.Word("send", "Send a message to other tty lines"),
			grammar.Alt(grammar.Line{everybody}, grammar.Line{one.token()})},
		Level: 15,
		Run: func(e *Exec, a grammar.Args) error {
			text, ok := readMessage(e)
			if !ok || !e.Confirm("Send message? [confirm]") {
				return nil
			}
			to, name := -1, "all terminals"
			if !everybody.In(a) {
				to = one.from(a)
				name = fmt.Sprintf("tty%d", to)
			}
			e.session.lines.tell(to, fmt.Sprintf("\n\n***\n***\n*** Message from tty%d to %s:\n***\n%s\n\n***",
				absolute(e.session.number), name, text))
			return nil
		},
	}
}

// readMessage reads the lines of a message, up to ^Z.
func readMessage(t modes.Terminal) (text string, ok bool) {
	fmt.Fprint(t, "Enter message, end with CTRL/Z; abort with CTRL/C:\n")
	var lines []string
	for {
		line, ok := t.Ask("")
		last, ended := strings.CutSuffix(line, "\x1a")
		if !ok && !ended {
			return "", false
		}
		if lines = append(lines, last); ended {
			return strings.Join(lines, "\n"), true
		}
	}
}

// tell shows a text on a line, or on all.
func (l *Lines) tell(number int, text string) {
	l.mu.Lock()
	var to []modes.Seat
	for n, on := range l.on {
		if on.seat != nil && (number < 0 || absolute(n) == number) {
			to = append(to, on.seat)
		}
	}
	l.mu.Unlock()
	for _, seat := range to {
		seat.Say(text)
	}
}

// showLogin are the views of who failed to log in.
func showLogin() modes.Mode[Exec] {
	login := grammar.Word("login", "Display Secure Login Configurations and State")
	return modes.Mode[Exec]{
		viewing(showing(login), func(q query, _ grammar.Args) (view, error) {
			g := q.exec.session.lines.guard(q.Running().Guard, q.now)
			return func(w io.Writer) { show.Login(w, g) }, nil
		}),
		viewing(showing(login, grammar.Word("failures", "Display failed logins")), func(q query, _ grammar.Args) (view, error) {
			l := q.exec.session.lines
			l.mu.Lock()
			defer l.mu.Unlock()
			total, failures := l.watch.failed, []show.LoginFailure{}
			for _, f := range l.watch.failures {
				from := "console"
				if f.from.IsValid() {
					from = f.from.String()
				}
				failures = append(failures, show.LoginFailure{User: f.user, From: from, Port: f.port, Count: f.count, At: f.at})
			}
			return func(w io.Writer) { show.LoginFailures(w, total, failures) }, nil
		}),
	}
}

// guard is the state of what guards against guessers.
func (l *Lines) guard(g config.Guard, now time.Time) show.Guard {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watch.forget(now, g)
	s := show.Guard{On: g.Seconds > 0, Seconds: int(g.Seconds), Attempts: int(g.Attempts), Within: int(g.Within),
		Delay: int(g.Delay), QuietClass: g.QuietClass, Recent: len(l.watch.recent), Failed: l.watch.failed}
	if l.watch.isQuiet(now) {
		s.Quiet = l.watch.quiet.Sub(now)
	}
	if s.Window = time.Duration(g.Within) * time.Second; s.Recent > 0 {
		s.Window -= now.Sub(l.watch.recent[0])
	}
	return s
}
