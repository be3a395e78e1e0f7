package sshd

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"gresh/shell/door"
)

const (
	// lobbyMost is how many may be connected who have not logged in.
	lobbyMost = 128
	// lobbyGrace is how long nobody is thrown out for others who come.
	lobbyGrace = time.Second
)

// A lobby is who has connected and not logged in yet. When it is full, who
// comes waits a moment, and then the one who has been there longest leaves, of
// the address that has most there: silence never keeps others out.
type lobby struct {
	most  int
	grace time.Duration

	mu      sync.Mutex
	change  sync.Cond
	waiting []*waiting // in the order in which they came
	closed  bool
}

type waiting struct {
	conn net.Conn
	from netip.Addr
	came time.Time
}

func newLobby() *lobby {
	l := &lobby{most: lobbyMost, grace: lobbyGrace}
	l.change.L = &l.mu
	return l
}

// enter waits for room, and makes some if need be. It is not ok when the lobby
// has been closed meanwhile.
func (l *lobby) enter(conn net.Conn) (ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := &waiting{conn: conn, from: door.Remote(conn).Addr(), came: time.Now()}
	for len(l.waiting) >= l.most && !l.closed {
		at := l.next()
		left := time.Until(l.waiting[at].came.Add(l.grace))
		if left <= 0 {
			_ = l.waiting[at].conn.Close()
			l.remove(at)
			break
		}
		alarm := time.AfterFunc(left, l.change.Broadcast)
		l.change.Wait()
		alarm.Stop()
	}
	if l.closed {
		return false
	}
	l.waiting = append(l.waiting, w)
	return true
}

// next is who would have to leave.
func (l *lobby) next() (at int) {
	count := map[netip.Addr]int{}
	for _, w := range l.waiting {
		count[w.from]++
	}
	for i, w := range l.waiting {
		if count[w.from] > count[l.waiting[at].from] {
			at = i
		}
	}
	return at
}

func (l *lobby) remove(at int) {
	l.waiting = append(l.waiting[:at], l.waiting[at+1:]...)
	l.change.Broadcast()
}

// leave says that a connection waits no more.
func (l *lobby) leave(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, w := range l.waiting {
		if w.conn == conn {
			l.remove(i)
			return
		}
	}
}

// close lets nobody wait any more.
func (l *lobby) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.change.Broadcast()
}
