package probe

import (
	"encoding/binary"
	"net/netip"
	"time"

	"gresh/backend/inet"
)

// A Ping sends echo requests one after the other: the next when one has been
// answered or has timed out.
type Ping struct {
	Dst, Src netip.Addr
	Count    int
	Size     int // octets of the whole IP packet
	Timeout  time.Duration
	TOS      uint8
	DF       bool
	Pattern  uint16

	id       uint16
	sequence uint16 // of the request in flight; it wraps, and begun does not
	begun    int
	sent     time.Time
	due      time.Time
	done     bool
}

// Echoed is what became of one echo request.
type Echoed struct {
	Mark Mark
	From netip.Addr
	Time time.Duration // of a Reply
}

func (Echoed) event() {}

const pingTTL = 255

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

func (p *Ping) send(now time.Time, out *Output) {
	p.begun++
	p.sequence++
	p.sent, p.due = now, now.Add(p.Timeout)
	m := []byte{icmpEchoRequest, 0, 0, 0}
	m = binary.BigEndian.AppendUint16(m, p.id)
	m = binary.BigEndian.AppendUint16(m, p.sequence)
	for len(m)+1 < p.Size-ipHeaderLen {
		m = binary.BigEndian.AppendUint16(m, p.Pattern)
	}
	if len(m) < p.Size-ipHeaderLen {
		m = append(m, byte(p.Pattern>>8))
	}
	binary.BigEndian.PutUint16(m[2:], inet.Checksum(0, m))
	out.Send = append(out.Send, Packet{Src: p.Src, Dst: p.Dst, Protocol: protoICMP, TTL: pingTTL, TOS: p.TOS, DF: p.DF, Payload: m})
}

// Receive takes a message; one that is not about the request in flight is
// ignored.
func (p *Ping) Receive(now time.Time, m Message) (out Output) {
	if p.done || len(m.ICMP) < 8 {
		return out
	}
	about, mark := m.ICMP, Reply
	if m.ICMP[0] != icmpEchoReply {
		protocol, dst, rest, ok := quoted(m.ICMP)
		if !ok || protocol != protoICMP || dst != p.Dst || rest[0] != icmpEchoRequest {
			return out
		}
		about, mark = rest, markOf(m.ICMP)
	}
	if binary.BigEndian.Uint16(about[4:]) != p.id || binary.BigEndian.Uint16(about[6:]) != p.sequence {
		return out
	}
	p.settle(now, Echoed{mark, m.From, now.Sub(p.sent)}, &out)
	return out
}

// settle ends a request and begins the next.
func (p *Ping) settle(now time.Time, e Echoed, out *Output) {
	out.Events = append(out.Events, e)
	if p.begun >= p.Count {
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
