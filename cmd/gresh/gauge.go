package main

import (
	"runtime"
	"runtime/metrics"
	"sync"
	"time"

	"gresh/backend"
	"gresh/backend/machine"
)

// gaugeInterval is how often a gauge is read; gaugeKept is how many readings
// five minutes of it are.
const (
	gaugeInterval = 5 * time.Second
	gaugeKept     = int(5*time.Minute/gaugeInterval) + 1
)

// A gauge measures the process that the routers run in.
type gauge struct {
	clock machine.Clock

	mu        sync.Mutex
	readings  []reading // the last five minutes, oldest first
	leastFree uint64
}

// A reading is how much processor time the process had taken at a moment.
type reading struct {
	at   time.Time
	used time.Duration
}

// newGauge measures until the process ends.
func newGauge() *gauge {
	g := &gauge{clock: hostClock(), leastFree: ^uint64(0)}
	g.read(time.Now(), processorTime())
	go func() {
		for now := range time.Tick(gaugeInterval) {
			g.read(now, processorTime())
		}
	}()
	return g
}

// read takes a reading.
func (g *gauge) read(at time.Time, used time.Duration) {
	total, inUse := memory()
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.readings) == gaugeKept {
		g.readings = append(g.readings[:0], g.readings[1:]...)
	}
	g.readings = append(g.readings, reading{at, used})
	g.leastFree = min(g.leastFree, total-inUse)
}

// Machine is what was measured, up to now.
func (g *gauge) Machine() machine.Machine {
	total, used := memory()
	g.mu.Lock()
	defer g.mu.Unlock()
	m := machine.Machine{Memory: total, Used: used, LeastFree: min(g.leastFree, total-used),
		Processors: processorTime(), Tasks: runtime.NumGoroutine(), Clock: g.clock}
	now := reading{time.Now(), m.Processors}
	for i, span := range []time.Duration{gaugeInterval, time.Minute, 5 * time.Minute} {
		m.Busy[i] = g.since(now, span)
	}
	return m
}

// since is the share of one processor, in percent, that was taken in the time
// that has just passed, or since there are readings.
func (g *gauge) since(now reading, span time.Duration) float64 {
	was := g.readings[0]
	for _, r := range g.readings {
		if now.at.Sub(r.at) >= span {
			was = r
		}
	}
	passed := now.at.Sub(was.at)
	if passed <= 0 {
		return 0
	}
	return 100 * float64(now.used-was.used) / float64(passed)
}

// memory is what the process has of the system's memory, and how much of that
// is in use.
func memory() (total, used uint64) {
	const all, released, free = "/memory/classes/total:bytes", "/memory/classes/heap/released:bytes", "/memory/classes/heap/free:bytes"
	s := []metrics.Sample{{Name: all}, {Name: released}, {Name: free}}
	metrics.Read(s)
	total = s[0].Value.Uint64() - s[1].Value.Uint64()
	return total, total - s[2].Value.Uint64()
}

// labGauge is the gauge of the routers of a lab.
var labGauge = sync.OnceValue(newGauge)

// measured has the routers of a lab know the process they share. Their clock is
// the lab's, which nobody sets.
func measured(o *backend.Options) {
	g := labGauge()
	o.Machine = func() machine.Machine {
		m := g.Machine()
		m.Clock = machine.Unset
		return m
	}
}
