package door

import (
	"sync/atomic"
	"time"

	"gresh/shell"
)

// A Line is a guest's line. Its session is also over when its terminal is gone:
// what had been typed ahead is then not carried out any more.
type Line struct {
	shell.Guest
	end  func()
	gone atomic.Bool
}

// NewLine is the line that a guest has been given. To end takes his terminal
// away.
func NewLine(g shell.Guest, end func()) *Line { return &Line{Guest: g, end: end} }

// endPatience is how long a session that is hung up may take to notice. One
// that waits for its terminal to be read never does.
const endPatience = 2 * time.Second

// A seat is a session that is taken its terminal away if need be.
type seat struct {
	Seat
	end func()
}

// Hangup is part of Seat.
func (s seat) Hangup() {
	s.Seat.Hangup()
	time.AfterFunc(endPatience, s.end)
}

// Closed is part of shell.Interpreter.
func (l *Line) Closed() bool { return l.gone.Load() || l.Guest.Closed() }

// Gone says whether nothing more will be carried out.
func (l *Line) Gone() bool { return l.gone.Load() }

// A Seat is a session as others of its router see it.
type Seat interface {
	Log(text string)
	Say(text string)
	Hangup()
}

// Hold has run run the session that is on the line, which others of the router
// see meanwhile, and gives the line back.
func (l *Line) Hold(s Seat, logs Logs, run func() error) error {
	l.Attach(seat{s, l.end})
	unlog := logs.to(s)
	err := run()
	unlog()
	l.gone.Store(true)
	s.Hangup()
	l.Release()
	return err
}

// interrupt is the key that ends a command.
var interrupt = []byte{0x1e}

// Cut says that the terminal is gone: nothing more is carried out, and what
// runs is interrupted.
func (l *Line) Cut(s *shell.Session) {
	l.gone.Store(true)
	s.Hangup()
	s.Feed(interrupt)
}
