package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"
	"time"

	"gresh/shell/console"
)

// attachOptions are what "gresh console" was called with.
type attachOptions struct {
	socket   string
	commands []string
	hints    bool
}

// An unreachableError is a router that is not there, or no longer, or does not
// want us: exit status 3.
type unreachableError struct{ error }

func (e unreachableError) Unwrap() error { return e.error }

// parseAttach reads the command line of "gresh console". A command of several
// lines is as many commands: a login shell is given what stands behind "ssh
// HOST" in one piece.
func parseAttach(args []string) (attachOptions, error) {
	o := attachOptions{}
	flags := flag.NewFlagSet("console", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.socket, "socket", defaultSocket, "")
	flags.BoolVar(&o.hints, "hints", false, "")
	flags.Func("c", "", func(text string) error {
		o.commands = append(o.commands, strings.Split(strings.TrimRight(text, "\n"), "\n")...)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return o, usageError{fmt.Errorf("console: %w", err)}
	}
	if o.hints && len(o.commands) > 0 {
		return o, usageError{errors.New("console: -hints is for a terminal, -c for scripts")}
	}
	if flags.NArg() > 0 {
		return o, usageError{fmt.Errorf("console: what is %q?", flags.Arg(0))}
	}
	return o, nil
}

// attach is "gresh console".
func attach(args []string, in io.Reader, out, log io.Writer) error {
	o, err := parseAttach(args)
	if err != nil {
		return err
	}
	if len(o.commands) > 0 {
		return o.script(out, log)
	}
	t, ok := ownTerminal(in, out)
	switch {
	case ok && o.hints:
		return withHints(t, o.socket)
	case o.hints:
		return errNoTerminal
	case ok:
		return o.terminal(t, in, out)
	}
	return o.piped(in, out)
}

// dial begins a session, or says in one line why there is none.
func (o attachOptions) dial(h console.Hello) (*console.Client, error) {
	c, err := console.Dial(o.socket, h)
	switch {
	case err == nil:
		return c, nil
	case errors.Is(err, fs.ErrPermission):
		err = fmt.Errorf("console: %s: %w", o.socket, console.ErrDenied)
	case away(err):
		err = fmt.Errorf("console: no router is running at %s", o.socket)
	default:
		err = fmt.Errorf("console: %w", err)
	}
	return nil, unreachableError{err}
}

// away says whether it is just that nobody serves the socket.
func away(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

// keyKill takes back what has been typed of a line.
const keyKill = "\x15"

// script has the commands carried out. Help asked for with "?" leaves a line
// begun, which no command of a script means to go on with.
func (o attachOptions) script(out, log io.Writer) error {
	c, err := o.dial(console.Hello{Script: true, Width: 512})
	if err != nil {
		return err
	}
	defer c.Close()
	go func() {
		for _, command := range o.commands {
			end := "\r"
			if strings.HasSuffix(command, "?") {
				end = keyKill
			}
			c.Type([]byte(command + end))
		}
		c.End()
	}()
	refusals, err := c.Show(out, log)
	if err != nil {
		return unreachableError{fmt.Errorf("console: %w", err)}
	}
	if refusals > 0 {
		return errRefused
	}
	return nil
}

// piped has a session with whatever in and out are.
func (o attachOptions) piped(in io.Reader, out io.Writer) error {
	c, err := o.dial(console.Hello{Width: 512})
	if err != nil {
		return err
	}
	defer c.Close()
	go func() {
		_, _ = io.Copy(typist{c}, in)
		c.End()
	}()
	if _, err = c.Show(out, io.Discard); err != nil {
		return unreachableError{fmt.Errorf("console: %w", err)}
	}
	return nil
}

// A typist types what is written to it.
type typist struct{ client *console.Client }

func (t typist) Write(b []byte) (int, error) {
	t.client.Type(b)
	return len(b), nil
}

// An attached user sits at a terminal.
type attached struct {
	attachOptions
	screen  *console.Terminal
	typed   *keyboard
	resized chan struct{}
	out     io.Writer
}

// terminal has sessions at a terminal, until the user leaves one: when the
// router goes away, it is waited for.
func (o attachOptions) terminal(t *console.Terminal, in io.Reader, out io.Writer) error {
	c, err := o.dial(helloOf(t))
	if err != nil {
		return err
	}
	if err := t.Raw(); err != nil {
		return errors.Join(unreachableError{err}, c.Close())
	}
	defer t.Restore()
	u := &attached{attachOptions: o, screen: t, typed: newKeyboard(in), resized: make(chan struct{}, 1), out: out}
	stop := t.Watch(u.resize, exitBy)
	defer stop()
	for {
		err := u.session(c)
		if !errors.Is(err, console.ErrLost) {
			return err
		}
		fmt.Fprint(out, "\r\ngresh: the router has gone away; waiting for it to come back, Ctrl-C ends\r\n")
		if c, err = u.wait(); err != nil {
			return err
		}
		fmt.Fprint(out, "gresh: the router is back\r\n")
	}
}

func helloOf(t *console.Terminal) console.Hello {
	width, length := t.Size()
	return console.Hello{Terminal: true, Width: width, Length: length}
}

// resize is called whenever the size changes: which it is then is asked when
// it is sent.
func (u *attached) resize(int, int) {
	select {
	case u.resized <- struct{}{}:
	default:
	}
}

// session is one session, until it is over or lost.
func (u *attached) session(c *console.Client) error {
	defer c.Close()
	over := make(chan error, 1)
	go func() {
		defer u.restoreInPanic()
		_, err := c.Show(u.out, io.Discard)
		over <- err
	}()
	chunks := u.typed.chunks
	for {
		select {
		case err := <-over:
			if err == nil || errors.Is(err, console.ErrLost) {
				return err
			}
			return unreachableError{fmt.Errorf("console: %w", err)}
		case chunk, ok := <-chunks:
			if !ok {
				chunks = nil
				c.End()
				continue
			}
			c.Type(chunk)
		case <-u.resized:
			c.Resize(u.screen.Size())
		}
	}
}

// restoreInPanic gives the terminal back when a goroutine ends the process.
func (u *attached) restoreInPanic() {
	if p := recover(); p != nil {
		u.screen.Restore()
		panic(p)
	}
}

// Ctrl-C, Ctrl-D, Ctrl-\ and Ctrl-^ end the waiting for a router.
const keysEnough = "\x03\x04\x1c\x1e"

// retry is how often a router that is away is looked for.
const retry = 250 * time.Millisecond

// wait waits for the router to come back. What is typed meanwhile is for
// nobody.
func (u *attached) wait() (*console.Client, error) {
	tick := time.NewTicker(retry)
	defer tick.Stop()
	for {
		select {
		case chunk, ok := <-u.typed.chunks:
			if !ok || strings.ContainsAny(string(chunk), keysEnough) {
				return nil, unreachableError{errors.New("console: left while the router was away")}
			}
		case <-tick.C:
			c, err := console.Dial(u.socket, helloOf(u.screen))
			if err == nil {
				return c, nil
			}
			if !away(err) {
				return u.dial(helloOf(u.screen))
			}
		}
	}
}
