package backend

import (
	"net/netip"
	"time"

	"gresh/backend/config"
	"gresh/backend/event"
	"gresh/backend/forward"
	"gresh/backend/machine"
	"gresh/backend/syslog"
)

// Words puts an event into words as a configuration wants them: what stands
// before each line, and the lines; none if the release says nothing of it.
type Words func(e Event, c *config.Config, booted time.Time, clock machine.Clock) (stamp string, lines []string)

// syslogPort is where lines are sent from. Nobody listens there.
const syslogPort = 49514

// facilityDefault is local7.
const facilityDefault = 23

// note logs an event.
func (r *Router) note(now time.Time, value any) {
	e := Event{At: now, Value: value}
	if r.options.Words != nil {
		stamp, lines := r.options.Words(e, r.running, r.booted, r.Machine().Clock)
		for _, text := range lines {
			line, datagrams := r.syslog.Log(now, text, stamp)
			e.Lines = append(e.Lines, line)
			r.sendLog(datagrams)
		}
	}
	r.host.Log(e)
}

// sendLog has lines sent with everything else, after the next Sync.
func (r *Router) sendLog(datagrams []syslog.Datagram) {
	for _, d := range datagrams {
		r.outbox = append(r.outbox, forward.SendUDP{Local: netip.AddrPortFrom(d.Source, syslogPort), Remote: d.To, Payload: d.Payload})
	}
}

// Note logs an event of a session: a configuration change, a login.
func (r *Router) Note(now time.Time, value any) {
	r.note(now, value)
	r.settle(now)
}

// Log is the log as it stands.
func (r *Router) Log() syslog.Snapshot { return r.syslog.Snapshot() }

// ClearLog empties the buffer of the log.
func (r *Router) ClearLog() { r.syslog.Clear() }

// configureLog has the log do as the configuration says.
func (r *Router) configureLog(now time.Time) {
	started, stopped := r.syslog.Configure(r.logConfig())
	for _, to := range started {
		r.note(now, event.LogHost{To: to, Started: true})
	}
	for _, to := range stopped {
		r.note(now, event.LogHost{To: to})
	}
}

func (r *Router) logConfig() syslog.Config {
	l := r.running.Logging
	c := syslog.Config{Off: l.Off, Size: bufferSize(l), Numbers: l.Sequence, Hostname: hostnameOf(r.running),
		Console: sink(l.Console, syslog.Debugging), Monitor: sink(l.Monitor, syslog.Debugging),
		Buffer: sink(l.Buffered, syslog.Debugging), Trap: sink(l.Trap, syslog.Informational),
		Facility: facilityDefault, Rate: int(l.Rate)}
	if l.Facility > 0 {
		c.Facility = l.Facility - 1
	}
	if l.RateHere {
		c.RateOf = syslog.AtConsole
	}
	if l.RateBelow > 0 {
		c.Except, c.HasExcept = syslog.Severity(l.RateBelow-1), true
	}
	if i, ok := r.interfaces[l.Source]; ok && l.Source != "" {
		c.Source = i.address.Addr()
	}
	c.Origin = r.logOrigin(c.Source)
	for _, h := range l.Hosts {
		c.Hosts = append(c.Hosts, syslog.Host{Addr: h.Addr, Port: h.Port, Structured: h.Structured})
	}
	return c
}

// bufferSize is in octets; a buffer that is off holds nothing.
func bufferSize(l config.Logging) int {
	switch {
	case l.Buffered.Off:
		return 0
	case l.Size == 0:
		return 4096
	}
	return int(l.Size)
}

func sink(s config.LogSink, usual syslog.Severity) syslog.Sink {
	if s.Level == 0 {
		return syslog.Sink{Off: s.Off, Level: usual}
	}
	return syslog.Sink{Off: s.Off, Level: syslog.Severity(s.Level - 1)}
}

// logOrigin is what hosts are told of who sends.
func (r *Router) logOrigin(source netip.Addr) string {
	switch l := r.running.Logging; l.Origin {
	case "hostname":
		return hostnameOf(r.running)
	case "string":
		return l.Text
	case "ip":
		if !source.IsValid() {
			source = r.anyAddress()
		}
		if source.IsValid() {
			return source.String()
		}
	}
	return ""
}

// anyAddress is the one by which the router is known when none is said.
func (r *Router) anyAddress() (lowest netip.Addr) {
	for _, i := range r.interfaces {
		if a := i.address.Addr(); a.IsValid() && (!lowest.IsValid() || a.Less(lowest)) {
			lowest = a
		}
	}
	return lowest
}

func hostnameOf(c *config.Config) string {
	if c.Hostname == "" {
		return "Router"
	}
	return c.Hostname
}
