package shell

import (
	"fmt"
	"io"
	"testing"
)

// keysTyped is a line with something of every kind of editing in it.
const keysTyped = "show ver\x7f\x02\x02x\x05 | inc y\x15abc\x01\x0b\r"

// A router logs while a user types: each sees the other's whole.
func TestLogBesideKeys(t *testing.T) {
	s := New(Options{Out: io.Discard, Interpreter: &fake{}, Monitor: true})
	s.settings.Synchronous = true
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = s.Run()
	}()
	s.Ready()
	logged := make(chan struct{})
	go func() {
		defer close(logged)
		for i := range 500 {
			s.Log(fmt.Sprint("*Mar  1 00:00:00.000: %SYS-5-CONFIG_I: ", i))
			s.Resize(40+i%80, 24)
		}
	}()
	for range 200 {
		s.Type(keysTyped)
	}
	<-logged
	s.Hangup()
	<-over
}
