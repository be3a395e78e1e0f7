package sadb

import (
	"net/netip"
	"slices"
	"time"
)

// A socket is a crypto socket and the map instance it owns: one for each peer
// of an SADB, however many tunnels hold it. It is there while a tunnel holds it
// or a pair is left.
type socket struct {
	db       *database
	local    netip.Addr // of its pairs
	peer     netip.Addr
	sequence int
	created  time.Time
	tunnels  []string // that hold it, in the order in which they opened it
	pairs    []*pair  // the last is the one to send under, at once or soon; the others are ending

	asked    bool      // IKE has been asked and has not answered
	retry    time.Time // when it is asked again: it has failed, or may not answer
	failures int       // in a row
	failed   time.Time // the last of them

	at  int       // where it is in the deadlines; -1: it has none
	due time.Time // its deadline there
}

func (s *socket) held() bool { return len(s.tunnels) > 0 }

// current is the pair to send under, nil if there is none.
func (s *socket) current() *pair {
	if len(s.pairs) == 0 {
		return nil
	}
	return s.pairs[len(s.pairs)-1]
}

// socket finds or makes the socket to a peer.
func (e *Engine) socket(now time.Time, db *database, peer netip.Addr) *socket {
	s := db.byPeer[peer]
	if s == nil {
		s = &socket{db: db, local: db.policy.Local, peer: peer, created: now, at: -1}
		db.add(s)
	}
	return s
}

// Open holds the socket to a peer for a tunnel. If the peer is protected
// already, the tunnel is told so at once. Whoever holds it already does not
// hold it twice.
func (e *Engine) Open(now time.Time, tunnel string, peer netip.Addr) (out Output) {
	e.open(now, tunnel, peer, &out)
	return out
}

func (e *Engine) open(now time.Time, tunnel string, peer netip.Addr, out *Output) {
	db := e.byTunnel[tunnel]
	if db == nil || !peer.IsValid() || !db.policy.member(tunnel).leadsTo(peer) {
		return
	}
	s := e.socket(now, db, peer)
	if slices.Contains(s.tunnels, tunnel) {
		return
	}
	s.tunnels = append(s.tunnels, tunnel)
	if s.current() != nil {
		e.up(s, tunnel, out)
	}
	e.goOn(now, s, out)
}

// Close lets go of the socket. The last to let go closes it: the peer is told,
// the SAs end, the policy stays. What is not held is not let go.
func (e *Engine) Close(_ time.Time, tunnel string, peer netip.Addr) (out Output) {
	if db := e.byTunnel[tunnel]; db != nil {
		if s := db.byPeer[peer]; s != nil && slices.Contains(s.tunnels, tunnel) {
			e.release(s, tunnel, &out)
		}
	}
	return out
}

func (e *Engine) release(s *socket, tunnel string, out *Output) {
	if s.current() != nil {
		e.down(s, tunnel, out)
	}
	s.tunnels = slices.DeleteFunc(s.tunnels, func(t string) bool { return t == tunnel })
	if !s.held() {
		e.end(s, out)
	}
}

// end closes a socket that nobody holds.
func (e *Engine) end(s *socket, out *Output) {
	e.strip(s, func(*pair) bool { return true }, true, out)
	e.queue.remove(s)
	s.db.remove(s)
}

// up tells a tunnel that its peer is protected now, and down that it is not
// any more.
func (e *Engine) up(s *socket, tunnel string, out *Output) {
	out.Up = append(out.Up, Ref{tunnel, s.peer})
	out.Log = append(out.Log, SocketUp{tunnel, s.local, s.peer})
}

func (e *Engine) down(s *socket, tunnel string, out *Output) {
	out.Down = append(out.Down, Ref{tunnel, s.peer})
	out.Log = append(out.Log, SocketDown{tunnel, s.local, s.peer})
}

func (e *Engine) changed(out *Output) { out.Changed, e.stale = true, true }
