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

// patternMax bounds a regular expression.
const patternMax = 512

// A pager counts the lines of a command's output.
type pager struct {
	lines  int
	quit   bool           // the rest is not wanted
	search *regexp.Regexp // lines are skipped until one matches
	part   []byte         // a line without its end
}

// page runs what writes to the session, and ends what it has written.
func (s *Session) page(f func()) {
	s.pager, s.filter = pager{}, filter{}
	f()
	s.flush()
	if s.filter.kind == modes.Count && !s.pager.quit {
		s.show([]byte(s.filter.counted()))
	}
	s.pager, s.filter = pager{}, filter{}
}

// Write is part of modes.Terminal: lines end in LF.
func (s *Session) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			s.pager.part = append(s.pager.part, b...)
			break
		}
		s.pager.part = append(s.pager.part, b[:end]...)
		s.line()
		b = b[end+1:]
	}
	if len(s.pager.part) > 0 && s.filter.kind == 0 && s.pager.search == nil {
		s.flush() // marks of a ping are seen as they come
	}
	return n, nil
}

// flush writes a line that has not been ended, as a question is not.
func (s *Session) flush() {
	part := s.pager.part
	s.pager.part = nil
	if len(part) > 0 && !s.pager.quit && s.filter.passes(part) {
		s.write(clean(part))
	}
}

// line has a whole line of output.
func (s *Session) line() {
	part := s.pager.part
	s.pager.part = nil
	if !s.pager.quit && s.filter.passes(part) {
		s.show(part)
	}
}

// show writes a line, and asks when a page is full.
func (s *Session) show(line []byte) {
	p := &s.pager
	if p.search != nil {
		if !p.search.Match(line) {
			return
		}
		p.search = nil
	}
	if s.settings.Length > 0 && p.lines >= s.settings.Length-1 && !s.more() {
		p.quit = true
		return
	}
	if p.search != nil {
		s.show(line)
		return
	}
	p.lines++
	s.write(append(clean(line), '\r', '\n'))
}

// more asks whether to go on.
func (s *Session) more() bool {
	s.write(more)
	key, ok := s.keys.next()
	s.write(moreErase)
	switch {
	case !ok:
		return false
	case key == ' ' || key == 'y' || key == 'Y':
		s.pager.lines = 0
	case key == '\r' || key == '\n':
		s.pager.lines--
	case key == '/':
		return s.searchMore()
	default:
		return false
	}
	return true
}

// searchMore goes on at the next line that matches what is asked for.
func (s *Session) searchMore() bool {
	pattern, ok := s.answer("/", true)
	if !ok {
		return false
	}
	re, err := compile(pattern)
	if err != nil {
		s.write([]byte(err.Error() + "\r\n"))
		return false
	}
	s.write([]byte("filtering...\r\n"))
	s.pager.search, s.pager.lines = re, 0
	return true
}

// clean takes out of a line what would do something else to a terminal than be
// read: whatever name or text of a peer is in it.
func clean(line []byte) []byte {
	out := make([]byte, 0, len(line)+2)
	for _, c := range line {
		switch {
		case c >= ' ' && c != 0x7f, c == '\t', c == '\a':
			out = append(out, c)
		default:
			out = append(out, '^', c^0x40)
		}
	}
	return out
}
