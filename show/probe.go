package show

import (
	"fmt"
	"io"
	"net/netip"
	"time"

	"gresh/backend/probe"
)

const marksPerLine = 70

// A PingReport prints a ping as it goes on.
type PingReport struct {
	W       io.Writer
	Verbose bool // a line for each echo, in place of a mark
	sweep   bool
	sent    int
	ok      int
	least   time.Duration
	most    time.Duration
	sum     time.Duration
}

// Begin prints what stands above the marks.
func (r *PingReport) Begin(p *probe.Ping) {
	printf(r.W, "Type escape sequence to abort.\n")
	size := fmt.Sprint(p.Size)
	if r.sweep = p.Sizes() > 1; r.sweep {
		size = fmt.Sprintf("[%d..%d]", p.Size, p.Most)
	}
	printf(r.W, "Sending %d, %s-byte ICMP Echos to %v, timeout is %d seconds:\n", p.Requests(), size, p.Dst, seconds(p.Timeout))
	if p.Src.IsValid() {
		printf(r.W, "Packet sent with a source address of %v \n", p.Src)
	}
	if p.DF {
		printf(r.W, "Packet sent with the DF bit set\n")
	}
	if p.Pattern != PingPattern {
		printf(r.W, "Packet has data pattern 0x%04X\n", p.Pattern)
	}
	if p.Validate {
		printf(r.W, "Reply data will be validated\n")
	}
}

// PingPattern is what the data of a ping repeats if nobody says otherwise.
const PingPattern = 0xabcd

var pingMarks = map[probe.Mark]string{
	probe.Timeout: ".", probe.Reply: "!", probe.NetUnreachable: "U", probe.HostUnreachable: "U",
	probe.PortUnreachable: "U", probe.ProtocolUnreachable: "U", probe.NeedsFragment: "M",
	probe.Prohibited: "U", probe.SourceQuench: "Q", probe.TTLExpired: "&", probe.Other: "?",
}

// Mark prints what became of one echo.
func (r *PingReport) Mark(e probe.Echoed) {
	if r.Verbose {
		r.tell(e)
	} else {
		if r.sent > 0 && r.sent%marksPerLine == 0 {
			printf(r.W, "\n")
		}
		printf(r.W, "%s", pingMarks[e.Mark])
	}
	r.sent++
	if e.Mark != probe.Reply {
		return
	}
	if r.ok == 0 || e.Time < r.least {
		r.least = e.Time
	}
	r.ok++
	r.most, r.sum = max(r.most, e.Time), r.sum+e.Time
}

// tell prints one echo's line.
func (r *PingReport) tell(e probe.Echoed) {
	switch e.Mark {
	case probe.Reply:
		printf(r.W, "Reply to request %d (%d ms)", e.Request, ms(e.Time))
	case probe.Timeout:
		printf(r.W, "Request %d timed out", e.Request)
	case probe.NeedsFragment:
		printf(r.W, "Unreachable from %v, maximum MTU %d", e.From, e.MTU)
	case probe.TTLExpired:
		printf(r.W, "Time to live exceeded from %v", e.From)
	case probe.SourceQuench:
		printf(r.W, "Source quench from %v", e.From)
	case probe.Other:
		printf(r.W, "Unexpected reply to request %d from %v", e.Request, e.From)
	default:
		printf(r.W, "Unreachable from %v", e.From)
	}
	if r.sweep {
		printf(r.W, " (size %d)", e.Size)
	}
	printf(r.W, "\n")
}

// End prints the result.
func (r *PingReport) End() {
	percent := 0
	if r.sent > 0 {
		percent = r.ok * 100 / r.sent
	}
	if !r.Verbose {
		printf(r.W, "\n")
	}
	printf(r.W, "Success rate is %d percent (%d/%d)", percent, r.ok, r.sent)
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
	Name func(netip.Addr) string // of a host that has one, or ""; nil: none has
	ttl  int
	from netip.Addr
}

// Begin prints what stands above the hops.
func (r *TraceReport) Begin(dst netip.Addr) {
	printf(r.W, "Type escape sequence to abort.\nTracing the route to %s\n\n", r.called(dst))
}

// called is an address with its name, as far as it has one.
func (r *TraceReport) called(a netip.Addr) string {
	if r.Name != nil {
		if name := r.Name(a); name != "" {
			return fmt.Sprintf("%s (%v)", name, a)
		}
	}
	return a.String()
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
		printf(r.W, "%s", r.called(h.From))
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
