package sim

import (
	"sync"
	"time"

	"gresh/backend"
)

// Stepped is the way to a world that stands still unless somebody waits: time
// passes in the caller's goroutine, as fast as it can. One goroutine at a time
// may use it.
type Stepped struct{ World *World }

// Loop is the way to a node's router.
func (s Stepped) Loop(n *Node) backend.Loop { return steppedLoop{s.World, n} }

type steppedLoop struct {
	world *World
	node  *Node
}

func (l steppedLoop) Do(f func(r *backend.Router, now time.Time)) { l.node.With(f) }

func (l steppedLoop) Wait(done, stop <-chan struct{}) {
	for !closed(done) && !closed(stop) && l.world.Step() {
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// A Runner is the way to a world whose time passes by the wall clock, so many
// seconds to a second. Its goroutine owns the world.
type Runner struct {
	world *World
	jobs  chan func()
	pace  float64
	once  sync.Once
	quit  chan struct{}
}

// paceMost is how fast time may pass: faster, and no Duration holds what passes
// while a goroutine sleeps.
const paceMost = 1e8

// NewRunner has time pass; at pace 0 it stands still but while somebody waits.
func NewRunner(w *World, pace float64) *Runner {
	r := &Runner{world: w, jobs: make(chan func()), pace: min(pace, paceMost), quit: make(chan struct{})}
	go r.run()
	return r
}

// Close has time stand still for good.
func (r *Runner) Close() { r.once.Do(func() { close(r.quit) }) }

// Do runs f in the goroutine that owns the world, and returns when it has.
func (r *Runner) Do(f func(w *World)) {
	done := make(chan struct{})
	select {
	case r.jobs <- func() { defer close(done); f(r.world) }:
		<-done
	case <-r.quit:
	}
}

// SetPace changes how fast time passes.
func (r *Runner) SetPace(pace float64) { r.Do(func(*World) { r.pace = min(pace, paceMost) }) }

// Pace is how fast time passes.
func (r *Runner) Pace() (pace float64) {
	r.Do(func(*World) { pace = r.pace })
	return pace
}

func (r *Runner) run() {
	for {
		base, wall := r.world.Now(), time.Now()
		timer := time.NewTimer(r.sleep())
		var job func()
		select {
		case job = <-r.jobs:
		case <-timer.C:
		case <-r.quit:
			timer.Stop()
			return
		}
		timer.Stop()
		r.world.RunUntil(base.Add(time.Duration(float64(time.Since(wall)) * r.pace)))
		if job != nil {
			job()
		}
	}
}

// sleepMost bounds how long the runner sleeps when nothing is to come.
const sleepMost = time.Second

// sleep is how long until something happens, by the wall clock.
func (r *Runner) sleep() time.Duration {
	next := r.world.Next()
	if next.IsZero() || r.pace == 0 {
		return sleepMost
	}
	left := float64(next.Sub(r.world.Now())) / r.pace // at a slow pace, more than a Duration holds
	return time.Duration(min(left+float64(time.Microsecond), float64(sleepMost)))
}

// Loop is the way to a node's router.
func (r *Runner) Loop(n *Node) backend.Loop { return pacedLoop{r, n} }

type pacedLoop struct {
	runner *Runner
	node   *Node
}

func (l pacedLoop) Do(f func(r *backend.Router, now time.Time)) {
	l.runner.Do(func(*World) { l.node.With(f) })
}

func (l pacedLoop) Wait(done, stop <-chan struct{}) {
	l.runner.Do(func(w *World) {
		for l.runner.pace == 0 && !closed(done) && !closed(stop) && w.Step() {
		}
	})
	select {
	case <-done:
	case <-stop:
	case <-l.runner.quit:
	}
}
