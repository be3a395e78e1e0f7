package sadb

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Config is the SADBs there are.
type Config struct {
	Policies Policies
}

// instanceFirst is the sequence number of the first map instance; the profile
// head is one below.
const (
	HeadSequence  = 65536
	instanceFirst = HeadSequence + 1
)

// An Engine is all the SADBs of one router.
type Engine struct {
	dbs     []*database // as configured
	byName  map[string]*database
	queue   deadlines
	version uint64
	conns   uint32 // conn ids given out so far
	sas     []SA   // cache of SAs
	stale   bool
}

// A database is one SADB: its policy and the sockets to its peers.
type database struct {
	policy  Policy
	sockets map[netip.Addr]*socket
}

// New returns an engine without SADBs.
func New() *Engine { return &Engine{byName: map[string]*database{}} }

// Select returns the SADB under which a Quick Mode request is processed that
// came to a local address under an ISAKMP profile ("" if the peer's identity
// matched none). Exactly one SADB of that address must be bound to that
// profile: one that is bound to none takes only peers that came in under none.
func (ps Policies) Select(local netip.Addr, isakmpProfile string) (Policy, error) {
	var fit, at []string
	var chosen Policy
	for _, p := range ps {
		if p.Local != local {
			continue
		}
		at = append(at, p.SADB)
		if p.ISAKMPProfile == isakmpProfile {
			fit, chosen = append(fit, p.SADB), p
		}
	}
	switch {
	case len(fit) == 1:
		return chosen, nil
	case len(fit) > 1:
		return Policy{}, &SelectError{fit, "more than one SADB fits"}
	}
	return Policy{}, &SelectError{at, "no SADB fits"}
}

// A SelectError says which SADBs there were to choose from.
type SelectError struct {
	Candidates []string
	Reason     string
}

func (e *SelectError) Error() string {
	return fmt.Sprintf("%s (candidates: %s)", e.Reason, cmp.Or(strings.Join(e.Candidates, ", "), "none"))
}

// Configure makes cfg the SADBs. What did not change is left alone: an SADB
// that stays keeps its SAs, and a tunnel that leaves it takes only its own
// holds along.
func (e *Engine) Configure(now time.Time, cfg Config) (out Output) {
	old := e.dbs
	e.dbs = nil
	for _, p := range cfg.Policies {
		db := e.byName[p.SADB]
		if db == nil || db.policy.Local != p.Local {
			if db != nil {
				e.remove(now, db, &out)
			}
			db = &database{sockets: map[netip.Addr]*socket{}}
			e.byName[p.SADB] = db
		}
		db.policy = p
		e.dbs = append(e.dbs, db)
		e.releaseStrangers(now, db, &out)
	}
	for _, db := range old {
		if !slices.Contains(e.dbs, db) {
			e.remove(now, db, &out)
			if e.byName[db.policy.SADB] == db {
				delete(e.byName, db.policy.SADB)
			}
		}
	}
	return out
}

// releaseStrangers lets go what tunnels hold that are not in the SADB any more.
func (e *Engine) releaseStrangers(now time.Time, db *database, out *Output) {
	for _, s := range db.sorted() {
		for _, t := range slices.Clone(s.tunnels) {
			if !db.has(t) {
				e.release(now, s, t, out)
			}
		}
	}
}

func (db *database) has(tunnel string) bool {
	return slices.ContainsFunc(db.policy.Tunnels, func(m Member) bool { return m.Name == tunnel })
}

// remove ends an SADB and everything in it.
func (e *Engine) remove(now time.Time, db *database, out *Output) {
	for _, s := range db.sorted() {
		for _, t := range s.tunnels {
			e.down(s, t, out)
		}
		s.tunnels = nil
		e.end(now, s, out)
	}
}

// sorted are the sockets in order of their instances.
func (db *database) sorted() []*socket {
	all := make([]*socket, 0, len(db.sockets))
	for _, s := range db.sockets {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *socket) int { return cmp.Compare(a.sequence, b.sequence) })
	return all
}

// databaseOf is the SADB that a tunnel is attached to, nil if it is in none.
func (e *Engine) databaseOf(tunnel string) *database {
	for _, db := range e.dbs {
		if db.has(tunnel) {
			return db
		}
	}
	return nil
}
