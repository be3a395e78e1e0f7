package syslog

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	gosyslog "github.com/leodido/go-syslog/v4"
	"github.com/leodido/go-syslog/v4/ciscoios"
	"github.com/leodido/go-syslog/v4/rfc3164"
	"github.com/leodido/go-syslog/v4/rfc5424"
)

var (
	noon = time.Date(2026, 3, 1, 12, 0, 0, 7e6, time.UTC)
	host = netip.MustParseAddr("192.0.2.9")
)

const stamp = "*Mar  1 12:00:00.007: "

// usual is what a router logs when nobody has said anything.
func usual() Config {
	return Config{Console: Sink{Level: Debugging}, Monitor: Sink{Level: Debugging}, Buffer: Sink{Level: Debugging}, Size: 4096,
		Trap: Sink{Level: Informational}, Facility: 23, Hostname: "R1"}
}

func engine(change func(*Config)) *Engine {
	c := usual()
	change(&c)
	e := New()
	e.Configure(c)
	return e
}

func TestSeverityOf(t *testing.T) {
	for text, want := range map[string]Severity{
		"%SYS-5-CONFIG_I: x": 5, "%DMVPN-3-DMVPN_NHRP_ERROR:  x": 3, "%SYS-2-INPUT: a-7-b": 2,
		"%A_B-SP-4-C: x": 4, "no facility": 6, "": 6, "%X-9-Y: x": 6,
	} {
		if got := SeverityOf(text); got != want {
			t.Errorf("%q has severity %d, want %d", text, got, want)
		}
	}
}

// TestLevels: a place has the lines down to its severity, and no others.
func TestLevels(t *testing.T) {
	e := engine(func(c *Config) {
		c.Console.Level, c.Monitor.Level, c.Buffer.Level, c.Trap.Level = 3, 4, 5, 6
		c.Hosts = []Host{{Addr: host}}
	})
	for s := range Debugging + 1 {
		l, sent := e.Log(noon, fmt.Sprintf("%%T-%d-X: x", s), stamp)
		if l.Console != (s <= 3) || l.Monitor != (s <= 4) || (len(sent) > 0) != (s <= 6) {
			t.Errorf("severity %v: console %v, monitor %v, %d datagrams", s, l.Console, l.Monitor, len(sent))
		}
	}
	s := e.Snapshot()
	if want := (Counts{Console: 4, Monitor: 5, Buffer: 6, Trap: 7}); s.Counts != want || len(s.Lines) != 6 {
		t.Errorf("counted %+v with %d lines kept, want %+v", s.Counts, len(s.Lines), want)
	}
	if e.Clear(); len(e.Snapshot().Lines) != 0 || e.Snapshot().Counts != s.Counts {
		t.Error("a buffer that is cleared has lines, or the counts have changed")
	}
}

// TestOff: what is off has nothing, and "no logging on" leaves the console.
func TestOff(t *testing.T) {
	for name, c := range map[string]struct {
		change                   func(*Config)
		console, monitor, buffer bool
	}{
		"console": {func(c *Config) { c.Console.Off = true }, false, true, true},
		"monitor": {func(c *Config) { c.Monitor.Off = true }, true, false, true},
		"buffer":  {func(c *Config) { c.Buffer.Off = true }, true, true, false},
		"on":      {func(c *Config) { c.Off, c.Hosts = true, []Host{{Addr: host}} }, true, false, false},
	} {
		e := engine(c.change)
		l, sent := e.Log(noon, "%SYS-5-X: x", stamp)
		if l.Console != c.console || l.Monitor != c.monitor || len(e.Snapshot().Lines) == 1 != c.buffer || len(sent) > 0 {
			t.Errorf("without %s: %+v, %d lines kept, %d datagrams", name, l, len(e.Snapshot().Lines), len(sent))
		}
	}
}

// TestBuffer: the buffer keeps the youngest lines that there is room for, and
// less when it is made smaller.
func TestBuffer(t *testing.T) {
	e := engine(func(*Config) {})
	line := func(n int) string { return stamp + fmt.Sprintf("%%T-5-N: %04d", n) }
	for n := range 1000 {
		e.Log(noon, strings.TrimPrefix(line(n), stamp), stamp)
	}
	kept := e.Snapshot().Lines
	most := 4096 / (len(line(0)) + 1)
	if len(kept) != most || kept[len(kept)-1] != line(999) || kept[0] != line(1000-most) {
		t.Errorf("%d lines are kept, %q to %q, want %d", len(kept), kept[0], kept[len(kept)-1], most)
	}
	c := usual()
	c.Size = 2 * (len(line(0)) + 1)
	if e.Configure(c); !slices.Equal(e.Snapshot().Lines, []string{line(998), line(999)}) {
		t.Errorf("a buffer made smaller keeps %q", e.Snapshot().Lines)
	}
	if e.Log(noon, strings.Repeat("x", 5000), ""); len(e.Snapshot().Lines) != 0 {
		t.Error("a line longer than the buffer is kept")
	}
}

// TestRateLimit: in a second no more than so many, but for what is bad enough.
func TestRateLimit(t *testing.T) {
	e := engine(func(c *Config) { c.Rate, c.Except, c.HasExcept = 10, 3, true })
	storm := func(at time.Time) (seen int) {
		for range 100 {
			if l, _ := e.Log(at, "%T-5-X: x", stamp); l.Console {
				seen++
			}
		}
		return seen
	}
	if n := storm(noon); n != 10 {
		t.Errorf("%d lines in a second, want 10", n)
	}
	if l, _ := e.Log(noon, "%T-3-X: x", stamp); !l.Console {
		t.Error("an error was kept back")
	}
	if n := storm(noon.Add(time.Second)); n != 10 {
		t.Errorf("%d lines in the next second, want 10", n)
	}
	if got := e.Snapshot().Counts; got.Limited != 180 || got.Buffer != 21 {
		t.Errorf("%+v, want 180 kept back and 21 in the buffer", got)
	}
	here := engine(func(c *Config) { c.Rate, c.RateOf = 1, AtConsole })
	here.Log(noon, "%T-5-X: 1", stamp)
	if l, _ := here.Log(noon, "%T-5-X: 2", stamp); l.Console || !l.Monitor || len(here.Snapshot().Lines) != 2 {
		t.Errorf("a limit of the console made %+v", l)
	}
}

// TestStorm: however much is logged, hosts are sent so much in a second.
func TestStorm(t *testing.T) {
	e := engine(func(c *Config) { c.Hosts = []Host{{Addr: host}} })
	sent := 0
	for range 10 * hostRateMost {
		_, d := e.Log(noon, "%T-5-X: x", stamp)
		sent += len(d)
	}
	if n := e.Snapshot().Hosts[0]; sent != hostRateMost || n.Sent != hostRateMost || n.Limited != 9*hostRateMost {
		t.Errorf("%d datagrams, counted %+v", sent, n)
	}
	if _, d := e.Log(noon.Add(time.Second), "%T-5-X: x", stamp); len(d) != 1 {
		t.Error("nothing is sent a second later")
	}
}

// TestHosts: who is new and who is gone is told, and what was sent is counted
// by host.
func TestHosts(t *testing.T) {
	e := New()
	c := usual()
	c.Hosts = []Host{{Addr: host}, {Addr: host, Port: 5514}}
	at := func(port uint16) netip.AddrPort { return netip.AddrPortFrom(host, port) }
	if started, stopped := e.Configure(c); !slices.Equal(started, []netip.AddrPort{at(514), at(5514)}) || stopped != nil {
		t.Errorf("started %v, stopped %v", started, stopped)
	}
	e.Log(noon, "%T-5-X: x", stamp)
	c.Hosts = c.Hosts[:1]
	if started, stopped := e.Configure(c); started != nil || !slices.Equal(stopped, []netip.AddrPort{at(5514)}) {
		t.Errorf("started %v, stopped %v", started, stopped)
	}
	if s := e.Snapshot(); len(s.Hosts) != 1 || s.Hosts[0].To != at(514) || s.Hosts[0].Sent != 1 {
		t.Errorf("%+v", s.Hosts)
	}
}

// TestClassic: what IOS sends is read by one who knows what IOS sends.
func TestClassic(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*Config)
		options []gosyslog.MachineOption
		want    string
	}{
		"plain": {func(*Config) {}, nil, "<189>1: *Mar  1 12:00:00.007: %SYS-5-CONFIG_I: Configured"},
		"origin": {func(c *Config) { c.Origin = "R1" }, nil,
			"<189>1: R1: *Mar  1 12:00:00.007: %SYS-5-CONFIG_I: Configured"},
		"numbers": {func(c *Config) { c.Numbers, c.Facility = true, 16 }, nil,
			"<133>1: 000001: *Mar  1 12:00:00.007: %SYS-5-CONFIG_I: Configured"},
	} {
		e := engine(func(cfg *Config) { cfg.Hosts = []Host{{Addr: host}}; c.change(cfg) })
		_, d := e.Log(noon, "%SYS-5-CONFIG_I: Configured", stamp)
		if got := string(d[0].Payload); got != c.want {
			t.Fatalf("%s: %q, want %q", name, got, c.want)
		}
		flags := ciscoios.Component(0)
		if name != "numbers" {
			flags |= ciscoios.DisableSequenceNumber
		}
		if name != "origin" {
			flags |= ciscoios.DisableHostname
		}
		p := rfc3164.NewParser(rfc3164.WithYear(rfc3164.Year{YYYY: 2026}), rfc3164.WithSecondFractions(), rfc3164.WithCiscoIOSComponents(flags))
		m, err := p.Parse(d[0].Payload)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := m.(*rfc3164.SyslogMessage)
		if *got.Severity != 5 || !got.Timestamp.Equal(noon) || !strings.Contains(*got.Message, "Configured") {
			t.Errorf("%s is read as %+v", name, got)
		}
	}
}

// TestStructured: what is sent by RFC 5424 is read by it, whatever stands in a
// line and whatever the router is called.
func TestStructured(t *testing.T) {
	for _, name := range []string{"R1", "", "a b", strings.Repeat("x", 300)} {
		e := engine(func(c *Config) { c.Hosts, c.Hostname = []Host{{Addr: host, Structured: true}}, name })
		_, d := e.Log(noon, "%SYS-5-CONFIG_I: Configured from console by Ünal", stamp)
		m, err := rfc5424.NewParser().Parse(d[0].Payload)
		if err != nil {
			t.Fatalf("%q: %v in %q", name, err, d[0].Payload)
		}
		got := m.(*rfc5424.SyslogMessage)
		if *got.Priority != 189 || !got.Timestamp.Equal(noon) || *got.Message != "%SYS-5-CONFIG_I: Configured from console by Ünal" ||
			name == "R1" && *got.Hostname != "R1" {
			t.Errorf("%q is read as %+v", d[0].Payload, got)
		}
	}
}

// TestLong: a datagram has its length, and ends with a whole character.
func TestLong(t *testing.T) {
	for _, structured := range []bool{false, true} {
		e := engine(func(c *Config) { c.Hosts = []Host{{Addr: host, Structured: structured}} })
		for pad := range 4 {
			_, d := e.Log(noon, strings.Repeat("x", pad)+strings.Repeat("€", 2000), stamp)
			if n := len(d[0].Payload); n > datagramMost || n < datagramMost-3 || !strings.HasSuffix(string(d[0].Payload), "€") {
				t.Errorf("%d octets, ending in %q", n, d[0].Payload[n-4:])
			}
		}
	}
}
