package probe

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gresh/backend/inet"
)

var (
	start = time.Unix(0, 0)
	there = netip.MustParseAddr("10.0.0.12")
	onWay = netip.MustParseAddr("172.17.0.9")
)

const ms = time.Millisecond

// reply is the echo reply to a request.
func reply(request []byte) []byte {
	b := append([]byte(nil), request...)
	b[0] = icmpEchoReply
	return b
}

// about is an ICMP error about a packet that was sent.
func about(kind, code byte, p Packet) []byte {
	ip := make([]byte, ipHeaderLen)
	ip[0], ip[9] = 0x45, p.Protocol
	copy(ip[16:], p.Dst.AsSlice())
	return append(append([]byte{kind, code, 0, 0, 0, 0, 0, 0}, ip...), p.Payload[:8]...)
}

func text(events []Event) string {
	var s []string
	for _, e := range events {
		switch e := e.(type) {
		case Echoed:
			s = append(s, fmt.Sprintf("%d:%v", e.Mark, e.Time))
		case Hopped:
			s = append(s, fmt.Sprintf("%d %d %v last=%v", e.TTL, e.Mark, e.From, e.Last))
		}
	}
	return strings.Join(s, ", ")
}

func TestPing(t *testing.T) {
	p := &Ping{Dst: there, Count: 4, Size: 100, Timeout: 2 * time.Second, Pattern: 0xabcd}
	out := p.Start(start, 7)
	first := out.Send[0]
	if n := ipHeaderLen + len(first.Payload); n != 100 || inet.Checksum(0, first.Payload) != 0 {
		t.Errorf("a packet of %d octets, checksum %#x", n, inet.Checksum(0, first.Payload))
	}
	stranger := reply(first.Payload)
	binary.BigEndian.PutUint16(stranger[4:], 8)
	if out := p.Receive(start.Add(ms), Message{From: there, ICMP: stranger}); len(out.Events) > 0 {
		t.Error("another's reply is taken")
	}
	elsewhere := first
	elsewhere.Dst = onWay
	if out := p.Receive(start.Add(ms), Message{From: onWay, ICMP: about(icmpUnreachable, 1, elsewhere)}); len(out.Events) > 0 {
		t.Error("an error about a packet to elsewhere is taken")
	}
	out = p.Receive(start.Add(4*ms), Message{From: there, ICMP: reply(first.Payload)})
	if text(out.Events) != "1:4ms" || len(out.Send) != 1 {
		t.Fatalf("after a reply: %s, %d sent", text(out.Events), len(out.Send))
	}
	if late := p.Receive(start.Add(5*ms), Message{From: there, ICMP: reply(first.Payload)}); len(late.Events) > 0 {
		t.Error("a reply counts twice")
	}
	if next := p.Next().Sub(start); next != 2004*ms {
		t.Errorf("the second request times out at %v", next)
	}
	if early := p.Advance(start.Add(2003 * ms)); len(early.Events) > 0 {
		t.Error("it times out early")
	}
	out = p.Advance(start.Add(2004 * ms))
	if text(out.Events) != "0:0s" || len(out.Send) != 1 {
		t.Fatalf("after a timeout: %s", text(out.Events))
	}
	out = p.Receive(start.Add(2010*ms), Message{From: onWay, ICMP: about(icmpUnreachable, 1, out.Send[0])})
	if text(out.Events) != "2:6ms" || p.Done() {
		t.Fatalf("after an unreachable: %s", text(out.Events))
	}
	out = p.Receive(start.Add(2020*ms), Message{From: there, ICMP: reply(out.Send[0].Payload)})
	if text(out.Events) != "1:10ms" || !p.Done() || !p.Next().IsZero() || len(out.Send) > 0 {
		t.Errorf("after the last: %s, done %v, next %v", text(out.Events), p.Done(), p.Next())
	}
}

// A sequence number has sixteen bits, and a count has more.
func TestPingOutlivesItsSequenceNumbers(t *testing.T) {
	p := &Ping{Dst: there, Count: 1<<16 + 2, Size: 36, Timeout: time.Second}
	out, answered := p.Start(start, 7), 0
	for ; len(out.Send) > 0 && answered < 1<<17; answered++ {
		out = p.Receive(start, Message{From: there, ICMP: reply(out.Send[0].Payload)})
	}
	if answered != p.Count || !p.Done() {
		t.Errorf("%d requests for a count of %d, done %v", answered, p.Count, p.Done())
	}
}

func TestMarks(t *testing.T) {
	for _, test := range []struct {
		kind, code byte
		want       Mark
	}{
		{icmpUnreachable, 0, NetUnreachable}, {icmpUnreachable, 1, HostUnreachable},
		{icmpUnreachable, 2, ProtocolUnreachable}, {icmpUnreachable, 3, PortUnreachable},
		{icmpUnreachable, 4, NeedsFragment}, {icmpUnreachable, 9, Prohibited},
		{icmpUnreachable, 10, Prohibited}, {icmpUnreachable, 13, Prohibited},
		{icmpUnreachable, 5, Other}, {icmpSourceQuench, 0, SourceQuench},
		{icmpTimeExceeded, 0, TTLExpired}, {12, 0, Other},
	} {
		p := &Ping{Dst: there, Count: 1, Size: 36, Timeout: time.Second}
		sent := p.Start(start, 7).Send[0]
		out := p.Receive(start, Message{From: onWay, ICMP: about(test.kind, test.code, sent)})
		if len(out.Events) != 1 || out.Events[0].(Echoed).Mark != test.want {
			t.Errorf("type %d code %d: %s, want mark %d", test.kind, test.code, text(out.Events), test.want)
		}
	}
}

func TestTraceroute(t *testing.T) {
	r := &Traceroute{Dst: there, Timeout: 3 * time.Second, Probes: 2, First: 1, Most: 30}
	out := r.Start(start, 7)
	var said []string
	for _, step := range []struct {
		kind, code byte
		from       netip.Addr
	}{{icmpTimeExceeded, 0, onWay}, {0, 0, onWay}, {icmpUnreachable, 3, there}, {icmpUnreachable, 3, there}} {
		if step.kind == 0 {
			out = r.Advance(r.Next())
		} else {
			out = r.Receive(start, Message{From: step.from, ICMP: about(step.kind, step.code, out.Send[0])})
		}
		said = append(said, text(out.Events))
	}
	want := "1 9 172.17.0.9 last=false; 1 0 invalid IP last=true; 2 4 10.0.0.12 last=false; 2 4 10.0.0.12 last=true"
	if got := strings.Join(said, "; "); got != want || !r.Done() {
		t.Errorf("%s, done %v\nwant %s", got, r.Done(), want)
	}
}

func TestTracerouteGivesUp(t *testing.T) {
	r := &Traceroute{Dst: there, Timeout: time.Second, Probes: 1, First: 1, Most: 3}
	out := r.Start(start, 7)
	for ttl := 1; ttl <= 3; ttl++ {
		if int(out.Send[0].TTL) != ttl {
			t.Fatalf("TTL %d, want %d", out.Send[0].TTL, ttl)
		}
		out = r.Advance(r.Next())
	}
	if !r.Done() || len(out.Send) > 0 {
		t.Error("it goes on beyond the last hop")
	}
}

func FuzzReceive(f *testing.F) {
	f.Add(about(icmpUnreachable, 3, Packet{Dst: there, Protocol: protoUDP, Payload: make([]byte, 8)}))
	f.Fuzz(func(_ *testing.T, b []byte) {
		p, r := &Ping{Dst: there, Count: 2, Size: 36}, &Traceroute{Dst: there, Probes: 1, First: 1, Most: 2}
		p.Start(start, 0)
		r.Start(start, 0)
		p.Receive(start, Message{ICMP: b})
		r.Receive(start, Message{ICMP: b})
	})
}

// A sweep sends a count of each size, one size after the other.
func TestPingSweeps(t *testing.T) {
	p := &Ping{Dst: there, Count: 2, Size: 36, Most: 41, Step: 2, Timeout: time.Second}
	var sizes []int
	for out := p.Start(start, 7); len(out.Send) > 0; {
		sizes = append(sizes, ipHeaderLen+len(out.Send[0].Payload))
		out = p.Receive(start, Message{From: there, ICMP: reply(out.Send[0].Payload)})
		if e := out.Events[0].(Echoed); e.Size != sizes[len(sizes)-1] || e.Request != len(sizes)-1 {
			t.Errorf("request %d of %d octets is told as %d of %d", len(sizes)-1, sizes[len(sizes)-1], e.Request, e.Size)
		}
	}
	if got := fmt.Sprint(sizes); got != "[36 38 40 36 38 40]" || p.Requests() != 6 {
		t.Errorf("sizes %s of %d requests", got, p.Requests())
	}
}

// Without Validate whatever comes back is a reply.
func TestPingValidates(t *testing.T) {
	for _, row := range []struct {
		validate bool
		at       int // of the octet that is changed on the way; 0: none
		want     Mark
	}{{true, 0, Reply}, {true, 8, Other}, {true, 79, Other}, {false, 8, Reply}} {
		p := &Ping{Dst: there, Count: 1, Size: 100, Timeout: time.Second, Pattern: 0xabcd, Validate: row.validate}
		answer := reply(p.Start(start, 7).Send[0].Payload)
		if row.at > 0 {
			answer[row.at]++
		}
		out := p.Receive(start, Message{From: there, ICMP: answer})
		if got := out.Events[0].(Echoed).Mark; got != row.want {
			t.Errorf("validate %v, octet %d changed: mark %d, want %d", row.validate, row.at, got, row.want)
		}
	}
}

func TestPingIsToldTheMTU(t *testing.T) {
	p := &Ping{Dst: there, Count: 1, Size: 1500, Timeout: time.Second, DF: true}
	complaint := about(icmpUnreachable, 4, p.Start(start, 7).Send[0])
	binary.BigEndian.PutUint16(complaint[6:], 1400)
	out := p.Receive(start, Message{From: onWay, ICMP: complaint})
	if e := out.Events[0].(Echoed); e.Mark != NeedsFragment || e.MTU != 1400 {
		t.Errorf("%+v", e)
	}
}

func TestTracerouteBeginsAtAPort(t *testing.T) {
	for port, want := range map[int]uint16{0: 33434, 40000: 40000} {
		r := &Traceroute{Dst: there, Probes: 1, First: 1, Most: 2, Port: port}
		if got := binary.BigEndian.Uint16(r.Start(start, 7).Send[0].Payload[2:]); got != want {
			t.Errorf("port %d: the first probe goes to %d", port, got)
		}
	}
}
