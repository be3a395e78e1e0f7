package show

import (
	"io"
	"net/netip"
	"time"

	"gresh/backend/probe"
)

const marksPerLine = 70

// A PingReport prints a ping as it goes on.
type PingReport struct {
	W        io.Writer
	sent, ok int
	least    time.Duration
	most     time.Duration
	sum      time.Duration
}

// Begin prints what stands above the marks.
func (r *PingReport) Begin(dst, src netip.Addr, count, size int, timeout time.Duration, df bool) {
	printf(r.W, "\nType escape sequence to abort.\n")
	printf(r.W, "Sending %d, %d-byte ICMP Echos to %v, timeout is %d seconds:\n", count, size, dst, seconds(timeout))
	if src.IsValid() {
		printf(r.W, "Packet sent with a source address of %v \n", src)
	}
	if df {
		printf(r.W, "Packet sent with the DF bit set\n")
	}
}

var pingMarks = map[probe.Mark]string{
	probe.Timeout: ".", probe.Reply: "!", probe.NetUnreachable: "U", probe.HostUnreachable: "U",
	probe.PortUnreachable: "U", probe.ProtocolUnreachable: "U", probe.NeedsFragment: "M",
	probe.Prohibited: "U", probe.SourceQuench: "Q", probe.TTLExpired: "&", probe.Other: "?",
}

// Mark prints one echo's mark.
func (r *PingReport) Mark(e probe.Echoed) {
	if r.sent > 0 && r.sent%marksPerLine == 0 {
		printf(r.W, "\n")
	}
	r.sent++
	printf(r.W, "%s", pingMarks[e.Mark])
	if e.Mark != probe.Reply {
		return
	}
	if r.ok == 0 || e.Time < r.least {
		r.least = e.Time
	}
	r.ok++
	r.most, r.sum = max(r.most, e.Time), r.sum+e.Time
}

// End prints the result.
func (r *PingReport) End() {
	percent := 0
	if r.sent > 0 {
		percent = r.ok * 100 / r.sent
	}
	printf(r.W, "\nSuccess rate is %d percent (%d/%d)", percent, r.ok, r.sent)
	if r.ok > 0 {
		printf(r.W, ", round-trip min/avg/max = %d/%d/%d ms", ms(r.least), ms(r.sum/time.Duration(r.ok)), ms(r.most))
	}
	printf(r.W, "\n")
}

// ms is a time in milliseconds, one at least.
func ms(d time.Duration) int { return max(1, int(d/time.Millisecond)) }

// A TraceReport prints a traceroute as it goes on.
type TraceReport struct {
	W    io.Writer
	ttl  int
	from netip.Addr
}

// Begin prints what stands above the hops.
func (r *TraceReport) Begin(dst netip.Addr) {
	printf(r.W, "\nType escape sequence to abort.\nTracing the route to %v\n\n", dst)
}

var traceMarks = map[probe.Mark]string{
	probe.NetUnreachable: "!N", probe.HostUnreachable: "!H", probe.ProtocolUnreachable: "!P",
	probe.Prohibited: "!A", probe.SourceQuench: "Q", probe.NeedsFragment: "!F", probe.Other: "?",
}

// Mark prints one probe.
func (r *TraceReport) Mark(h probe.Hopped) {
	if h.TTL != r.ttl {
		r.ttl, r.from = h.TTL, netip.Addr{}
		printf(r.W, "%3d ", h.TTL)
	}
	if h.Mark != probe.Timeout && h.From != r.from {
		if r.from.IsValid() {
			printf(r.W, "\n    ")
		}
		r.from = h.From
		printf(r.W, "%v", h.From)
	}
	switch m := traceMarks[h.Mark]; {
	case h.Mark == probe.Timeout:
		printf(r.W, " * ")
	case m != "":
		printf(r.W, " %s ", m)
	default:
		printf(r.W, " %d msec", ms(h.Time))
	}
	if h.Last {
		printf(r.W, "\n")
	}
}
