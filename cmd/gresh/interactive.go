package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"gresh/backend"
	"gresh/backend/sim"
	"gresh/commands"
	"gresh/shell"
	"gresh/shell/console"
)

// A seated user has a terminal: it is at one node's console, or at the lab's
// own prompt.
type seated struct {
	terminal *console.Terminal
	typed    *keyboard
	out      io.Writer
	runner   *sim.Runner
	nodes    []string
	consoles map[string]*shell.Session
	at       atomic.Pointer[shell.Session] // the console he is at; nil: none
	captures map[string]func()
	access   access
	hints    bool
	fronted  atomic.Bool // another process has the terminal, and gets the signals
	quit     bool
}

// interactive is a lab at a terminal.
func interactive(w *sim.World, o labOptions, t *console.Terminal, out io.Writer) error {
	boot(w, func(virtual time.Duration) { fmt.Fprintf(out, "\rbooting: %v", virtual) })
	fmt.Fprintf(out, "\r%-30s\r", "")
	u := &seated{terminal: t, out: out, consoles: map[string]*shell.Session{}, captures: map[string]func(){}, hints: o.hints}
	if !o.hints {
		u.typed = newKeyboard(os.Stdin)
	}
	for _, n := range w.Nodes() {
		u.nodes = append(u.nodes, n.Name())
	}
	first := u.nodes[0]
	for _, s := range o.steps {
		if s.kind == stepNode {
			first = s.node
		} else {
			w.Run(s.after)
		}
	}
	u.runner = sim.NewRunner(w, o.pace)
	defer u.close()
	u.access = newAccess(w, func(n *sim.Node) backend.Loop { return u.runner.Loop(n) })
	if err := u.access.listen(w, o); err != nil {
		return err
	}
	u.runner.Do(func(w *sim.World) { nodeTable(out, w, u.access) })
	fmt.Fprintf(out, "Ctrl-^ then x leaves the console of %s for the lab's own prompt; help there helps.\n\n", first)
	stop := t.Watch(u.resized, func(os.Signal) {
		if !u.fronted.Load() {
			os.Exit(1)
		}
	})
	defer stop()
	return u.serve(first)
}

// serve goes from console to prompt and back until the user has had enough.
func (u *seated) serve(first string) error {
	connect, prompt := u.connect, u.prompt
	if u.hints {
		connect, prompt = u.connectWithHints, u.promptAfterHints
	}
	for node := first; ; {
		if err := connect(node); err != nil {
			return err
		}
		if u.quit {
			return nil
		}
		next, err := prompt()
		if err != nil || next == "" {
			return err
		}
		node = next
	}
}

func (u *seated) close() {
	u.terminal.Restore()
	_ = u.access.close()
	u.runner.Do(func(*sim.World) {
		for _, end := range u.captures {
			end()
		}
	})
	u.runner.Close()
}

func (u *seated) resized(width, length int) {
	if s := u.at.Load(); s != nil {
		s.Resize(width, length)
	}
}

// connect puts the user at a node's console, until he escapes or leaves.
func (u *seated) connect(node string) error {
	if err := u.terminal.Raw(); err != nil {
		return err
	}
	defer u.terminal.Restore()
	s := u.console(node)
	s.Resize(u.terminal.Size())
	u.at.Store(s)
	defer u.at.Store(nil)
	done := make(chan struct{})
	var wait sync.WaitGroup
	wait.Add(1)
	go func() {
		defer wait.Done()
		if !u.typed.feed(s.Feed, done) {
			s.Hangup()
			u.quit = true
		}
	}()
	err := s.Run()
	close(done)
	wait.Wait()
	if errors.Is(err, shell.ErrEscape) {
		return nil
	}
	// "exit" at a console only ends the session; the next one begins anew.
	delete(u.consoles, node)
	if errors.Is(err, shell.ErrIdle) {
		return u.connect(node)
	}
	return err
}

// console is the session at a node's console.
func (u *seated) console(node string) *shell.Session {
	if s := u.consoles[node]; s != nil {
		return s
	}
	v := u.access[node]
	width, length := u.terminal.Size()
	i := atLine(v.lines, commands.Console)
	s := shell.New(shell.Options{Out: u.out, Width: width, Length: length, Monitor: true, Interpreter: i})
	u.consoles[node] = s
	i.Attach(reached{s, func() bool { return u.at.Load() == s }})
	v.log.Attach(func(line string) {
		if u.at.Load() == s {
			s.Log(line)
		}
	})
	return s
}

// Reached is a console's session, which others reach while it is on the screen.
type reached struct {
	*shell.Session
	shown func() bool
}

// Say is part of modes.Seat.
func (s reached) Say(text string) {
	if s.shown() {
		s.Session.Say(text)
	}
}

// A keyboard is standard input, read by one goroutine for whoever is next.
type keyboard struct {
	chunks chan []byte
	rest   []byte // of the lab's prompt
}

func newKeyboard(in io.Reader) *keyboard {
	k := &keyboard{chunks: make(chan []byte)}
	go func() {
		defer close(k.chunks)
		for {
			chunk := make([]byte, 4096)
			n, err := in.Read(chunk)
			if n > 0 {
				k.chunks <- chunk[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	return k
}

// feed passes on what is typed until done, or until nothing more can be: then
// it returns false.
func (k *keyboard) feed(to func([]byte), done <-chan struct{}) bool {
	if len(k.rest) > 0 {
		to(k.rest)
		k.rest = nil
	}
	for {
		select {
		case <-done:
			return true
		case chunk, ok := <-k.chunks:
			if !ok {
				return false
			}
			to(chunk)
		}
	}
}

// Read gives the lab's prompt one key at a time, so that nothing is read ahead
// that a console should get.
func (k *keyboard) Read(b []byte) (int, error) {
	if len(k.rest) == 0 {
		chunk, ok := <-k.chunks
		if !ok {
			return 0, io.EOF
		}
		k.rest = chunk
	}
	n := copy(b[:1], k.rest)
	k.rest = k.rest[n:]
	return n, nil
}

// Close is for who reads; the keyboard stays.
func (k *keyboard) Close() error { return nil }
