package commands

import (
	"strings"
	"sync"

	"gresh/backend/config"
	"gresh/modes/grammar"
)

// A landmark is a line that a problem of the whole can be about: one that
// opens a block, or that has an interface's addresses or a tunnel's
// protection.
type landmark struct {
	block string // by the line that opens it, as it is printed
	what  string
}

const (
	addressesMark  = "ip address"
	protectionMark = "tunnel protection"
)

// An atlas has the numbers of the landmarks of a file, from 1. Of several that
// say the same the last one counts.
type atlas struct {
	lines   []string
	blocks  []string // that the lines are in
	numbers map[landmark]int
}

// landmarks reads the lines that are landmarks. What it returns for a line is
// what the landmark is, and a Line for one that opens a block.
var landmarks = sync.OnceValue(func() *grammar.Set {
	rest := grammar.Opt(grammar.Text(""))
	opens := func(line grammar.Line) grammar.Entry { return grammar.Entry{Line: line, Means: line} }
	return grammar.NewSet("",
		opens(with(under(global, "interface", ""), interfaceName(""))),
		opens(with(under(ipsec, "profile", ""), grammar.String(""))),
		opens(with(under(isakmp, "profile", ""), grammar.String(""))),
		opens(with(under(global, "interface", ""), grammar.Text(""))),
		grammar.Entry{Line: with(under(ipPort, "address", ""), rest), Means: addressesMark},
		grammar.Entry{Line: with(under(tunnelLine, "protection", ""), rest), Means: protectionMark},
	)
})

func survey(text string) atlas {
	a := atlas{strings.Split(text, "\n"), nil, map[landmark]int{}}
	block := ""
	for n, line := range a.lines {
		if m, err := landmarks().Parse(line, 15); err == nil {
			what := ""
			switch means := m.Means.(type) {
			case grammar.Line:
				block = means.Format(m.Args)
			case string:
				what = means
			}
			a.numbers[landmark{block, what}] = n + 1
		}
		a.blocks = append(a.blocks, block)
	}
	return a
}

// find returns the line that a problem is about, and its number; 0 if the file
// does not have it.
func (a atlas) find(p config.Problem) (number int, text string) {
	l := landmark{block: p.Definition}
	if n := len(p.Tunnels); n > 0 {
		l = landmark{"interface " + p.Tunnels[n-1], protectionMark}
	}
	if p.Rule == config.RuleOverlap {
		l.what = addressesMark
	}
	number, ok := a.numbers[l]
	if !ok {
		number = a.numbers[landmark{block: l.block}]
	}
	if number > 0 {
		text = strings.TrimRight(a.lines[number-1], "\r")
	}
	return number, text
}

// located finds the lines that problems are about.
func located(file, text string, problems []config.Problem) (all []Remark) {
	if len(problems) == 0 {
		return nil
	}
	a := survey(text)
	for _, p := range problems {
		r := Remark{File: file, Message: p.Text}
		r.Line, r.Text = a.find(p)
		all = append(all, r)
	}
	return all
}
