package ike

import (
	"bytes"
	"net/netip"
	"slices"
	"time"
)

const (
	halfOpenLife = 30 * time.Second // of a main mode that makes no progress
	deletedShown = 60 * time.Second // how long views show an SA that is gone
	mainLife     = 24 * time.Hour   // where neither side limits it
	retireDelay  = 10 * time.Second // from being replaced to being deleted
	crossingSpan = 60 * time.Second // two main modes that crossed end so close
	siblingsMax  = 4                // other SAs of one owner
)

// A name is what both sides call an ISAKMP SA. The responder's half is zero
// until it has answered.
type name struct{ initiator, responder cookie }

// An origin is all that identifies the first message of an exchange.
type origin struct {
	remote    netip.AddrPort
	initiator cookie
}

// An owner is whom phase 1 authenticated, and for what. Children belong to the
// owner, not to the one ISAKMP SA that negotiated them: it may be replaced.
type owner struct {
	local, remote netip.Addr
	identity      string // of a peer behind a NAT, which is not the only one there
	binding       string // the ISAKMP profile, as far as it chooses among SADBs
}

// A phase1 is an ISAKMP SA, from the first message to the last.
type phase1 struct {
	name
	born          uint64 // the how-manieth it is
	conn          int    // the number operators see; 0 until established
	initiator     bool
	local, remote netip.AddrPort
	origin        origin // of the responder's

	began       time.Time
	established time.Time // zero: main mode is not done
	expires     time.Time
	renew       time.Time // when to negotiate a successor
	retire      time.Time // when to delete it, another having taken its place
	forget      time.Time // when views stop showing it; set: it is gone
	forgotten   bool      // and now they do
	due         time.Time // when it wants to run next
	place       int       // in deadlines

	profile  string // the ISAKMP profile the peer belongs to
	policy   Policy // as agreed
	owner    owner
	main     *negotiation // nil once established
	keys     *keys
	last     []byte // the last cipher block of main mode
	nat      translation
	hasDPD   bool
	live     liveness
	nextKeep time.Time // of the next NAT keepalive

	resend   resend
	heard    [32]byte // the hash of the last message that counted
	answer   []byte   // what it was answered with
	requests []Request
	quicks   []*quick
	used     map[uint32]struct{} // message IDs of the peer's Quick Modes
}

// A negotiation is what main mode keeps until it is done.
type negotiation struct {
	step     int
	busy     bool      // a computation is under way
	deadline time.Time // for the next step
	policies []Policy  // that were offered
	wanted   string    // the profile the initiator needs the peer to be of
	secrets  []string  // pre-shared keys the peer may hold
	material secrets
	sa       []byte // the body of the initiator's SA payload
	private  []byte
	iv       []byte
	natt     bool
	replaces *phase1
	hint     string // what somebody said, unauthenticated, of why it fails
}

func (p *phase1) gone() bool { return !p.forget.IsZero() }

// ready says whether Quick Mode may begin on it.
func (p *phase1) ready() bool { return !p.established.IsZero() && !p.gone() }

func (p *phase1) header(exchange exchangeType, id uint32) header {
	return header{initiator: p.name.initiator, responder: p.name.responder, exchange: exchange, messageID: id}
}

// addresses are the two ends by role.
func (p *phase1) addresses() (initiator, responder netip.Addr) {
	if p.initiator {
		return p.local.Addr(), p.remote.Addr()
	}
	return p.remote.Addr(), p.local.Addr()
}

// state is the one that views show.
func (p *phase1) state() State {
	switch {
	case p.gone():
		return MMNoState
	case p.main == nil:
		return QMIdle
	}
	return p.steps()[p.main.step].state
}

// at says whether a datagram came the way the SA goes, or may go: once a NAT
// was found the peer moves to port 4500, and its address may change with the
// translation. Who is believed to have moved must first prove it is him.
func (p *phase1) at(d Datagram) bool {
	if d.Local == p.local && d.Remote == p.remote {
		return true
	}
	sameHost := d.Remote.Addr() == p.remote.Addr()
	return d.Local.Addr() == p.local.Addr() && d.Local.Port() == portNATT &&
		(p.nat.any() && sameHost || p.nat.them && p.ready())
}

// next is the earliest of all its deadlines.
func (p *phase1) next() time.Time {
	if p.gone() {
		return p.forget
	}
	due := p.resend.next
	if p.main != nil {
		due = earliest(due, p.main.deadline)
	}
	for _, at := range []time.Time{p.expires, p.renew, p.retire, p.live.next, p.nextKeep} {
		due = earliest(due, at)
	}
	for _, q := range p.quicks {
		due = earliest(due, earliest(q.resend.next, q.deadline))
	}
	return due
}

func (p *phase1) quick(id uint32) *quick {
	if i := slices.IndexFunc(p.quicks, func(q *quick) bool { return q.id == id }); i >= 0 {
		return p.quicks[i]
	}
	return nil
}

// working says whether a Quick Mode is under way on it.
func (p *phase1) working() bool {
	return slices.ContainsFunc(p.quicks, func(q *quick) bool { return !q.done })
}

// outranks decides between two SAs that both sides began at once. Both must
// decide alike, so it is by what both know: the greater initiator's cookie.
func (p *phase1) outranks(q *phase1) bool {
	return bytes.Compare(p.name.initiator[:], q.name.initiator[:]) > 0
}

// crossed says whether two SAs of one owner come from crossing main modes.
func (p *phase1) crossed(q *phase1) bool {
	return p.initiator != q.initiator && p.established.Sub(q.established).Abs() < crossingSpan
}
