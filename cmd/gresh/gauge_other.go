//go:build !linux

package main

import (
	"time"

	"gresh/backend/machine"
)

// processorTime is not known here.
func processorTime() time.Duration { return 0 }

// hostClock is taken to be set by whoever runs the host.
func hostClock() machine.Clock { return machine.Free }
