package sshd

import (
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"gresh/modes"
	"gresh/shell/door"
)

// Who opens no window holds up nobody but himself, and loses his session.
func TestNobodyReads(t *testing.T) {
	b := newBox(t)
	b.policy.patience = time.Second
	s := b.serve(t)
	c := dial(t, s, byPassword("right"))
	x, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.StdoutPipe(); err != nil { // and never read it
		t.Fatal(err)
	}
	in, err := x.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Shell(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, "flood\r"); err != nil {
		t.Fatal(err)
	}
	other := open(t, dial(t, s, byPassword("right")), 80, 24)
	for range 50 {
		other.typed("say here\r")
		other.must("\r\nhere\r\n")
	}
	other.typed("exit\r")
	b.left(t)
	_ = c.Wait()
}

// Who does not read can be thrown out.
func TestNobodyReadsAndIsHungUp(t *testing.T) {
	b := newBox(t)
	c := dial(t, b.serve(t), byPassword("right"))
	x, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.StdoutPipe(); err != nil { // and never read it
		t.Fatal(err)
	}
	x.Stdin = strings.NewReader("flood\r")
	if err := x.Shell(); err != nil {
		t.Fatal(err)
	}
	var seats []modes.Seat
	poll(t, "the session", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		seats = b.seats
		return len(seats) > 0
	})
	seats[0].Hangup()
	b.left(t)
}

// A line of a mebibyte, NULs and half a character are a line like any other.
func TestOddInput(t *testing.T) {
	b := newBox(t)
	x := open(t, dial(t, b.serve(t), byPassword("right")), 512, 24)
	x.must("carl#")
	go func() { _, _ = io.WriteString(x.in, "length "+strings.Repeat("x", 1<<20)+"\r") }()
	x.must("octets\r\ncarl#")
	x.typed("say \x00on\x00e\xc3\r")
	x.must("\r\ncarl#")
	x.typed("say still here\r")
	x.must("\r\nstill here\r\n")
}

// Who is cut off is not carried on, and nothing is left of him.
func TestCutOff(t *testing.T) {
	b := newBox(t)
	s := b.serve(t)
	before := runtime.NumGoroutine()
	for range 10 {
		c := dial(t, s, byPassword("right"))
		x := open(t, c, 80, 24)
		x.typed("wait\rsay too late\r")
		if got := <-b.running; got != "begun" {
			t.Fatal(got)
		}
		_ = c.Close()
		if got := <-b.running; got != "interrupted" {
			t.Fatal(got)
		}
	}
	b.left(t)
	poll(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.shows) > 0 {
		t.Errorf("%d still see the log", len(b.shows))
	}
}

// Closing the server ends all that is going on.
func TestClose(t *testing.T) {
	b := newBox(t)
	before := runtime.NumGoroutine()
	s := b.serve(t)
	for range 5 {
		c := dial(t, s, byPassword("right"))
		x := open(t, c, 80, 24)
		x.typed("wait\r")
		if got := <-b.running; got != "begun" {
			t.Fatal(got)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	b.left(t)
	if _, err := ssh.Dial("tcp", s.Addr().String(), byPassword("right")); err == nil {
		t.Error("in after all was closed")
	}
	poll(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}

// Whoever has logged in and begins nothing is cut off when the time is over.
func TestNothingBegun(t *testing.T) {
	b := newBox(t)
	b.policy.Timeout = 500 * time.Millisecond
	s := b.serve(t)
	idle := dial(t, s, byPassword("right"))
	done := make(chan error)
	go func() { done <- idle.Wait() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Error("still there")
	}
	if door.Patience < time.Minute {
		t.Error("too little patience for a person")
	}
}
