package sshd

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// login is how a client that knows the password comes in.
func byPassword(password string) *ssh.ClientConfig {
	return &ssh.ClientConfig{User: "carl", Auth: []ssh.AuthMethod{ssh.Password(password)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: 20 * time.Second}
}

func dial(t testing.TB, s *Server, c *ssh.ClientConfig) *ssh.Client {
	t.Helper()
	client, err := ssh.Dial("tcp", s.Addr().String(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// A terminal is a session of a client, with all it has shown so far.
type terminal struct {
	*ssh.Session
	t  testing.TB
	in io.WriteCloser

	mu    sync.Mutex
	grown sync.Cond
	shown bytes.Buffer
	ended bool
}

// open begins a shell, on a terminal unless its width is negative.
func open(t testing.TB, c *ssh.Client, width, length int) *terminal {
	t.Helper()
	session, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	s := &terminal{Session: session, t: t}
	s.grown.L = &s.mu
	if s.in, err = session.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	session.Stdout = s
	if width >= 0 {
		if err := session.RequestPty("vt100", length, width, ssh.TerminalModes{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := session.Shell(); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *terminal) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grown.Broadcast()
	return s.shown.Write(b)
}

func (s *terminal) typed(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.in, text); err != nil {
		s.t.Fatal(err)
	}
}

// must waits until a text is shown, and forgets what stood before.
func (s *terminal) must(text string) {
	s.t.Helper()
	late := time.AfterFunc(time.Minute, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.ended = true
		s.grown.Broadcast()
	})
	defer late.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for from := 0; ; {
		if at := bytes.Index(s.shown.Bytes()[from:], []byte(text)); at >= 0 {
			s.shown.Next(from + at + len(text))
			return
		}
		if s.ended {
			last := s.shown.Bytes()[max(0, s.shown.Len()-1000):]
			s.t.Fatalf("no %q at the end of %q", text, last)
		}
		from = max(0, s.shown.Len()-len(text)) // it may have begun
		s.grown.Wait()
	}
}

// line is the next line that is shown.
func (s *terminal) line() string {
	s.t.Helper()
	var line string
	poll(s.t, "a line", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		text, _, ok := strings.Cut(s.shown.String(), "\r\n")
		if ok {
			line = text
			s.shown.Next(len(text) + 2)
		}
		return ok
	})
	return line
}

func TestShell(t *testing.T) {
	b := newBox(t)
	s := b.serve(t)
	for name, row := range map[string]struct {
		width, length int
		size          string
	}{
		"a terminal":                      {132, 40, "132x40"},
		"a terminal that has no size":     {0, 0, "80x24"},
		"a terminal wider than they come": {511, 1000, "511x512"},
		"no terminal":                     {-1, 0, "512x0"},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, s, byPassword("right"))
			if got := string(c.ServerVersion()); got != "SSH-2.0-Cisco-1.25" {
				t.Errorf("the server is %q", got)
			}
			x := open(t, c, row.width, row.length)
			x.must("carl#")
			x.typed("size\r")
			x.must("size\r\n" + row.size + "\r\ncarl#")
			x.typed("exit\n")
			if err := x.Wait(); err != nil {
				t.Errorf("exit ends with %v", err)
			}
			if err := c.Wait(); err != nil && !errors.Is(err, io.EOF) {
				t.Errorf("the connection ends with %v", err)
			}
			b.left(t)
		})
	}
}

func TestWindowChange(t *testing.T) {
	b := newBox(t)
	x := open(t, dial(t, b.serve(t), byPassword("right")), 80, 24)
	x.must("carl#")
	if err := x.WindowChange(50, 100); err != nil {
		t.Fatal(err)
	}
	poll(t, "the new size to hold", func() bool {
		x.typed("size\r")
		x.must("size\r\n")
		return x.line() == "100x50"
	})
}

// Every key is echoed as it comes, before there is a line.
func TestEcho(t *testing.T) {
	x := open(t, dial(t, newBox(t).serve(t), byPassword("right")), 80, 24)
	x.must("carl#")
	for _, key := range "say é" {
		x.typed(string(key))
		if key < 0x80 {
			x.must(string(key))
		}
	}
}

func TestExec(t *testing.T) {
	b := newBox(t)
	s := b.serve(t)
	for _, row := range []struct {
		command, stdin, want string
		status               int
	}{
		{"say hello", "", "hello\r\n", 0},
		{"say one\nsay two\n", "", "one\r\ntwo\r\n", 0},
		{"ask", "carl\n", "Who? carl\r\nIt is carl\r\n", 0},
		{"ask", "", "Who? \r\nIt is \r\n", 0},
		{"sing a song", "", "Line has invalid autocommand \"sing a song\"\r\n", 1},
		{"sing\nsay no more", "", "Line has invalid autocommand \"sing\"\r\n", 1},
		{"", "", "", 0},
	} {
		x, err := dial(t, s, byPassword("right")).NewSession()
		if err != nil {
			t.Fatal(err)
		}
		x.Stdin = strings.NewReader(row.stdin)
		out, err := x.Output(row.command)
		status := 0
		if e := (*ssh.ExitError)(nil); errors.As(err, &e) {
			status = e.ExitStatus()
		} else if err != nil {
			t.Errorf("%q: %v", row.command, err)
		}
		if string(out) != row.want || status != row.status {
			t.Errorf("%q: %q, status %d; want %q, %d", row.command, out, status, row.want, row.status)
		}
	}
	b.left(t)
}

// Output is whole and the status there, however much has been typed ahead.
func TestNothingIsCutAtTheEnd(t *testing.T) {
	s := newBox(t).serve(t)
	for range 20 {
		x := open(t, dial(t, s, byPassword("right")), 80, 24)
		x.typed("say the last words\rexit\r" + strings.Repeat("say too late\r", 100))
		if err := x.Wait(); err != nil {
			t.Fatal(err)
		}
		x.must("\r\nthe last words\r\ncarl#exit\r\n")
	}
}
