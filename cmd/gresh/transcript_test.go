package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"gresh/backend"
	"gresh/backend/sim"
	"gresh/commands"
	"gresh/shell"
	"gresh/shell/shelltest"
)

// The transcripts under testdata/session/ways are typed at Spoke1 of a lab that
// has come up, through every way in that there is. A way may differ from a
// terminal as its comment says, and in nothing else.
var transcriptWays = map[string]func(*testing.T, shelltest.Transcript) string{
	"at once":  atOnce,
	"over SSH": overSSH,
	"attached": throughSocket,
	"piped":    piped,
}

// widthPiped is the width of the transcripts that are piped, too.
const widthPiped = 512

// upLab is the lab, with everything up.
func upLab(t *testing.T) (*sim.World, *sim.Node) {
	t.Helper()
	w := newBench(t, 1, nil).World
	boot(w, func(time.Duration) {})
	return w, w.Node("Spoke1")
}

// terminalSession is a session at the console of Spoke1.
func terminalSession(t *testing.T, tr shelltest.Transcript, out io.Writer) *shell.Session {
	w, n := upLab(t)
	s := shell.New(shell.Options{Out: out, Interpreter: atConsole(sim.Stepped{World: w}.Loop(n), commands.Script),
		Width: tr.Width, Length: tr.Length})
	go func() { _ = s.Run() }()
	s.Ready()
	return s
}

// atTerminal types piece by piece.
func atTerminal(t *testing.T, tr shelltest.Transcript) shelltest.Transcript {
	var out bytes.Buffer
	s := terminalSession(t, tr, &out)
	again := tr.Again()
	again.Shown = append(again.Shown, out.String())
	for _, keys := range tr.Typed {
		before := out.Len()
		s.Type(keys)
		again.Shown = append(again.Shown, out.String()[before:])
	}
	s.Hangup()
	return again
}

// atOnce types all of it ahead.
func atOnce(t *testing.T, tr shelltest.Transcript) string {
	var out bytes.Buffer
	s := terminalSession(t, tr, &out)
	s.Type(tr.Keys())
	s.Hangup()
	return out.String()
}

// overSSH has a terminal of the transcript's size at the other end.
func overSSH(t *testing.T, tr shelltest.Transcript) string {
	session, end := dialSpoke(t)
	defer end()
	if err := session.RequestPty("vt100", tr.Length, tr.Width, ssh.TerminalModes{}); err != nil {
		t.Fatal(err)
	}
	out := newScreen()
	session.Stdout = out
	in, err := session.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Shell(); err != nil {
		t.Fatal(err)
	}
	return out.typed(tr, in)
}

// dialSpoke logs in to Spoke1 as clients do, and returns what ends it all. Time
// stands still unless somebody waits.
func dialSpoke(t *testing.T) (*ssh.Session, func()) {
	t.Helper()
	w, n := upLab(t)
	runner := sim.NewRunner(w, 0)
	a := newAccess(w, func(n *sim.Node) backend.Loop { return runner.Loop(n) })
	if err := a[n.Name()].listenSSH(0); err != nil {
		t.Fatal(err)
	}
	address, _ := a.addresses(n.Name())
	client, err := ssh.Dial("tcp", address, &ssh.ClientConfig{User: "who", Auth: []ssh.AuthMethod{ssh.Password("any")},
		HostKeyCallback: func(string, net.Addr, ssh.PublicKey) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	return session, func() {
		_ = client.Close()
		_ = a.close()
		runner.Close()
	}
}

// throughSocket pipes it into a console that is attached to the router.
func throughSocket(t *testing.T, tr shelltest.Transcript) string {
	w, n := upLab(t)
	runner := sim.NewRunner(w, 0)
	defer runner.Close()
	log := newLogger(io.Discard, false)
	defer log.Close()
	socket := filepath.Join(t.TempDir(), "console.sock")
	stop, err := serve(reach{socket: socket}, runner.Loop(n), log)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stop() }()
	var out, faults bytes.Buffer
	if status := run([]string{"console", "-socket", socket}, strings.NewReader(tr.Keys()), &out, &faults); status != 0 {
		t.Fatalf("exit %d: %s", status, &faults)
	}
	return out.String()
}

// logLine is what a console shows besides.
var logLine = regexp.MustCompile(`(?m)^\*Mar .*\r\n`)

// piped pipes it into a lab, which shows what is logged, as consoles do, and
// ends the last line.
func piped(t *testing.T, tr shelltest.Transcript) string {
	var out, log bytes.Buffer
	if status := run([]string{"lab", "dual-hub", "-node", "Spoke1"}, strings.NewReader(tr.Keys()), &out, &log); status != 0 {
		t.Fatalf("exit %d: %s", status, &log)
	}
	return strings.TrimSuffix(logLine.ReplaceAllString(out.String(), ""), "\n")
}

// A screen shows what comes from elsewhere.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
	grew chan struct{}
}

func newScreen() *screen { return &screen{grew: make(chan struct{}, 1)} }

// Write is part of io.Writer.
func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.grew <- struct{}{}:
	default:
	}
	return s.text.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// typed types each piece when all is shown that was to be shown before, or when
// nothing more is for long.
func (s *screen) typed(tr shelltest.Transcript, in io.Writer) string {
	want := 0
	for i, shown := range tr.Shown {
		for want += len(shown); len(s.String()) < want; {
			select {
			case <-s.grew:
			case <-time.After(5 * time.Second):
				return s.String()
			}
		}
		if i < len(tr.Typed) {
			_, _ = io.WriteString(in, tr.Typed[i])
		}
	}
	return s.String()
}

// TestTranscripts compares each of them, through each way, to the octet.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "session", "ways", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("there are no transcripts", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := shelltest.Read(string(text))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		got := atTerminal(t, want)
		golden(t, "session/ways/"+filepath.Base(file), got.String())
		for name, way := range transcriptWays {
			if want.Width < widthPiped && (name == "attached" || name == "piped") {
				continue // they have no width of their own, and show no pages
			}
			if shown := way(t, got); shown != got.Screen() {
				t.Errorf("%s, %s: %s", filepath.Base(file), name, difference(shown, got.Screen()))
			}
		}
	}
}

// difference shows where two texts part.
func difference(got, want string) string {
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	part := func(s string) string { return s[max(0, at-40):min(len(s), at+80)] }
	return fmt.Sprintf("%q, want %q", part(got), part(want))
}

// TestExecTranscript runs each command of a transcript in a channel of its own,
// as "ssh router show version" does: there is neither echo nor prompt, and what
// else is shown is what a terminal shows.
func TestExecTranscript(t *testing.T) {
	const name = "session/exec/commands.txt"
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	want, err := shelltest.Read(string(text))
	if err != nil {
		t.Fatal(err)
	}
	got := want.Again()
	got.Shown = []string{""}
	for _, command := range want.Typed {
		session, end := dialSpoke(t)
		out, err := session.CombinedOutput(command)
		end()
		var failed *ssh.ExitError
		if err != nil && !errors.As(err, &failed) {
			t.Errorf("%s: %v", command, err)
		}
		got.Shown = append(got.Shown, string(out))
		if failed != nil {
			continue
		}
		typed := shelltest.Transcript{Width: widthPiped, Typed: []string{"terminal length 0\r", command + "\r"}}
		shown := atTerminal(t, typed).Shown[2]
		if shown = strings.TrimSuffix(strings.TrimPrefix(shown, command+"\r\n"), "Spoke1>"); shown != string(out) {
			t.Errorf("%s: %s", command, difference(string(out), shown))
		}
	}
	golden(t, name, got.String())
}

// TestPasteOverSSH pastes a configuration faster than it is carried out.
func TestPasteOverSSH(t *testing.T) {
	const lines = 2000
	session, end := dialSpoke(t)
	defer end()
	var keys strings.Builder
	keys.WriteString("enable\nconfigure terminal\n")
	for n := range lines {
		fmt.Fprintf(&keys, "ip route 10.%d.%d.0 255.255.255.0 172.17.0.2\n", n/256+1, n%256)
	}
	keys.WriteString("end\nshow running-config | count ^ip route 10\nexit\n")
	if err := session.RequestPty("xterm", 0, 0, ssh.TerminalModes{}); err != nil {
		t.Fatal(err)
	}
	session.Stdin = strings.NewReader(keys.String())
	out, err := session.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Shell(); err != nil {
		t.Fatal(err)
	}
	shown, err := io.ReadAll(out)
	if err := errors.Join(err, session.Wait()); err != nil {
		t.Error(err)
	}
	if n := bytes.Count(shown, []byte("(config)#ip route 10.")); n != lines {
		t.Errorf("%d of %d lines are echoed", n, lines)
	}
	if want := fmt.Sprintf("regexp = %d\r\nSpoke1#exit\r\n", lines); !bytes.HasSuffix(shown, []byte(want)) {
		t.Errorf("it ends in %q, want %q", shown[max(0, len(shown)-200):], want)
	}
}
