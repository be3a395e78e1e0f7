package commands

import (
	"errors"
	"net/netip"
	"sync"

	"gresh/backend"
	"gresh/backend/event"
	"gresh/modes"
	"gresh/show"
)

// A Way is how a session comes in.
type Way uint8

// The ways.
const (
	Console  Way = iota // a person at the console
	Script              // a program at the console, which begins at the prompt
	Attached            // by the local socket, whose permissions are the login
	Telnet
	SSH
)

// An Origin is where a session comes from.
type Origin struct {
	Way           Way
	Remote        netip.AddrPort // of who came over a network
	User          string         // who it is, as far as the way in knows
	Authenticated bool           // and has made sure of
	Command       bool           // one command is carried out, and there is no session
	Cipher, MAC   string         // of SSH, as negotiated
}

// vtysMost is how many virtual terminals there are.
const vtysMost = 16

var errNoLine = errors.New("% All lines are in use")

var errLogin = errors.New("% Login invalid")

// LinesOptions are what a router's lines are told of the place it runs in.
type LinesOptions struct {
	// Open lets in whoever comes over a network, and is who he says he is, for
	// as long as the configuration knows neither a user nor a line's password.
	// It is for labs: nobody else can reach them.
	Open bool
}

// Lines are the lines of one router: con 0 and the virtual terminals, and who
// is on them. They are shared by all ways in, and safe for many goroutines.
type Lines struct {
	loop    backend.Loop
	options LinesOptions

	mu    sync.Mutex
	vtys  [vtysMost]*Interpreter
	seats map[*Interpreter]modes.Seat // who is there, at consoles too
}

// NewLines are the lines of the router behind the loop.
func NewLines(loop backend.Loop, o LinesOptions) *Lines { return &Lines{loop: loop, options: o} }

// Authenticate says whether the origin's user has this password. It takes its
// time, in its caller's goroutine. The error is what to tell the client.
func (l *Lines) Authenticate(Origin, string) error {
	if !l.options.Open {
		return errLogin
	}
	return nil
}

// Take finds a line for a session. Its error is for whoever wanted in.
func (l *Lines) Take(o Origin) (*Interpreter, error) {
	i := &Interpreter{lines: l, loop: l.loop, origin: o, number: -1, root: start()}
	i.restart()
	if o.Way == Console || o.Way == Script {
		return i, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for n := range l.vtys {
		if l.vtys[n] == nil {
			l.vtys[n], i.number = i, n
			return i, nil
		}
	}
	return nil, errNoLine
}

func (l *Lines) attach(i *Interpreter, s modes.Seat) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seats == nil {
		l.seats = map[*Interpreter]modes.Seat{}
	}
	l.seats[i] = s
}

func (l *Lines) release(i *Interpreter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.seats, i)
	if i.number >= 0 {
		l.vtys[i.number] = nil
	}
}

// Heard has the lines know of what happened to their router: that it will stop
// is said on all of them, and when it starts again nobody is on the virtual
// ones any more. It may be called where the router is used.
func (l *Lines) Heard(e backend.Event) {
	banner := show.Banner(e.Value)
	_, restarted := e.Value.(event.Restarted)
	if banner == "" && !restarted {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, s := range l.seats {
		if banner != "" {
			s.Say(banner)
		} else if i.number >= 0 {
			s.Hangup()
		}
	}
}
