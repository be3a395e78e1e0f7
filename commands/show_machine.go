package commands

import (
	"io"

	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// showMachine are the views of what the router runs on.
func showMachine() modes.Mode[Exec] {
	clock := grammar.Line{grammar.Word("clock", "Display the system clock")}
	processes := grammar.Line{grammar.Word("processes", "Active process statistics")}
	memory := grammar.Line{grammar.Word("memory", "Memory statistics")}
	sorted := grammar.Opt(grammar.Word("sorted", "Sorted output"))
	statistics := grammar.Opt(grammar.Word("statistics", "Memory statistics"))
	detail := grammar.Flag("detail", "Display detailed information")
	return modes.Mode[Exec]{
		viewing(showing(grammar.Word("version", "System hardware and software status")), func(q query, _ grammar.Args) (view, error) {
			b := q.box()
			return func(w io.Writer) { show.Version(w, b, q.now) }, nil
		}),
		viewing(showing(grammar.Word("inventory", "Show the physical inventory")), func(query, grammar.Args) (view, error) {
			return show.Inventory, nil
		}),
		viewing(showing(with(clock, grammar.Opt(detail))...), func(q query, a grammar.Args) (view, error) {
			zone, source := q.Running().Clock, q.Machine().Clock
			return func(w io.Writer) {
				show.Clock(w, q.now, zone, source)
				if detail.In(a) {
					show.ClockSource(w, source)
				}
			}, nil
		}),
		viewing(showing(under(processes, "cpu", "Show CPU usage per process")...), func(q query, _ grammar.Args) (view, error) {
			m := q.Machine()
			return func(w io.Writer) { show.ProcessesCPU(w, m) }, nil
		}),
		viewing(showing(with(processes, grammar.Word("memory", "Show memory usage per process"), sorted)...),
			func(q query, _ grammar.Args) (view, error) {
				m := q.Machine()
				return func(w io.Writer) { show.ProcessesMemory(w, m) }, nil
			}),
		viewing(showing(with(memory, statistics)...), func(q query, _ grammar.Args) (view, error) {
			m := q.Machine()
			return func(w io.Writer) { show.MemoryStatistics(w, m) }, nil
		}),
		showHosts(false), showHosts(true), clockSet(),
		techSupport(),
	}
}

// box is what the views of the router as a thing are made of.
func (q query) box() show.Box {
	b := show.Box{Config: q.Running(), Booted: q.Booted(), Reloaded: q.Reloaded(), Machine: q.Machine()}
	for _, i := range b.Config.Interfaces {
		if i.IsPhysical() {
			b.Ports = append(b.Ports, i)
		}
	}
	return b
}

// showHosts is "show hosts", or its summary.
func showHosts(summary bool) modes.Command[Exec] {
	line, render := grammar.Line{grammar.Word("hosts", "IP domain-name, lookup style, nameservers, and host table")}, show.Hosts
	if summary {
		line, render = under(line, "summary", "Show host summary"), show.HostsSummary
	}
	return viewing(showing(line...), func(q query, _ grammar.Args) (view, error) {
		c := q.Running()
		return func(w io.Writer) { render(w, c) }, nil
	})
}

// support are the commands of "show tech-support", in its order.
var support = []string{"show version", "show running-config", "show inventory", "show interfaces", "show ip interface",
	"show arp", "show ip route", "show ip nhrp", "show dmvpn", "show crypto isakmp sa detail", "show crypto ipsec sa",
	"show crypto socket", "show crypto map", "show processes cpu", "show memory statistics", "show ip traffic", "show logging"}

// techSupport shows what whoever helps will ask for, one view after another as
// it is read.
func techSupport() modes.Command[Exec] {
	return modes.Command[Exec]{
		Line:   showing(grammar.Word("tech-support", "Show system information for Tech-Support")),
		Level:  15,
		Filter: true,
		Run: func(e *Exec, _ grammar.Args) error {
			for _, line := range support {
				e.printf("\n------------------ %s ------------------\n\n", line)
				if _, err := e.session.carryOut(e.session.root, line, e); err != nil {
					e.printf("%v\n", err)
				}
			}
			return nil
		},
	}
}
