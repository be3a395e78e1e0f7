package commands

import (
	"errors"
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
	loop   backend.Loop
	line   string // where the session is: "console"
	root   place
	place  place
	level  int
	typed  string // the line being carried out
	text   string // of a banner: what has come of it, until its end comes
	closed bool
}

// NewInterpreter begins a session with the router behind the loop, on the line
// that is called so in the log.
func NewInterpreter(loop backend.Loop, line string) *Interpreter {
	i := &Interpreter{loop: loop, line: line, root: start()}
	i.restart()
	return i
}

// restart puts the session back where it begins.
func (i *Interpreter) restart() { i.place, i.level, i.text = i.root, 1, "" }

// Closed says whether the session has been left.
func (i *Interpreter) Closed() bool { return i.closed }

// Prompt is the prompt of the moment; there is none within a text.
func (i *Interpreter) Prompt() string {
	if i.text != "" {
		return ""
	}
	return i.place.Prompt(i.hostname(), i.level)
}

func (i *Interpreter) hostname() (host string) {
	i.loop.Do(func(r *backend.Router, _ time.Time) { host = r.Running().Hostname })
	return host
}

// Help is what "?" says after a line.
func (i *Interpreter) Help(line string) string { return i.place.Help(line, i.level).String() }

// Complete completes the last word of the line, if there is just one way to.
func (i *Interpreter) Complete(line string) (string, bool) { return i.place.Complete(line, i.level) }

// Leave leaves configuration mode.
func (i *Interpreter) Leave() {
	i.text = ""
	if i.place.Configuring() {
		i.place = i.place.Top()
		i.configured()
	}
}

// configured logs that the session has left configuration mode.
func (i *Interpreter) configured() {
	i.loop.Do(func(r *backend.Router, now time.Time) {
		r.Note(now, event.Configured{From: i.line, By: i.line})
	})
}

// Run carries out a line. What goes wrong is returned as it is to be printed.
func (i *Interpreter) Run(line string, t modes.Terminal) error {
	if i.text != "" {
		line = i.text + "\n" + line
		i.text = ""
	}
	i.typed = line
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
		}
	}
	return i.worded(line, err)
}

// carryOut does what a line says in a place, and returns the place that
// follows.
func (i *Interpreter) carryOut(at place, line string, e *Exec) (place, error) {
	step, err := at.Parse(line, i.level)
	switch {
	case err != nil:
		return at, err
	case step.Exec != nil:
		if step.Filter != nil {
			if err := e.Filter(*step.Filter); err != nil {
				return at, err
			}
		}
		return step.Next, step.Exec(e)
	case step.Edit != nil:
		return step.Next, i.commit(step.Edit, e)
	}
	return step.Next, nil
}

// commit changes the running configuration.
func (i *Interpreter) commit(edit func(*config.Config) error, e *Exec) (err error) {
	var notes []string
	i.loop.Do(func(r *backend.Router, now time.Time) { notes, err = r.Commit(now, edit) })
	for _, n := range notes {
		e.printf("%s\n", n)
	}
	return err
}

// worded words an error as IOS does at this prompt.
func (i *Interpreter) worded(line string, err error) error {
	var g *grammar.Error
	if !errors.As(err, &g) {
		return err
	}
	text := g.Text(len(i.Prompt()))
	if g.Kind == grammar.Unknown {
		text = "Translating \"" + strings.TrimSpace(line) + "\"\n" + text
	}
	return errors.New(text)
}
