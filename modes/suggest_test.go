package modes

import (
	"fmt"
	"strings"
	"testing"

	"gresh/modes/grammar"
)

// TestSuggest: what may follow a line, keywords with what they put in place of
// the word begun, values and the end of the line without.
func TestSuggest(t *testing.T) {
	type none struct{}
	nothing := func(*none, grammar.Args) error { return nil }
	place := Tree[none, none]{Exec: Mode[none]{
		{Line: grammar.Line{grammar.Word("show", "Show it"), grammar.Word("clock", "The time")}, Level: 1, Filter: true, Run: nothing},
		{Line: grammar.Line{grammar.Word("ping", "Send echoes"), grammar.IPv4("Where to"), grammar.Opt(grammar.Word("repeat", "How often"))},
			Level: 1, Run: nothing},
		{Line: grammar.Line{grammar.Word("reload", "Start again")}, Level: 15, Run: nothing},
		{Line: grammar.Line{grammar.Word("open", ""), grammar.Unit("", grammar.Kind{Name: "Tunnel", Help: "A tunnel", Max: 9})}, Level: 1, Run: nothing},
	}}.Start()
	for line, want := range map[string]string{
		"s":            "show=show (Show it)",
		"show c":       "clock=clock (The time)",
		"SHOW ":        "clock=clock (The time)",
		"ping ":        "A.B.C.D= (Where to)",
		"ping 10.0":    "A.B.C.D= (Where to)",
		"ping 1.1.1.1": "A.B.C.D= (Where to)",
		"open t":       "Tunnel=Tunnel (A tunnel)",
		"open tu9":     "<0-9>= (A tunnel number)",
		"rel":          "",
		"nonsense ":    "",
		"show clock |i": "include=|include (" +
			"Include lines that match)",
		"ping 1.1.1.1 ": "repeat=repeat (How often), <cr>= ()",
	} {
		var got []string
		for _, s := range place.Suggest(line, 1) {
			got = append(got, fmt.Sprintf("%s=%s (%s)", s.Name, s.Text, s.Help))
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("%q: %s, want %s", line, text, want)
		}
	}
}
