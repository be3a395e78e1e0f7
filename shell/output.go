package shell

import (
	"bytes"
	"regexp"

	"gresh/modes"
)

// The pager's prompt, and what takes it away again.
var (
	more      = []byte(" --More-- ")
	moreErase = []byte("\b\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b\b")
)

const (
	patternMax = 512     // octets of a regular expression
	outMost    = 1 << 14 // octets of output that are written at once
)

// A pager counts the lines of a command's output.
type pager struct {
	lines  int
	quit   bool           // the rest is not wanted
	search *regexp.Regexp // see how
	how    byte           // '/': lines are skipped until one matches; '+', '-': all that don't, that do
	part   []byte         // a line without its end
	out    []byte         // to be shown
}

// page runs what writes to the session, and ends what it has written.
func (s *Session) page(f func()) {
	s.pager, s.filter = pager{}, filter{}
	f()
	s.flush()
	if s.filter.kind == modes.Count {
		s.show([]byte(s.filter.counted()))
		s.send()
	}
	s.pager, s.filter = pager{}, filter{}
}

// Write is part of modes.Terminal: lines end in LF. It may ask whether to go
// on, so it must not be called where the router's goroutine would wait for it.
func (s *Session) Write(b []byte) (int, error) {
	n := len(b)
	p := &s.pager
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			p.part = append(p.part, b...)
			break
		}
		line := b[:end]
		if len(p.part) > 0 {
			line = append(p.part, line...)
			p.part = line[:0]
		}
		s.line(line)
		b = b[end+1:]
	}
	if s.filter.kind == 0 {
		s.flush() // marks of a ping are seen as they come
	}
	s.send()
	return n, nil
}

// flush shows a line that has not been ended, as the marks of a ping are not. A
// search that it does not answer yet keeps it.
func (s *Session) flush() {
	p := &s.pager
	if len(p.part) == 0 {
		return
	}
	seen := !p.quit && s.filter.passes(p.part) && s.wanted(p.part)
	if seen {
		p.out = appendVisible(p.out, p.part)
	}
	if seen || p.search == nil {
		p.part = p.part[:0]
	}
	s.send()
}

// line has a whole line of output, or the end of one.
func (s *Session) line(line []byte) {
	if !s.pager.quit && s.filter.passes(line) {
		s.show(line)
	}
}

// show shows a line, if it is wanted.
func (s *Session) show(line []byte) {
	p := &s.pager
	if p.quit || !s.wanted(line) {
		return
	}
	p.lines++
	p.out = append(appendVisible(p.out, line), "\r\n"...)
	if len(p.out) > outMost {
		s.send()
	}
}

// send writes what is to be shown.
func (s *Session) send() {
	s.screen.write(s.pager.out)
	s.pager.out = s.pager.out[:0]
}

// wanted says whether a line is to be shown, and asks when the page is full.
func (s *Session) wanted(line []byte) bool {
	p := &s.pager
	for {
		if p.search != nil && p.search.Match(line) == (p.how == '-') {
			return false
		}
		if p.how == '/' {
			p.search = nil
		}
		if s.settings.Length == 0 || p.lines < max(1, s.settings.Length-1) {
			return true
		}
		if !s.more() {
			p.quit = true
			return false
		}
	}
}

// more asks whether to go on.
func (s *Session) more() bool {
	s.send()
	s.screen.write(more)
	key, ok := s.keys.reply()
	s.screen.write(moreErase)
	switch {
	case !ok:
		return false
	case key == ' ' || key == 'y' || key == 'Y':
		s.pager.lines = 0
	case key == '\r' || key == '\n':
		s.pager.lines--
	case key == '/' || key == '+' || key == '-':
		return s.searchMore(key)
	default:
		return false
	}
	return true
}

// searchMore asks for an expression, and goes on at the next line that matches,
// or with the lines that do or don't.
func (s *Session) searchMore(how byte) bool {
	pattern, ok := s.answer(string(how), true)
	if !ok {
		return false
	}
	re, err := compile(pattern)
	if err != nil {
		s.screen.write([]byte(err.Error() + "\r\n"))
		return false
	}
	s.screen.write([]byte("filtering...\r\n"))
	s.pager.search, s.pager.how, s.pager.lines = re, how, 0
	return true
}
