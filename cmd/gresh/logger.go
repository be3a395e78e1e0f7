package main

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"gresh/backend"
	"gresh/backend/syslog"
)

// loggerMost is how many lines wait for whoever writes them away.
const loggerMost = 1024

// A logger takes what happens to a router to its log and to the consoles. The
// router never waits for it: what cannot be written away in time is dropped,
// and counted in the log.
type logger struct {
	journal bool // lines carry priorities, and the journal knows the time
	out     io.Writer
	waiting chan syslog.Line
	written chan struct{} // closed when the last line is

	mu   sync.Mutex
	lost int
	hear []func(backend.Event)

	audience // the consoles
}

// newLogger writes to out, which may be the journal.
func newLogger(out io.Writer, journal bool) *logger {
	l := &logger{journal: journal, out: out, waiting: make(chan syslog.Line, loggerMost),
		written: make(chan struct{})}
	go func() {
		defer close(l.written)
		l.write()
	}()
	return l
}

// Event logs what the router says of one.
func (l *logger) Event(e backend.Event) {
	l.mu.Lock()
	hear := l.hear
	l.mu.Unlock()
	for _, f := range hear {
		f(e)
	}
	for _, line := range e.Lines {
		select {
		case l.waiting <- line:
		default:
			l.mu.Lock()
			l.lost++
			l.mu.Unlock()
		}
		if line.Monitor {
			l.tell(line.Stamped)
		}
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
			stamp := strings.TrimSuffix(w.Stamped, w.Text)
			text := fmt.Sprintf("%%SYS-3-LOGGER_DROPPED: System dropped %d log messages", lost)
			l.put(syslog.Line{Severity: syslog.SeverityOf(text), Text: text, Stamped: stamp + text})
		}
	}
}

// put writes one line. For the journal, its priority stands in front as
// sd-daemon(3) has it, and its time is left to the journal.
func (l *logger) put(w syslog.Line) {
	line := w.Stamped
	if l.journal {
		line = fmt.Sprintf("<%d>%s", w.Severity, w.Text)
	}
	_, _ = fmt.Fprintln(l.out, line)
}
