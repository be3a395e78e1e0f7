package commands

import (
	"slices"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// eigrpWeights are how much of a metric its parts make up. Those that every
// router has are not printed.
func eigrpWeights() modes.Command[config.EIGRP] {
	line := under(under(global, "metric", "Modify metrics and parameters for advertisement"),
		"weights", "Modify metric coefficients")
	tos := grammar.Uint(0, 8, "Type Of Service (Only TOS 0 supported)")
	var k [5]*grammar.Param[uint32]
	whole := with(line, tos)
	for i := range k {
		k[i] = grammar.Uint(0, 255, "K"+string(rune('1'+i)))
		whole = with(whole, k[i])
	}
	usual := [6]uint8{1, 0, 1}
	return modes.Command[config.EIGRP]{
		Line: whole,
		Bare: len(line),
		Set: func(e *config.EIGRP, a grammar.Args) error {
			e.Weights = [6]uint8{}
			for i := range k {
				e.Weights[i] = uint8(k[i].From(a))
			}
			if e.Weights == usual {
				e.Weights = [6]uint8{}
			}
			return nil
		},
		Unset: func(e *config.EIGRP, _ grammar.Args) error { e.Weights = [6]uint8{}; return nil },
		Get: func(e *config.EIGRP) []grammar.Args {
			if e.Weights == [6]uint8{} {
				return nil
			}
			a := tos.Is(0)
			for i := range k {
				a = a.And(k[i].Is(uint32(e.Weights[i])))
			}
			return []grammar.Args{a}
		},
	}
}

// eigrpActiveTime is how long a neighbour may take to reply to a query.
func eigrpActiveTime() modes.Command[config.EIGRP] {
	line := under(under(global, "timers", "Adjust routing timers"), "active-time", "EIGRP time limit for active state")
	minutes, disabled := grammar.Uint(1, 65535, "EIGRP active-state time limit in minutes"), grammar.Flag("disabled", "disable EIGRP time limit for active state")
	reset := func(e *config.EIGRP, _ grammar.Args) error { e.ActiveTime, e.NoActiveTime = 0, false; return nil }
	return modes.Command[config.EIGRP]{
		Line: with(line, grammar.Alt(grammar.Line{minutes}, grammar.Line{disabled})),
		Bare: len(line),
		Set: func(e *config.EIGRP, a grammar.Args) error {
			e.ActiveTime, e.NoActiveTime = uint16(minutes.From(a)), disabled.In(a)
			if e.ActiveTime == 3 {
				e.ActiveTime = 0
			}
			return nil
		},
		Unset: reset, Default: reset,
		Get: func(e *config.EIGRP) []grammar.Args {
			switch {
			case e.NoActiveTime:
				return []grammar.Args{disabled.Is(true)}
			case e.ActiveTime == 0:
				return nil
			}
			return []grammar.Args{minutes.Is(uint32(e.ActiveTime))}
		},
	}
}

// eigrpNeighbors are spoken to by their addresses: on their interfaces nobody
// else is.
func eigrpNeighbors() modes.Command[config.EIGRP] {
	addr, dev := grammar.IPv4("Neighbor address"), interfaceName("Interface")
	read := func(a grammar.Args) config.EIGRPNeighbor {
		return config.EIGRPNeighbor{Addr: addr.From(a), Interface: dev.From(a)}
	}
	return modes.Command[config.EIGRP]{
		Line: with(under(global, "neighbor", "Specify a neighbor router"), addr, dev),
		Set: func(e *config.EIGRP, a grammar.Args) error {
			if n := read(a); !slices.Contains(e.Neighbors, n) {
				e.Neighbors = append(e.Neighbors, n)
			}
			return nil
		},
		Unset: func(e *config.EIGRP, a grammar.Args) error {
			e.Neighbors = emptied(slices.DeleteFunc(e.Neighbors, func(n config.EIGRPNeighbor) bool { return n == read(a) }))
			return nil
		},
		Get: func(e *config.EIGRP) []grammar.Args {
			return values(e.Neighbors, func(n config.EIGRPNeighbor) grammar.Args { return addr.Is(n.Addr).And(dev.Is(n.Interface)) })
		},
	}
}
