package ike

import (
	"errors"
	"io"
	"net/netip"
	"time"
)

// flush ends a call: deadlines are brought up to date, and the output handed
// over.
func (e *Engine) flush() Output {
	for _, p := range e.touched {
		if p.forgotten {
			delete(e.ended, p.name)
			e.deadlines.remove(p)
		} else {
			e.deadlines.set(p, p.next())
		}
	}
	clear(e.touched)
	e.touched = e.touched[:0]
	out := e.out
	e.out = Output{}
	return out
}

func (e *Engine) touch(p *phase1) { e.touched = append(e.touched, p) }

func (e *Engine) note(event Event) { e.out.Log = append(e.out.Log, event) }

func (e *Engine) fail(r Request, reason string) {
	e.out.Failed = append(e.out.Failed, Failure{r.SADB, r.Local, r.Peer, reason})
}

// transmit sends a message as it is.
func (e *Engine) transmit(local, remote netip.AddrPort, packet []byte) {
	e.counters.Out++
	e.out.Send = append(e.out.Send, Datagram{local, remote, mark(local, packet)})
}

func (e *Engine) send(p *phase1, packet []byte) { e.transmit(p.local, p.remote, packet) }

// ask sends a message of main mode that is repeated until it is answered.
func (e *Engine) ask(now time.Time, p *phase1, packet []byte) {
	p.resend.start(now, packet)
	e.send(p, packet)
}

// reply sends a message of main mode that is repeated only for a repetition
// of what it answers.
func (e *Engine) reply(p *phase1, packet []byte) {
	p.answer = packet
	e.send(p, packet)
}

// compute hands out a job of an SA. then runs when the result is told, if the
// SA is still there.
func (e *Engine) compute(p *phase1, run func() []byte, then func(now time.Time, result []byte)) {
	e.lastJob++
	e.jobs[e.lastJob] = job{p, then}
	e.out.Compute = append(e.out.Compute, Job{e.lastJob, run})
}

// drawsMax ends the search for a usable random value: a reader that has none
// in so many is broken.
const drawsMax = 100

var errRandomness = errors.New("no usable randomness")

func (e *Engine) random(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := io.ReadFull(e.cfg.Rand, b)
	return b, err
}

// newCookie draws one that is not zero: zero means "none".
func (e *Engine) newCookie() (c cookie, err error) {
	b, err := e.random(len(c))
	copy(c[:], b)
	if c == (cookie{}) {
		c[0] = 1
	}
	return c, err
}

// newID draws the message ID of an exchange of ours.
func (e *Engine) newID(p *phase1) (uint32, error) {
	for range drawsMax {
		b, err := e.random(4)
		if err != nil {
			return 0, err
		}
		if id := be(b); id != 0 && p.quick(id) == nil {
			return id, nil
		}
	}
	return 0, errRandomness
}

// newSPI draws an SPI that no SA of ours has and that is not reserved (RFC
// 4303 section 2.1), and reserves it.
func (e *Engine) newSPI() (uint32, error) {
	for range drawsMax {
		b, err := e.random(4)
		if err != nil {
			return 0, err
		}
		if spi := be(b); spi > 255 && !e.children.spis[spi] {
			e.children.spis[spi] = true
			return spi, nil
		}
	}
	return 0, errRandomness
}

func be(b []byte) uint32 { return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3]) }

// tell sends payloads in an authenticated informational exchange.
func (e *Engine) tell(p *phase1, chain ...payload) {
	id, err := e.newID(p)
	if err != nil {
		return // without randomness there is nothing to say
	}
	chain = p.keys.protect(chain, be32(id))
	packet, _ := p.keys.seal(p.keys.iv(p.last, id), p.header(informational, id), chain)
	e.send(p, packet)
}
