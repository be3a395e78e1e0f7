package probe

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"time"
)

// A Traceroute sends UDP to ports that nobody listens on, with a growing TTL:
// every router on the way tells where it is.
type Traceroute struct {
	Dst, Src netip.Addr
	Timeout  time.Duration
	Probes   int // per hop
	First    int // TTL to begin with
	Most     int // TTL to end with
	Port     int // of the first probe; each one goes to the next. 0: 33434

	id    uint16
	ttl   int
	probe int
	port  uint16
	sent  time.Time
	due   time.Time
	end   bool // the destination, or what stands in the way, has answered
	done  bool
}

// Hopped is what became of one probe of a hop.
type Hopped struct {
	TTL  int
	Mark Mark
	From netip.Addr
	Time time.Duration
	Last bool // of its hop
}

func (Hopped) event() {}

// PortFirst is where the first probe goes if nobody says otherwise.
const PortFirst = 33434

const portLocal = 49152

// Start sends the first probe.
func (t *Traceroute) Start(now time.Time, id uint16) (out Output) {
	t.id, t.ttl, t.port = id, t.First, uint16(cmp.Or(t.Port, PortFirst))-1
	t.send(now, &out)
	return out
}

func (t *Traceroute) send(now time.Time, out *Output) {
	t.probe++
	t.port++
	t.sent, t.due = now, now.Add(t.Timeout)
	u := binary.BigEndian.AppendUint16(nil, portLocal+t.id%1024)
	u = binary.BigEndian.AppendUint16(u, t.port)
	u = append(u, 0, 8, 0, 0) // length 8, no checksum
	out.Send = append(out.Send, Packet{Src: t.Src, Dst: t.Dst, Protocol: protoUDP, TTL: uint8(t.ttl), Payload: u})
}

// Receive takes a message; one that is not about the probe in flight is
// ignored.
func (t *Traceroute) Receive(now time.Time, m Message) (out Output) {
	protocol, dst, rest, ok := quoted(m.ICMP)
	if t.done || !ok || protocol != protoUDP || dst != t.Dst ||
		binary.BigEndian.Uint16(rest) != portLocal+t.id%1024 || binary.BigEndian.Uint16(rest[2:]) != t.port {
		return out
	}
	mark := markOf(m.ICMP)
	t.end = t.end || mark != TTLExpired
	t.settle(now, Hopped{TTL: t.ttl, Mark: mark, From: m.From, Time: now.Sub(t.sent)}, &out)
	return out
}

func (t *Traceroute) settle(now time.Time, h Hopped, out *Output) {
	h.Last = t.probe >= t.Probes
	out.Events = append(out.Events, h)
	switch {
	case !h.Last:
	case t.end || t.ttl >= t.Most:
		t.done, t.due = true, time.Time{}
		return
	default:
		t.ttl++
		t.probe = 0
	}
	t.send(now, out)
}

// Advance gives up a probe that has timed out.
func (t *Traceroute) Advance(now time.Time) (out Output) {
	if t.done || t.due.IsZero() || now.Before(t.due) {
		return out
	}
	t.settle(now, Hopped{TTL: t.ttl, Mark: Timeout}, &out)
	return out
}

// Next returns when the probe in flight times out.
func (t *Traceroute) Next() time.Time { return t.due }

// Done says whether the end was reached.
func (t *Traceroute) Done() bool { return t.done }
