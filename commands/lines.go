package commands

import (
	"crypto/rand"
	"errors"
	"io"
	"net/netip"
	"slices"
	"sync"
	"time"

	"gresh/backend"
	"gresh/backend/config"
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

// vtysUsual is how many virtual terminals there are, unless more are configured.
const vtysUsual = 16

// Why there is no line for somebody.
var (
	errNoLine    = errors.New("% All lines are in use")
	errTransport = errors.New(`% Connection refused: no line takes this protocol ("transport input")`)
	errClass     = errors.New("% Connection refused by the access class of the lines")
)

// LinesOptions are what a router's lines are told of the place it runs in.
type LinesOptions struct {
	// Open lets in whoever comes over a network, and is who he says he is, for
	// as long as the configuration knows neither a user nor a line's password.
	// It is for labs: nobody else can reach them.
	Open bool
	Rand io.Reader // nil: the system's

	// Dial makes the connections of "telnet" and "ssh"; nil: there are none.
	Dial Dialer

	// Sleep is how whoever failed to log in is made to wait; nil: time.Sleep.
	Sleep func(time.Duration)
}

// Lines are the lines of one router: con 0 and the virtual terminals, and who
// is on them. They are shared by all ways in, and safe for many goroutines.
type Lines struct {
	loop     backend.Loop
	options  LinesOptions
	remote   Remote // see Reach
	verifier verifier

	mu    sync.Mutex
	on    map[int]*Interpreter // by the number of the virtual terminal; -1 is the console
	uses  map[int]int          // how often a line has been taken
	watch watch
	alone *Interpreter // who configures, and has locked the others out

	aloneBy string // what he typed for it

	leveled []config.Privilege // of the tree that begins at root
	root    place
}

// NewLines are the lines of the router behind the loop.
func NewLines(loop backend.Loop, o LinesOptions) *Lines {
	if o.Sleep == nil {
		o.Sleep = time.Sleep
	}
	l := &Lines{loop: loop, options: o, on: map[int]*Interpreter{}, uses: map[int]int{}}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if _, err := io.ReadFull(o.Rand, l.verifier.key[:]); err != nil {
		panic(err) // the system's never fails
	}
	return l
}

// Take finds a line for a session. Its error is for whoever wanted in.
func (l *Lines) Take(o Origin) (*Interpreter, error) {
	c, now := l.running()
	i := &Interpreter{lines: l, loop: l.loop, origin: o, number: -1, root: l.start(c.Privileges)}
	i.restart()
	if o.Way == Console || o.Way == Script {
		l.sit(i, -1, now)
		return i, nil
	}
	if l.keptOut(c, now, o) {
		return nil, errQuiet
	}
	for {
		number, err := l.free(c, o)
		if err != nil {
			return nil, err
		}
		if l.sit(i, int(number), now) {
			i.noteSSH(c, event.SSHRequested, event.SSHLoggedIn)
			return i, nil
		}
	}
}

// Room says whether anybody from there would find a line now. Who would not is
// not even asked who he is.
func (l *Lines) Room(o Origin) error {
	c, now := l.running()
	if l.keptOut(c, now, o) {
		return errQuiet
	}
	_, err := l.free(c, o)
	return err
}

// start is where sessions begin with the levels that are given to commands. The
// tree is compiled anew only when they have changed.
func (l *Lines) start(given []config.Privilege) place {
	if len(given) == 0 {
		return start()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(given, l.leveled) {
		l.leveled, l.root = given, leveledTree(given).Start()
	}
	return l.root
}

// sit puts a session on a line, unless somebody has come first.
func (l *Lines) sit(i *Interpreter, number int, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.on[number] != nil && number >= 0 {
		return false
	}
	l.on[number], i.number, i.active = i, number, now
	l.uses[number]++
	return true
}

// free is the first virtual terminal that nobody is on and that an origin may
// use.
func (l *Lines) free(c *config.Config, o Origin) (number uint16, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	busy := false
	for n := range vtys(c) {
		switch line, _ := c.Line("vty", uint16(n)); {
		case o.Way == Telnet && !line.Accepts(config.TransportTelnet), o.Way == SSH && !line.Accepts(config.TransportSSH):
			err = errTransport
		case o.Remote.IsValid() && line.AccessIn != "" && !c.Permits(line.AccessIn, o.from()):
			err = errClass
		case l.on[n] == nil:
			return uint16(n), nil
		default:
			busy = true
		}
	}
	if busy {
		err = errNoLine
	}
	return 0, err
}

// vtys is how many virtual terminals a configuration has.
func vtys(c *config.Config) int {
	n := vtysUsual
	if last := len(c.Lines) - 1; last >= 0 && c.Lines[last].Type == "vty" {
		n = max(n, int(c.Lines[last].Number)+1)
	}
	return n
}

func (l *Lines) attach(i *Interpreter, s modes.Seat) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i.seat = s
}

func (l *Lines) release(i *Interpreter) {
	l.mu.Lock()
	if l.on[i.number] == i {
		delete(l.on, i.number)
	}
	l.mu.Unlock()
	c, _ := l.running()
	i.noteSSH(c, event.SSHClosed)
	if i.number >= 0 && i.origin.User != "" {
		l.note(event.LoggedOut{User: i.origin.User, Line: absolute(i.number), From: i.origin.from()})
	}
}

// absolute is the number of a line among all: the console, the auxiliary line,
// the virtual terminals.
func absolute(number int) int {
	if number < 0 {
		return 0
	}
	return number + 2
}

// seen notes when a session did something.
func (l *Lines) seen(i *Interpreter, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i.active = now
}

// named notes who a session turned out to be.
func (l *Lines) named(i *Interpreter, user string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i.origin.User = user
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
	if restarted {
		l.alone = nil
	}
	for n, on := range l.on {
		if banner != "" && on.seat != nil {
			on.seat.Say(banner)
		} else if n >= 0 && on.seat != nil {
			on.seat.Hangup()
		}
	}
}
