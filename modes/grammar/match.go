package grammar

// A Match is a line that was understood.
type Match struct {
	Means any // of the Entry
	Args  Args
	Exact bool // the first word is a keyword in full
}

// A step is one word of the line and the node that it was read as.
type step struct {
	node  *node
	value any
	last  *step // the one before
	whole bool  // a keyword typed in full
}

// A state is a place in the graph that the line so far leads to.
type state struct {
	at   *cont
	pos  int // of the line; what is before it has been read
	used uint64
	path *step
}

// A walk follows a line through the graph of a Set.
type walk struct {
	line  string
	level int
}

// Parse reads a line at a privilege level. The error is an *Error.
func (s *Set) Parse(line string, level int) (Match, error) {
	w := walk{line, level}
	done, err := w.run(s.root)
	for _, st := range done {
		for _, e := range st.at.ends {
			if e.level <= level {
				return Match{e.means, st.path.args(), st.path.exact()}, nil
			}
		}
	}
	switch {
	case len(done) > 0:
		return Match{}, &Error{Kind: Incomplete, Col: len(line), Line: line}
	case err.Kind == Invalid && w.single():
		err.Kind = Unknown
	}
	return Match{}, err
}

// run follows the whole line and returns the states that find its end. If the
// others came to nothing, the error says why.
func (w walk) run(root *cont) (done []state, err *Error) {
	live := []state{{at: root}}
	for err == nil {
		var f fan
		moved := false
		for _, st := range live {
			if w.skip(st.pos) == len(w.line) {
				done = append(done, st)
			} else {
				moved = true
				w.spread(st, &f)
			}
		}
		if !moved {
			break
		}
		live, err = f.next(w.line)
	}
	return done, err
}

// single says whether the line is one word.
func (w walk) single() bool {
	from := w.skip(0)
	return w.skip(from+len(firstWord(w.line[from:]))) == len(w.line)
}

func (w walk) skip(pos int) int {
	for pos < len(w.line) && blank(w.line[pos]) {
		pos++
	}
	return pos
}

// A fan is all that the next word may be.
type fan struct {
	words  []state // keywords that fit
	values []state // values that fit
	exact  bool    // words are those typed whole
	at     int     // where the word begins
	far    int     // how far a keyword or a value could be followed
	mark   string  // of text that did not end
}

// spread adds to f where the word after st leads.
func (w walk) spread(st state, f *fan) {
	from := w.skip(st.pos)
	f.at, f.far = from, max(f.far, from)
	for _, e := range st.at.edges {
		n := e.node
		if n.level > w.level || e.marks&st.used != 0 {
			continue
		}
		next := state{at: n.next, used: st.used | e.marks}
		if n.parse == nil {
			took, fits, whole := n.fit(w.line[from:])
			f.far, next.pos = max(f.far, from+took), from+took
			if fits && (whole || !f.exact) {
				f.word(next, &step{node: n, last: st.path, whole: whole})
			}
		} else if len(f.words) == 0 {
			start := from
			if n.raw {
				start = min(st.pos+1, from)
			}
			f.value(w.line[start:], start, next, &step{node: n, last: st.path})
		}
	}
}

// value adds a value if the text at from has one.
func (f *fan) value(text string, from int, next state, path *step) {
	v, took, ok := path.node.parse(text)
	f.far = max(f.far, from+took)
	if ok {
		path.value, next.path, next.pos = v, path, from+took
		f.values = append(f.values, next)
	} else if path.node.mark != nil && took == len(text) {
		f.mark = path.node.mark(text)
	}
}

// word adds a keyword that fits. One typed whole ousts those that are longer.
func (f *fan) word(next state, path *step) {
	if path.whole && !f.exact {
		f.exact, f.words = true, f.words[:0]
	}
	next.path = path
	f.words = append(f.words, next)
}

// next returns the states that the word leads to.
func (f *fan) next(line string) ([]state, *Error) {
	for _, st := range f.words {
		if st.path.node.lower != f.words[0].path.node.lower {
			return nil, &Error{Kind: Ambiguous, Col: f.at, Line: line}
		}
	}
	switch {
	case len(f.words) > 0:
		return f.words, nil
	case len(f.values) > 0:
		return f.values, nil
	case f.mark != "":
		return nil, &Error{Kind: Unclosed, Col: len(line), Mark: f.mark, Line: line}
	}
	return nil, &Error{Kind: Invalid, Col: f.far, Line: line}
}

// fit compares a keyword with the start of text: how many bytes agree, whether
// what was typed is the keyword or a beginning of it, and whether it is whole.
func (n *node) fit(text string) (took int, fits, whole bool) {
	typed := 0 // how much of text is meant for the keyword
	for typed < len(text) && !blank(text[typed]) && !(n.open && n.over(text, typed)) {
		typed++
	}
	for took < min(typed, len(n.lower)) && lower(text[took]) == n.lower[took] {
		took++
	}
	fits = typed > 0 && took == typed
	return took, fits, fits && took == len(n.lower)
}

// over says whether an open keyword ends before text[i]: a unit's kind before
// the first digit, the pipe after itself.
func (n *node) over(text string, i int) bool {
	return i > 0 && n.name == "|" || text[i] >= '0' && text[i] <= '9'
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// args collects the values on the way here.
func (s *step) args() Args {
	if s == nil {
		return nil
	}
	a := s.last.args()
	if s.node.keep != nil {
		a = s.node.keep(a, s)
	}
	return a
}

// exact says whether the first word is a keyword typed in full.
func (s *step) exact() bool {
	for s != nil && s.last != nil {
		s = s.last
	}
	return s != nil && s.whole
}
