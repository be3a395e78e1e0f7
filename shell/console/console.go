// Package console is the way in from this machine. Terminal is the process's
// own terminal: put into raw mode for a session and always given back as it
// was. Listen and Serve are a running router's socket, with a session for each
// who connects; Dial is his end. It knows no command and no router: what those
// sessions understand comes from outside, and who may connect is for the
// kernel to say, not for a password.
package console

import (
	"os"
	"os/signal"
	"sync"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// A Terminal is the process's own terminal.
type Terminal struct {
	in, out *os.File
	mu      sync.Mutex
	was     *term.State
}

// Open returns the terminal behind in and out; not ok unless both are one: what
// is piped in is not edited, and what is piped out is for no screen.
func Open(in, out *os.File) (t *Terminal, ok bool) {
	ok = term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd()))
	return &Terminal{in: in, out: out}, ok
}

// Raw has every key come as it is typed, until Restore.
func (t *Terminal) Raw() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.was != nil {
		return nil
	}
	was, err := term.MakeRaw(int(t.in.Fd()))
	if err == nil {
		t.was = was
	}
	return err
}

// Keep remembers the terminal as it is, for Restore: another process may make
// of it what it likes.
func (t *Terminal) Keep() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.was != nil {
		return nil
	}
	was, err := term.GetState(int(t.in.Fd()))
	if err == nil {
		t.was = was
	}
	return err
}

// Restore gives the terminal back as it was before Raw or Keep.
func (t *Terminal) Restore() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.was != nil {
		_ = term.Restore(int(t.in.Fd()), t.was)
		t.was = nil
	}
}

// Size is the terminal's; 0, 0 if it does not say.
func (t *Terminal) Size() (width, length int) {
	width, length, err := term.GetSize(int(t.out.Fd()))
	if err != nil {
		return 0, 0
	}
	return width, length
}

// Watch calls resized whenever the size changes, and gives the terminal back
// and calls ended when the process is told to end. Stop ends the watch.
func (t *Terminal) Watch(resized func(width, length int), ended func(os.Signal)) (stop func()) {
	signals, done := make(chan os.Signal, 4), make(chan struct{})
	signal.Notify(signals, unix.SIGWINCH, unix.SIGTERM, unix.SIGHUP, unix.SIGINT)
	go func() {
		for {
			select {
			case s := <-signals:
				if s == unix.SIGWINCH {
					resized(t.Size())
					continue
				}
				t.Restore()
				ended(s)
			case <-done:
				return
			}
		}
	}()
	return sync.OnceFunc(func() {
		signal.Stop(signals)
		close(done)
	})
}
