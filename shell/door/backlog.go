package door

import (
	"fmt"
	"strings"
	"sync/atomic"
)

// Logs have show see every line of a router's log until cancel is called. show
// does not block. Without Logs, no log is seen.
type Logs func(show func(line string)) (cancel func())

// to shows the log to a session until unlog is called.
func (l Logs) to(s Seat) (unlog func()) {
	if l == nil {
		return func() {}
	}
	b := newBacklog()
	go b.drain(s.Log)
	cancel := l(b.add)
	return func() {
		cancel()
		b.close()
	}
}

// backlogMost is how many lines of the log wait for a terminal.
const backlogMost = 256

// A backlog is the log on its way to one terminal. Whoever logs never waits
// for it: what a slow terminal cannot take is dropped, counted, and said.
type backlog struct {
	lines chan string
	lost  atomic.Int64
	done  chan struct{}
}

func newBacklog() *backlog {
	return &backlog{lines: make(chan string, backlogMost), done: make(chan struct{})}
}

// add does not block.
func (b *backlog) add(line string) {
	select {
	case b.lines <- line:
	default:
		b.lost.Add(1)
	}
}

func (b *backlog) close() { close(b.done) }

// drain shows the lines until close. When it has caught up it says how many
// have been lost, under the time of the last line that was not.
func (b *backlog) drain(show func(line string)) {
	for {
		select {
		case <-b.done:
			return
		case line := <-b.lines:
			show(line)
			if len(b.lines) > 0 {
				continue
			}
			if lost := b.lost.Swap(0); lost > 0 {
				stamp, _, _ := strings.Cut(line, ": ")
				show(fmt.Sprintf("%s: %%SYS-3-LOGGER_DROPPED: System dropped %d console messages", stamp, lost))
			}
		}
	}
}
