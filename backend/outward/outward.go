// Package outward is a terminal's end of a connection to another host, by telnet
// or by SSH: octets in and out, and the terminal's size. Who connects, from
// where and whether he may is decided outside; it is given a connection that
// stands. It knows no router.
package outward

import (
	"io"
	"sync"
)

// A Link is a session at another host.
type Link interface {
	io.ReadWriteCloser
	Resize(width, length int)
}

// heldMost is how much a host may say to a session that is left alone. Then it
// has to wait.
const heldMost = 64 << 10

// A Session reads a Link for a terminal that may be elsewhere meanwhile.
type Session struct {
	link Link
	wake func()

	mu     sync.Mutex
	change sync.Cond
	screen io.Writer // nil: nobody looks
	held   []byte
	ended  bool
	heard  int
}

// NewSession begins to read. Wake is called when the host has ended the
// session; it must not block.
func NewSession(l Link, wake func()) *Session {
	s := &Session{link: l, wake: wake}
	s.change.L = &s.mu
	go s.read()
	return s
}

func (s *Session) read() {
	var chunk [4096]byte
	for {
		n, err := s.link.Read(chunk[:])
		s.take(chunk[:n])
		if err != nil {
			s.mu.Lock()
			s.ended = true
			s.mu.Unlock()
			s.wake()
			return
		}
	}
}

func (s *Session) take(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.screen == nil && len(s.held) > heldMost && !s.ended {
		s.change.Wait()
	}
	if s.heard += len(b); s.screen != nil {
		_, _ = s.screen.Write(b)
		return
	}
	s.held = append(s.held, b...)
}

// Show shows the session on a screen, first what it missed; nil: nowhere.
func (s *Session) Show(screen io.Writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.screen = screen; screen != nil {
		_, _ = screen.Write(s.held)
		s.held = nil
	}
	s.change.Broadcast()
}

// Write types.
func (s *Session) Write(b []byte) (int, error) { return s.link.Write(b) }

// Resize says that the terminal has another size.
func (s *Session) Resize(width, length int) { s.link.Resize(width, length) }

// Ended says whether nothing more will come.
func (s *Session) Ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended && len(s.held) == 0
}

// Unseen is how much has come that nobody has seen.
func (s *Session) Unseen() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.held)
}

// Close ends the session.
func (s *Session) Close() error {
	err := s.link.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended, s.held = true, nil
	s.change.Broadcast()
	return err
}
