package probe

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"time"

	"gresh/backend/inet"
)

// A Ping sends echo requests one after the other: the next when one has been
// answered or has timed out.
type Ping struct {
	Dst, Src netip.Addr
	Count    int // of each size
	Size     int // octets of the whole IP packet
	Most     int // of a sweep: the largest size; 0: there is one size
	Step     int // of a sweep: what each packet is larger than the one before
	Timeout  time.Duration
	TOS      uint8
	DF       bool
	Pattern  uint16
	Validate bool // a reply with other data than the request's is none

	id       uint16
	sequence uint16 // of the request in flight; it wraps, and begun does not
	begun    int
	sent     time.Time
	due      time.Time
	done     bool
}

// Echoed is what became of one echo request.
type Echoed struct {
	Mark    Mark
	From    netip.Addr
	Time    time.Duration // of a Reply
	Request int           // counted from 0
	Size    int           // of the request
	MTU     int           // of NeedsFragment, if whoever complains says it
}

func (Echoed) event() {}

const (
	pingTTL     = 255
	echoDataAt  = 8 // in an echo's message
	nextHopMTUs = 6 // in an unreachable's message (RFC 1191 section 4)
)

// Sizes is how many sizes there are.
func (p *Ping) Sizes() int {
	if p.Most <= p.Size || p.Step <= 0 {
		return 1
	}
	return (p.Most-p.Size)/p.Step + 1
}

// Requests is how many requests there are in all.
func (p *Ping) Requests() int { return p.Count * p.Sizes() }

// Start sends the first request.
func (p *Ping) Start(now time.Time, id uint16) (out Output) {
	p.id = id
	if p.Count == 0 {
		p.done = true
		return out
	}
	p.send(now, &out)
	return out
}

// size is that of the request in flight.
func (p *Ping) size() int { return p.Size + (p.begun-1)%p.Sizes()*p.Step }

func (p *Ping) send(now time.Time, out *Output) {
	p.begun++
	p.sequence++
	p.sent, p.due = now, now.Add(p.Timeout)
	m := []byte{icmpEchoRequest, 0, 0, 0}
	m = binary.BigEndian.AppendUint16(m, p.id)
	m = binary.BigEndian.AppendUint16(m, p.sequence)
	m = append(m, p.data()...)
	binary.BigEndian.PutUint16(m[2:], inet.Checksum(0, m))
	out.Send = append(out.Send, Packet{Src: p.Src, Dst: p.Dst, Protocol: protoICMP, TTL: pingTTL, TOS: p.TOS, DF: p.DF, Payload: m})
}

// data is what the request in flight carries.
func (p *Ping) data() []byte {
	length := max(0, p.size()-ipHeaderLen-echoDataAt)
	pair := []byte{byte(p.Pattern >> 8), byte(p.Pattern)}
	return bytes.Repeat(pair, (length+1)/2)[:length]
}

// Receive takes a message; one that is not about the request in flight is
// ignored.
func (p *Ping) Receive(now time.Time, m Message) (out Output) {
	if p.done || len(m.ICMP) < echoDataAt {
		return out
	}
	about, e := m.ICMP, Echoed{Mark: Reply, From: m.From, Time: now.Sub(p.sent)}
	if m.ICMP[0] != icmpEchoReply {
		protocol, dst, rest, ok := quoted(m.ICMP)
		if !ok || protocol != protoICMP || dst != p.Dst || rest[0] != icmpEchoRequest {
			return out
		}
		about, e.Mark = rest, markOf(m.ICMP)
	}
	if binary.BigEndian.Uint16(about[4:]) != p.id || binary.BigEndian.Uint16(about[6:]) != p.sequence {
		return out
	}
	switch {
	case e.Mark == NeedsFragment:
		e.MTU = int(binary.BigEndian.Uint16(m.ICMP[nextHopMTUs:]))
	case e.Mark == Reply && p.Validate && !bytes.Equal(about[echoDataAt:], p.data()):
		e.Mark = Other
	}
	p.settle(now, e, &out)
	return out
}

// settle ends a request and begins the next.
func (p *Ping) settle(now time.Time, e Echoed, out *Output) {
	e.Request, e.Size = p.begun-1, p.size()
	out.Events = append(out.Events, e)
	if p.begun >= p.Requests() {
		p.done, p.due = true, time.Time{}
		return
	}
	p.send(now, out)
}

// Advance gives up a request that has timed out.
func (p *Ping) Advance(now time.Time) (out Output) {
	if p.done || p.due.IsZero() || now.Before(p.due) {
		return out
	}
	p.settle(now, Echoed{Mark: Timeout}, &out)
	return out
}

// Next returns when the request in flight times out.
func (p *Ping) Next() time.Time { return p.due }

// Done says whether all requests are settled.
func (p *Ping) Done() bool { return p.done }
