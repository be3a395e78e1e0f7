package door

import (
	"sync/atomic"

	"gresh/shell"
)

// A Line is a guest's line. Its session is also over when its terminal is gone:
// what had been typed ahead is then not carried out any more.
type Line struct {
	shell.Guest
	gone atomic.Bool
}

// NewLine is the line that a guest has been given.
func NewLine(g shell.Guest) *Line { return &Line{Guest: g} }

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
	l.Attach(s)
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
