package main

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"gresh/backend"
	"gresh/backend/sim"
)

// A service is a router that runs as one: Hub1 of the lab, on a socket.
type service struct {
	t      *testing.T
	socket string
	runner *sim.Runner
	node   *sim.Node
	log    *logger
	stop   func() error
}

func newService(t *testing.T) *service {
	t.Helper()
	b := newBench(t, 1, nil)
	s := &service{t: t, socket: filepath.Join(t.TempDir(), "console.sock"), node: b.Node("Hub1"),
		runner: sim.NewRunner(b.World, 1), log: newLogger(io.Discard, false)}
	over := false
	s.runner.Do(func(*sim.World) {
		s.node.OnLog(func(e backend.Event) {
			if !over {
				s.log.Event(e)
			}
		})
	})
	t.Cleanup(func() {
		s.close()
		s.runner.Do(func(*sim.World) { over = true }) // time may go on a moment longer than we
		s.runner.Close()
		s.log.Close()
	})
	s.open()
	return s
}

func (s *service) open() {
	s.t.Helper()
	stop, err := serve(reach{socket: s.socket}, s.runner.Loop(s.node), s.log)
	if err != nil {
		s.t.Fatal(err)
	}
	s.stop = stop
}

func (s *service) close() {
	if s.stop != nil {
		if err := s.stop(); err != nil {
			s.t.Error(err)
		}
		s.stop = nil
	}
}

// gresh runs "gresh console" with arguments and with something piped in.
func (s *service) gresh(in io.Reader, args ...string) (status int, out, log string) {
	var o, l bytes.Buffer
	status = run(append([]string{"console", "-socket", s.socket}, args...), in, &o, &l)
	return status, o.String(), l.String()
}

func TestConsoleCommands(t *testing.T) {
	s := newService(t)
	for _, c := range []struct {
		args   []string
		status int
		out    string
		log    string
	}{
		{args: []string{"-c", "show privilege"}, out: "Current privilege level is 1\n"},
		{args: []string{"-c", "enable", "-c", "show privilege"}, out: "Current privilege level is 15\n"},
		{args: []string{"-c", "enable\nshow privilege\n"}, out: "Current privilege level is 15\n"},
		{args: []string{"-c", "enable", "-c", "show running-config | include ^hostname"}, out: "hostname Hub1\n"},
		{args: []string{"-c", "show privilege", "-c", "exit", "-c", "show privilege"}, out: "Current privilege level is 1\n"},
		{args: []string{"-c", "show nonsense", "-c", "show privilege"}, status: 1, out: "Current privilege level is 1\n",
			log: "Hub1>show nonsense\n           ^\n% Invalid input detected at '^' marker.\n"},
		{args: []string{"-c", "show priv?", "-c", "show privilege"}, out: "privilege \nCurrent privilege level is 1\n"},
		{args: []string{"-bad"}, status: 2, log: "gresh: console: flag provided but not defined: -bad\n"},
	} {
		status, out, log := s.gresh(strings.NewReader(""), c.args...)
		if status != c.status || out != c.out || log != c.log {
			t.Errorf("gresh console %q: %d\n%q\n%q, want %d\n%q\n%q", c.args, status, out, log, c.status, c.out, c.log)
		}
	}
}

// What is piped in arrives whole, and all that is shown for it comes back
// before the client ends.
func TestConsolePiped(t *testing.T) {
	s := newService(t)
	const lines = 10000
	var typed strings.Builder
	typed.WriteString("enable\nconfigure terminal\ninterface Loopback7\n")
	for i := range lines {
		fmt.Fprintf(&typed, "description %d\n", i)
	}
	typed.WriteString("end\nshow running-config | include description")
	status, out, log := s.gresh(strings.NewReader(typed.String() + "\n"))
	if status != 0 || log != "" {
		t.Fatalf("exit status %d, %s", status, log)
	}
	rest := out
	for i := range lines {
		_, after, found := strings.Cut(rest, fmt.Sprintf("(config-if)#description %d\r\n", i))
		if !found {
			t.Fatalf("line %d is not shown after\n%.500s", i, rest)
		}
		rest = after
	}
	if want := fmt.Sprintf("include description\r\n description %d\r\nHub1#", lines-1); !strings.HasSuffix(out, want) {
		t.Errorf("it ends in %q, want %q", out[max(0, len(out)-200):], want)
	}
}

func TestConsoleUnreachable(t *testing.T) {
	s := newService(t)
	s.close()
	for _, args := range [][]string{nil, {"-c", "show privilege"}} {
		status, out, log := s.gresh(strings.NewReader("show privilege\n"), args...)
		if want := "gresh: console: no router is running at " + s.socket + "\n"; status != 3 || out != "" || log != want {
			t.Errorf("%q: exit status %d, %q, %q", args, status, out, log)
		}
	}
	s.open()
	if status, _, log := s.gresh(nil, "-c", "show privilege"); status != 0 {
		t.Errorf("after a restart: %d, %s", status, log)
	}
}

func TestLoginShell(t *testing.T) {
	for _, c := range []struct{ argv, want string }{
		{"gresh lab dual-hub", "lab dual-hub"},
		{"/usr/bin/gresh console", "console"},
		{"-gresh-console", "console"},
		{"/usr/bin/gresh-console -c show", "console -c show"},
	} {
		if got := strings.Join(arguments(strings.Fields(c.argv)), " "); got != c.want {
			t.Errorf("%q is %q, want %q", c.argv, got, c.want)
		}
	}
}
