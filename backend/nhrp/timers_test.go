package nhrp

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestScheduleFiresInOrder(t *testing.T) {
	var s schedule
	at := func(n int) time.Time { return boot.Add(time.Duration(n) * time.Second) }
	timers := map[string]*timer{}
	for name, n := range map[string]int{"a": 9, "b": 9, "c": 9, "d": 9} {
		timers[name] = &timer{}
		s.set(timers[name], at(n))
	}
	s.set(timers["c"], at(2))
	s.set(timers["a"], at(3))
	s.set(timers["b"], at(3))
	s.set(timers["d"], at(1))
	s.set(timers["d"], time.Time{})
	s.set(timers["d"], time.Time{}) // twice is once
	if got := s.due(at(1)); got != nil {
		t.Fatalf("before the first deadline something is due: %v", got.at)
	}
	if next := s.next(); !next.Equal(at(2)) {
		t.Fatalf("next is %v, want the first deadline", next)
	}
	for i, want := range []string{"c", "a", "b"} { // a and b as they were set
		if got := s.due(at(3)); got != timers[want] {
			t.Errorf("the timer at place %d is not %s", i, want)
		}
	}
	if next := s.next(); !next.IsZero() {
		t.Errorf("an empty schedule says %v", next)
	}
}

// TestScheduleIsSorting compares the schedule with sorting, over any history of
// setting, moving and unsetting.
func TestScheduleIsSorting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s schedule
		timers := make([]timer, 8)
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			i := rapid.IntRange(0, len(timers)-1).Draw(t, "timer")
			n := rapid.IntRange(0, 20).Draw(t, "at")
			at := time.Time{}
			if n > 0 {
				at = boot.Add(time.Duration(n) * time.Second)
			}
			s.set(&timers[i], at)
		}
		var want, got []time.Time
		for _, x := range timers {
			if !x.at.IsZero() {
				want = append(want, x.at)
			}
		}
		slices.SortFunc(want, time.Time.Compare)
		for next := s.next(); !next.IsZero(); next = s.next() {
			got = append(got, next)
			s.due(next)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("fires at %v, want %v", got, want)
		}
	})
}
