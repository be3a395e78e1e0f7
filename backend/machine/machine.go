// Package machine is what a router runs on, as it stands at a moment. It is
// told; it measures nothing.
package machine

import "time"

// A Machine is a process with its memory, its processors and its clock. The
// routers of a lab share one.
type Machine struct {
	Memory     uint64        // octets that the process has of the system
	Used       uint64        // octets of them that hold something
	LeastFree  uint64        // octets that were free when fewest were
	Busy       [3]float64    // percent of one processor: over 5 seconds, a minute, 5 minutes
	Processors time.Duration // processor time since the process began
	Tasks      int           // threads of control
	Clock      Clock
}

// Free is the memory that holds nothing.
func (m Machine) Free() uint64 { return m.Memory - min(m.Used, m.Memory) }

// A Clock is how far the clock can be trusted.
type Clock uint8

// The clocks.
const (
	Unset        Clock = iota // nobody has set it
	Free                      // set, and synchronised with nothing
	Synchronized              // by NTP
)

// Mark is the character that stands in front of a time to say so.
func (c Clock) Mark() string { return [...]string{"*", ".", ""}[c] }
