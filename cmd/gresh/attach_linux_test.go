package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// processArgs is how the test binary is told to be gresh, with what arguments.
const processArgs = "GRESH_TEST_ARGS"

// TestMain is where the test binary becomes gresh for a while: when another
// test says so, or when that gresh starts itself again.
func TestMain(m *testing.M) {
	args := strings.Fields(os.Getenv(processArgs))
	if len(os.Args) > 1 && os.Args[1] == hintsWord {
		args = os.Args[1:]
	}
	if len(args) > 0 {
		os.Exit(run(args, os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// A desktop is a terminal with gresh at it.
type desktop struct {
	t       *testing.T
	keys    *os.File // what a person types into and reads from
	screen  *os.File // what the process has
	process *exec.Cmd
	before  unix.Termios

	mu    sync.Mutex
	grown sync.Cond
	shown bytes.Buffer
	late  bool
}

func newDesktop(t *testing.T, socket string) *desktop {
	return newDesktopWith(t, "console", "-socket", socket)
}

// newDesktopWith is one for gresh with some arguments.
func newDesktopWith(t *testing.T, args ...string) *desktop {
	t.Helper()
	d := &desktop{t: t}
	d.grown.L = &d.mu
	d.keys, d.screen = openTerminal(t)
	d.resize(100, 30)
	d.before = d.termios()
	d.process = exec.Command(os.Args[0])
	d.process.Env = append(os.Environ(), processArgs+"="+strings.Join(args, " "))
	d.process.Stdin, d.process.Stdout, d.process.Stderr = d.screen, d.screen, d.screen
	d.process.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := d.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.process.Process.Kill() })
	go d.read()
	return d
}

// openTerminal makes a pair of pseudoterminals.
func openTerminal(t *testing.T) (keys, screen *os.File) {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudoterminals here: %v", err)
	}
	t.Cleanup(func() { keys.Close() })
	raw, err := keys.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	number, failed := 0, error(nil)
	err = raw.Control(func(fd uintptr) {
		if failed = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); failed == nil {
			number, failed = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	})
	if err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	return keys, screen
}

func (d *desktop) read() {
	var b [4096]byte
	for {
		n, err := d.keys.Read(b[:])
		d.mu.Lock()
		d.shown.Write(b[:n])
		d.grown.Broadcast()
		d.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (d *desktop) resize(width, length uint16) {
	d.t.Helper()
	if err := unix.IoctlSetWinsize(int(d.screen.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: length, Col: width}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desktop) termios() unix.Termios {
	d.t.Helper()
	t, err := unix.IoctlGetTermios(int(d.screen.Fd()), unix.TCGETS)
	if err != nil {
		d.t.Fatal(err)
	}
	return *t
}

// must waits until the terminal shows something that it has not shown before.
func (d *desktop) must(text string) {
	d.t.Helper()
	d.next(text)
}

// next is what the terminal shows next, up to a text.
func (d *desktop) next(text string) string {
	d.t.Helper()
	timer := time.AfterFunc(20*time.Second, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.late = true
		d.grown.Broadcast()
	})
	defer timer.Stop()
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		if at := strings.Index(d.shown.String(), text); at >= 0 {
			return string(d.shown.Next(at + len(text)))
		}
		if d.late {
			d.t.Fatalf("%q is not in\n%s", text, d.shown.String())
		}
		d.grown.Wait()
	}
}

func (d *desktop) send(keys string) {
	d.t.Helper()
	if _, err := d.keys.WriteString(keys); err != nil {
		d.t.Fatal(err)
	}
}

// end waits for the end of the process and wants its exit status, and the
// terminal as it was.
func (d *desktop) end(status int) {
	d.t.Helper()
	_ = d.process.Wait()
	if got := d.process.ProcessState.ExitCode(); got != status {
		d.t.Errorf("exit status %d, want %d", got, status)
	}
	if d.termios() != d.before {
		d.t.Error("the terminal is not as it was")
	}
}

// page is how many lines a page has.
func (d *desktop) page() int {
	d.t.Helper()
	d.send("show running-config\r")
	lines := strings.Count(d.next("--More--"), "\n")
	d.send("q")
	d.must("Hub1#")
	return lines
}

func (d *desktop) raw() bool { return d.termios().Lflag&unix.ICANON == 0 }

func TestConsoleTerminal(t *testing.T) {
	s := newService(t)
	d := newDesktop(t, s.socket)
	d.must("Hub1>")
	if !d.raw() {
		t.Error("the terminal echoes by itself")
	}
	d.send("show priv\t")
	d.must("show privilege ")
	d.send("\r")
	d.must("Current privilege level is 1\r\nHub1>")
	d.send("enable\r")
	d.must("Hub1#")
	small := d.page()
	d.resize(120, 40)
	for d.page() != small+10 { // the size is told beside what is typed
	}
	d.send("exit\r")
	d.end(0)
}

// A router that goes away is waited for, and Ctrl-C ends the wait; the terminal
// is as it was in any case.
func TestConsoleOutlivesTheRouter(t *testing.T) {
	s := newService(t)
	d := newDesktop(t, s.socket)
	d.must("Hub1>")
	s.stop()
	d.must("the router has gone away; waiting for it to come back")
	s.open()
	d.must("the router is back")
	d.must("Hub1>")
	d.send("show privilege\r")
	d.must("Current privilege level is 1")
	s.stop()
	s.stop = nil
	d.must("waiting for it to come back")
	d.send("\x03")
	d.end(3)
}

// A signal ends the console, and gives the terminal back.
func TestConsoleSignal(t *testing.T) {
	s := newService(t)
	d := newDesktop(t, s.socket)
	d.must("Hub1>")
	if err := d.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	d.end(128 + int(syscall.SIGTERM))
}
