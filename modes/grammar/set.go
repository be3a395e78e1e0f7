package grammar

import (
	"slices"
	"strings"
)

// An Entry is one line of a Set.
type Entry struct {
	Line   Line
	Level  int  // the privilege level it takes
	Hidden bool // understood, but neither helped nor completed
	Means  any  // what Parse returns for it
	Then   *Set // what follows the line, in place of its end
}

// A Set is the lines of a mode, ready to be matched. It does not change once
// it is made and may be shared.
type Set struct{ root *cont }

// NewSet makes a Set. The title heads the help at the start of a line. Of two
// entries that read the same line the first is meant.
func NewSet(title string, entries ...Entry) *Set {
	s := &Set{root: &cont{title: title}}
	leads := map[*cont]map[string]*node{}
	for _, e := range entries {
		s.add(e, leads)
	}
	for c := range leads {
		slices.SortStableFunc(c.edges, byName)
	}
	return s
}

// byName puts keywords first, in the order of help, and leaves values in theirs.
func byName(a, b edge) int {
	switch {
	case a.node.parse != nil && b.node.parse != nil:
		return 0
	case a.node.parse != nil:
		return 1
	case b.node.parse != nil:
		return -1
	}
	return strings.Compare(a.node.name, b.node.name)
}

// add adds an entry. The keywords that it begins with are shared with the
// other lines that begin so, which keeps the width of the graph that of one
// word of help; leads finds them.
func (s *Set) add(e Entry, leads map[*cont]map[string]*node) {
	at, rest := s.root, e.Line
	for len(rest) > 0 {
		w, ok := rest[0].(word)
		if !ok || e.Then != nil && len(rest) == 1 {
			break
		}
		n := leads[at][w.name]
		if n == nil {
			n = &node{name: w.name, help: w.help, lower: strings.ToLower(w.name),
				next: new(cont), level: e.Level, hidden: e.Hidden}
			if leads[at] == nil {
				leads[at] = map[string]*node{}
			}
			leads[at][w.name] = n
			at.edges = append(at.edges, edge{node: n})
		}
		n.level, n.hidden = min(n.level, e.Level), n.hidden && e.Hidden
		at, rest = n.next, rest[1:]
	}
	e.buildAt(at, rest)
}

func (e Entry) buildAt(at *cont, rest Line) {
	last := &cont{ends: []end{{e.Means, e.Level}}}
	if e.Then != nil {
		last = e.Then.root
	}
	b := new(builder)
	at.join(rest.build(b, last), 0)
	at.flatten()
	for _, n := range b.nodes {
		n.level, n.hidden = e.Level, e.Hidden
		if n.next != last {
			n.next.flatten()
		}
	}
}
