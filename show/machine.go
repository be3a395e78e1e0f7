package show

import (
	"io"
	"strings"

	"gresh/backend/machine"
)

// ProcessesCPU renders "show processes cpu". The router is one process; no time
// of it is spent in interrupts.
func ProcessesCPU(w io.Writer, m machine.Machine) {
	printf(w, "CPU utilization for five seconds: %.0f%%/0%%; one minute: %.0f%%; five minutes: %.0f%%\n", m.Busy[0], m.Busy[1], m.Busy[2])
	printf(w, " PID Runtime(ms)   Invoked      uSecs   5Sec   1Min   5Min TTY Process\n")
	printf(w, "%4d %11d %9d %10d %5.2f%% %5.2f%% %5.2f%% %3d %s\n", 1, m.Processors.Milliseconds(), m.Tasks, 0,
		m.Busy[0], m.Busy[1], m.Busy[2], 0, "gresh")
}

// ProcessesMemory renders "show processes memory".
func ProcessesMemory(w io.Writer, m machine.Machine) {
	printf(w, "Processor Pool Total: %10d Used: %10d Free: %10d\n\n", m.Memory, m.Used, m.Free())
	printf(w, " PID TTY  Allocated      Freed    Holding    Getbufs    Retbufs Process\n")
	printf(w, "%4d %3d %10d %10d %10d %10d %10d %s\n", 1, 0, m.Memory, m.Free(), m.Used, 0, 0, "gresh")
	printf(w, "%s%10d Total\n", strings.Repeat(" ", 31), m.Used)
}

// MemoryStatistics renders "show memory statistics". There is one pool; of the
// largest free block nothing is known.
func MemoryStatistics(w io.Writer, m machine.Machine) {
	printf(w, "%16s %11s %11s %11s %11s %11s\n", "Head", "Total(b)", "Used(b)", "Free(b)", "Lowest(b)", "Largest(b)")
	printf(w, "%-9s %6s %11d %11d %11d %11d %11s\n", "Processor", "-", m.Memory, m.Used, m.Free(), m.LeastFree, "-")
	printf(w, "%9s %6s %11d %11d %11d %11d %11s\n", "I/O", "-", 0, 0, 0, 0, "-")
}
