package commands

import (
	"io"

	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// configLogCommands show who entered what into the configuration.
func configLogCommands() modes.Mode[Exec] {
	line := showing(grammar.Word("archive", "Archive functions"), grammar.Word("log", "Log"), grammar.Word("config", "Config log"))
	all := grammar.Flag("all", "Display all config log entries")
	first := grammar.Uint(1, 2147483647, "Display config log starting from this entry")
	last := grammar.Uint(1, 2147483647, "and ending with this one")
	bare := grammar.Flag("provisioning", "Display the config log as applied via provisioning")
	return modes.Mode[Exec]{
		viewingAt(15, with(line, grammar.Alt(grammar.Line{all}, grammar.Line{first, grammar.Opt(last)}), grammar.Opt(bare)),
			func(q query, a grammar.Args) (view, error) {
				from, to := uint64(first.From(a)), uint64(last.From(a))
				logged, _ := q.logged(from, to)
				return func(w io.Writer) {
					if bare.In(a) {
						show.ConfigLogProvisioning(w, logged)
					} else {
						show.ConfigLog(w, logged)
					}
				}, nil
			}),
		viewingAt(15, with(line, grammar.Word("statistics", "Display config log statistics")),
			func(q query, _ grammar.Args) (view, error) {
				logged, freed := q.logged(0, 0)
				return func(w io.Writer) { show.ConfigLogStatistics(w, logged, freed) }, nil
			}),
	}
}

// logged are the lines that were entered, from one number to another; 0: to the
// last.
func (q query) logged(from, to uint64) (all []show.LoggedCommand, freed int) {
	commands, freed := q.Commands()
	for _, c := range commands {
		if c.Number >= from && (to == 0 || c.Number <= to) {
			all = append(all, show.LoggedCommand(c))
		}
	}
	return all, freed
}
