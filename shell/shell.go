// Package shell is a session at a router's terminal: it reads keys, echoes
// them as IOS does, runs finished lines through an Interpreter, and pages and
// filters what comes out. It knows no command and no router, and leaves the
// terminal itself (raw mode, sockets) to packages beneath it.
package shell

import (
	"errors"
	"io"
	"strings"

	"gresh/modes"
	"gresh/shell/editor"
)

// An Interpreter is what a shell is a shell for.
type Interpreter interface {
	// Begin greets, and asks who has come, before the first prompt. It is called
	// once; not ok ends the session.
	Begin(t modes.Terminal) (ok bool)
	// Prompt is the prompt of the moment.
	Prompt() string
	// Help is what "?" says after a line; it ends in a line feed.
	Help(line string) string
	// Complete completes the last word, if there is one way to.
	Complete(line string) (string, bool)
	// Run carries out a line. An error is printed as it is: its text brings
	// its own carets and blank lines.
	Run(line string, t modes.Terminal) error
	// Configuring says whether lines are of a configuration: they have a history
	// of their own.
	Configuring() bool
	// Leave goes back to where the session began, as ^Z and ^C do in
	// configuration mode.
	Leave()
	// Closed says whether the session is over.
	Closed() bool
}

// A Guest is an Interpreter on a line of a router that others can see and end.
type Guest interface {
	Interpreter
	// Attach says which session is on the line.
	Attach(modes.Seat)
	// Release gives the line back. Whoever is cut off while configuring has
	// configured.
	Release()
}

// ErrEscape ends Run when Ctrl-^ x was typed at a prompt. Run may be called
// again: what had been typed is still there.
var ErrEscape = errors.New("escaped")

var errTurnedAway = errors.New("turned away")

// ErrIdle ends Run when nothing was typed for as long as Settings.Idle.
var ErrIdle = errors.New("nothing was typed for too long")

// Options are what a session begins with.
type Options struct {
	// In is what is typed. With none, Type is the only way to type.
	In io.Reader
	// Out takes what the terminal shows, a key's echo in one Write and output
	// in pieces of some kilobytes. It is written to by Run and by Log, each in
	// its caller's goroutine: an Out that may stall for long needs a deadline
	// or a queue of its own, or whoever logs stalls with it. When it fails,
	// nothing more is written and Run ends with its error.
	Out           io.Writer
	Interpreter   Interpreter
	Length, Width int // Length 0: 24 lines; -1: no paging. Width 0: 80 columns
	Monitor       bool
}

// A Session is one of them. Run is its goroutine; one more reads In, to its
// end. Feed, Type, Ready, Hangup, Log and Resize may be called from others;
// what a modes.Terminal has is for the command that Run carries out.
type Session struct {
	keys     *keys
	screen   screen
	interp   Interpreter
	settings modes.Settings
	history  [2][]string // of commands, and of lines of a configuration
	begun    bool
	pager    pager
	filter   filter
}

// New makes a session.
func New(o Options) *Session {
	s := &Session{
		screen: screen{out: o.Out, editor: editor.New(), monitor: o.Monitor},
		interp: o.Interpreter,
		settings: modes.Settings{Length: o.Length, Width: o.Width, HistorySize: modes.HistoryDefault,
			Monitor: o.Monitor},
	}
	s.keys = newKeys(o.In, &s.settings.Idle)
	switch {
	case o.Length == 0:
		s.settings.Length = modes.LengthDefault
	case o.Length < 0:
		s.settings.Length = 0
	}
	if o.Width == 0 {
		s.settings.Width = modes.WidthDefault
	}
	return s
}

// Run carries out what is typed until the session is left, what is typed ends,
// the terminal fails, is taken away (ErrEscape) or left alone (ErrIdle).
func (s *Session) Run() (err error) {
	defer func() {
		if !errors.Is(err, ErrEscape) {
			s.keys.end()
		}
		s.keys.retire()
	}()
	defer s.screen.leave()
	if !s.start() {
		return nil
	}
	for !s.interp.Closed() {
		if err := s.screen.failed(); err != nil {
			return err
		}
		key, ok := s.keys.next()
		if !ok {
			return s.keys.why()
		}
		if s.key(key) == editor.Escape {
			s.screen.write([]byte("\r\n"))
			return ErrEscape
		}
	}
	return nil
}

// Execute carries out one line, or one after another, instead of Run, and
// returns what was wrong, which has been shown. What is typed answers what they
// ask.
func (s *Session) Execute(lines string) (err error) {
	defer s.keys.retire()
	begun := false
	if s.page(func() { begun = s.interp.Begin(s) }); !begun {
		return errTurnedAway
	}
	for line := range strings.Lines(lines) {
		if err == nil && !s.interp.Closed() {
			err = s.run(strings.TrimRight(line, "\r\n"))
		}
	}
	return err
}

// start shows the first prompt, or the line that was left. It is not ok if who
// came was turned away.
func (s *Session) start() (ok bool) {
	if s.begun {
		s.screen.sized(&s.settings)
		s.screen.again(s.interp.Prompt(), &s.settings)
		return true
	}
	s.begun = true
	s.page(func() { ok = s.interp.Begin(s) })
	if ok {
		s.prompt("")
	}
	return ok
}

// key takes one key of a line.
func (s *Session) key(key byte) editor.Event {
	line, before, event := s.screen.key(key)
	switch event {
	case editor.Line:
		_ = s.run(line)
		s.prompt("")
	case editor.Help:
		s.page(func() { _, _ = io.WriteString(s, s.interp.Help(before)) })
		s.prompt(line)
	case editor.Complete:
		if full, ok := s.interp.Complete(line); ok {
			line = full
		}
		s.screen.write([]byte("\r\n"))
		s.prompt(line)
	case editor.End:
		_ = s.run(line)
		s.interp.Leave()
		s.prompt("")
	case editor.Abort:
		s.interp.Leave()
		s.prompt("")
	}
	return event
}

// prompt begins a line, with something typed already if there is.
func (s *Session) prompt(typed string) {
	if s.interp.Closed() {
		return
	}
	s.screen.sized(&s.settings)
	s.screen.begin(s.interp.Prompt(), typed, &s.settings, *s.book())
}

// run carries out a finished line.
func (s *Session) run(line string) error {
	s.screen.sized(&s.settings)
	if strings.TrimSpace(line) != "" {
		s.remember(line)
	}
	var err error
	s.page(func() { err = s.interp.Run(line, s) })
	if err == nil {
		return nil
	}
	text := err.Error()
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	s.page(func() { _, _ = io.WriteString(s, text) })
	return err
}

// book is the history that lines typed now belong to.
func (s *Session) book() *[]string {
	switch {
	case s.settings.NoHistory:
		return new([]string)
	case s.interp.Configuring():
		return &s.history[1]
	}
	return &s.history[0]
}

// remember keeps a line for ^P, but not twice in a row.
func (s *Session) remember(line string) {
	book := s.book()
	if n := len(*book); n == 0 || (*book)[n-1] != line {
		*book = append(*book, line)
	}
	if over := len(*book) - s.settings.HistorySize; over > 0 {
		*book = append([]string(nil), (*book)[over:]...)
	}
}
