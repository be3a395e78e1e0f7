package main

import (
	"testing"
	"time"
)

// TestGauge: a process that takes half a processor for a minute, and nothing
// afterwards.
func TestGauge(t *testing.T) {
	g := &gauge{leastFree: ^uint64(0)}
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at, used := start, time.Duration(0)
	pass := func(d, busy time.Duration) {
		for range d / gaugeInterval {
			at, used = at.Add(gaugeInterval), used+busy/(d/gaugeInterval)
			g.read(at, used)
		}
	}
	check := func(span time.Duration, want float64) {
		t.Helper()
		if got := g.since(reading{at, used}, span); got < want-0.1 || got > want+0.1 {
			t.Errorf("%v after the start, the last %v took %.1f%%, want %.1f%%", at.Sub(start), span, got, want)
		}
	}
	g.read(at, used)
	check(5*time.Minute, 0)
	pass(time.Minute, 30*time.Second)
	check(gaugeInterval, 50)
	check(5*time.Minute, 50) // there is no more yet
	pass(4*time.Minute, 0)
	check(gaugeInterval, 0)
	check(time.Minute, 0)
	check(5*time.Minute, 10)
	pass(time.Hour, 0)
	if check(5*time.Minute, 0); len(g.readings) != gaugeKept {
		t.Errorf("%d readings are kept, want %d", len(g.readings), gaugeKept)
	}
}

// TestGaugeNow: what is measured of this process makes sense.
func TestGaugeNow(t *testing.T) {
	g := &gauge{leastFree: ^uint64(0)}
	g.read(time.Now(), processorTime())
	if m := g.Machine(); m.Memory < 1<<20 || m.Used == 0 || m.Used > m.Memory || m.LeastFree > m.Free() || m.Tasks == 0 {
		t.Errorf("%+v", m)
	}
}
