package shell

import (
	"bytes"
	"slices"

	"gresh/modes"
)

const (
	answerMax  = 1024 // octets of an answer
	aheadLines = 500  // that who runs a command gets to know
)

var (
	_ modes.Terminal  = (*Session)(nil)
	_ modes.Foresight = (*Session)(nil)
)

// Settings is part of modes.Terminal. What a command changes holds from the
// next prompt on.
func (s *Session) Settings() *modes.Settings { return &s.settings }

// History is part of modes.Terminal.
func (s *Session) History() []string { return slices.Clone(*s.book()) }

// Ahead is part of modes.Foresight.
func (s *Session) Ahead() []string { return s.keys.lines(aheadLines) }

// OnInterrupt is part of modes.Terminal. f is called once, in the goroutine
// that types; it must not block, and leaves cancelling to the command.
func (s *Session) OnInterrupt(f func()) (cancel func()) { return s.keys.onInterrupt(f) }

// Ask is part of modes.Terminal.
func (s *Session) Ask(question string) (answer string, ok bool) {
	s.flush()
	return s.answer(question, true)
}

// Secret is part of modes.Terminal.
func (s *Session) Secret(question string) (answer string, ok bool) {
	s.flush()
	return s.answer(question, false)
}

// answer asks for a line. Whoever has answered has seen what stood before.
func (s *Session) answer(question string, echo bool) (string, bool) {
	s.screen.write(appendText(nil, question))
	defer s.screen.write([]byte("\r\n"))
	s.pager.lines = 0
	var typed []byte
	for {
		key, ok := s.keys.reply()
		switch {
		case key == ctrlZ && ok:
			return string(append(typed, ctrlZ)), false
		case !ok, key == ctrlC, key == ctrlCaret:
			return "", false
		case key == '\r', key == '\n':
			return string(typed), true
		case key == '\b', key == 0x7f:
			typed = s.shorten(typed, 1, echo)
		case key == 0x15, key == 0x18:
			typed = s.shorten(typed, len(typed), echo)
		case key < ' ' || key >= 0x7f || len(typed) >= answerMax:
		default:
			typed = append(typed, key)
			if echo {
				s.screen.write([]byte{key})
			}
		}
	}
}

// shorten takes the last n characters off an answer.
func (s *Session) shorten(typed []byte, n int, echo bool) []byte {
	n = min(n, len(typed))
	if echo {
		s.screen.write(bytes.Repeat([]byte("\b \b"), n))
	}
	return typed[:len(typed)-n]
}

// Confirm is part of modes.Terminal.
func (s *Session) Confirm(question string) bool {
	s.flush()
	s.screen.write(appendText(nil, question))
	s.pager.lines = 0
	key, ok := s.keys.reply()
	if key == 'y' || key == 'Y' {
		s.screen.write([]byte{key})
	}
	s.screen.write([]byte("\r\n"))
	return ok && bytes.IndexByte([]byte("\r\nyY"), key) >= 0
}
