package console

import (
	"net"
	"sync"
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
