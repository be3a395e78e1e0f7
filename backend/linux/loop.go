//go:build linux

package linux

import (
	"sync"
	"time"

	"gresh/backend"
	"gresh/backend/forward"
)

// How many inputs may wait for the loop. Packets beyond wait in the sockets that
// they came by, where each port has room of its own, or are dropped there; what
// the kernel told is never dropped: if it comes too fast the host looks at the
// whole state again.
const (
	packetsWaiting      = 64
	eventsWaiting       = 4096
	computationsWaiting = 4096
)

// A Loop owns a router: one goroutine in which everything happens to it.
type Loop struct {
	host    *Host
	router  *backend.Router
	jobs    chan func()
	packets chan forward.Upcall
	events  chan any // forward.Upcalls, and what watch tells
	results chan result
	work    chan computation
	quit    chan struct{}
	once    sync.Once
	done    sync.WaitGroup
	workers int

	mu   sync.Mutex
	lost bool // events could not wait
}

var _ backend.Loop = (*Loop)(nil)

// A computation is a job for a worker; a result, what came of it.
type computation struct {
	id  uint64
	run func() []byte
}

type result struct {
	id    uint64
	value []byte
}

func newLoop(h *Host, workers int) *Loop {
	return &Loop{host: h, workers: workers, jobs: make(chan func()), quit: make(chan struct{}),
		packets: make(chan forward.Upcall, packetsWaiting), events: make(chan any, eventsWaiting),
		results: make(chan result, 64), work: make(chan computation, computationsWaiting)}
}

// start boots the router, and begins when that is done.
func (l *Loop) start(r *backend.Router) {
	l.router = r
	for range l.workers {
		l.done.Add(1)
		go l.worker()
	}
	r.Boot(time.Now())
	l.done.Add(1)
	go func() {
		defer l.done.Done()
		l.run()
	}()
}

// stop ends the loop; when it returns, nothing happens any more.
func (l *Loop) stop() {
	l.once.Do(func() { close(l.quit) })
	l.done.Wait()
}

// Do is part of backend.Loop. After the end it does nothing.
func (l *Loop) Do(f func(r *backend.Router, now time.Time)) {
	done := make(chan struct{})
	select {
	case l.jobs <- func() { defer close(done); f(l.router, time.Now()) }:
		<-done
	case <-l.quit:
	}
}

// Wait is part of backend.Loop.
func (l *Loop) Wait(done, stop <-chan struct{}) {
	select {
	case <-done:
	case <-stop:
	case <-l.quit:
	}
}

// packet takes a packet from the reader of a socket, which waits until there is
// room: readers that wait take turns, whatever each of them is flooded with.
func (l *Loop) packet(up forward.Upcall) {
	select {
	case l.packets <- up:
	case <-l.quit:
	}
}

// event takes what the kernel told; any goroutine may call it.
func (l *Loop) event(e any) {
	select {
	case l.events <- e:
	default:
		l.forgetful()
	}
}

// forgetful says that something the kernel told is lost.
func (l *Loop) forgetful() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = true
}

func (l *Loop) hasLost() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.lost
	l.lost = false
	return was
}

// compute has a worker run a job. With too many waiting it is run here: the
// loop is then what slows those down who ask for more.
func (l *Loop) compute(id uint64, run func() []byte) {
	select {
	case l.work <- computation{id, run}:
	default:
		value := run()
		go func() {
			select {
			case l.results <- result{id, value}:
			case <-l.quit:
			}
		}()
	}
}

func (l *Loop) worker() {
	defer l.done.Done()
	for {
		select {
		case c := <-l.work:
			select {
			case l.results <- result{c.id, c.run()}:
			case <-l.quit:
				return
			}
		case <-l.quit:
			return
		}
	}
}

// run is the loop. What the kernel tells goes first: packets make sense only
// on the links that there are.
func (l *Loop) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	now, due := time.Now(), time.Time{} // due is what the timer is set to
	for {
		if l.hasLost() {
			l.host.relearn(l.router)
		}
		select {
		case e := <-l.events:
			l.host.handle(l.router, e)
			continue
		case <-l.quit:
			return
		default:
		}
		if next := l.wake(now, due); !next.Equal(due) {
			due = next
			timer.Reset(due.Sub(now))
		}
		now, due = l.take(timer, due)
		if next := l.router.Next(); !next.IsZero() && !next.After(now) {
			l.router.Advance(now)
		}
	}
}

// take waits for an input and has the router take it. It returns the time at
// which that was, which is asked for once, and what the timer is still set to.
func (l *Loop) take(timer *time.Timer, due time.Time) (now, still time.Time) {
	select {
	case f := <-l.jobs:
		f()
		return time.Now(), due
	case e := <-l.events:
		l.host.handle(l.router, e)
		return time.Now(), due
	case up := <-l.packets:
		now = time.Now()
		l.router.Together(now, func() {
			l.router.Receive(now, up)
			l.rest(now)
		})
	case r := <-l.results:
		now = time.Now()
		l.router.Together(now, func() {
			l.router.Computed(now, r.id, r.value)
			l.rest(now)
		})
	case <-timer.C:
		return time.Now(), time.Time{}
	case <-l.quit:
	}
	return now, due
}

// rest takes what waits beside the first, so many at a time.
func (l *Loop) rest(now time.Time) {
	for range packetsWaiting {
		select {
		case up := <-l.packets:
			l.router.Receive(now, up)
		case r := <-l.results:
			l.router.Computed(now, r.id, r.value)
		default:
			return
		}
	}
}

// sleepMost bounds how long the loop sleeps when nothing is to come.
const sleepMost = 10 * time.Second

// wake is when the loop is to look at the router again, if nothing comes
// before. A timer that is set to something earlier may stay as it is.
func (l *Loop) wake(now, due time.Time) time.Time {
	most := now.Add(sleepMost)
	next := l.router.Next()
	switch {
	case !next.IsZero() && next.Before(most):
		return next
	case due.After(now):
		return due
	}
	return most
}
