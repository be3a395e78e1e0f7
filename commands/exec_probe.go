package commands

import (
	"cmp"
	"net/netip"
	"time"

	"gresh/backend"
	"gresh/backend/probe"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// The defaults of ping and traceroute.
const (
	pingCount    = 5
	pingSize     = 100
	pingTimeout  = 2
	pingPattern  = 0xabcd
	traceTimeout = 3
	traceProbes  = 3
	traceHops    = 30
)

// probeCommands are ping and traceroute.
func probeCommands() modes.Mode[Exec] { return modes.Mode[Exec]{pingCommand(), traceCommand()} }

func pingCommand() modes.Command[Exec] {
	dst := grammar.IPv4("Ping destination address")
	count := grammar.Uint(1, 2147483647, "Repeat count")
	size := grammar.Uint(36, 18024, "Datagram size")
	timeout := grammar.Uint(0, 3600, "Timeout in seconds")
	df := grammar.Flag("df-bit", "Enable do not fragment bit in IP header")
	from := source()
	return modes.Command[Exec]{
		Line: grammar.Line{
			grammar.Word("ping", "Send echo messages"),
			grammar.Opt(grammar.Word("ip", "IP echo")),
			dst,
			grammar.Any(
				grammar.Line{grammar.Word("repeat", "specify repeat count"), count},
				grammar.Line{grammar.Word("size", "specify datagram size"), size},
				grammar.Line{grammar.Word("timeout", "specify timeout interval"), timeout},
				from.line(),
				grammar.Line{df},
			),
		},
		Level: 1,
		Run: func(e *Exec, a grammar.Args) error {
			src, err := e.sourceAddress(from, a)
			if err != nil {
				return err
			}
			p := &probe.Ping{
				Dst: dst.From(a), Src: src, DF: df.From(a), Pattern: pingPattern,
				Count:   int(cmp.Or(count.From(a), pingCount)),
				Size:    int(cmp.Or(size.From(a), pingSize)),
				Timeout: pingTimeout * time.Second,
			}
			if timeout.In(a) {
				p.Timeout = time.Duration(timeout.From(a)) * time.Second
			}
			report := show.PingReport{W: e}
			report.Begin(p.Dst, p.Src, p.Count, p.Size, p.Timeout, p.DF)
			e.probe(p, func(ev probe.Event) { report.Mark(ev.(probe.Echoed)) })
			report.End()
			return nil
		},
	}
}

func traceCommand() modes.Command[Exec] {
	dst := grammar.IPv4("Trace route to destination address")
	count := grammar.Uint(1, 65535, "Probe count")
	timeout := grammar.Uint(0, 3600, "Timeout value")
	from := source()
	low, high := grammar.Uint(0, 255, "Minimum time to live"), grammar.Uint(0, 255, "Maximum time to live")
	return modes.Command[Exec]{
		Line: grammar.Line{
			grammar.Word("traceroute", "Trace route to destination"),
			grammar.Opt(grammar.Word("ip", "IP Trace")),
			dst,
			grammar.Any(
				grammar.Line{grammar.Word("probe", "specify number of probes per hop"), count},
				grammar.Line{grammar.Word("timeout", "specify time out"), timeout},
				grammar.Line{grammar.Word("ttl", "specify minimum and maximum ttl"), low, high},
				from.line(),
				grammar.Line{grammar.Word("numeric", "display numeric address")},
			),
		},
		Level: 1,
		Run: func(e *Exec, a grammar.Args) error {
			src, err := e.sourceAddress(from, a)
			if err != nil {
				return err
			}
			t := &probe.Traceroute{
				Dst: dst.From(a), Src: src, Timeout: traceTimeout * time.Second,
				Probes: int(cmp.Or(count.From(a), traceProbes)),
				First:  int(max(1, low.From(a))), Most: int(cmp.Or(high.From(a), traceHops)),
			}
			if timeout.In(a) {
				t.Timeout = time.Duration(timeout.From(a)) * time.Second
			}
			report := show.TraceReport{W: e}
			report.Begin(t.Dst)
			e.probe(t, func(ev probe.Event) { report.Mark(ev.(probe.Hopped)) })
			return nil
		},
	}
}

// A sourceOption is "source", an address or an interface.
type sourceOption struct {
	addr *grammar.Param[netip.Addr]
	dev  *grammar.Param[string]
}

func source() sourceOption {
	return sourceOption{grammar.IPv4("Source address"), interfaceName("Source interface")}
}

func (s sourceOption) line() grammar.Line {
	return grammar.Line{grammar.Word("source", "specify source address or name"),
		grammar.Alt(grammar.Line{s.addr}, grammar.Line{s.dev})}
}

// sourceAddress is what a probe is to come from, not valid if it was not said.
func (e *Exec) sourceAddress(s sourceOption, a grammar.Args) (src netip.Addr, err error) {
	wanted, dev := s.addr.From(a), s.dev.From(a)
	if !wanted.IsValid() && dev == "" {
		return src, nil
	}
	e.with(func(r *backend.Router, _ time.Time) {
		for _, i := range r.Interfaces() {
			if i.Address.IsValid() && (i.Name == dev || i.Address.Addr() == wanted) {
				src = i.Address.Addr()
			}
		}
	})
	if !src.IsValid() {
		return src, errBadSource
	}
	return src, nil
}

// probe carries a probe out, and tells each thing as it happens. The escape
// sequence ends it.
func (e *Exec) probe(engine probe.Engine, tell func(probe.Event)) {
	stop := make(chan struct{})
	stopped := false
	cancel := e.OnInterrupt(func() {
		if !stopped {
			stopped = true
			close(stop)
		}
	})
	defer cancel()
	var news chan struct{}
	var p *backend.Probe
	awaken := func() {
		if news != nil {
			close(news)
			news = nil
		}
	}
	e.with(func(r *backend.Router, now time.Time) { p = r.Probe(now, engine, awaken) })
	for {
		var events []probe.Event
		var done bool
		fresh := make(chan struct{})
		e.with(func(*backend.Router, time.Time) {
			if events, done = p.Events(); len(events) == 0 && !done {
				news = fresh
			} else {
				close(fresh)
			}
		})
		for _, ev := range events {
			tell(ev)
		}
		if done {
			return
		}
		e.loop.Wait(fresh, stop)
		select {
		case <-stop:
			e.with(func(*backend.Router, time.Time) { p.Stop() })
			return
		default:
		}
	}
}
