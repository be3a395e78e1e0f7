package show

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"gresh/backend/probe"
)

const ms1 = time.Millisecond

// TestPing: the lines of a ping, from what became of its echoes; a rune of
// marks is an echo, and a reply takes as many milliseconds as it is late.
func TestPing(t *testing.T) {
	marks := map[rune]probe.Mark{'.': probe.Timeout, '!': probe.Reply, 'U': probe.HostUnreachable, 'M': probe.NeedsFragment,
		'&': probe.TTLExpired, 'Q': probe.SourceQuench, '?': probe.Other}
	head := "Type escape sequence to abort.\nSending 5, 100-byte ICMP Echos to 10.0.0.12, timeout is 2 seconds:\n"
	long := strings.Repeat("!", 70)
	for name, row := range map[string]struct {
		src     netip.Addr
		df      bool
		echoes  string
		between string // the lines about options
		want    string
	}{
		"all":        {echoes: "!!!!!", want: "!!!!!\nSuccess rate is 100 percent (5/5), round-trip min/avg/max = 1/3/5 ms\n"},
		"some":       {echoes: "Q..U!", want: "Q..U!\nSuccess rate is 20 percent (1/5), round-trip min/avg/max = 5/5/5 ms\n"},
		"none":       {echoes: ".M&?U", want: ".M&?U\nSuccess rate is 0 percent (0/5)\n"},
		"not begun":  {want: "\nSuccess rate is 0 percent (0/0)\n"},
		"one of six": {echoes: "!.....", want: "!.....\nSuccess rate is 16 percent (1/6), round-trip min/avg/max = 1/1/1 ms\n"},
		"options": {src: addr("10.0.2.1"), df: true, echoes: ".",
			between: "Packet sent with a source address of 10.0.2.1 \nPacket sent with the DF bit set\n",
			want:    ".\nSuccess rate is 0 percent (0/1)\n"},
		"more than a line": {echoes: long + "!", want: long + "\n!\nSuccess rate is 100 percent (71/71), round-trip min/avg/max = 1/36/71 ms\n"},
	} {
		var b strings.Builder
		r := PingReport{W: &b}
		r.Begin(&probe.Ping{Dst: addr("10.0.0.12"), Src: row.src, Count: 5, Size: 100, Timeout: 2 * time.Second,
			DF: row.df, Pattern: PingPattern})
		for n, c := range row.echoes {
			r.Mark(probe.Echoed{Mark: marks[c], Time: time.Duration(n+1) * ms1})
		}
		r.End()
		if want := head + row.between + row.want; b.String() != want {
			t.Errorf("%s:\n got %q\nwant %q", name, b.String(), want)
		}
	}
}

// TestTraceroute: the lines that devices print for what became of the probes.
func TestTraceroute(t *testing.T) {
	a, b := addr("10.180.133.121"), addr("10.180.133.125")
	back := func(from netip.Addr, ms int) probe.Hopped {
		return probe.Hopped{Mark: probe.TTLExpired, From: from, Time: time.Duration(ms) * ms1}
	}
	none := probe.Hopped{Mark: probe.Timeout}
	refused := func(m probe.Mark) probe.Hopped { return probe.Hopped{Mark: m, From: a} }
	for name, row := range map[string]struct {
		ttl  int
		hops []probe.Hopped
		want string
	}{
		"answers":          {1, []probe.Hopped{back(a, 169), back(a, 142), back(a, 135)}, "  1 10.180.133.121 169 msec 142 msec 135 msec\n"},
		"nobody":           {4, []probe.Hopped{none, none, none}, "  4  *  *  * \n"},
		"now and then":     {2, []probe.Hopped{back(a, 1), none, back(a, 2), none}, "  2 10.180.133.121 1 msec *  2 msec * \n"},
		"the first is not": {2, []probe.Hopped{none, back(a, 1), back(a, 2)}, "  2  * 10.180.133.121 1 msec 2 msec\n"},
		"several ways": {11, []probe.Hopped{back(a, 1), back(b, 1), back(b, 2)},
			" 11 10.180.133.121 1 msec\n    10.180.133.125 1 msec 2 msec\n"},
		"refused": {3, []probe.Hopped{refused(probe.HostUnreachable), none, refused(probe.Prohibited)},
			"  3 10.180.133.121 !H  *  !A \n"},
		"the end": {3, []probe.Hopped{{Mark: probe.PortUnreachable, From: b, Time: ms1}}, "  3 10.180.133.125 1 msec\n"},
	} {
		var out strings.Builder
		r := TraceReport{W: &out}
		r.Begin(addr("10.133.2.1"))
		for n, h := range row.hops {
			h.TTL, h.Last = row.ttl, n == len(row.hops)-1
			r.Mark(h)
		}
		if want := "Type escape sequence to abort.\nTracing the route to 10.133.2.1\n\n" + row.want; out.String() != want {
			t.Errorf("%s:\n got %q\nwant %q", name, out.String(), want)
		}
	}
}

// TestPingVerbose: a line for each echo; the sizes are told of a sweep.
func TestPingVerbose(t *testing.T) {
	var b strings.Builder
	r := PingReport{W: &b, Verbose: true}
	r.Begin(&probe.Ping{Dst: addr("10.0.0.12"), Count: 1, Size: 1400, Most: 1406, Step: 1, Timeout: time.Second,
		Pattern: 0xf0f0, Validate: true})
	from := addr("10.0.0.9")
	for n, m := range []probe.Mark{probe.Reply, probe.Timeout, probe.NeedsFragment, probe.TTLExpired,
		probe.SourceQuench, probe.Prohibited, probe.Other} {
		r.Mark(probe.Echoed{Mark: m, From: from, Time: ms1, Request: n, Size: 1400 + n, MTU: 1401})
	}
	r.End()
	want := "Type escape sequence to abort.\n" +
		"Sending 7, [1400..1406]-byte ICMP Echos to 10.0.0.12, timeout is 1 seconds:\n" +
		"Packet has data pattern 0xF0F0\nReply data will be validated\n" +
		"Reply to request 0 (1 ms) (size 1400)\n" +
		"Request 1 timed out (size 1401)\n" +
		"Unreachable from 10.0.0.9, maximum MTU 1401 (size 1402)\n" +
		"Time to live exceeded from 10.0.0.9 (size 1403)\n" +
		"Source quench from 10.0.0.9 (size 1404)\n" +
		"Unreachable from 10.0.0.9 (size 1405)\n" +
		"Unexpected reply to request 6 from 10.0.0.9 (size 1406)\n" +
		"Success rate is 14 percent (1/7), round-trip min/avg/max = 1/1/1 ms\n"
	if b.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", b.String(), want)
	}
}

func TestTracerouteNamesHosts(t *testing.T) {
	var out strings.Builder
	a, b := addr("10.0.0.9"), addr("10.0.0.12")
	r := TraceReport{W: &out, Name: func(x netip.Addr) string { return map[netip.Addr]string{b: "spoke2"}[x] }}
	r.Begin(b)
	r.Mark(probe.Hopped{TTL: 1, Mark: probe.TTLExpired, From: a, Time: ms1, Last: true})
	r.Mark(probe.Hopped{TTL: 2, Mark: probe.PortUnreachable, From: b, Time: ms1, Last: true})
	if want := "Type escape sequence to abort.\nTracing the route to spoke2 (10.0.0.12)\n\n" +
		"  1 10.0.0.9 1 msec\n  2 spoke2 (10.0.0.12) 1 msec\n"; out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", out.String(), want)
	}
}
