package sadb

import (
	"slices"
	"time"
)

// A pair is a Pair with its dates.
type pair struct {
	Pair
	socket *socket
	conn   uint32 // of In[0]; Out[0] has the next, In[1] the one after it
	born   time.Time
	soft   time.Time // it is to be rekeyed; zero: never
	hard   time.Time // it ends; zero: never
	waits  time.Time // until then its predecessor is sent under; zero: it does not wait
	sent   bool      // it is sent under, or has been
	ending bool      // it is superseded
	gone   bool      // its peer has deleted it
}

const (
	// crossing is how young a pair may be for another one, begun by the other
	// side, to count as begun at the same time.
	crossing = 15 * time.Second
	// linger is how long a superseded pair is still received under. Who began
	// its successor deletes it then; the other side waits for that a little.
	linger     = 60 * time.Second
	lingerMore = 30 * time.Second
	// handover is how long the one who began a pair goes on to send under its
	// predecessor. The last message of a Quick Mode is his, and only with it the
	// other side receives under the pair: it may be lost, or be overtaken. No one
	// says when it has arrived; but whoever lacks it asks for it again, commonly
	// within four seconds.
	handover = 5 * time.Second
	// pairsMost is how many pairs a peer may make us keep at a time.
	pairsMost = 8
	// softPercent of the volume limit is when a pair is rekeyed.
	softPercent = 90
	marginMost  = 60 * time.Second // before its end, a pair is rekeyed by time
)

// Installed takes a pair that IKE has negotiated, whoever began. It supersedes
// the one there was, which is still received under for a while. Two that were
// begun by both sides at once both stand until the one of them that both sides
// know for the winner has taken over.
func (e *Engine) Installed(now time.Time, negotiated Pair) (out Output) {
	if e.byKey[negotiated.In[0].Key()] != nil {
		return out // told twice
	}
	db := e.byName[negotiated.SADB]
	if db == nil || !e.wanted(now, db, negotiated) {
		out.Delete = append(out.Delete, negotiated)
		return out
	}
	s := e.socket(now, db, negotiated.Peer)
	if s.current() == nil {
		for _, t := range s.tunnels {
			e.up(s, t, &out)
		}
	}
	s.asked, s.failures, s.retry = false, 0, time.Time{}
	p := e.adoptPair(now, s, negotiated)
	if p.Initiator {
		p.waits = s.takeover(now)
	}
	s.rank(now, p)
	if len(s.pairs) > pairsMost {
		oldest := s.pairs[0]
		e.strip(s, func(p *pair) bool { return p == oldest }, true, &out)
	}
	e.changed(&out)
	e.goOn(now, s, &out)
	return out
}

// wanted is false for a pair between addresses that are not the SADB's any
// more, and for one that we began for tunnels that have let go since.
func (e *Engine) wanted(now time.Time, db *database, p Pair) bool {
	s := db.byPeer[p.Peer]
	if p.Local == db.policy.Local {
		return !p.Initiator || s != nil && s.held()
	}
	if s != nil && s.asked && p.Initiator {
		s.backOff(now)
		e.schedule(s)
	}
	return false
}

// adoptPair gives a pair its dates and has the data path report when it has
// carried what it may.
func (e *Engine) adoptPair(now time.Time, s *socket, negotiated Pair) *pair {
	p := &pair{Pair: negotiated, socket: s, conn: e.conns + 1, born: now}
	e.conns += uint32(len(p.In) + len(p.Out))
	p.soft, p.hard = dates(now, negotiated)
	p.In, p.Out = p.limited(p.In), p.limited(p.Out)
	for _, key := range p.keys() {
		e.byKey[key] = p
	}
	return p
}

// limited are the SAs with their limits, as a copy.
func (p *pair) limited(sas []SA) []SA {
	sas = slices.Clone(sas)
	for i := range sas {
		sas[i].SoftOctets, sas[i].HardOctets = p.volumes()
	}
	return sas
}

// volumes are how much an SA carries until it is rekeyed, and at most; both 0:
// any amount.
func (p *pair) volumes() (soft, hard uint64) {
	hard = uint64(p.Lifetime.Kilobytes) * 1024
	return hard / 100 * softPercent, hard
}

func (p *pair) keys() (keys []Key) {
	for _, sas := range [...][]SA{p.In, p.Out} {
		for _, sa := range sas {
			keys = append(keys, sa.Key())
		}
	}
	return keys
}

// dates are when a pair is to be rekeyed and when it ends. Who began it rekeys
// it earlier, so that both sides do not begin at once.
func dates(now time.Time, p Pair) (soft, hard time.Time) {
	life := time.Duration(p.Lifetime.Seconds) * time.Second
	if life == 0 {
		return soft, hard
	}
	margin := min(life/10, marginMost)
	if !p.Initiator {
		margin /= 2
	}
	return now.Add(life - margin), now.Add(life)
}

// rank puts a new pair where it belongs: last, unless it crossed one that wins.
func (s *socket) rank(now time.Time, p *pair) {
	c := s.current()
	switch {
	case c == nil:
		s.pairs = append(s.pairs, p)
	case !c.ending && now.Sub(c.born) < crossing && c.Initiator != p.Initiator && wins(c.Pair, p.Pair):
		p.supersede(now, c)
		s.pairs = slices.Insert(s.pairs, len(s.pairs)-1, p)
	default:
		c.supersede(now, p)
		s.pairs = append(s.pairs, p)
	}
}

// Unconfirmed says that the peer has asked again for the last message of a
// Quick Mode that we began: it did not have the pair until now.
func (e *Engine) Unconfirmed(now time.Time, key Key) (out Output) {
	if p := e.byKey[key]; p != nil && !p.waits.IsZero() {
		p.waits = p.socket.takeover(now)
		e.goOn(now, p.socket, &out)
	}
	return out
}

// Moved says that a peer's NAT has another port for it: what is sent under the
// pairs of these SAs goes there.
func (e *Engine) Moved(_ time.Time, keys []Key, port uint16) (out Output) {
	for _, key := range keys {
		p := e.byKey[key]
		if p == nil || p.PeerPort == port {
			continue
		}
		p.PeerPort = port
		p.In, p.Out = slices.Clone(p.In), slices.Clone(p.Out)
		for i := range p.In {
			p.In[i].Encap.SrcPort = port
		}
		for i := range p.Out {
			p.Out[i].Encap.DstPort = port
		}
		e.changed(&out)
	}
	return out
}

// takeover is when a new pair of ours may be sent under; zero: at once. The pair
// that is sent under meanwhile ends at the other side at about the same time as
// here: it must not be used up to its end.
func (s *socket) takeover(now time.Time) time.Time {
	for _, p := range slices.Backward(s.pairs) {
		switch {
		case !p.sent:
		case p.hard.IsZero():
			return now.Add(handover)
		default:
			return now.Add(min(handover, p.hard.Sub(now)/2))
		}
	}
	return time.Time{}
}

// handOver begins to send under the current pair, unless it waits and there is
// another to send under. It says whether it did.
func (s *socket) handOver(now time.Time) bool {
	c := s.current()
	if c == nil || c.sent || s.waiting(now) {
		return false
	}
	c.sent, c.waits = true, time.Time{}
	return true
}

// waiting says whether the current pair waits for its predecessor to be done.
func (s *socket) waiting(now time.Time) bool {
	c := s.current()
	return now.Before(c.waits) && slices.ContainsFunc(s.pairs, func(p *pair) bool { return p.sent })
}

// supersede gives a pair its end: it is not rekeyed, and goes before long.
func (p *pair) supersede(now time.Time, by *pair) {
	p.soft, p.ending = time.Time{}, true
	end := now.Add(linger)
	if !by.Initiator {
		end = end.Add(lingerMore)
	}
	p.hard = first(p.hard, end)
}

// wins decides between two pairs by what both sides know of them alike: the
// lowest SPI there is.
func wins(a, b Pair) bool { return lowestSPI(a) < lowestSPI(b) }

func lowestSPI(p Pair) uint32 {
	low := ^uint32(0)
	for _, sas := range [...][]SA{p.In, p.Out} {
		for _, sa := range sas {
			low = min(low, sa.SPI)
		}
	}
	return low
}

// Volume says how much an SA has carried.
func (e *Engine) Volume(now time.Time, key Key, octets uint64) (out Output) {
	p := e.byKey[key]
	if p == nil {
		return out
	}
	s := p.socket
	soft, hard := p.volumes()
	switch {
	case hard == 0:
	case octets >= hard:
		e.drop(now, s, func(o *pair) bool { return o == p }, true, &out)
	case octets >= soft:
		p.soft = first(p.soft, now)
		e.goOn(now, s, &out)
	}
	return out
}

// Deleted says that the peer has deleted SAs, or that it is dead. The two
// directions of a pair end together.
func (e *Engine) Deleted(now time.Time, keys []Key) (out Output) {
	var at []*socket
	for _, key := range keys {
		if p := e.byKey[key]; p != nil {
			p.gone = true
			if !slices.Contains(at, p.socket) {
				at = append(at, p.socket)
			}
		}
	}
	for _, s := range at {
		// Asking at once for what the peer does not want to have would go round
		// and round.
		if c := s.current(); c.gone && now.Sub(c.born) < retryFirst && s.held() && !s.asked {
			s.backOff(now)
		}
		e.drop(now, s, func(p *pair) bool { return p.gone }, false, &out)
	}
	return out
}

// drop ends pairs of a socket and goes on with what is left. The end of a
// superseded pair is no event; if it has to stand in for its successor, it
// wants another.
func (e *Engine) drop(now time.Time, s *socket, doomed func(*pair) bool, tell bool, out *Output) {
	before := s.current()
	e.strip(s, doomed, tell, out)
	if c := s.current(); c != nil && c != before {
		c.soft = now
	}
	e.proceed(now, s, out)
}

// proceed ends what changed a socket: one that is held may want a pair, and one
// that nobody holds is closed with its last pair.
func (e *Engine) proceed(now time.Time, s *socket, out *Output) {
	if s.held() || s.current() != nil {
		e.goOn(now, s, out)
	} else {
		e.end(s, out)
	}
}

// strip ends pairs of a socket. If none is left, those who hold it are told.
func (e *Engine) strip(s *socket, doomed func(*pair) bool, tell bool, out *Output) {
	before := len(s.pairs)
	s.pairs = slices.DeleteFunc(s.pairs, func(p *pair) bool {
		if !doomed(p) {
			return false
		}
		for _, key := range p.keys() {
			delete(e.byKey, key)
		}
		if tell {
			out.Delete = append(out.Delete, p.Pair)
		}
		return true
	})
	if len(s.pairs) == before {
		return
	}
	e.changed(out)
	if len(s.pairs) == 0 {
		for _, t := range s.tunnels {
			e.down(s, t, out)
		}
	}
}
