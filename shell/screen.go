package shell

import (
	"cmp"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"gresh/modes"
	"gresh/shell/editor"
)

// A screen is what a session shows. It is the one part of a session that
// goroutines share: Run's, and whose Log or Resize it is.
type screen struct {
	mu            sync.Mutex
	out           io.Writer
	err           error // of out: it gets nothing more
	editor        *editor.Editor
	typing        bool // a line is being edited: Log must not spoil it
	column        int
	monitor       bool // as of the last prompt, like synchronous
	synchronous   bool
	width, length int // what it has been resized to; 0: it has not been
}

// write puts octets on the screen as they are.
func (s *screen) write(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(b)
}

// put is write for who holds the screen.
func (s *screen) put(b []byte) {
	if len(b) == 0 || s.err != nil {
		return
	}
	for _, c := range b {
		switch c {
		case '\r', '\n':
			s.column = 0
		case '\b':
			s.column = max(0, s.column-1)
		case '\a':
		default:
			s.column++
		}
	}
	_, s.err = s.out.Write(b)
}

func (s *screen) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// key has the editor take a key, and shows what comes of it. The line, and
// what of it stands before the cursor, are there if something is asked for.
func (s *screen) key(b byte) (line, before string, event editor.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	echo, event := s.editor.Key(b)
	s.put(echo)
	if event == editor.None {
		return "", "", event
	}
	s.typing = false
	return s.editor.Text(), s.editor.Before(), event
}

// begin shows a prompt and begins a line, with something typed already if
// there is.
func (s *screen) begin(prompt, typed string, o *modes.Settings, history []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	prompt = visible(prompt)
	s.editor.Begin(prompt, o.Width, history)
	s.editor.SetText(typed)
	s.resume(prompt, o)
}

// again shows a prompt and the line as it was left.
func (s *screen) again(prompt string, o *modes.Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resume(visible(prompt), o)
}

func (s *screen) resume(prompt string, o *modes.Settings) {
	s.monitor, s.synchronous = o.Monitor, o.Synchronous
	s.typing = true
	s.put(s.editor.Resume(prompt, o.Width))
}

// leave says that the line, if there is one, is left for now.
func (s *screen) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.typing = false
}

// sized tells settings what the terminal has been resized to.
func (s *screen) sized(o *modes.Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.width > 0 {
		o.Width = s.width
	}
	if s.length > 0 && o.Length > 0 {
		o.Length = s.length
	}
	s.width, s.length = 0, 0
}

// Resize tells the session that its terminal has another size; 0 is one that
// it does not say. It holds from the next line on, and may be called from any
// goroutine.
func (s *Session) Resize(width, length int) {
	s.screen.mu.Lock()
	defer s.screen.mu.Unlock()
	s.screen.width = cmp.Or(width, s.screen.width)
	s.screen.length = cmp.Or(length, s.screen.length)
}

// Log prints what nobody at this terminal asked for, if it monitors. It may be
// called from any goroutine, and writes in that one (see Options.Out). The text
// stands on lines of its own; with "logging synchronous" what was being typed
// is shown again behind it, else the next key goes on where it is.
func (s *Session) Log(text string) {
	s.screen.mu.Lock()
	defer s.screen.mu.Unlock()
	if s.screen.monitor {
		s.screen.intrude(text, s.screen.synchronous)
	}
}

// Say prints what is for everybody, like Log, and shows again what was being
// typed.
func (s *Session) Say(text string) {
	s.screen.mu.Lock()
	defer s.screen.mu.Unlock()
	s.screen.intrude(text, true)
}

// intrude prints text on lines of its own, for who holds the screen.
func (s *screen) intrude(text string, again bool) {
	var b []byte
	if s.column > 0 {
		b = append(b, "\r\n"...)
	}
	for line := range strings.SplitSeq(text, "\n") {
		b = append(appendVisible(b, []byte(line)), "\r\n"...)
	}
	s.put(b)
	if s.typing && again {
		s.put(s.editor.Reprint())
	}
}

// appendVisible appends a line, but what would do something else to a terminal
// than be read: whatever name or text of a peer is in it. That goes for the
// control characters above 0x7f too, escape sequences to some terminals, and for
// the bell; a tab only leaves blanks.
func appendVisible(b, line []byte) []byte {
	for len(line) > 0 {
		r, n := utf8.DecodeRune(line)
		switch {
		case r >= ' ' && r < 0x7f, r == '\t', r >= 0xa0 && r != utf8.RuneError:
			b = append(b, line[:n]...)
		case r <= 0x7f:
			b = append(b, '^', byte(r)^0x40)
		default:
			b = append(b, '?')
		}
		line = line[n:]
	}
	return b
}

// appendText is appendVisible for a text of several lines, of which the last is
// not ended.
func appendText(b []byte, text string) []byte {
	for line, rest := "", text; ; b = append(b, "\r\n"...) {
		var more bool
		line, rest, more = strings.Cut(rest, "\n")
		if b = appendVisible(b, []byte(line)); !more {
			return b
		}
	}
}

// visible is appendVisible for a text of one line.
func visible(text string) string { return string(appendVisible(nil, []byte(text))) }
