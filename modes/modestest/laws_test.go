package modestest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gresh/modes"
	"gresh/modes/grammar"
)

type state struct {
	Size  uint32
	Quit  bool
	Count int // of nothing that is printed
}

var (
	line = grammar.Line{grammar.Word("size", "")}
	size = modes.Value(line, grammar.Uint(1, 9, ""), func(s *state) *uint32 { return &s.Size })
	quit = modes.Flag(grammar.Line{grammar.Word("quit", "")}, func(s *state) *bool { return &s.Quit })
)

// A recorder is a T that lets a test see the laws fail.
type recorder struct{ said []string }

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

// Each row breaks a command in one way; the laws must say so.
func TestLawsFail(t *testing.T) {
	for name, r := range map[string]struct {
		spoil func(*modes.Command[state])
		cases [][]string
		want  string
	}{
		"nothing is wrong":  {func(*modes.Command[state]) {}, [][]string{{"size 7", "quit"}}, ""},
		"several cases":     {func(*modes.Command[state]) {}, [][]string{{"size 7"}, {"quit"}}, ""},
		"a line is unsaid":  {func(*modes.Command[state]) {}, [][]string{{"size 7"}, nil}, `no case says "quit"`},
		"it is not printed": {func(c *modes.Command[state]) { c.Get = nil }, [][]string{{"size 7", "quit"}}, "written:\nquit\nread:\nsize 7"},
		"it is not removed": {func(c *modes.Command[state]) { c.Unset = c.Set }, [][]string{{"size 7", "quit"}}, `no size 7: "size 7" is still there`},
		"it has no no":      {func(c *modes.Command[state]) { c.Unset = nil }, [][]string{{"size 7", "quit"}}, "no size 7: % Invalid"},
		"it reads badly": {func(c *modes.Command[state]) {
			set, n := c.Set, 0
			c.Set = func(s *state, a grammar.Args) error { n++; s.Count = n; return set(s, a) }
		}, [][]string{{"size 7", "quit"}}, "read(write(s)) ="},
		"it is hidden": {func(c *modes.Command[state]) { c.Hidden = true }, [][]string{{"size 7", "quit"}}, `s? offers nothing`},
		"a refusal changes something": {func(c *modes.Command[state]) {
			c.Unset = func(s *state, _ grammar.Args) error { s.Quit = false; return fmt.Errorf("%% No") }
		}, [][]string{{"size 7", "quit"}}, "no size 7 is refused (% No), but changes"},
		"it is not accepted": {func(c *modes.Command[state]) {}, [][]string{{"size 10"}}, "% Invalid input"},
	} {
		spoilt := size
		r.spoil(&spoilt)
		var got recorder
		Laws(&got, modes.Mode[state]{spoilt, quit}, r.cases...)
		found := slices.ContainsFunc(got.said, func(s string) bool { return strings.Contains(s, r.want) })
		if (r.want == "") != (len(got.said) == 0) || r.want != "" && !found {
			t.Errorf("%s: the laws say %q, want %q", name, got.said, r.want)
		}
	}
}
