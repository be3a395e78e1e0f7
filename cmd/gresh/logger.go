package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"gresh/backend"
	"gresh/show"
)

// loggerMost is how many lines wait for whoever writes them away.
const loggerMost = 1024

// A logger takes what happens to a router to its log and to the consoles. The
// router never waits for it: what cannot be written away in time is dropped,
// and counted in the log.
type logger struct {
	journal bool // lines carry priorities, and the journal knows the time
	out     io.Writer
	waiting chan logged
	written chan struct{} // closed when the last line is

	mu   sync.Mutex
	lost int
	hear []func(backend.Event)

	audience // the consoles
}

// A logged line is one that the log has not yet.
type logged struct {
	at   time.Time
	line string // as a console shows it: "*Mar  1 00:00:01.000: %SYS-5-…"
}

// newLogger writes to out, which may be the journal.
func newLogger(out io.Writer, journal bool) *logger {
	l := &logger{journal: journal, out: out, waiting: make(chan logged, loggerMost),
		written: make(chan struct{})}
	go func() {
		defer close(l.written)
		l.write()
	}()
	return l
}

// Event logs one, in the words of the release.
func (l *logger) Event(e backend.Event, release show.Release) {
	l.mu.Lock()
	hear := l.hear
	l.mu.Unlock()
	for _, f := range hear {
		f(e)
	}
	lines := show.LogLine(e.At, e.Value, release)
	for _, line := range lines {
		select {
		case l.waiting <- logged{e.At, line}:
		default:
			l.mu.Lock()
			l.lost++
			l.mu.Unlock()
		}
		l.tell(line)
	}
}

// OnEvent has f called with all that happens to the router.
func (l *logger) OnEvent(f func(backend.Event)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hear = append(l.hear, f)
}

// Close returns when all is written. Nothing may be logged any more.
func (l *logger) Close() {
	close(l.waiting)
	<-l.written
}

func (l *logger) write() {
	for w := range l.waiting {
		l.put(w)
		l.mu.Lock()
		lost := l.lost
		if len(l.waiting) == 0 {
			l.lost = 0
		} else {
			lost = 0
		}
		l.mu.Unlock()
		if lost > 0 {
			stamp, _, _ := strings.Cut(w.line, ": ")
			l.put(logged{w.at, fmt.Sprintf("%s: %%SYS-3-LOGGER_DROPPED: System dropped %d log messages", stamp, lost)})
		}
	}
}

// put writes one line. For the journal, its priority stands in front as
// sd-daemon(3) has it, and its time is left to the journal.
func (l *logger) put(w logged) {
	line := w.line
	if l.journal {
		_, text, _ := strings.Cut(line, ": ")
		line = fmt.Sprintf("<%d>%s", severity(text), text)
	}
	_, _ = fmt.Fprintln(l.out, line)
}

// severity is the digit of %FACILITY-SEVERITY-MNEMONIC, which means the same
// to syslog. What has none is informational.
func severity(text string) int {
	head, _, _ := strings.Cut(text, ":")
	parts := strings.Split(head, "-")
	for _, p := range parts[1:] {
		if len(p) == 1 && p[0] >= '0' && p[0] <= '7' {
			return int(p[0] - '0')
		}
	}
	return 6
}
