package sadb

import (
	"net/netip"
	"slices"
	"time"
)

// Installed takes a pair that IKE has negotiated, whoever began. It supersedes
// the one there was, which is still received under for a while. Two that were
// begun by both sides at once both stand until the one of them that both sides
// know for the winner has taken over.
func (e *Engine) Installed(now time.Time, negotiated Pair) (out Output) {
	db := e.byName[negotiated.SADB]
	if db == nil {
		out.Delete = append(out.Delete, negotiated)
		return out
	}
	s := e.open(now, db, negotiated.Peer)
	limit(negotiated)
	p := &pair{Pair: negotiated, conn: e.conns + 1, born: now}
	e.conns += 2
	p.soft, p.hard = dates(now, negotiated)
	first := len(s.pairs) == 0
	s.asked, s.failures, s.retry = false, 0, time.Time{}
	e.rank(now, s, p)
	if first {
		for _, t := range s.tunnels {
			e.up(s, t, &out)
		}
	}
	e.changed(&out)
	e.schedule(s)
	return out
}

// rank puts a new pair where it belongs: last, unless it crossed one that wins.
func (e *Engine) rank(now time.Time, s *socket, p *pair) {
	if n := len(s.pairs); n > 0 {
		current := s.pairs[n-1]
		if now.Sub(current.born) < crossing && current.Initiator != p.Initiator && wins(current.Pair, p.Pair) {
			s.supersede(now, p)
			s.pairs = slices.Insert(s.pairs, n-1, p)
			return
		}
		s.supersede(now, current)
	}
	s.pairs = append(s.pairs, p)
}

// supersede gives a pair its end: it is not rekeyed, and goes before long.
func (s *socket) supersede(now time.Time, p *pair) {
	p.soft = time.Time{}
	if end := now.Add(linger); end.Before(p.hard) {
		p.hard = end
	}
}

// wins decides between two pairs by what both sides know of them alike: the
// lowest SPI there is.
func wins(a, b Pair) bool { return lowestSPI(a) < lowestSPI(b) }

func lowestSPI(p Pair) uint32 {
	low := ^uint32(0)
	for _, sa := range append(slices.Clone(p.In), p.Out...) {
		low = min(low, sa.SPI)
	}
	return low
}

// dates are when a pair is to be rekeyed and when it ends. Who began it rekeys
// it earlier, so that both sides do not begin at once.
func dates(now time.Time, p Pair) (soft, hard time.Time) {
	life := time.Duration(p.Lifetime.Seconds) * time.Second
	margin := min(life/10, 60*time.Second)
	if !p.Initiator {
		margin /= 2
	}
	return now.Add(life - margin), now.Add(life)
}

// limit has the data path report when the pair has carried what it may.
func limit(p Pair) {
	hard := uint64(p.Lifetime.Kilobytes) * 1024
	for _, sas := range [][]SA{p.In, p.Out} {
		for i := range sas {
			sas[i].SoftOctets, sas[i].HardOctets = hard/100*softPercent, hard
		}
	}
}

// softPercent of the volume limit is when a pair is rekeyed.
const softPercent = 90

// Volume says how much an SA has carried.
func (e *Engine) Volume(now time.Time, key Key, octets uint64) (out Output) {
	s, at := e.find(key)
	if s == nil {
		return out
	}
	p := s.pairs[at]
	p.octets = max(p.octets, octets)
	limit := uint64(p.Lifetime.Kilobytes) * 1024
	switch {
	case limit == 0:
	case octets >= limit:
		e.drop(now, s, at, true, &out)
	case octets >= limit/100*softPercent && at == len(s.pairs)-1 && len(s.tunnels) > 0:
		e.ask(now, s, &out)
	}
	return out
}

// Deleted says that the peer has deleted SAs, or that it is dead.
func (e *Engine) Deleted(now time.Time, keys []Key) (out Output) {
	for _, key := range keys {
		if s, at := e.find(key); s != nil {
			e.drop(now, s, at, false, &out)
		}
	}
	return out
}

// find returns the socket that has the SA, and which of its pairs it is in.
func (e *Engine) find(key Key) (*socket, int) {
	for _, db := range e.dbs {
		for _, s := range db.sockets {
			for at, p := range s.pairs {
				if has(p.In, key) || has(p.Out, key) {
					return s, at
				}
			}
		}
	}
	return nil, 0
}

func has(sas []SA, key Key) bool {
	return slices.ContainsFunc(sas, func(sa SA) bool { return sa.Key() == key })
}

// drop ends one pair of a socket. If it was the last, whoever holds the socket
// is told, and IKE is asked for another.
func (e *Engine) drop(now time.Time, s *socket, at int, tell bool, out *Output) {
	if tell {
		out.Delete = append(out.Delete, s.pairs[at].Pair)
	}
	last := at == len(s.pairs)-1
	if len(s.pairs) == 1 {
		for _, t := range s.tunnels {
			e.down(s, t, out)
		}
	}
	s.pairs = slices.Delete(s.pairs, at, at+1)
	e.changed(out)
	switch {
	case len(s.tunnels) == 0 && len(s.pairs) == 0:
		e.end(now, s, out)
		return
	case len(s.tunnels) > 0 && last:
		e.ask(now, s, out)
	}
	e.schedule(s)
}

// A ClearSelector says which SA pairs to clear; the zero value means all.
type Selector struct {
	Peer netip.Addr // valid: only those with this peer
	SADB string     // not "": only those of this map
}

// Clear ends pairs; the peers are told, and held sockets negotiate anew.
func (e *Engine) Clear(now time.Time, which Selector) (out Output) {
	for _, db := range e.dbs {
		if which.SADB != "" && which.SADB != db.policy.SADB {
			continue
		}
		for _, s := range db.sorted() {
			if which.Peer.IsValid() && which.Peer != s.peer {
				continue
			}
			for range s.pairs {
				e.drop(now, s, 0, true, &out)
			}
		}
	}
	return out
}

// SAs are the SAs that the data path must hold, of each socket the ones to
// send under last. The slice must not be changed.
func (e *Engine) SAs() []SA {
	if !e.stale {
		return e.sas
	}
	e.stale, e.sas = false, nil
	for _, db := range e.dbs {
		for _, s := range db.sorted() {
			for at, p := range s.pairs {
				e.sas = append(e.sas, p.In...)
				if at == len(s.pairs)-1 {
					e.sas = append(e.sas, p.Out...)
				}
			}
		}
	}
	return e.sas
}
