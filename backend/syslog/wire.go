package syslog

import (
	"fmt"
	"strings"

	"github.com/leodido/go-syslog/v4/rfc5424"
)

// Port is the one that hosts listen at (RFC 5426 section 3.3).
const Port = 514

// datagramMost is as long as a message to a host gets (RFC 5426 section 3.2).
const datagramMost = 1024

// payload is a line as a host is told of it.
func (e *Engine) payload(h Host, l Line) []byte {
	text := e.classic(l)
	if h.Structured {
		text = e.structured(l)
	}
	return []byte(strings.ToValidUTF8(text[:min(len(text), datagramMost)], ""))
}

// priority is the facility and the severity in one number (RFC 5424 section
// 6.2.1).
func (e *Engine) priority(l Line) uint8 { return e.config.Facility<<3 | uint8(l.Severity) }

// classic is a line as IOS sends it, which is not quite RFC 3164: a number that
// tells what was lost, perhaps who sends, and the line as a terminal shows it.
func (e *Engine) classic(l Line) string {
	origin := ""
	if e.config.Origin != "" {
		origin = e.config.Origin + ": "
	}
	return fmt.Sprintf("<%d>%d: %s%s", e.priority(l), e.number, origin, l.Stamped)
}

// structured is a line as RFC 5424 wants it. What it cannot hold it goes
// without.
func (e *Engine) structured(l Line) string {
	m := new(rfc5424.SyslogMessage)
	m.SetPriority(e.priority(l)).SetVersion(1).SetTimestamp(l.At.UTC().Format(rfc3339Micro))
	m.SetHostname(e.config.Hostname).SetAppname("gresh").SetMessage(l.Text)
	text, err := m.String()
	if err != nil {
		return fmt.Sprintf("<%d>1 - - gresh - - - %s", e.priority(l), l.Text)
	}
	return text
}

// rfc3339Micro has as many digits as RFC 5424 section 6.2.3 allows.
const rfc3339Micro = "2006-01-02T15:04:05.000000Z07:00"

// numbered is a sequence number as it stands before a line.
func numbered(n uint64) string { return fmt.Sprintf("%06d: ", n) }
