package sim

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"gresh/backend"
)

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }
func port(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// A segment of three, and who heard which frame when.
type segment struct {
	*World
	t     *testing.T
	ends  []*End
	heard []string
}

func newSegment(t *testing.T, conditions ...Conditions) *segment {
	s := &segment{World: New(1, begin), t: t}
	for i, c := range conditions {
		name := string(rune('a' + i))
		n := s.AddNode(NodeConfig{Name: name, Ports: []string{"Ethernet0"}})
		e := n.End("Ethernet0", c)
		e.deliver = func([]byte) {
			s.heard = append(s.heard, fmt.Sprintf("%s@%v", name, s.Now().Sub(begin)))
		}
		s.ends = append(s.ends, e)
	}
	s.Connect("lan", s.ends...)
	return s
}

// to is a frame to a node of the segment, or to whoever that address is.
func (s *segment) to(i int) []byte {
	mac := s.Nodes()[i].mac(0)
	return append(mac[:], "a frame"...)
}

func (s *segment) wantHeard(what string, want ...string) {
	s.t.Helper()
	s.Run(time.Minute)
	if !slices.Equal(s.heard, want) {
		s.t.Errorf("%s: %v heard it, want %v", what, s.heard, want)
	}
	s.heard, s.now = nil, begin
	for _, e := range s.ends {
		e.free, e.last = time.Time{}, time.Time{}
	}
}

func TestSegmentIsSwitched(t *testing.T) {
	ms := Conditions{Delay: time.Millisecond}
	s := newSegment(t, ms, ms, ms)
	for _, test := range []struct {
		what  string
		frame []byte
		want  []string
	}{
		{"to one", s.to(2), []string{"c@1ms"}},
		{"to all", []byte("\xff\xff\xff\xff\xff\xff a frame"), []string{"b@1ms", "c@1ms"}},
		{"to many", []byte("\x01\x00\x5e\x00\x00\x05 a frame"), []string{"b@1ms", "c@1ms"}},
		{"to a stranger", []byte("\x02\x00\x00\x00\x00\x01 a frame"), []string{"b@1ms", "c@1ms"}},
		{"to itself", s.to(0), []string{"b@1ms", "c@1ms"}},
		{"too short to say to whom", []byte("short"), []string{"b@1ms", "c@1ms"}},
	} {
		s.ends[0].send(test.frame)
		s.wantHeard(test.what, test.want...)
	}
	s.ends[1].Set(Conditions{Delay: time.Millisecond, Cut: true})
	s.ends[0].send([]byte("\xff\xff\xff\xff\xff\xff a frame"))
	s.wantHeard("to all, one cut off", "c@1ms")
}

// What an end says of itself holds for what it sends, and for no one else.
func TestConditionsAreOfOneDirection(t *testing.T) {
	s := newSegment(t, Conditions{Delay: time.Millisecond}, Conditions{Delay: time.Second}, Conditions{Loss: 1})
	s.ends[0].send(s.to(1))
	s.wantHeard("from the quick to the slow", "b@1ms")
	s.ends[1].send(s.to(0))
	s.wantHeard("from the slow to the quick", "a@1s")
	s.ends[2].send(s.to(0))
	s.wantHeard("from who loses all")
	s.ends[0].send(s.to(2))
	s.wantHeard("to who loses all", "c@1ms")
}

func TestSteppedWaitLetsTimePassAtOnce(t *testing.T) {
	w := New(1, begin)
	n := router(w, "a", "", "Ethernet0")
	loop := Stepped{w}.Loop(n)
	done, stop := make(chan struct{}), make(chan struct{})
	w.After(time.Hour, func() { close(done) })
	w.After(2*time.Hour, func() { close(stop) })
	w.After(3*time.Hour, func() {})
	loop.Wait(done, nil)
	var told time.Time
	loop.Do(func(_ *backend.Router, now time.Time) { told = now })
	if told.Sub(begin) != time.Hour {
		t.Errorf("it is done at %v, want at an hour", told.Sub(begin))
	}
	if loop.Wait(nil, stop); w.Now().Sub(begin) != 2*time.Hour {
		t.Errorf("it is stopped at %v, want at two hours", w.Now().Sub(begin))
	}
	if loop.Wait(nil, nil); w.Step() {
		t.Error("with nobody to say so, it ends before everything has happened")
	}
}

func TestRunnerWaitsAndCloses(t *testing.T) {
	w := New(1, begin)
	n := router(w, "a", "", "Ethernet0")
	r := NewRunner(w, 0)
	done := make(chan struct{})
	r.Do(func(w *World) { w.After(24*time.Hour, func() { close(done) }) })
	r.Loop(n).Wait(done, nil) // at pace 0 time passes because somebody waits
	r.Loop(n).Do(func(_ *backend.Router, now time.Time) {
		if now.Sub(begin) != 24*time.Hour {
			t.Errorf("done at %v", now.Sub(begin))
		}
	})
	r.Close()
	r.Close()
	r.Loop(n).Wait(nil, nil) // does not hang
}

// Paces that no Duration can hold would have the clock stand, or the runner
// spin.
func TestRunnerBoundsPace(t *testing.T) {
	w := New(1, begin)
	w.After(time.Hour, func() {})
	r := NewRunner(w, 1e300)
	if got := r.Pace(); got != paceMost {
		t.Errorf("pace %v, want %v", got, paceMost)
	}
	r.SetPace(1e300)
	if got := r.Pace(); got != paceMost {
		t.Errorf("pace %v once set, want %v", got, paceMost)
	}
	r.Close()
	slow := &Runner{world: New(1, begin), pace: 1e-300}
	slow.world.After(time.Hour, func() {})
	if got := slow.sleep(); got != sleepMost {
		t.Errorf("at a pace of next to nothing it sleeps %v, want %v", got, sleepMost)
	}
}

func TestConditionsChangeByName(t *testing.T) {
	var c Conditions
	for _, change := range [][2]string{{"delay", "20ms"}, {"jitter", "5ms"}, {"rate", "56000"}, {"loss", "10%"}, {"duplicate", "5"}, {"reorder", "0.5%"}} {
		if err := c.Change(change[0], change[1]); err != nil {
			t.Error(err)
		}
	}
	c.Cut = true
	want := "delay 20ms, loss 10%, duplicate 5%, reorder 0.5%, jitter 5ms, rate 56000, down"
	if got := c.String(); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	was := c
	for _, change := range [][2]string{{"delay", "-1s"}, {"delay", "2h"}, {"loss", "NaN"}, {"loss", "-1"}, {"rate", "fast"}, {"colour", "red"}} {
		if err := c.Change(change[0], change[1]); err == nil || !strings.Contains(err.Error(), change[0]) {
			t.Errorf("%s %s: %v", change[0], change[1], err)
		}
	}
	if c != was {
		t.Errorf("refused changes have changed %v to %v", was, c)
	}
}
