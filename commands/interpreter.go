package commands

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"gresh/backend"
	"gresh/backend/config"
	"gresh/backend/event"
	"gresh/modes"
	"gresh/modes/grammar"
)

// A place is where a session stands in the tree of modes.
type place = modes.Stack[Exec, config.Config]

// start is where every session begins. The tree is compiled once.
var start = sync.OnceValue(func() place { return Tree().Start() })

// An Interpreter understands the lines of one session with one router. It
// knows the modes and nothing of keys: it is what a shell is a shell for.
type Interpreter struct {
	lines       *Lines
	loop        backend.Loop
	origin      Origin
	number      int        // of the virtual terminal; -1 at the console
	booted      time.Time  // the router's life that this session knows
	seat        modes.Seat // of Lines, like origin.User and active
	active      time.Time  // when it did something last
	root        place
	place       place
	level       int
	folder      location // of "cd"
	typed       string   // the line being carried out
	ahead       []foreseen
	connections []*connection // to other hosts, the one used last at the end
	text        string        // of a banner: what has come of it, until its end comes
	closed      bool
	session     uint64 // of configuration, by number; 0: none yet
}

// Attach is part of shell.Guest.
func (i *Interpreter) Attach(s modes.Seat) { i.lines.attach(i, s) }

// Release is part of shell.Guest.
func (i *Interpreter) Release() {
	i.Leave()
	for _, c := range i.connections {
		_ = c.Close()
	}
	i.lines.release(i)
}

// restart puts the session back where it begins.
func (i *Interpreter) restart() {
	i.place, i.level, i.text, i.folder = i.root, 1, "", location{fsFlash, ""}
	i.ahead = nil
}

// Closed says whether the session has been left.
func (i *Interpreter) Closed() bool { return i.closed }

// Prompt is the prompt of the moment; there is none within a text.
func (i *Interpreter) Prompt() string {
	if i.text != "" {
		return ""
	}
	host := i.hostname() // which may have started again
	if isXE(i.running().Version) {
		return i.place.PromptWithin(promptXE, host, i.level)
	}
	return i.place.Prompt(host, i.level)
}

// promptXE is wide enough for every mode.
const promptXE = 100

// isXE says whether a release is of IOS XE, which has the names of modes whole
// in its prompts, and says what <cr> is.
func isXE(version string) bool {
	major, _, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(major)
	return err == nil && n >= 16
}

func (i *Interpreter) hostname() (host string) {
	var at time.Time
	var given []config.Privilege
	i.loop.Do(func(r *backend.Router, now time.Time) {
		host, given, at = r.Running().Hostname, r.Running().Privileges, now
		i.witness(r)
	})
	i.lines.seen(i, at)
	if i.root = i.lines.start(given); !i.place.Configuring() {
		i.place = i.root
	}
	return host
}

// running is the running configuration of now. It never changes: another takes
// its place.
func (i *Interpreter) running() (c *config.Config) {
	c = new(config.Config) // for a session that outlives its router's loop
	i.loop.Do(func(r *backend.Router, _ time.Time) { c = r.Running() })
	return c
}

// witness puts the session back where it began if the router has been started
// again since it was last looked at.
func (i *Interpreter) witness(r *backend.Router) {
	if booted := r.Booted(); !booted.Equal(i.booted) {
		if !i.booted.IsZero() {
			i.restart()
		}
		i.booted = booted
	}
}

// Help is what "?" says after a line.
func (i *Interpreter) Help(line string) string {
	c := i.running()
	word, _, more := strings.Cut(line, " ")
	if more {
		line = expand(c, i.place, line).line
	}
	h := i.place.Help(line, i.level)
	if !more && word != "" {
		h = h.Or(shortFor(c, i.place, word))
	}
	for n := range h.Items {
		if item := &h.Items[n]; item.Name == grammar.Carriage && isXE(c.Version) {
			item.Help = item.Name
		}
	}
	return h.String()
}

// Complete completes the last word of the line, if there is just one way to.
func (i *Interpreter) Complete(line string) (string, bool) {
	x := expand(i.running(), i.place, line)
	if x.long == 0 || !strings.Contains(line, " ") {
		return i.place.Complete(line, i.level)
	}
	longer, ok := i.place.Complete(x.line, i.level)
	if !ok {
		return line, false
	}
	return line[:x.short] + longer[x.long:], true
}

// Configuring says whether the session is in configuration mode.
func (i *Interpreter) Configuring() bool { return i.place.Configuring() }

// Suggest says what may follow a line; within a text, anything may.
func (i *Interpreter) Suggest(line string) []modes.Suggestion {
	if i.text != "" {
		return nil
	}
	return i.place.Suggest(line, i.level)
}

// Leave leaves configuration mode.
func (i *Interpreter) Leave() {
	i.text, i.ahead = "", nil
	if i.place.Configuring() {
		i.place = i.place.Top()
		i.configured()
		i.lines.unlock(i)
	}
}

// configured logs that the session has left configuration mode.
func (i *Interpreter) configured() {
	i.session = 0
	i.loop.Do(func(r *backend.Router, now time.Time) {
		r.Changed(now, i.origin.User)
		r.Note(now, event.Configured{From: "console", By: i.who()})
	})
}

// account has the router know who entered a line.
func (i *Interpreter) account(said func() string) {
	i.loop.Do(func(r *backend.Router, now time.Time) {
		if !r.LogsCommands() {
			return
		}
		if i.session == 0 {
			i.session = r.ConfigSession()
		}
		r.LogCommand(now, backend.LoggedCommand{Session: i.session, User: i.origin.User, Line: i.lineName(), Text: said()})
	})
}

// lineName is the line, as the log does.
func (i *Interpreter) lineName() string {
	if i.number < 0 {
		return "console"
	}
	return fmt.Sprintf("vty%d", i.number)
}

// who names whoever is on the line, as the log does.
func (i *Interpreter) who() string {
	who := i.lineName()
	if i.origin.User != "" {
		who = i.origin.User + " on " + who
	}
	if i.origin.Remote.IsValid() {
		who += fmt.Sprintf(" (%v)", i.origin.Remote.Addr())
	}
	return who
}

// Run carries out a line. What goes wrong is returned as it is to be printed.
func (i *Interpreter) Run(line string, t modes.Terminal) error {
	i.loop.Do(func(r *backend.Router, _ time.Time) { i.witness(r) })
	if i.text != "" {
		line = i.text + "\n" + line
		i.text = ""
	}
	e := &Exec{Terminal: t, loop: i.loop, session: i}
	configuring := i.place.Configuring()
	next, err := i.carryOut(i.place, line, e)
	var wrong *grammar.Error
	if errors.As(err, &wrong) && wrong.Kind == grammar.Unclosed {
		if !strings.Contains(line, "\n") {
			e.printf("Enter TEXT message.  End with the character '%s'.\n", wrong.Mark)
		}
		i.text = line
		return nil
	}
	if err == nil && !i.closed {
		i.place = next
		if configuring && !next.Configuring() {
			i.configured()
			i.lines.unlock(i)
		}
	}
	return i.worded(line, err)
}

// carryOut does what a line says in a place, and returns the place that
// follows.
func (i *Interpreter) carryOut(at place, line string, e *Exec) (place, error) {
	step, err := i.parse(at, line)
	switch {
	case err != nil:
		return at, err
	case step.Exec != nil:
		finish, err := e.filter(step.Filter)
		if err != nil {
			return at, err
		}
		return step.Next, errors.Join(step.Exec(e), finish())
	case step.Edit != nil:
		if err := i.lines.excluded(i); err != nil {
			i.ahead = nil
			return at, err
		}
		err := i.commitTyped(at, line, e)
		if err == nil {
			i.account(step.Said)
		}
		return step.Next, err
	}
	return step.Next, nil
}

// parse reads a line in a place. A word that is no command, but an address or a
// host, is to be connected to. What is wrong with what an alias stands for is
// told of the line as it was typed.
func (i *Interpreter) parse(at place, line string) (modes.Step[Exec, config.Config], error) {
	c := i.running()
	x := expand(c, at, line)
	i.typed = x.line
	step, err := at.Parse(x.line, i.level)
	if host := i.connecting(c, line); err != nil && host != "" {
		if call, refused := at.Parse(host, i.level); refused == nil {
			return call, nil
		}
	}
	if g, ok := errors.AsType[*grammar.Error](err); ok {
		wrong := *g
		wrong.Line, wrong.Col = line, x.typed(g.Col)
		err = &wrong
	}
	return step, err
}

// commit changes the running configuration.
func (i *Interpreter) commit(edit func(*config.Config) error, e *Exec) (err error) {
	if err := i.lines.excluded(i); err != nil {
		return err
	}
	var notes []string
	i.loop.Do(func(r *backend.Router, now time.Time) { notes, err = r.Commit(now, edit) })
	e.note(notes)
	return err
}

// worded words an error as IOS does at this prompt.
func (i *Interpreter) worded(line string, err error) error {
	var g *grammar.Error
	if !errors.As(err, &g) {
		return err
	}
	if i.origin.Command {
		return fmt.Errorf("Line has invalid autocommand %q", line)
	}
	if c := i.running(); g.Kind == grammar.Unknown && i.line(c).Preferred != preferredNone {
		return errors.New(untranslated(c, strings.TrimSpace(line)))
	}
	wrong := *g
	if wrong.Kind == grammar.Unknown {
		wrong.Kind = grammar.Invalid
	}
	return errors.New(wrong.Text(len(i.Prompt())))
}
