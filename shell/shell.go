// Package shell is a session at a router's terminal: it reads keys, echoes
// them as IOS does, runs finished lines through an Interpreter, and pages and
// filters what comes out. It knows no command and no router, and leaves the
// terminal itself (raw mode, sockets) to packages beneath it.
package shell

import (
	"errors"
	"io"
	"strings"
	"sync"

	"gresh/modes"
	"gresh/shell/editor"
)

// An Interpreter is what a shell is a shell for.
type Interpreter interface {
	// Prompt is the prompt of the moment.
	Prompt() string
	// Help is what "?" says after a line; it ends in a line feed.
	Help(line string) string
	// Complete completes the last word, if there is one way to.
	Complete(line string) (string, bool)
	// Run carries out a line. An error is printed as it is: its text brings
	// its own carets and blank lines.
	Run(line string, t modes.Terminal) error
	// Leave goes back to where the session began, as ^Z and ^C do in
	// configuration mode.
	Leave()
	// Closed says whether the session is over.
	Closed() bool
}

// ErrEscape ends Run when Ctrl-^ x was typed at a prompt. Run may be called
// again: what had been typed is still there.
var ErrEscape = errors.New("escaped")

// The size of a terminal that does not say its own.
const (
	lengthDefault  = 24
	widthDefault   = 80
	historyDefault = 10
)

// Options are what a session begins with.
type Options struct {
	// In is what is typed. With none, Type is the only way to type.
	In io.Reader
	// Out takes what the terminal shows. A writer that blocks blocks this
	// session and no other.
	Out           io.Writer
	Interpreter   Interpreter
	Length, Width int // Length 0: 24 lines; -1: no paging. Width 0: 80 columns
	Monitor       bool
}

// A Session is one of them. Run is its goroutine; one more reads In.
type Session struct {
	keys     *keys
	out      io.Writer
	interp   Interpreter
	editor   *editor.Editor
	settings modes.Settings
	history  []string
	begun    bool

	screen   sync.Mutex // of what is written, by Run and by Log
	typing   bool       // a line is being edited: Log must not spoil it
	prompted string     // what the line stands behind; Log cannot ask the router
	pager    pager
	filter   filter
	column   int
}

// New makes a session.
func New(o Options) *Session {
	s := &Session{keys: newKeys(o.In), out: o.Out, interp: o.Interpreter, editor: editor.New()}
	s.settings = modes.Settings{Length: o.Length, Width: o.Width, HistorySize: historyDefault, Monitor: o.Monitor}
	switch {
	case o.Length == 0:
		s.settings.Length = lengthDefault
	case o.Length < 0:
		s.settings.Length = 0
	}
	if o.Width == 0 {
		s.settings.Width = widthDefault
	}
	return s
}

// Run carries out what is typed until the session is left, what is typed ends,
// or the terminal is taken away (ErrEscape).
func (s *Session) Run() error {
	defer s.keys.rest()
	if s.begun {
		text := s.interp.Prompt()
		s.screen.Lock()
		s.prompted = text
		s.put(s.editor.Resume(text))
		s.screen.Unlock()
	} else {
		s.prompt("")
		s.begun = true
	}
	for !s.interp.Closed() {
		key, ok := s.keys.next()
		if !ok {
			return nil
		}
		if s.key(key) == editor.Escape {
			s.write([]byte("\r\n"))
			return ErrEscape
		}
	}
	return nil
}

// key takes one key of a line.
func (s *Session) key(key byte) editor.Event {
	line, before, event := s.edit(key)
	switch event {
	case editor.Line:
		s.run(line)
		s.prompt("")
	case editor.Help:
		s.page(func() { _, _ = io.WriteString(s, s.interp.Help(before)) })
		s.prompt(line)
	case editor.Complete:
		if full, ok := s.interp.Complete(line); ok {
			line = full
		}
		s.write([]byte("\r\n"))
		s.prompt(line)
	case editor.End:
		s.run(line)
		s.interp.Leave()
		s.prompt("")
	case editor.Abort:
		s.interp.Leave()
		s.prompt("")
	}
	return event
}

// edit is what a key makes of the line, and of what is before the cursor. Log
// looks at the editor from elsewhere: it is not to see half of a key.
func (s *Session) edit(key byte) (line, before string, event editor.Event) {
	s.screen.Lock()
	defer s.screen.Unlock()
	echo, event := s.editor.Key(key)
	s.put(echo)
	if event == editor.None {
		return "", "", event
	}
	return s.editor.Text(), s.editor.Before(), event
}

// prompt begins a line, with something typed already if there is.
func (s *Session) prompt(typed string) {
	if s.interp.Closed() {
		return
	}
	text := s.interp.Prompt()
	s.screen.Lock()
	defer s.screen.Unlock()
	s.prompted = text
	s.editor.Begin(text, s.settings.Width, s.history)
	s.editor.SetText(typed)
	s.put(s.editor.Resume(text))
	s.typing = true
}

// run carries out a finished line.
func (s *Session) run(line string) {
	s.screen.Lock()
	s.typing = false
	s.screen.Unlock()
	if strings.TrimSpace(line) != "" {
		s.remember(line)
	}
	var err error
	s.page(func() { err = s.interp.Run(line, s) })
	if err == nil {
		return
	}
	text := err.Error()
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	s.page(func() { _, _ = io.WriteString(s, text) })
}

// remember keeps a line for ^P, but not twice in a row.
func (s *Session) remember(line string) {
	if n := len(s.history); n == 0 || s.history[n-1] != line {
		s.history = append(s.history, line)
	}
	if over := len(s.history) - s.settings.HistorySize; over > 0 {
		s.history = append([]string(nil), s.history[over:]...)
	}
}

// Log prints a line that nobody at this terminal asked for. It may be called
// from any goroutine. It stands on a line of its own; with "logging
// synchronous" what was being typed is shown again behind it.
func (s *Session) Log(line string) {
	s.screen.Lock()
	defer s.screen.Unlock()
	if !s.settings.Monitor {
		return
	}
	if s.column > 0 {
		s.put([]byte("\r\n"))
	}
	s.put([]byte(line + "\r\n"))
	if s.typing && s.settings.Synchronous {
		s.put(s.editor.Resume(s.prompted))
	}
}

// Resize tells the session that its terminal has another size.
func (s *Session) Resize(width, length int) {
	s.screen.Lock()
	defer s.screen.Unlock()
	if width > 0 {
		s.settings.Width = width
	}
	if length > 0 && s.settings.Length > 0 {
		s.settings.Length = length
	}
}

// write puts octets on the screen as they are.
func (s *Session) write(b []byte) {
	s.screen.Lock()
	defer s.screen.Unlock()
	s.put(b)
}

// put is write for who holds the screen. A terminal that is gone is noticed
// when its keys end.
func (s *Session) put(b []byte) {
	if len(b) == 0 {
		return
	}
	for _, c := range b {
		switch c {
		case '\r', '\n':
			s.column = 0
		case '\b':
			s.column = max(0, s.column-1)
		default:
			s.column++
		}
	}
	_, _ = s.out.Write(b)
}
