package commands

import (
	"cmp"
	"errors"

	"gresh/backend/probe"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// What traceroute does if nobody says otherwise.
const (
	traceTimeout = 3
	traceProbes  = 3
	traceHops    = 30
)

// tracing is what there is to say of a traceroute, in its line and in its
// dialogue alike.
type tracing struct {
	ip                   *grammar.Param[bool]
	dst                  *grammar.Param[string]
	count, timeout, port *grammar.Param[uint32]
	first, last          *grammar.Param[uint32] // times to live
	numeric              *grammar.Param[bool]
	from                 sourceOption
	options              *grammar.Param[ipOption] // of the dialogue only
}

func newTracing() tracing {
	return tracing{
		ip:      grammar.Flag("ip", "IP Trace"),
		dst:     host("Trace route to destination address"),
		count:   grammar.Uint(1, 65535, "Probe count"),
		timeout: grammar.Uint(0, 3600, "Timeout value"),
		port:    grammar.Uint(1, 65535, "Port number"),
		first:   grammar.Uint(0, 255, "Minimum time to live"),
		last:    grammar.Uint(0, 255, "Maximum time to live"),
		numeric: grammar.Flag("numeric", "display numeric address"),
		from:    source(),
		options: ipOptions(),
	}
}

func (t tracing) commands() modes.Mode[Exec] {
	trace := grammar.Word("traceroute", "Trace route to destination")
	with := func(name, help string, values ...grammar.Token) grammar.Line {
		return append(grammar.Line{grammar.Word(name, help)}, values...)
	}
	return modes.Mode[Exec]{
		{
			Line: grammar.Line{trace, grammar.Opt(t.ip), grammar.Opt(t.dst, grammar.Any(
				with("probe", "specify number of probes per hop", t.count),
				with("timeout", "specify time out", t.timeout),
				with("ttl", "specify minimum and maximum ttl", t.first, t.last),
				with("port", "specify port number", t.port),
				t.from.line(),
				grammar.Line{t.numeric},
			))},
			Level: 15,
			Run:   t.run,
		},
		{Line: grammar.Line{trace, grammar.Opt(t.ip), t.dst}, Level: 1, Run: t.run},
	}
}

func (t tracing) run(e *Exec, a grammar.Args) error {
	asked := !t.dst.In(a)
	if asked {
		d := &dialogue{Exec: e, args: a}
		if err := t.ask(d); err != nil || d.over {
			return err
		}
		a = d.args
	}
	dst, err := e.resolve(t.dst.From(a))
	if err != nil {
		return err
	}
	src, err := e.sourceAddress(t.from, a)
	if err != nil {
		return err
	}
	route := &probe.Traceroute{
		Dst: dst, Src: src, Port: int(t.port.From(a)),
		Probes:  int(cmp.Or(t.count.From(a), traceProbes)),
		First:   int(max(1, t.first.From(a))),
		Most:    int(cmp.Or(t.last.From(a), traceHops)),
		Timeout: secondsOr(t.timeout, a, traceTimeout),
	}
	if route.Most < route.First {
		return errBadHops
	}
	if !asked {
		e.printf("\n")
	}
	report := show.TraceReport{W: e}
	if !t.numeric.From(a) {
		report.Name = e.nameOf
	}
	report.Begin(route.Dst)
	e.probe(route, func(ev probe.Event) { report.Mark(ev.(probe.Hopped)) })
	return nil
}

var errBadHops = errors.New("% Bad maximum time to live")

// ask is the dialogue.
func (t tracing) ask(d *dialogue) error {
	if err := d.target(t.ip, t.dst); err != nil || d.over {
		return err
	}
	d.source("Source address: ", t.from)
	if d.yes("Numeric display [n]: ") {
		d.args = d.args.And(t.numeric.Is(true))
	}
	hops := "% A decimal number between 0 and 255."
	d.args = d.args.And(t.first.Is(1)).And(t.last.Is(traceHops))
	d.ask("Timeout in seconds [3]: ", t.timeout, "% A decimal number between 0 and 3600.")
	d.ask("Probe count [3]: ", t.count, "% A decimal number between 1 and 65535.")
	d.ask("Minimum Time to Live [1]: ", t.first, hops)
	d.ask("Maximum Time to Live [30]: ", t.last, hops)
	d.ask("Port Number [33434]: ", t.port, "% A decimal number between 1 and 65535.")
	d.options(t.options)
	return nil
}
