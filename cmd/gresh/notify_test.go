package main

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"gresh/backend"
	"gresh/backend/sim"
)

// A manager is a service manager: what it is told, in order.
type manager struct {
	t    *testing.T
	conn *net.UnixConn
}

func newManager(t *testing.T, watchdog time.Duration) *manager {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", strconv.FormatInt(watchdog.Microseconds(), 10))
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	return &manager{t, conn}
}

// told is what it is told next; "" if nothing within a time.
func (m *manager) told(within time.Duration) string {
	m.t.Helper()
	var b [1024]byte
	_ = m.conn.SetReadDeadline(time.Now().Add(within))
	n, err := m.conn.Read(b[:])
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		m.t.Fatal(err)
	}
	return string(b[:n])
}

// gated is a way to a router that can be closed, as if the loop hung.
type gated struct {
	backend.Loop
	gate chan struct{} // a token is in it while the loop runs
}

func (g gated) Do(f func(r *backend.Router, now time.Time)) {
	token := <-g.gate
	g.Loop.Do(f)
	g.gate <- token
}

func TestNotifying(t *testing.T) {
	s := newService(t)
	s.runner.Do(func(w *sim.World) { w.Run(2 * time.Minute) })
	m := newManager(t, 20*time.Millisecond)
	loop := gated{s.runner.Loop(s.node), make(chan struct{}, 1)}
	loop.gate <- struct{}{}
	stop := notifying(loop)
	if told, want := m.told(5*time.Second), "READY=1\nSTATUS=Hub1: 1 of 1 tunnels up, 2 crypto sockets open"; told != want {
		t.Errorf("at the start: %q, want %q", told, want)
	}
	for range 3 {
		if told := m.told(5 * time.Second); told != "WATCHDOG=1" {
			t.Errorf("while the loop runs: %q", told)
		}
	}
	<-loop.gate
	for range 2 { // what was under way when the loop began to hang
		m.told(200 * time.Millisecond)
	}
	if told := m.told(200 * time.Millisecond); told != "" {
		t.Errorf("while the loop hangs: %q", told)
	}
	loop.gate <- struct{}{}
	if told := m.told(5 * time.Second); told != "WATCHDOG=1" {
		t.Errorf("when it runs again: %q", told)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		stop()
	}()
	for {
		switch told := m.told(5 * time.Second); told {
		case "WATCHDOG=1":
			continue
		case "STOPPING=1":
		default:
			t.Errorf("at the end: %q", told)
		}
		break
	}
	<-ended
}

// Without a service manager nothing is said, and nothing goes wrong.
func TestNotifyingNobody(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	s := newService(t)
	notifying(s.runner.Loop(s.node))()
}
