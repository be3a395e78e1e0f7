package sadb

import (
	"net/netip"
	"slices"
	"time"
)

// A Snapshot is the state for display, SADBs as configured.
type Snapshot struct {
	SADBs []SADB
}

// An SADB is one of them.
type SADB struct {
	Policy
	Instances []Instance // by sequence number
}

// An Instance is a crypto socket and its map instance.
type Instance struct {
	Sequence int // above HeadSequence
	Peer     netip.Addr
	Created  time.Time
	Tunnels  []string // that hold the socket, in the order in which they opened it
	Pairs    []PairStatus
}

// Open says whether there is an SA pair.
func (i Instance) Open() bool { return len(i.Pairs) > 0 }

// Current is the pair to send under; not ok if there is none.
func (i Instance) Current() (PairStatus, bool) {
	if len(i.Pairs) == 0 {
		return PairStatus{}, false
	}
	return i.Pairs[len(i.Pairs)-1], true
}

// A PairStatus is an SA pair with what has become of it. InConn and OutConn are
// the connection ids of In[0] and Out[0]; those of In[1] and Out[1] are two more.
type PairStatus struct {
	Pair
	InConn, OutConn uint32
	Born            time.Time
	Expires         time.Time
	Superseded      bool // it goes before its time; it is sent under only if it is the last there is
}

// Snapshot returns the state for display.
func (e *Engine) Snapshot() (all Snapshot) {
	for _, db := range e.dbs {
		view := SADB{Policy: db.policy}
		for _, s := range db.all() {
			i := Instance{Sequence: s.sequence, Peer: s.peer, Created: s.created, Tunnels: slices.Clone(s.tunnels)}
			for _, p := range s.pairs {
				i.Pairs = append(i.Pairs, PairStatus{Pair: p.Pair, InConn: p.conn, OutConn: p.conn + 1,
					Born: p.born, Expires: p.hard, Superseded: p.ending})
			}
			view.Instances = append(view.Instances, i)
		}
		all.SADBs = append(all.SADBs, view)
	}
	return all
}
