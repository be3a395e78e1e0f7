package console

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A screen is where a session's output goes. Who does not read holds up his
// own session until patience ends, then loses it.
type screen struct {
	conn     *net.UnixConn
	patience time.Duration
	mu       sync.Mutex // one frame at a time
}

// Write is part of io.Writer.
func (s *screen) Write(b []byte) (int, error) { return len(b), s.frame(kindShown, b) }

func (s *screen) refused(text string) { _ = s.frame(kindRefused, []byte(text)) }

// over tells the client that the session is over, and that nothing follows.
func (s *screen) over() {
	_ = s.frame(kindOver, nil)
	_ = s.conn.CloseWrite()
}

func (s *screen) frame(k kind, body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.conn.SetWriteDeadline(time.Now().Add(s.patience))
	err := writeFrame(s.conn, k, body)
	if err != nil {
		_ = s.conn.Close() // a frame may have been cut: nothing can follow
	}
	return err
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
