package main

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gresh/backend"
	"gresh/backend/config"
	"gresh/backend/event"
	"gresh/backend/forward"
	"gresh/backend/machine"
	"gresh/backend/syslog"
	"gresh/commands"
)

var (
	noon       = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	configured = worded(event.Configured{From: "console", By: "vty0"})
)

// worded is an event with its line.
func worded(value any) backend.Event {
	e := backend.Event{At: noon, Value: value}
	stamp, lines := commands.Words(e, &config.Config{Version: "15.7"}, noon, machine.Unset)
	for _, text := range lines {
		e.Lines = append(e.Lines, syslog.Line{Severity: syslog.SeverityOf(text), Text: text, Stamped: stamp + text, Monitor: true})
	}
	return e
}

func TestLogger(t *testing.T) {
	events := []backend.Event{
		configured,
		worded(event.SyncFailed{Reason: "no room"}),
		worded(forward.Clear{Src: netip.MustParseAddr("192.0.2.1"), Dst: netip.MustParseAddr("192.0.2.2")}),
	}
	for _, c := range []struct {
		journal bool
		want    string
	}{
		{false, "*Mar  1 12:00:00.000: %SYS-5-CONFIG_I: Configured from console by vty0\n" +
			"*Mar  1 12:00:00.000: %FIB-2-HOST: the forwarding state could not be reached: no room\n" +
			"*Mar  1 12:00:00.000: %CRYPTO-4-RECVD_PKT_NOT_IPSEC: Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /192.0.2.2, src_addr= 192.0.2.1, prot= 47\n"},
		{true, "<5>%SYS-5-CONFIG_I: Configured from console by vty0\n" +
			"<2>%FIB-2-HOST: the forwarding state could not be reached: no room\n" +
			"<4>%CRYPTO-4-RECVD_PKT_NOT_IPSEC: Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /192.0.2.2, src_addr= 192.0.2.1, prot= 47\n"},
	} {
		var out bytes.Buffer
		l := newLogger(&out, c.journal)
		for _, e := range events {
			l.Event(e)
		}
		l.Close()
		if out.String() != c.want {
			t.Errorf("journal %v:\n%s\nwant\n%s", c.journal, &out, c.want)
		}
	}
}

// A held writer is one that takes nothing until it is let go.
type held struct {
	bytes.Buffer
	begun, free chan struct{}
}

func (h *held) Write(b []byte) (int, error) {
	select {
	case h.begun <- struct{}{}:
	default:
	}
	<-h.free
	return h.Buffer.Write(b)
}

// A log that nobody takes does not hold up who logs; what it could not take is
// counted in it, and consoles see all.
func TestLoggerHeldUp(t *testing.T) {
	h := &held{begun: make(chan struct{}, 1), free: make(chan struct{})}
	l := newLogger(h, false)
	seen := 0
	cancel := l.Attach(func(string) { seen++ })
	l.Event(configured)
	<-h.begun
	const lost = 7
	for range loggerMost + lost {
		l.Event(configured)
	}
	cancel()
	l.Event(configured)
	close(h.free)
	l.Close()
	if want := 1 + loggerMost + lost; seen != want {
		t.Errorf("%d lines have been seen, want %d", seen, want)
	}
	lines := strings.Split(strings.TrimSpace(h.String()), "\n")
	want := fmt.Sprintf("*Mar  1 12:00:00.000: %%SYS-3-LOGGER_DROPPED: System dropped %d log messages", lost+1)
	if last := lines[len(lines)-1]; len(lines) != loggerMost+2 || last != want {
		t.Errorf("%d lines, the last %q, want %q", len(lines), last, want)
	}
}
