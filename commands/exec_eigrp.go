package commands

import (
	"io"
	"slices"
	"time"

	"gresh/backend"
	"gresh/backend/eigrp"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// eigrpCommands show routing processes, and drop their neighbours.
func eigrpCommands() modes.Mode[Exec] {
	neighbor, dev := grammar.IPv4("IP-EIGRP neighbor address"), interfaceName("Interface")
	return modes.Mode[Exec]{
		processView("neighbors", "IP-EIGRP neighbors", grammar.Flag("detail", "Show detailed peer information"),
			func(w io.Writer, q pictured, s eigrp.Snapshot, detail bool) {
				show.EIGRPNeighbors(w, s, q.now, q.release, detail)
			}),
		processView("interfaces", "IP-EIGRP interfaces", grammar.Flag("detail", "Show detailed interface information"),
			func(w io.Writer, q pictured, s eigrp.Snapshot, detail bool) {
				show.EIGRPInterfaces(w, s, q.release, detail)
			}),
		processView("topology", "IP-EIGRP Topology Table", grammar.Flag("all-links", "Show all links in topology table"),
			func(w io.Writer, q pictured, s eigrp.Snapshot, all bool) {
				show.EIGRPTopology(w, s, q.now, q.release, all)
			}),
		processView("traffic", "IP-EIGRP Traffic Statistics", nil,
			func(w io.Writer, q pictured, s eigrp.Snapshot, _ bool) { show.EIGRPTraffic(w, s, q.release) }),
		viewing(showing(grammar.Word("ip", "IP information"),
			grammar.Word("protocols", "IP routing protocol process parameters and statistics")), ipProtocols),
		clearing(func(r *backend.Router, now time.Time, a grammar.Args) {
			r.ClearEIGRP(now, dev.From(a), neighbor.From(a))
		}, grammar.Word("ip", "IP"), grammar.Word("eigrp", "Clear IP-EIGRP"), grammar.Word("neighbors", "Clear IP-EIGRP neighbors"),
			grammar.Opt(grammar.Alt(grammar.Line{neighbor}, grammar.Line{dev}))),
	}
}

// pictured is when a picture was taken, and for which release.
type pictured struct {
	now     time.Time
	release show.Release
}

// processView is a view of each routing process, or of one that is named. It
// may have a word that asks for more.
func processView(name, help string, more *grammar.Param[bool],
	render func(w io.Writer, q pictured, s eigrp.Snapshot, more bool)) modes.Command[Exec] {
	as := grammar.Uint(1, 65535, "AS Number")
	line := showing(grammar.Word("ip", "IP information"), grammar.Word("eigrp", "IP-EIGRP show commands"), grammar.Word(name, help))
	rest := []grammar.Line{{as}}
	if more != nil {
		rest = append(rest, grammar.Line{more})
	}
	return viewing(with(line, grammar.Any(rest...)), func(q query, a grammar.Args) (view, error) {
		all := q.EIGRP()
		if as.In(a) {
			all = slices.DeleteFunc(all, func(s eigrp.Snapshot) bool { return uint32(s.Config.AS) != as.From(a) })
		}
		wanted, at := more != nil && more.In(a), pictured{q.now, q.release}
		return func(w io.Writer) {
			for _, s := range all {
				render(w, at, s, wanted)
			}
		}, nil
	})
}

// ipProtocols is what the routing processes are about.
func ipProtocols(q query, _ grammar.Args) (view, error) {
	all, configured, now := q.EIGRP(), q.Running().EIGRP, q.now
	return func(w io.Writer) {
		for i, s := range all {
			show.EIGRPProtocol(w, s, configured[i], now)
		}
	}, nil
}
