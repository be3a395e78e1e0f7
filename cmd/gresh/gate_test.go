package main

import (
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gresh/shell/door"
)

// A gate is open while it is wanted. Who is in stays when it is shut, until it
// is closed; a port that can't be had is told once, and is tried again.
func TestGate(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wanted atomic.Bool
	wanted.Store(true)
	failures := make(chan error, 8)
	var left sync.WaitGroup
	g := &gate{address: taken.Addr().String(), wanted: wanted.Load, failed: func(err error) { failures <- err },
		open: func(l net.Listener) server {
			return door.Open(l, func(c net.Conn) {
				left.Add(1)
				defer left.Done()
				_, _ = c.Write([]byte("in\n"))
				_, _ = c.Read(make([]byte, 1))
			})
		}}
	g.watch()
	if err := <-failures; err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a port that is taken: %v", err)
	}
	enter := func() (net.Conn, error) {
		g.changed()
		c, err := net.Dial("tcp", g.address)
		if err != nil {
			return nil, err
		}
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		if n, err := c.Read(make([]byte, 3)); n != 3 {
			return nil, errors.Join(err, c.Close())
		}
		return c, nil
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	var in net.Conn
	until(t, "the gate to open", func() bool { in, err = enter(); return err == nil })
	wanted.Store(false)
	until(t, "the gate to shut", func() bool { _, err := enter(); return err != nil })
	if _, err := in.Write([]byte("x")); err != nil {
		t.Errorf("who was in is out: %v", err)
	}
	wanted.Store(true)
	until(t, "the gate to open again", func() bool { _, err := enter(); return err == nil })
	g.close()
	left.Wait()
	if len(failures) > 0 {
		t.Errorf("told again: %v", <-failures)
	}
}

// until waits until something holds that nobody reports.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for late := time.Now().Add(20 * time.Second); !holds(); {
		if time.Now().After(late) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
