// Package syslog is what becomes of what a router logs: which lines the
// console, the monitoring terminals, the buffer and the hosts get, and how many
// of them. It makes no lines and words none: it is given them. A host learns of
// a line by a datagram as IOS sends it, or as RFC 5424 has it.
//
// The engine is told the time. It is given lines by whoever has them to log, and
// has nothing to wait for.
package syslog

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// A Severity is how bad it is: 0 is the worst, 7 of interest to nobody but
// whoever looks for a fault.
type Severity uint8

// The severities that somebody asks for by name here.
const (
	Critical      Severity = 2
	Informational Severity = 6
	Debugging     Severity = 7
)

var severityNames = [...]string{"emergencies", "alerts", "critical", "errors", "warnings", "notifications", "informational", "debugging"}

func (s Severity) String() string { return severityNames[min(s, Debugging)] }

// SeverityOf reads the digit of a line, "%FACILITY-SEVERITY-MNEMONIC: …". A line
// that has none is informational.
func SeverityOf(text string) Severity {
	head, _, _ := strings.Cut(text, ":")
	for i, part := range strings.Split(head, "-") {
		if i > 0 && len(part) == 1 && part[0] >= '0' && part[0] <= '7' {
			return Severity(part[0] - '0')
		}
	}
	return Informational
}

// Config is what an operator has said of the log.
type Config struct {
	Off       bool // all but the console
	Console   Sink
	Monitor   Sink
	Buffer    Sink
	Size      int // octets of the buffer
	Trap      Sink
	Hosts     []Host
	Facility  uint8      // RFC 5424 section 6.2.1
	Origin    string     // what hosts are told of who sends; "": nothing
	Hostname  string     // for those who always want to know
	Source    netip.Addr // not valid: whatever the routes say
	Numbers   bool       // lines bear sequence numbers
	Rate      int        // lines a second; 0: as many as come
	RateOf    Destination
	Except    Severity // the worst that Rate keeps back
	HasExcept bool
}

// A Destination is what a rate limit is for.
type Destination uint8

// The destinations.
const (
	Everywhere Destination = iota
	AtConsole
)

// A Sink is a place for lines down to a severity.
type Sink struct {
	Off   bool
	Level Severity
}

func (s Sink) takes(v Severity) bool { return !s.Off && v <= s.Level }

// A Host is sent lines.
type Host struct {
	Addr       netip.Addr
	Port       uint16 // 0: 514
	Structured bool   // as in RFC 5424
}

// A Line is one of the log.
type Line struct {
	At       time.Time
	Severity Severity
	Text     string // "%SYS-5-CONFIG_I: …"
	Stamped  string // with what stands before it
	Console  bool   // for the console
	Monitor  bool   // for terminals that monitor
}

// A Datagram is a line on its way to a host.
type Datagram struct {
	Source  netip.Addr // not valid: whatever the routes say
	To      netip.AddrPort
	Payload []byte
}

// Hosts are sent no more than this in a second, whatever is configured: what
// storms here shall not storm there.
const hostRateMost = 200

// An Engine is the log of a router. The zero value logs to nobody.
type Engine struct {
	config Config
	number uint64 // of the last line
	buffer buffer
	counts Counts
	sent   map[netip.AddrPort]*HostCounts
	rate   window // of lines
	hosts  window // of datagrams to each host
}

// Counts are of lines, since the router was made.
type Counts struct {
	Console, Monitor, Buffer, Trap uint64
	Limited                        uint64 // kept back by the rate limit
}

// HostCounts are of lines to a host.
type HostCounts struct{ Sent, Limited uint64 }

// New returns a log that holds nothing.
func New() *Engine { return &Engine{sent: map[netip.AddrPort]*HostCounts{}} }

// Configure has the engine do as c says. It returns the hosts that were not
// sent anything before, and those that will not be any more.
func (e *Engine) Configure(c Config) (started, stopped []netip.AddrPort) {
	was, is := endpoints(e.config), endpoints(c)
	for _, h := range is {
		if !slices.Contains(was, h) {
			e.sent[h] = &HostCounts{}
			started = append(started, h)
		}
	}
	for _, h := range was {
		if !slices.Contains(is, h) {
			delete(e.sent, h)
			stopped = append(stopped, h)
		}
	}
	e.config = c
	e.buffer.resize(c.Size)
	return started, stopped
}

func endpoints(c Config) (all []netip.AddrPort) {
	for _, h := range c.Hosts {
		all = append(all, h.endpoint())
	}
	return all
}

func (h Host) endpoint() netip.AddrPort {
	if h.Port == 0 {
		return netip.AddrPortFrom(h.Addr, Port)
	}
	return netip.AddrPortFrom(h.Addr, h.Port)
}

// Log takes a line and what is to stand before it, a time and a colon as a
// rule. It returns the line as it is seen, and what is to be sent.
func (e *Engine) Log(now time.Time, text, stamp string) (Line, []Datagram) {
	l := Line{At: now, Severity: SeverityOf(text), Text: text}
	e.number++
	l.Stamped = stamp + text
	if e.config.Numbers {
		l.Stamped = numbered(e.number) + l.Stamped
	}
	held := e.limited(now, l.Severity)
	if held {
		e.counts.Limited++
	}
	all := !held || e.config.RateOf != Everywhere
	if l.Console = !held && e.config.Console.takes(l.Severity); l.Console {
		e.counts.Console++
	}
	if e.config.Off || !all {
		return l, nil
	}
	if l.Monitor = e.config.Monitor.takes(l.Severity); l.Monitor {
		e.counts.Monitor++
	}
	if e.config.Buffer.takes(l.Severity) {
		e.counts.Buffer++
		e.buffer.add(l.Stamped)
	}
	return l, e.datagrams(now, l)
}

// limited says whether the rate limit keeps a line back.
func (e *Engine) limited(now time.Time, s Severity) bool {
	c := &e.config
	if c.Rate == 0 || c.HasExcept && s <= c.Except {
		return false
	}
	return !e.rate.admit(now, c.Rate)
}

// datagrams are what the hosts are sent of a line.
func (e *Engine) datagrams(now time.Time, l Line) (all []Datagram) {
	if !e.config.Trap.takes(l.Severity) || len(e.config.Hosts) == 0 {
		return nil
	}
	e.counts.Trap++
	admitted := e.hosts.admit(now, hostRateMost)
	for _, h := range e.config.Hosts {
		n := e.sent[h.endpoint()]
		if !admitted {
			n.Limited++
			continue
		}
		n.Sent++
		all = append(all, Datagram{Source: e.config.Source, To: h.endpoint(), Payload: e.payload(h, l)})
	}
	return all
}

// Clear empties the buffer.
func (e *Engine) Clear() { e.buffer = buffer{size: e.buffer.size} }

// A Snapshot is the state for display.
type Snapshot struct {
	Config Config
	Counts Counts
	Hosts  []HostSnapshot
	Lines  []string // of the buffer, oldest first
}

// A HostSnapshot is what was sent to a host.
type HostSnapshot struct {
	To netip.AddrPort
	HostCounts
}

// Snapshot is the log as it stands.
func (e *Engine) Snapshot() Snapshot {
	s := Snapshot{Config: e.config, Counts: e.counts, Lines: slices.Clone(e.buffer.lines)}
	for _, h := range endpoints(e.config) {
		s.Hosts = append(s.Hosts, HostSnapshot{h, *e.sent[h]})
	}
	return s
}

// A window counts within the second that began at its first count.
type window struct {
	since time.Time
	n     int
}

// admit counts one more, if there is room in the second.
func (w *window) admit(now time.Time, most int) bool {
	if now.Sub(w.since) >= time.Second || now.Before(w.since) {
		*w = window{since: now}
	}
	w.n++
	return w.n <= most
}
