package forward

import (
	"testing"
	"time"
)

// TestTrafficRate: a steady flow is approached within the time of the average,
// and fades from it in the same time.
func TestTrafficRate(t *testing.T) {
	var f Traffic
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	if bits, packets := f.Rate(now); bits != 0 || packets != 0 || !f.Last.IsZero() {
		t.Fatalf("an idle interface has %d bits/sec, %d packets/sec, last %v", bits, packets, f.Last)
	}
	second := func(n int) {
		for range n {
			for range 10 {
				f.passed(now, 125)
				now = now.Add(100 * time.Millisecond)
			}
		}
	}
	second(300)
	if bits, packets := f.Rate(now); bits < 6200 || bits > 6400 || packets != 6 {
		t.Errorf("after five minutes of 10000 bits/sec: %d bits/sec, %d packets/sec, want 1-1/e of it", bits, packets)
	}
	second(3000)
	if bits, packets := f.Rate(now); bits < 9990 || bits > 10010 || packets != 10 {
		t.Errorf("after an hour: %d bits/sec, %d packets/sec", bits, packets)
	}
	now = now.Add(5 * time.Minute)
	if bits, _ := f.Rate(now); bits < 3600 || bits > 3760 {
		t.Errorf("five idle minutes later: %d bits/sec, want 1/e of 10000", bits)
	}
	if want := now.Add(-5*time.Minute - 100*time.Millisecond); !f.Last.Equal(want) {
		t.Errorf("last %v, want %v", f.Last, want)
	}
}
