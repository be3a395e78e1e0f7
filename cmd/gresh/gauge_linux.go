package main

import (
	"time"

	"golang.org/x/sys/unix"

	"gresh/backend/machine"
)

// processorTime is what the process has taken of the processors.
func processorTime() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// timeError is the state of a clock that nothing synchronises (adjtimex(2)).
const timeError = 5

// hostClock says whether the host's clock is kept by NTP.
func hostClock() machine.Clock {
	if state, err := unix.Adjtimex(&unix.Timex{}); err == nil && state != timeError {
		return machine.Synchronized
	}
	return machine.Free
}
