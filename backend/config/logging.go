package config

import "net/netip"

// A LogLevel is how much is logged somewhere: a severity, and one. Zero is the
// default of the place.
type LogLevel uint8

// The severities, the worst first.
const (
	LogEmergencies LogLevel = iota + 1
	LogAlerts
	LogCritical
	LogErrors
	LogWarnings
	LogNotifications
	LogInformational
	LogDebugging
)

// A LogSink is a place where lines of the log may go.
type LogSink struct {
	Off   bool
	Level LogLevel
}

// Logging is what becomes of the log.
type Logging struct {
	Off       bool // no logging on: the console alone has it
	Buffered  LogSink
	Size      uint32 // of the buffer; 0: 4096 octets
	Sized     bool   // "logging buffered" is said
	Console   LogSink
	Monitor   LogSink
	Trap      LogSink
	Hosts     []LogHost
	Facility  uint8  // and one; 0: local7
	Origin    string // "hostname", "ip", or "string" with text
	Text      string
	Source    string   // an interface
	Rate      uint32   // lines a second; 0: no limit
	RateHere  bool     // the limit is the console's
	RateDebug bool     // and is for debugging, too: "all"
	RateBelow LogLevel // the limit is for what is less bad

	Stamps   [2]LogStamp // of log lines, and of debugging
	Sequence bool        // service sequence-numbers
}

// A LogHost is a host that has lines sent to it.
type LogHost struct {
	Addr       netip.Addr
	Port       uint16 // 0: 514
	Structured bool   // by RFC 5424
}

// Same says whether two are one host, whatever it is sent.
func (h LogHost) Same(o LogHost) bool { return h.Addr == o.Addr && h.Port == o.Port }

// The stamps of Logging.
const (
	StampLog = iota
	StampDebug
)

// A LogStamp is what stands before a line: "service timestamps".
type LogStamp struct {
	Form                    StampForm
	Msec, Local, Zone, Year bool
}

// A StampForm is a kind of stamp.
type StampForm uint8

// The forms.
const (
	StampUsual StampForm = iota // datetime msec
	StampDate
	StampUptime
	StampNone
)
