// Package modestest holds the laws that every mode keeps. A test says the
// lines of a mode as a running configuration has them; the laws do the rest.
// It is no part of the program.
package modestest

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"gresh/modes"
	"gresh/modes/grammar"
)

// A T is what a *testing.T does for the laws.
type T interface {
	Helper()
	Errorf(format string, args ...any)
}

// Laws holds a mode to its laws. Each case is the lines of a configuration as
// Write prints them, children of a block indented, without "!"; several cases
// are for lines that exclude each other.
//
//   - Write prints what was read; what it prints reads as the same state.
//   - "no X" removes X, or is refused with a reason and changes nothing, and so
//     does "default X". Where the line is "no X", X removes it if X can be said.
//   - Help leads to every word of every line.
//   - Every line of the mode, and of the blocks in it, is said by some case.
func Laws[S any](t T, mode modes.Mode[S], cases ...[]string) {
	t.Helper()
	var unsaid []string
	for i, lines := range cases {
		l := laws[S]{t, mode, modes.Tree[struct{}, S]{Config: mode}.Start().Config(), lines}
		s := l.write()
		if s == nil {
			return
		}
		for j := range lines {
			l.remove(j, "no ")
			l.remove(j, "default ")
			l.explain(j)
		}
		if here := mode.Unsaid(s); i == 0 {
			unsaid = here
		} else {
			unsaid = slices.DeleteFunc(unsaid, func(u string) bool { return !slices.Contains(here, u) })
		}
	}
	for _, u := range unsaid {
		t.Errorf("no case says %q", u)
	}
}

type laws[S any] struct {
	t     T
	mode  modes.Mode[S]
	at    modes.Stack[struct{}, S]
	lines []string
}

// write checks that the case is written as it was read, and read as written.
func (l laws[S]) write() *S {
	l.t.Helper()
	s := new(S)
	if err := l.mode.Apply(s, l.lines...); err != nil {
		l.t.Errorf("%q: %v", l.lines, err)
		return nil
	}
	written := l.mode.Write(s)
	if got, want := plain(written), split(l.lines); !slices.Equal(got, want) {
		l.t.Errorf("written:\n%s\nread:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	again, same := new(S), new(S)
	if err := l.load(again, written); err != nil || !reflect.DeepEqual(again, s) {
		l.t.Errorf("read(write(s)) = %+v, want %+v (%v)", again, s, err)
	}
	// An edit finds its block anew in whatever state it is given.
	if err := l.step(same, l.lines...); err != nil || !reflect.DeepEqual(same, s) {
		l.t.Errorf("typed one by one: %+v, want %+v (%v)", same, s, err)
	}
	return s
}

// load reads the lines as a file.
func (l laws[S]) load(s *S, lines []string) error {
	for _, n := range l.at.Load(s, strings.Join(lines, "\n")+"\n") {
		if n.Err != nil {
			return n.Err
		}
	}
	return nil
}

// step types the lines, each an edit of its own.
func (l laws[S]) step(s *S, lines ...string) error {
	at := l.at
	for _, line := range lines {
		step, err := at.Parse(line, 15)
		if err == nil && step.Edit != nil {
			err = step.Edit(s)
		}
		if err != nil {
			return err
		}
		at = step.Next
	}
	return nil
}

// remove checks that the j-th line goes when it is said after a word.
func (l laws[S]) remove(j int, word string) {
	l.t.Helper()
	line := strings.TrimLeft(l.lines[j], " ")
	positive, negated := strings.CutPrefix(line, "no ")
	opposite := word + positive
	if negated && word == "no " {
		opposite = positive
	}
	if word == "default " && l.block(j) {
		return
	}
	s := new(S)
	before, err := l.lines, l.mode.Apply(s, l.lines...)
	if err == nil {
		before = l.mode.Write(s)
		err = l.step(s, append(l.around(j), opposite)...)
	}
	if e, wrong := errors.AsType[*grammar.Error](err); wrong {
		if opposite != positive || e.Kind != grammar.Incomplete { // no ip address
			l.t.Errorf("%s: %v", opposite, err)
		}
		return
	}
	after := l.mode.Write(s)
	path := strings.Join(append(l.around(j), line), "\x00")
	if err != nil && !slices.Equal(before, after) {
		l.t.Errorf("%s is refused (%v), but changes the configuration", opposite, err)
	}
	if err == nil && paths(after)[path] {
		l.t.Errorf("%s: %q is still there", opposite, line)
	}
}

// explain checks that help leads to every word of the j-th line.
func (l laws[S]) explain(j int) {
	l.t.Helper()
	at, typed := l.place(j), ""
	for word := range strings.FieldsSeq(l.lines[j]) {
		for _, so := range []string{typed, typed + word[:1], typed + word} {
			if h := at.Help(so, 15); !h.Found() {
				l.t.Errorf("%s? offers nothing for %q", so, l.lines[j])
			}
		}
		typed += word + " "
	}
}

// around returns the lines that open the blocks which the j-th line is in.
func (l laws[S]) around(j int) (headers []string) {
	depth := indent(l.lines[j])
	for i := j - 1; i >= 0 && depth > 0; i-- {
		if d := indent(l.lines[i]); d < depth {
			depth, headers = d, append(headers, l.lines[i][d:])
		}
	}
	slices.Reverse(headers)
	return headers
}

// block says whether the j-th line opens a block.
func (l laws[S]) block(j int) bool {
	step, err := l.place(j).Parse(l.lines[j], 15)
	return err == nil && step.Opens
}

// place returns where the j-th line is typed.
func (l laws[S]) place(j int) modes.Stack[struct{}, S] {
	l.t.Helper()
	at := l.at
	for _, header := range l.around(j) {
		step, err := at.Parse(header, 15)
		if err != nil {
			l.t.Errorf("%s: %v", header, err)
		}
		at = step.Next
	}
	return at
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// split returns lines with those that hold several taken apart.
func split(lines []string) []string { return strings.Split(strings.Join(lines, "\n"), "\n") }

// plain returns lines without the "!" between them.
func plain(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return l == "!" })
}

// paths are the lines of a configuration, each with the blocks that it is in.
func paths(lines []string) map[string]bool {
	all := map[string]bool{}
	var in []string
	for _, l := range plain(lines) {
		d := indent(l)
		in = append(in[:min(d, len(in))], l[d:])
		all[strings.Join(in, "\x00")] = true
	}
	return all
}
