package grammar

import (
	"cmp"
	"slices"
	"strings"
)

// Help is the answer to "?".
type Help struct {
	Title   string // of the mode, at the start of a line
	Words   []Item // what the word being typed may become
	Typed   int    // how much of the line's end a keyword of Words replaces
	Items   []Item // what the next word may be
	Problem string // why there is neither
}

// An Item is one line of help.
type Item struct {
	Name, Help string
	Keyword    bool // what is to be typed, and not a value's place
}

const unrecognized = "% Unrecognized command"

// Carriage is the name of the item that is the end of the line.
const Carriage = "<cr>"

// Found says whether there is anything to offer.
func (h Help) Found() bool { return h.Problem == "" }

// Or is h with more that the word being typed may become, first.
func (h Help) Or(words []Item) Help {
	if len(words) > 0 && h.Items == nil {
		h.Problem, h.Words = "", append(words, h.Words...)
	}
	return h
}

// String is what a terminal prints for h, without the prompt that follows.
func (h Help) String() string {
	var b strings.Builder
	switch {
	case h.Problem != "":
		b.WriteString(h.Problem + "\n")
	case h.Items == nil:
		for n, w := range h.Words {
			if n > 0 {
				b.WriteString("  ")
			}
			b.WriteString(w.Name)
		}
		b.WriteString(" \n")
	default:
		if h.Title != "" {
			b.WriteString(h.Title + "\n")
		}
		h.writeItems(&b)
		b.WriteString("\n")
	}
	return b.String()
}

func (h Help) writeItems(b *strings.Builder) {
	width := 0
	for _, i := range h.Items {
		if i.Name != Carriage {
			width = max(width, len(i.Name))
		}
	}
	for _, i := range h.Items {
		b.WriteString("  " + i.Name)
		if i.Help != "" {
			b.WriteString(strings.Repeat(" ", max(0, width-len(i.Name))+2) + i.Help)
		}
		b.WriteString("\n")
	}
}

// Help explains what may be typed where the line ends. After a blank that is
// the next word, else what the last word may become.
func (s *Set) Help(line string, level int) Help {
	at, err := s.ask(line, level)
	switch {
	case err != nil && err.Kind == Ambiguous:
		err.Line = line
		return Help{Problem: err.Error()}
	case err != nil && err.Kind == Unclosed:
		return Help{Words: []Item{{Name: "LINE"}}}
	case err != nil:
		return Help{Problem: unrecognized}
	case at.word == "":
		return at.items()
	}
	return at.words()
}

// Complete returns the line with its last word completed and a blank, if only
// one keyword begins so.
func (s *Set) Complete(line string, level int) (string, bool) {
	at, err := s.ask(line, level)
	if err != nil || at.word == "" {
		return line, false
	}
	var o offer
	for _, st := range at.states {
		at.offer(st, at.word, &o)
	}
	if len(o.whole) == 1 {
		o.words = o.whole
	}
	if len(o.words) != 1 {
		return line, false
	}
	return line[:len(line)-o.typed] + o.words[0].Name + " ", true
}

// A question is the end of a line about which something is asked.
type question struct {
	walk
	states []state // before the last word
	word   string  // what is typed of it
}

func (s *Set) ask(line string, level int) (question, *Error) {
	from := len(line)
	for from > 0 && !blank(line[from-1]) {
		from--
	}
	q := question{walk: walk{line[:from], level}, word: line[from:]}
	var err *Error
	if q.states, err = q.run(s.root); len(q.states) > 0 {
		err = nil
	}
	return q, err
}

// items is the help for the next word: the values, the keywords, "|", <cr>.
func (q question) items() Help {
	var h Help
	var pipe, ends []Item
	known := map[string]bool{}
	for _, st := range q.states {
		h.Items = slices.Grow(h.Items, len(st.at.edges))
		h.Title = cmp.Or(h.Title, st.at.title)
		for _, e := range st.at.ends {
			if e.level <= q.level {
				ends = []Item{{Name: Carriage}}
			}
		}
		for _, e := range st.at.edges {
			switch n := e.node; {
			case !q.shows(st, e) || known[n.name]:
			case n.name == "|":
				pipe = []Item{{n.name, n.help, true}}
			default:
				known[n.name] = true
				h.Items = append(h.Items, Item{n.name, n.help, n.parse == nil})
			}
		}
	}
	slices.SortFunc(h.Items, func(a, b Item) int { return strings.Compare(a.Name, b.Name) })
	h.Items = slices.Concat(h.Items, pipe, ends)
	if len(h.Items) == 0 {
		return Help{Problem: unrecognized}
	}
	return h
}

// shows says whether an edge may be followed and is offered.
func (q question) shows(st state, e edge) bool {
	return e.node.level <= q.level && !e.node.hidden && e.marks&st.used == 0
}

// words is the help for the word that is being typed: the keywords that it may
// become, or else the values.
func (q question) words() Help {
	var o offer
	for _, st := range q.states {
		q.offer(st, q.word, &o)
	}
	found := o.words
	if len(found) == 0 {
		found = o.values
	}
	if len(found) == 0 {
		return Help{Problem: unrecognized}
	}
	slices.SortFunc(found, func(a, b Item) int { return strings.Compare(a.Name, b.Name) })
	return Help{Words: found, Typed: o.typed}
}

// An offer is what a word that is being typed may become.
type offer struct {
	words  []Item
	whole  []Item // of them, those typed in full
	values []Item
	typed  int // bytes of the line that words replace
}

// offer adds to o what text, typed at st, may become.
func (q question) offer(st state, text string, o *offer) {
	if st.path != nil && st.path.node.greedy {
		o.values = another(o.values, st.path.node)
	}
	for _, e := range st.at.edges {
		n := e.node
		if !q.shows(st, e) {
			continue
		}
		if n.parse != nil {
			if _, took, _ := n.parse(text); took == len(text) {
				o.values = another(o.values, n)
			}
			continue
		}
		switch took, fits, whole := n.fit(text); {
		case fits && took < len(text):
			q.offer(state{at: n.next, path: &step{node: n}}, text[took:], o)
		case fits:
			if o.words, o.typed = another(o.words, n), len(text); whole {
				o.whole = another(o.whole, n)
			}
		}
	}
}

// another adds the item of a node if there is none of that name.
func another(items []Item, n *node) []Item {
	for _, i := range items {
		if strings.EqualFold(i.Name, n.name) {
			return items
		}
	}
	return append(items, Item{n.name, n.help, n.parse == nil})
}
