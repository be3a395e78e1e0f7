package console

import (
	"fmt"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pseudoTerminal opens a terminal, and the far side of it.
func pseudoTerminal(t *testing.T) (near, far *os.File) {
	t.Helper()
	far, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("there are no pseudo-terminals here: ", err)
	}
	fd := int(far.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		near, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	return near, far
}

// cooked says whether a terminal edits and echoes lines itself.
func cooked(t *testing.T, f *os.File) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&(unix.ICANON|unix.ECHO) != 0
}

func TestOpenWantsATerminalOnBothSides(t *testing.T) {
	near, _ := pseudoTerminal(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	for _, row := range []struct {
		in, out *os.File
		want    bool
	}{{near, near, true}, {r, near, false}, {near, w, false}} {
		if _, ok := Open(row.in, row.out); ok != row.want {
			t.Errorf("Open(%s, %s): %v", row.in.Name(), row.out.Name(), ok)
		}
	}
}

func TestTerminalIsGivenBack(t *testing.T) {
	near, far := pseudoTerminal(t)
	c, _ := Open(near, near)
	session := func() {
		defer func() { _ = recover() }()
		defer c.Restore()
		for range 2 {
			if err := c.Raw(); err != nil {
				t.Fatal(err)
			}
		}
		if cooked(t, near) {
			t.Error("keys don't come as they are typed")
		}
		if _, err := far.Write([]byte("?")); err != nil {
			t.Fatal(err)
		}
		var key [8]byte
		if n, err := near.Read(key[:]); n != 1 || key[0] != '?' {
			t.Errorf("a key without Enter comes as %q, %v", key[:n], err)
		}
		panic("a session that goes wrong")
	}
	session()
	if !cooked(t, near) {
		t.Error("the terminal stays raw")
	}
	c.Restore() // nothing is left to restore
}

func TestWatch(t *testing.T) {
	near, far := pseudoTerminal(t)
	c, _ := Open(near, near)
	if err := c.Raw(); err != nil {
		t.Fatal(err)
	}
	sizes, ends := make(chan [2]int, 1), make(chan os.Signal, 1)
	stop := c.Watch(func(width, length int) { sizes <- [2]int{width, length} }, func(s os.Signal) { ends <- s })
	defer stop()
	if err := unix.IoctlSetWinsize(int(far.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 50, Col: 132}); err != nil {
		t.Fatal(err)
	}
	kill(t, unix.SIGWINCH)
	if got := received(t, sizes); got != [2]int{132, 50} {
		t.Errorf("resized to %v", got)
	}
	kill(t, unix.SIGTERM)
	if got := received(t, ends); got != unix.SIGTERM {
		t.Errorf("ended by %v", got)
	}
	if !cooked(t, near) {
		t.Error("the terminal stays raw")
	}
	stop()
	stop() // once is enough
}

func kill(t *testing.T, s unix.Signal) {
	t.Helper()
	if err := unix.Kill(os.Getpid(), s); err != nil {
		t.Fatal(err)
	}
}

func received[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(10 * time.Second):
		t.Fatal("no signal came")
	}
	return v
}
