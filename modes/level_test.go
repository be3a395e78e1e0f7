package modes_test

import (
	"slices"
	"testing"

	"gresh/modes"
	"gresh/modes/grammar"
)

// TestLeveled: a line has the level that it is given in its own mode, blocks and
// all, and what may not be said is not printed.
func TestLeveled(t *testing.T) {
	given := map[string]int{"config hostname": 7, "config interface": 5}
	type asked struct {
		words string
		usual int
	}
	var seen []asked
	m := configMode().Leveled("config", 15, func(mode, words string, usual int) int {
		seen = append(seen, asked{mode + " " + words, usual})
		if level, is := given[mode+" "+words]; is {
			return level
		}
		return usual
	})
	if len(seen) == 0 || !slices.ContainsFunc(seen, func(a asked) bool { return a.words == "cfg-crypto-trans mode transport" && a.usual == 15 }) {
		t.Fatalf("asked about %v", seen)
	}
	at := modes.Tree[struct{}, router]{Config: m}.Start().Config()
	for line, least := range map[string]int{"hostname R1": 7, "no hostname": 7, "interface Tunnel0": 5, "end": 0} {
		if _, err := at.Parse(line, least-1); err == nil && least > 0 {
			t.Errorf("level %d may say %q", least-1, line)
		}
		if _, err := at.Parse(line, least); err != nil {
			t.Errorf("level %d may not say %q: %v", least, line, err)
		}
	}
	r := &router{Hostname: "R1"}
	if got := m.Within(6).Write(r); slices.Contains(got, "hostname R1") {
		t.Errorf("level 6 sees %q", got)
	}
	if got := m.Within(7).Write(r); !slices.Contains(got, "hostname R1") {
		t.Errorf("level 7 sees %q", got)
	}
}

func TestWords(t *testing.T) {
	show, run := grammar.Word("show", ""), grammar.Word("run", "")
	for want, line := range map[string]grammar.Line{
		"show run": {show, grammar.Opt(run), show},
		"show on":  {show, grammar.Opt(grammar.Flag("on", "")), run},
		"show":     {show, grammar.Opt(grammar.Alt(grammar.Line{run})), run},
		"":         {grammar.Alt(grammar.Line{show}), run},
		"run show": {run, show, grammar.String("")},
	} {
		if got := line.Words(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
