package main

import (
	"maps"
	"slices"
	"sync"
)

// An audience is who sees a router's log as it comes. The zero value is empty.
type audience struct {
	mu    sync.Mutex
	shows map[int]func(line string)
	next  int
}

// Attach has show see every line until cancel is called. show must not block.
func (a *audience) Attach(show func(line string)) (cancel func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.shows == nil {
		a.shows = map[int]func(string){}
	}
	id := a.next
	a.next++
	a.shows[id] = show
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.shows, id)
	}
}

// tell shows a line to all, in the order in which they came.
func (a *audience) tell(line string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(a.shows)) {
		a.shows[id](line)
	}
}
