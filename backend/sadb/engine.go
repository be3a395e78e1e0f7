package sadb

import (
	"net/netip"
	"slices"
	"time"
)

// Config is the SADBs there are.
type Config struct {
	Policies Policies
}

// An Engine is all the SADBs of one router.
type Engine struct {
	dbs      []*database // as configured
	byName   map[string]*database
	byTunnel map[string]*database
	byKey    map[Key]*pair // by each of its SAs
	queue    deadlines
	conns    uint32 // conn ids given out so far
	sas      []SA   // what SAs returned last
	stale    bool   // and they are others now
}

// A database is one SADB: its policy and the sockets to its peers.
type database struct {
	policy Policy
	instances
}

// New returns an engine without SADBs.
func New() *Engine {
	return &Engine{byName: map[string]*database{}, byTunnel: map[string]*database{}, byKey: map[Key]*pair{}}
}

// Configure makes cfg the SADBs. What did not change is left alone: an SADB
// that stays keeps its SAs, under whatever policy they were negotiated, and a
// tunnel that leaves it takes only its own holds along. If it is in another
// SADB from now on, it holds the same peers there.
func (e *Engine) Configure(now time.Time, cfg Config) (out Output) {
	old, was := e.dbs, e.byName
	e.dbs, e.byName, e.byTunnel = nil, map[string]*database{}, map[string]*database{}
	for _, p := range cfg.Policies {
		db := was[p.SADB]
		if db == nil {
			db = &database{}
		}
		db.policy = p
		e.dbs, e.byName[p.SADB] = append(e.dbs, db), db
		for _, m := range p.Tunnels {
			e.byTunnel[m.Name] = db
		}
	}
	var homeless []Ref
	for _, db := range old {
		homeless = append(homeless, e.releaseStrangers(db, &out)...)
		if e.byName[db.policy.SADB] != db {
			e.empty(db, &out)
			continue
		}
		for _, s := range db.all() {
			e.follow(now, s, &out)
		}
	}
	for _, r := range homeless {
		e.open(now, r.Tunnel, r.Peer, &out)
	}
	e.stale = e.stale || !slices.Equal(old, e.dbs)
	return out
}

// follow has a socket obey its SADB's policy. SAs between addresses that are
// not ours any more cannot live on; those who hold the socket want others.
func (e *Engine) follow(now time.Time, s *socket, out *Output) {
	if s.local != s.db.policy.Local {
		e.strip(s, func(*pair) bool { return true }, true, out)
		s.local, s.asked, s.retry = s.db.policy.Local, false, time.Time{}
	}
	e.proceed(now, s, out)
}

// releaseStrangers lets go what tunnels hold in an SADB that they are not in
// any more, or that they do not lead to, and returns what that was.
func (e *Engine) releaseStrangers(db *database, out *Output) (gone []Ref) {
	for _, s := range db.all() {
		for _, t := range slices.Clone(s.tunnels) {
			if e.byTunnel[t] != db || !db.policy.member(t).leadsTo(s.peer) {
				gone = append(gone, Ref{t, s.peer})
				e.release(s, t, out)
			}
		}
	}
	return gone
}

// empty ends what nobody holds.
func (e *Engine) empty(db *database, out *Output) {
	for _, s := range db.all() {
		e.end(s, out)
	}
}

// member is the tunnel of that name, which is in the SADB.
func (p Policy) member(tunnel string) Member {
	at := slices.IndexFunc(p.Tunnels, func(m Member) bool { return m.Name == tunnel })
	return p.Tunnels[at]
}

// SAs are the SAs that the data path must hold. Those to send to a peer under
// stand in the order in which they came to be used, which is the order in which
// they appear in what SAs returns over time: the last is the one to use, whether
// one goes by the order of the list or by which was added last. One that was
// used before stays while its pair is received under, so that its sequence
// numbers are not lost if it must be used again; one that is not to be used yet
// is not in the list. The slice must not be changed; it is the same until
// Output.Changed.
func (e *Engine) SAs() []SA {
	if !e.stale {
		return e.sas
	}
	e.stale, e.sas = false, make([]SA, 0, len(e.byKey))
	for _, db := range e.dbs {
		for _, s := range db.slots {
			e.sas = s.appendSAs(e.sas)
		}
	}
	return e.sas
}

// appendSAs appends all that is received under, and then all that is or was
// sent under.
func (s *socket) appendSAs(all []SA) []SA {
	if s == nil {
		return all
	}
	for _, p := range s.pairs {
		all = append(all, p.In...)
	}
	for _, p := range s.pairs {
		if p.sent {
			all = append(all, p.Out...)
		}
	}
	return all
}

// A Selector says which SA pairs to clear; the zero value means all.
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
		for _, s := range db.all() {
			if !which.Peer.IsValid() || which.Peer == s.peer {
				e.drop(now, s, func(*pair) bool { return true }, true, &out)
			}
		}
	}
	return out
}
