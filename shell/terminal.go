package shell

import (
	"bytes"
	"slices"

	"gresh/modes"
)

// answerMax bounds an answer.
const answerMax = 1024

var _ modes.Terminal = (*Session)(nil)

// Settings is part of modes.Terminal.
func (s *Session) Settings() *modes.Settings { return &s.settings }

// History is part of modes.Terminal.
func (s *Session) History() []string { return slices.Clone(s.history) }

// OnInterrupt is part of modes.Terminal.
func (s *Session) OnInterrupt(f func()) (cancel func()) { return s.keys.onInterrupt(f) }

// Ask is part of modes.Terminal.
func (s *Session) Ask(question string) (answer string, ok bool) { return s.answer(question, true) }

// Secret is part of modes.Terminal.
func (s *Session) Secret(question string) (answer string, ok bool) { return s.answer(question, false) }

func (s *Session) answer(question string, echo bool) (string, bool) {
	s.flush()
	s.write([]byte(question))
	var typed []byte
	for {
		key, ok := s.keys.next()
		switch {
		case !ok, key == 0x03, key == 0x1e, key == 0x1a:
			s.write([]byte("\r\n"))
			return "", false
		case key == '\r', key == '\n':
			s.write([]byte("\r\n"))
			return string(typed), true
		case key == '\b', key == 0x7f:
			if len(typed) > 0 {
				typed = typed[:len(typed)-1]
				if echo {
					s.write([]byte("\b \b"))
				}
			}
		case key < ' ' || key >= 0x7f || len(typed) >= answerMax:
		default:
			typed = append(typed, key)
			if echo {
				s.write([]byte{key})
			}
		}
	}
}

// Confirm is part of modes.Terminal.
func (s *Session) Confirm(question string) bool {
	s.flush()
	s.write([]byte(question))
	key, ok := s.keys.next()
	yes := ok && bytes.IndexByte([]byte("\r\nyY"), key) >= 0
	if key == 'y' || key == 'Y' {
		s.write([]byte{key})
	}
	s.write([]byte("\r\n"))
	return yes
}
