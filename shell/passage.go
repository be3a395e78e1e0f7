package shell

import (
	"io"

	"gresh/modes"
)

var _ modes.Passage = (*Session)(nil)

// Keys is part of modes.Passage.
func (s *Session) Keys(over func() bool, take func(key byte) (more bool)) {
	for {
		key, ok := s.keys.until(over)
		if !ok || !take(key) {
			return
		}
	}
}

// Octets is part of modes.Passage.
func (s *Session) Octets() io.Writer { return octets{&s.screen} }

// Wake is part of modes.Passage.
func (s *Session) Wake() {
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	s.keys.change.Broadcast()
}

type octets struct{ screen *screen }

func (o octets) Write(b []byte) (int, error) {
	o.screen.write(b)
	return len(b), o.screen.failed()
}
