package ike

import (
	"slices"
	"time"

	"gresh/backend/sadb"
)

// A Moved peer has another port from now on: that of a NAT that forgot and made
// a new mapping. It goes for the pairs of these inbound SAs.
type Moved struct {
	SAs  []sadb.Key
	Port uint16
}

// moved adopts the addresses of an authentic message: once a NAT was found the
// peer moves to port 4500, and a NAT may change its mapping at any time.
func (e *Engine) moved(now time.Time, p *phase1, d Datagram) {
	was := p.remote
	p.local, p.remote = d.Local, d.Remote
	switch {
	case !p.ready() || p.remote == was:
	case p.remote.Addr() != was.Addr():
		e.relocate(now, p)
	default:
		m := Moved{Port: p.remote.Port()}
		for _, n := range e.children.owned[p.owner] {
			m.SAs = append(m.SAs, n.in[0])
		}
		if len(m.SAs) > 0 {
			e.out.Moved = append(e.out.Moved, m)
		}
	}
}

// relocate follows a peer to another address. Its pairs do not follow: a crypto
// socket is to an address, and a tunnel's mappings are too. They end on both
// sides, and the peer, who has something to say there, begins anew.
func (e *Engine) relocate(now time.Time, p *phase1) {
	var gone []payload
	for _, n := range slices.Clone(e.children.owned[p.owner]) {
		gone = append(gone, n.deletions()...)
		e.drop(n)
	}
	leave(e.peers, p.owner.remote, p)
	p.owner.remote = p.remote.Addr()
	e.peers[p.owner.remote] = append(e.peers[p.owner.remote], p)
	if len(gone) > 0 {
		e.tell(p, gone...)
	}
}
