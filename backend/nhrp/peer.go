package nhrp

import (
	"net/netip"
	"slices"
	"time"
)

// answersMax bounds the answers that wait for the protection of one peer.
const answersMax = 8

// answerWait is for how long one waits: after that the requester, which asks
// again and again, has asked anew.
const answerWait = 30 * time.Second

// answerAgain is when an answer that has waited is sent a second time. The first
// goes out as soon as the last message of the negotiation: a peer that installs
// the SA only when it has that message may not have it yet, and some ask only
// once.
const answerAgain = 1 * time.Second

// A peer is an NBMA address that something on the tunnel needs: entries and
// multicast maps hold it, and it is opened for the first and closed after the
// last of them.
type peer struct {
	nbma    netip.Addr
	holders int
	up      bool
	entries []*entry // those among the holders
	answers []answer // to be sent when it is up
	timer   timer    // for the second time
}

// An answer is a resolution reply that waits for protection to the requester.
type answer struct {
	message Message
	until   time.Time
}

// opens says whether the tunnel's peers are for us to open.
func (t *tunnel) opens() bool { return t.cfg.Protected && t.cfg.Multipoint }

// hold adds a holder to a peer.
func (t *tunnel) hold(nbma netip.Addr, out *Output) *peer {
	p := t.peers[nbma]
	if p == nil {
		p = &peer{nbma: nbma, up: !t.opens()}
		p.timer.fire = func(now time.Time, out *Output) { t.answerAgain(now, p, out) }
		t.peers[nbma] = p
		if t.opens() {
			out.Open = append(out.Open, Peer{t.cfg.Name, nbma})
		}
	}
	p.holders++
	return p
}

// release takes a holder away.
func (t *tunnel) release(p *peer, out *Output) {
	if p.holders--; p.holders > 0 {
		return
	}
	delete(t.peers, p.nbma)
	t.engine.timers.set(&p.timer, time.Time{})
	if t.opens() {
		out.Close = append(out.Close, Peer{t.cfg.Name, p.nbma})
	}
}

// peerUp goes on with what waited for the protection of a peer.
func (t *tunnel) peerUp(now time.Time, nbma netip.Addr, out *Output) {
	if !t.opens() {
		t.startServers(now, nbma, out)
		return
	}
	p := t.peers[nbma]
	if p == nil || p.up {
		return
	}
	p.up = true
	t.reroute(p, out)
	t.startServers(now, nbma, out)
	p.answers = slices.DeleteFunc(p.answers, func(a answer) bool { return now.After(a.until) })
	if len(p.answers) > 0 {
		t.sendAnswers(now, p, out)
		t.engine.timers.set(&p.timer, now.Add(answerAgain))
	}
}

func (t *tunnel) sendAnswers(now time.Time, p *peer, out *Output) {
	for _, a := range p.answers {
		t.send(now, p.nbma, a.message, out)
	}
}

func (t *tunnel) answerAgain(now time.Time, p *peer, out *Output) {
	t.sendAnswers(now, p, out)
	p.answers = nil
}

// startServers registers with the servers at an NBMA address.
func (t *tunnel) startServers(now time.Time, nbma netip.Addr, out *Output) {
	for _, s := range t.servers {
		if s.nbma == nbma {
			s.start(now, out)
		}
	}
}

// peerDown stops speaking to a peer. Its entries stay, for protection may come
// back, but their data goes by a server meanwhile; and those that are in use
// are asked for, since the peer may be somewhere else now.
func (t *tunnel) peerDown(now time.Time, nbma netip.Addr, out *Output) {
	p := t.peers[nbma]
	if !t.opens() || p == nil || !p.up {
		return
	}
	p.up = false
	t.engine.timers.set(&p.timer, time.Time{})
	t.reroute(p, out)
	for _, s := range t.servers {
		if s.nbma == nbma {
			s.down(Unprotected, out)
			s.wait(now)
		}
	}
	for _, n := range p.entries {
		if n.kind == resolved && !n.pending() && inUse(n.dataAt, now) {
			t.ask(now, n, out)
			n.schedule()
		}
	}
}

// reroute says that data to a peer's entries may have to go another way.
func (t *tunnel) reroute(p *peer, out *Output) {
	if slices.ContainsFunc(p.entries, func(n *entry) bool { return n.kind == resolved }) {
		t.engine.changed(out)
		out.Rerouted = out.Rerouted || len(t.shortcuts) > 0
	}
}

// answer sends a resolution reply to a peer, or keeps it until the peer is up;
// of several to one requester, the last.
func (t *tunnel) answer(now time.Time, nbma netip.Addr, m Message, out *Output) {
	p := t.peers[nbma]
	if p == nil || p.up {
		t.send(now, nbma, m, out)
		return
	}
	p.answers = slices.DeleteFunc(p.answers, func(a answer) bool { return a.message.Src == m.Src })
	if len(p.answers) == answersMax {
		p.answers = slices.Delete(p.answers, 0, 1)
	}
	p.answers = append(p.answers, answer{m, now.Add(answerWait)})
}
