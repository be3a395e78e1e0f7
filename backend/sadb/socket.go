package sadb

import (
	"net/netip"
	"slices"
	"time"
)

// A socket is a crypto socket and the map instance it owns: one for each peer
// of an SADB, however many tunnels hold it.
type socket struct {
	db       *database
	peer     netip.Addr
	sequence int
	created  time.Time
	tunnels  []string // that hold it, in the order in which they opened it
	pairs    []*pair  // the last is the one to send under; the others are ending
	asked    bool     // IKE has been asked and has not answered
	failures int      // in a row
	retry    time.Time
	at       int       // where it is in the deadlines
	due      time.Time // its deadline there
}

// A pair is a Pair with its dates.
type pair struct {
	Pair
	conn    uint32 // of the inbound SA; the outbound one has the next
	born    time.Time
	soft    time.Time // it is rekeyed; zero once it has been
	hard    time.Time // it ends
	octets  uint64
	volumes int // soft volume limits passed
}

const (
	retryFirst = 5 * time.Second // after a failed negotiation; doubles
	retryMost  = 60 * time.Second
	// A request that IKE never answers is put again: IKE gives up long before.
	askLimit = 3 * time.Minute
	// crossing is how young a pair may be for another one, begun by the other
	// side, to count as begun at the same time.
	crossing = 15 * time.Second
	// linger is how long a superseded pair is still received under.
	linger = 60 * time.Second
)

// open finds or makes the socket to a peer.
func (e *Engine) open(now time.Time, db *database, peer netip.Addr) *socket {
	if s, ok := db.sockets[peer]; ok {
		return s
	}
	s := &socket{db: db, peer: peer, created: now, sequence: db.lowestFree(), at: -1}
	db.sockets[peer] = s
	return s
}

// lowestFree is the lowest sequence number above the head that no instance has.
func (db *database) lowestFree() int {
	used := map[int]bool{}
	for _, s := range db.sockets {
		used[s.sequence] = true
	}
	n := instanceFirst
	for used[n] {
		n++
	}
	return n
}

// Open holds the socket to a peer for a tunnel. If the peer is protected
// already, the tunnel is told so at once.
func (e *Engine) Open(now time.Time, tunnel string, peer netip.Addr) (out Output) {
	db := e.databaseOf(tunnel)
	if db == nil {
		return out
	}
	s := e.open(now, db, peer)
	if slices.Contains(s.tunnels, tunnel) {
		return out
	}
	s.tunnels = append(s.tunnels, tunnel)
	if len(s.pairs) > 0 {
		e.up(s, tunnel, &out)
		return out
	}
	e.ask(now, s, &out)
	return out
}

// Close lets go of the socket. The last to let go closes it: the peer is told,
// the SAs end, the policy stays.
func (e *Engine) Close(now time.Time, tunnel string, peer netip.Addr) (out Output) {
	for _, db := range e.dbs {
		if s, ok := db.sockets[peer]; ok && slices.Contains(s.tunnels, tunnel) {
			e.release(now, s, tunnel, &out)
		}
	}
	return out
}

func (e *Engine) release(now time.Time, s *socket, tunnel string, out *Output) {
	e.down(s, tunnel, out)
	s.tunnels = slices.DeleteFunc(s.tunnels, func(t string) bool { return t == tunnel })
	if len(s.tunnels) == 0 {
		e.end(now, s, out)
	}
}

// end closes a socket that nobody holds.
func (e *Engine) end(_ time.Time, s *socket, out *Output) {
	for _, p := range s.pairs {
		out.Delete = append(out.Delete, p.Pair)
	}
	if len(s.pairs) > 0 {
		e.changed(out)
	}
	s.pairs = nil
	delete(s.db.sockets, s.peer)
	e.queue.remove(s)
}

// ask asks IKE for a pair, unless it has been asked.
func (e *Engine) ask(now time.Time, s *socket, out *Output) {
	if s.asked {
		return
	}
	s.asked, s.retry = true, now.Add(askLimit)
	q := Request{SADB: s.db.policy.SADB, Local: s.db.policy.Local, Peer: s.peer}
	if n := len(s.pairs); n > 0 {
		for _, sa := range s.pairs[n-1].In {
			q.Replaces = append(q.Replaces, sa.Key())
		}
	}
	out.Negotiate = append(out.Negotiate, q)
	e.schedule(s)
}

// Failed says that IKE could not agree with a peer. While a tunnel holds the
// socket it is tried again, later each time; a live SA is left alone.
func (e *Engine) Failed(now time.Time, name string, peer netip.Addr, reason string) (out Output) {
	db := e.byName[name]
	if db == nil || db.sockets[peer] == nil || !db.sockets[peer].asked {
		return out
	}
	s := db.sockets[peer]
	s.asked = false
	s.retry = now.Add(min(retryFirst<<min(s.failures, 8), retryMost))
	s.failures++
	out.Log = append(out.Log, NegotiationFailed{name, peer, reason})
	e.schedule(s)
	return out
}

// Acquire says that traffic wants a peer: a retry that waits is made now.
func (e *Engine) Acquire(now time.Time, name, _ string, peer netip.Addr) (out Output) {
	db := e.byName[name]
	if db == nil {
		return out
	}
	if s := db.sockets[peer]; s != nil && len(s.pairs) == 0 && len(s.tunnels) > 0 {
		e.ask(now, s, &out)
	}
	return out
}

func (e *Engine) up(s *socket, tunnel string, out *Output) {
	out.Up = append(out.Up, Ref{tunnel, s.peer})
	out.Log = append(out.Log, SocketUp{tunnel, s.db.policy.Local, s.peer})
}

// down tells a tunnel, if it had been told that its peer was up.
func (e *Engine) down(s *socket, tunnel string, out *Output) {
	if len(s.pairs) == 0 {
		return
	}
	out.Down = append(out.Down, Ref{tunnel, s.peer})
	out.Log = append(out.Log, SocketDown{tunnel, s.db.policy.Local, s.peer})
}

// Key names an SA.
func (s SA) Key() Key { return Key{s.Proto, s.Dst, s.SPI} }

func (e *Engine) changed(out *Output) {
	out.Changed, e.stale = true, true
}
