package ike

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"gresh/backend/sadb"
)

// add takes up a new ISAKMP SA.
func (e *Engine) add(now time.Time, p *phase1) *phase1 {
	e.born++
	p.born, p.began, p.place, p.used = e.born, now, -1, map[uint32]struct{}{}
	e.names[p.name] = p
	e.admissions.Negotiating++
	peer := p.remote.Addr()
	e.peers[peer] = append(e.peers[peer], p)
	if !p.initiator {
		e.origins[p.origin] = p
		e.halfOpen = append(e.halfOpen, p)
	}
	e.touch(p)
	return p
}

func (e *Engine) rename(p *phase1, to name) {
	delete(e.names, p.name)
	p.name = to
	e.names[to] = p
}

// byAge are all SAs, the oldest first.
func (e *Engine) byAge() []*phase1 {
	all := slices.Clone([]*phase1(e.deadlines))
	slices.SortFunc(all, func(a, b *phase1) int { return cmp.Compare(a.born, b.born) })
	return all
}

// usable is the SA for a Quick Mode with a peer under a binding: the youngest,
// and one whose days are numbered only if there is no other.
func (e *Engine) usable(local, peer netip.Addr, binding string) (best *phase1) {
	for _, p := range e.peers[peer] {
		if p.ready() && p.local.Addr() == local && e.cfg.binding(local, p.profile) == binding &&
			(best == nil || p.retire.IsZero() || !best.retire.IsZero()) {
			best = p
		}
	}
	return best
}

// youngest is the last SA of an owner that came up.
func (e *Engine) youngest(who owner) (last *phase1) {
	for _, p := range e.peers[who.remote] {
		if p.ready() && p.owner == who && (last == nil || p.retire.IsZero() || !last.retire.IsZero()) {
			last = p
		}
	}
	return last
}

// heir is the SA under which a pair is to be replaced: of its owner, who need
// not be the only one at his address.
func (e *Engine) heir(replaces []sadb.Key, binding string) *phase1 {
	for _, k := range replaces {
		if n := cmp.Or(e.children.inbound[k], e.children.outbound[k]); n != nil && n.owner.binding == binding {
			return e.youngest(n.owner)
		}
	}
	return nil
}

// siblings are the other SAs of the same owner.
func (e *Engine) siblings(p *phase1) (all []*phase1) {
	for _, q := range e.peers[p.owner.remote] {
		if q != p && q.ready() && q.owner == p.owner {
			all = append(all, q)
		}
	}
	return all
}

// firstContact says whether we know of no other SA with the peer, so that it
// may forget what it knows (RFC 2407 section 4.6.3.3).
func (e *Engine) firstContact(p *phase1) bool {
	local, remote := p.local.Addr(), p.remote.Addr()
	known := func(q *phase1) bool { return q.ready() && q.local.Addr() == local }
	return !e.children.between(local, remote) && !slices.ContainsFunc(e.peers[remote], known)
}

// establish makes an SA ready for Quick Mode: the peer is who it says.
func (e *Engine) establish(now time.Time, p *phase1, a authentication, last []byte) {
	done := p.main
	e.conns++
	e.counters.Main++
	e.admissions.Negotiating--
	e.admissions.Active++
	p.main, p.conn, p.keys, p.last = nil, e.conns, a.keys, last
	p.established, p.profile = now, a.profile
	p.owner = owner{p.local.Addr(), p.remote.Addr(), a.identity, e.cfg.binding(p.local.Addr(), a.profile)}
	e.halfOpen = slices.DeleteFunc(e.halfOpen, func(q *phase1) bool { return q == p })
	e.limit(now, p)
	if p.hasDPD {
		if b, err := e.random(4); err == nil {
			p.live.start(now, e.cfg.dpd(p.profile), be(b))
		}
	}
	if p.nat.us && e.cfg.NATKeepalive > 0 {
		p.nextKeep = now.Add(e.cfg.NATKeepalive)
	}
	e.note(Established{p.local.Addr(), p.remote.Addr(), p.conn, p.initiator, p.profile})
	if a.contact {
		e.forgetBefore(now, p)
	}
	e.settleRivals(now, p, done.replaces)
	requests := p.requests
	p.requests = nil
	for _, r := range requests {
		if policy, ok := e.cfg.sadb(r.SADB); ok && policy.ISAKMPProfile != p.owner.binding {
			e.note(NoSADB{p.local.Addr(), p.remote.Addr(), p.profile, []string{r.SADB}})
			e.fail(r, "the peer belongs to another ISAKMP profile")
			continue
		}
		e.initiate(now, r)
	}
}

// limit sets the end of an SA, and before it the time to replace it. The
// initiator goes first, so that both do not.
func (e *Engine) limit(now time.Time, p *phase1) {
	life := cmp.Or(p.policy.Lifetime, mainLife)
	p.expires = now.Add(life)
	if p.initiator {
		p.renew = now.Add(life - life/10)
	} else {
		p.renew = now.Add(life - life/20)
	}
}

// settleRivals decides what becomes of the other SAs of the owner, now that p
// is there: the one that it replaces goes, and of two that crossed one does.
// It goes late enough for what is under way on it to end.
//
// Nobody needs many: with each that comes up beyond siblingsMax, the oldest
// goes, so that a peer cannot fill us with SAs.
func (e *Engine) settleRivals(now time.Time, p, replaced *phase1) {
	siblings := e.siblings(p)
	for i, q := range siblings {
		loser := (*phase1)(nil)
		switch {
		case q == replaced, len(siblings)-i > siblingsMax:
			loser = q
		case p.crossed(q) && p.outranks(q):
			loser = q
		case p.crossed(q):
			loser = p
		}
		if loser != nil && loser.retire.IsZero() {
			loser.retire, loser.renew = now.Add(retireDelay), time.Time{}
			e.touch(loser)
		}
	}
}

// forgetBefore drops what a peer that knows of no SA cannot have any more. An
// SA that came up while this one was negotiated is not among it.
func (e *Engine) forgetBefore(now time.Time, p *phase1) {
	for _, q := range e.siblings(p) {
		if q.established.Before(p.began) {
			e.remove(now, q, ending{reason: "the peer knows of no SA"})
		}
	}
	e.dropChildren(p.owner, p.began)
}

// An ending says how an ISAKMP SA ends.
type ending struct {
	reason string
	tell   bool // the peer, with an authenticated delete
}

// remove ends an SA. What was asked for is negotiated under another SA of the
// peer if there is one, or has failed.
func (e *Engine) remove(now time.Time, p *phase1, how ending) {
	if p.gone() {
		return
	}
	e.touch(p)
	if how.tell && p.keys != nil && p.last != nil {
		e.tell(p, deletion{protoISAKMP, [][]byte{append(p.name.initiator[:], p.name.responder[:]...)}}.payload())
	}
	requests := p.requests
	for _, q := range p.quicks {
		if !q.done {
			e.release(q)
			if q.initiator {
				requests = append(requests, q.request)
			}
		}
	}
	if p.ready() {
		e.admissions.Active--
		e.note(Removed{p.local.Addr(), p.remote.Addr(), p.conn, how.reason})
	} else {
		e.admissions.Negotiating--
	}
	p.forget = now.Add(deletedShown)
	p.forgotten = !p.initiator && p.main != nil // nobody asked for it
	p.requests, p.quicks, p.keys, p.last, p.answer = nil, nil, nil, nil, nil
	p.resend.stop()
	e.unlink(p)
	e.ended[p.name] = p
	for _, r := range requests {
		if policy, ok := e.cfg.sadb(r.SADB); ok && e.usable(p.local.Addr(), r.Peer, policy.ISAKMPProfile) != nil {
			e.initiate(now, r)
		} else {
			e.fail(r, how.reason)
		}
	}
}

// unlink takes an SA out of all indexes.
func (e *Engine) unlink(p *phase1) {
	same := func(q *phase1) bool { return q == p }
	delete(e.names, p.name)
	if e.origins[p.origin] == p {
		delete(e.origins, p.origin)
	}
	e.halfOpen = slices.DeleteFunc(e.halfOpen, same)
	for _, a := range []netip.Addr{p.remote.Addr(), p.owner.remote} {
		leave(e.peers, a, p)
	}
}

// initiate negotiates under an SA that is there, joins a main mode that is
// under way, or begins one.
func (e *Engine) initiate(now time.Time, r Request) {
	policy, ok := e.cfg.sadb(r.SADB)
	if !ok {
		e.fail(r, "no such SADB")
		return
	}
	if !r.Local.IsValid() {
		r.Local = policy.Local
	}
	if !r.Local.Is4() || !r.Peer.Is4() {
		e.fail(r, "no address to negotiate between")
		return
	}
	var joint *phase1
	for _, p := range e.peers[r.Peer] {
		if p.asked(r) {
			return
		}
		if p.initiator && p.main != nil && p.local.Addr() == r.Local && p.main.wanted == policy.ISAKMPProfile {
			joint = p
		}
	}
	under := cmp.Or(e.heir(r.Replaces, policy.ISAKMPProfile), e.usable(r.Local, r.Peer, policy.ISAKMPProfile))
	if under != nil {
		e.touch(under)
		e.beginQuick(now, under, r, policy)
	} else if joint != nil {
		joint.requests = append(joint.requests, r)
	} else {
		e.beginMain(now, r.Local, r.Peer, policy.ISAKMPProfile, nil, r)
	}
}

// asked says whether a request is already being worked on.
func (p *phase1) asked(r Request) bool {
	same := func(o Request) bool { return o.SADB == r.SADB && o.Local == r.Local && o.Peer == r.Peer }
	return slices.ContainsFunc(p.requests, same) ||
		slices.ContainsFunc(p.quicks, func(q *quick) bool { return q.initiator && !q.done && same(q.request) })
}
