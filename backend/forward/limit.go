package forward

import "time"

// A limiter remembers when things that may not happen too often may happen
// again: for each, the time at which its allowance is whole.
type limiter map[any]time.Time

const limitsMax = 4096

// allow says whether it may happen now: burst times at once, and then one time
// in each interval.
func (l limiter) allow(now time.Time, what any, every time.Duration, burst int) bool {
	whole, ok := l[what]
	if whole.Before(now) {
		whole = now
	}
	if whole.Sub(now) > every*time.Duration(burst-1) {
		return false
	}
	if !ok && len(l) >= limitsMax {
		l.forget(now)
	}
	l[what] = whole.Add(every)
	return true
}

// forget makes room: for what is allowed again anyway, or for all.
func (l limiter) forget(now time.Time) {
	for what, whole := range l {
		if !whole.After(now) {
			delete(l, what)
		}
	}
	if len(l) >= limitsMax {
		clear(l)
	}
}
