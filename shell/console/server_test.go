package console

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gresh/modes"
	"gresh/shell"
)

// A box is what the sessions of these tests are sessions with.
type box struct {
	mu      sync.Mutex
	lines   map[string]bool // taken
	said    []string        // by "say", of all sessions
	left    int             // sessions that have been left
	shows   map[int]func(string)
	number  int
	running chan string  // what a command that takes time reports
	flooded atomic.Int64 // lines that a flood has got rid of
}

func newBox() *box {
	return &box{lines: map[string]bool{}, shows: map[int]func(string){}, running: make(chan string, 16)}
}

// log is called as a router's loop would: nothing may hold it up.
func (b *box) log(line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, show := range b.shows {
		show(line)
	}
}

func (b *box) attach(show func(string)) (cancel func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.number++
	id := b.number
	b.shows[id] = show
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.shows, id)
	}
}

// floodLines are more than any socket holds.
const floodLines = 1 << 16

// A clerk understands the lines of one session.
type clerk struct {
	box    *box
	line   string
	closed bool
}

func (c *clerk) Begin(modes.Terminal) bool { return true }
func (c *clerk) Attach(modes.Seat)         {}
func (c *clerk) Release() {
	c.Leave()
	c.box.mu.Lock()
	defer c.box.mu.Unlock()
	delete(c.box.lines, c.line)
}
func (c *clerk) Prompt() string                      { return c.line + ">" }
func (c *clerk) Help(string) string                  { return "say, flood, wait, ask, exit\n" }
func (c *clerk) Complete(line string) (string, bool) { return line, false }
func (c *clerk) Closed() bool                        { return c.closed }
func (c *clerk) Configuring() bool                   { return false }
func (c *clerk) Leave() {
	c.box.mu.Lock()
	defer c.box.mu.Unlock()
	c.box.left++
}

func (c *clerk) Run(line string, t modes.Terminal) error {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "say":
		c.box.mu.Lock()
		c.box.said = append(c.box.said, rest)
		c.box.mu.Unlock()
		fmt.Fprintln(t, rest)
	case "flood":
		for range floodLines {
			fmt.Fprintln(t, "a line that nobody reads, again and again")
			c.box.flooded.Add(1)
		}
	case "wait":
		stop := make(chan struct{})
		defer t.OnInterrupt(sync.OnceFunc(func() { close(stop) }))()
		c.box.running <- "begun"
		<-stop
		c.box.running <- "interrupted"
	case "size":
		s := t.Settings()
		fmt.Fprintf(t, "%d columns, %d lines, monitor %v\n", s.Width, s.Length, s.Monitor)
	case "ask":
		answer, ok := t.Ask("Name? ")
		fmt.Fprintf(t, "%q %v\n", answer, ok)
	case "exit":
		c.closed = true
	case "":
	default:
		return errors.New("% Unknown: " + word)
	}
	return nil
}

func serveBox(t *testing.T, path string, b *box) *Server {
	t.Helper()
	l, err := Listen(path, "")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, l, b)
}

func serveOn(t *testing.T, l *Listener, b *box) *Server {
	t.Helper()
	s := Serve(l, Options{Logs: b.attach,
		Take: b.take})
	t.Cleanup(func() { s.Close() })
	return s
}

// linesMost is how many lines a box has.
const linesMost = 16

// take takes the first free line.
func (b *box) take() (shell.Guest, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for n := range linesMost {
		if line := fmt.Sprintf("vty%d", n); !b.lines[line] {
			b.lines[line] = true
			return &clerk{box: b, line: line}, nil
		}
	}
	return nil, errors.New("all lines are in use")
}

// A seat is a client under test, and what its terminal has shown.
type seat struct {
	*Client
	t     *testing.T
	mu    sync.Mutex
	grown sync.Cond
	shown bytes.Buffer
	over  bool
	err   error
	log   bytes.Buffer // what was refused
	count int
}

func attach(t *testing.T, path string, h Hello) *seat {
	t.Helper()
	c, err := Dial(path, h)
	if err != nil {
		t.Fatal(err)
	}
	s := &seat{Client: c, t: t}
	s.grown.L = &s.mu
	t.Cleanup(func() { c.Close() })
	go func() {
		count, err := c.Show(s, &s.log)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.over, s.count, s.err = true, count, err
		s.grown.Broadcast()
	}()
	return s
}

func (s *seat) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grown.Broadcast()
	return s.shown.Write(b)
}

// await waits until a condition on the seat holds.
func (s *seat) await(what string, holds func() bool) {
	s.t.Helper()
	late := false
	timer := time.AfterFunc(20*time.Second, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		late = true
		s.grown.Broadcast()
	})
	defer timer.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !holds() {
		if late {
			s.t.Fatalf("no %s after\n%s", what, s.shown.String())
		}
		s.grown.Wait()
	}
}

// must waits until the terminal has shown something.
func (s *seat) must(text string) {
	s.t.Helper()
	s.await(text, func() bool { return strings.Contains(s.shown.String(), text) })
}

// end waits for the end of the session and returns the error it ended with.
func (s *seat) end() error {
	s.t.Helper()
	s.await("end", func() bool { return s.over })
	return s.err
}

func (s *seat) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.String()
}

var terminal = Hello{Terminal: true, Width: 80, Length: 24}

func socketOf(t *testing.T) string { return filepath.Join(t.TempDir(), "console.sock") }

func TestTwoConsoles(t *testing.T) {
	path, b := socketOf(t), newBox()
	serveBox(t, path, b)
	one := attach(t, path, terminal)
	one.must("vty0>")
	two := attach(t, path, terminal)
	two.must("vty1>")
	one.Type([]byte("say hello\r"))
	one.must("say hello\r\nhello\r\nvty0>")
	b.log("*Mar  1 00:00:01.000: %TEST-5-LINE: seen by all")
	one.must("seen by all\r\n")
	two.must("seen by all\r\n")
	if strings.Contains(two.text(), "hello") {
		t.Errorf("the other console shows\n%s", two.text())
	}
	one.Type([]byte("exit\r"))
	if err := one.end(); err != nil {
		t.Error(err)
	}
	three := attach(t, path, terminal)
	three.must("vty0>") // the line is free again
	two.Type([]byte("say on\r"))
	two.must("on\r\nvty1>")
}

func TestWindow(t *testing.T) {
	path := socketOf(t)
	serveBox(t, path, newBox())
	s := attach(t, path, Hello{Terminal: true, Width: 100, Length: 50})
	s.Type([]byte("size\r"))
	s.must("100 columns, 50 lines, monitor true\r\n")
	s.Resize(132, 43)
	s.Type([]byte("size\r"))
	s.must("132 columns, 43 lines, monitor true\r\n")
	unsaid := attach(t, path, Hello{Terminal: true})
	unsaid.Type([]byte("size\r"))
	unsaid.must("80 columns, 24 lines, monitor true\r\n")
	piped := attach(t, path, Hello{Width: 512})
	piped.Type([]byte("size\r"))
	piped.must("512 columns, 0 lines, monitor false\r\n")
}

// A script sees what commands print, on standard output, and what was refused,
// with the line in front of it, apart.
func TestScript(t *testing.T) {
	path, b := socketOf(t), newBox()
	serveBox(t, path, b)
	s := attach(t, path, Hello{Script: true, Width: 512})
	s.Type([]byte("say one\rnonsense here\rask\rBob\rsay ?\x15say two\r"))
	s.End()
	if err := s.end(); err != nil {
		t.Error(err)
	}
	if got, want := s.text(), "one\nName? Bob\n\"Bob\" true\nsay, flood, wait, ask, exit\ntwo\n"; got != want {
		t.Errorf("shown %q, want %q", got, want)
	}
	if got, want := s.log.String(), "vty0>nonsense here\n% Unknown: nonsense\n"; got != want || s.count != 1 {
		t.Errorf("%d refused: %q, want %q", s.count, got, want)
	}
}

// A terminal that does not read holds up neither the log nor other consoles,
// and learns what it missed.
func TestDeadClient(t *testing.T) {
	path, b := socketOf(t), newBox()
	serveBox(t, path, b)
	dead, err := Dial(path, Hello{Terminal: true, Width: 80, Length: floodLines - 1})
	if err != nil {
		t.Fatal(err)
	}
	defer dead.Close()
	dead.Type([]byte("flood\r"))
	stuck, before := 0, int64(0)
	poll(t, "the flood to be held up", func() bool {
		now := b.flooded.Load()
		if stuck++; now == 0 || now != before {
			stuck, before = 0, now
		}
		return stuck > 50
	})
	if before == floodLines {
		t.Fatal("the socket has taken it all")
	}
	alive := attach(t, path, terminal)
	alive.must("vty1>")
	const lines = 4 * 256 // more than wait for a terminal
	for i := range lines {
		b.log(fmt.Sprintf("*Mar  1 00:00:01.000: %%TEST-5-LINE: %d", i))
		alive.must(fmt.Sprintf("LINE: %d\r\n", i))
	}
	alive.Type([]byte("say still here\r"))
	alive.must("\r\nstill here\r\n")
	reader := &seat{Client: dead, t: t}
	reader.grown.L = &reader.mu
	go func() { _, _ = dead.Show(reader, io.Discard) }()
	reader.must("%SYS-3-LOGGER_DROPPED: System dropped 7")
}

// Who is cut off is not carried on: what runs is interrupted, what was typed
// ahead is forgotten, and configuration mode is left.
func TestCutOff(t *testing.T) {
	path, b := socketOf(t), newBox()
	serveBox(t, path, b)
	s := attach(t, path, terminal)
	s.Type([]byte("wait\rsay too late\r"))
	if got := <-b.running; got != "begun" {
		t.Fatal(got)
	}
	s.Close()
	if got := <-b.running; got != "interrupted" {
		t.Fatal(got)
	}
	poll(t, "the session to be left", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.left == 1 && len(b.shows) == 0
	})
	if len(b.said) > 0 {
		t.Errorf("carried out: %q", b.said)
	}
}

// poll waits until something holds that nobody reports.
func poll(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// What ends is not what was left: a router that goes away is told from a
// session that is over, and may come back at the same place.
func TestRestart(t *testing.T) {
	path, b := socketOf(t), newBox()
	first := serveBox(t, path, b)
	s := attach(t, path, terminal)
	s.Type([]byte("wait\r"))
	<-b.running
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if err := s.end(); !errors.Is(err, ErrLost) {
		t.Errorf("the session ended with %v, want %v", err, ErrLost)
	}
	if _, err := Dial(path, terminal); err == nil {
		t.Error("a console without a router")
	}
	serveBox(t, path, b)
	again := attach(t, path, terminal)
	again.must("vty0>")
}

func TestLinesInUse(t *testing.T) {
	path := socketOf(t)
	serveBox(t, path, newBox())
	var last *seat
	for range linesMost {
		last = attach(t, path, terminal)
		last.must(">")
	}
	if err := attach(t, path, terminal).end(); err == nil || err.Error() != "all lines are in use" {
		t.Errorf("one more: %v", err)
	}
	last.Close()
	poll(t, "a free line", func() bool { return attach(t, path, Hello{Script: true}).free() })
}

// free ends a session that has begun, and says whether it had.
func (s *seat) free() bool {
	s.End()
	return s.end() == nil
}

func TestForeignHello(t *testing.T) {
	path := socketOf(t)
	serveBox(t, path, newBox())
	for _, c := range []struct{ hello, want string }{
		{"h\x00\x06\x02\x00\x00\x00\x00\x00", errVersion.Error()},
		{"h\x00\x00", errVersion.Error()},
		{"h\x00\x02\x01\x00", "a hello of 2 octets"},
		{"k\x00\x01x", ErrLost.Error()},
		{"GET / HTTP/1.1\r\n\r\n", ErrLost.Error()},
	} {
		conn, err := Dial(path, terminal)
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
		raw := dialRaw(t, path)
		if _, err := io.WriteString(raw.conn, c.hello); err != nil {
			t.Fatal(err)
		}
		raw.conn.(interface{ CloseWrite() error }).CloseWrite()
		if _, err := raw.Show(io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.hello, err, c.want)
		}
	}
}
