package grammar

import "strings"

// A node is one word or value of a line in the graph of a Set.
type node struct {
	name, help string
	lower      string // of a keyword; name in lower case
	open       bool   // a keyword of which the leading letters of a word suffice
	// parse reads the value; nil for a keyword.
	parse       func(text string) (v any, n int, ok bool)
	greedy, raw bool                     // as in Param
	mark        func(text string) string // as in Param
	// keep adds what was read here to the values of the line; nil: nothing.
	keep   func(Args, *step) Args
	next   *cont
	level  int
	hidden bool
}

// A cont is what may come next: a node, or the end of a line.
type cont struct {
	title string // of the mode whose lines begin here
	edges []edge
	ends  []end
	also  []link // resolved by flatten
}

// An edge leads to a node. Its marks are those of the branches of Any that it
// enters, each of which may be entered once.
type edge struct {
	node  *node
	marks uint64
}

type link struct {
	to    *cont
	marks uint64
}

type end struct {
	means any
	level int
}

// join lets c go on as other does.
func (c *cont) join(other *cont, marks uint64) { c.also = append(c.also, link{other, marks}) }

// flatten copies what the links of c lead to into c.
func (c *cont) flatten() {
	also := c.also
	c.also = nil
	seen := map[*cont]bool{c: true}
	var visit func(l link)
	visit = func(l link) {
		if seen[l.to] {
			return
		}
		seen[l.to] = true
		for _, e := range l.to.edges {
			c.edges = append(c.edges, edge{e.node, e.marks | l.marks})
		}
		c.ends = append(c.ends, l.to.ends...)
		for _, next := range l.to.also {
			visit(link{next.to, next.marks | l.marks})
		}
	}
	for _, l := range also {
		visit(l)
	}
}

// A builder makes the graph of one line.
type builder struct {
	nodes []*node
	marks uint64 // of the last branch of Any
}

func keyword(name, help string, next *cont) *node {
	return &node{name: name, help: help, lower: strings.ToLower(name), next: next}
}

// first returns the continuation that is just n.
func (b *builder) first(n *node) *cont {
	b.nodes = append(b.nodes, n)
	return &cont{edges: []edge{{node: n}}}
}

// mark returns the mark of another branch of Any.
func (b *builder) mark() uint64 {
	switch b.marks {
	case 0:
		b.marks = 1
	case 1 << 63:
		panic("grammar: a line with more than 64 branches of Any")
	default:
		b.marks <<= 1
	}
	return b.marks
}

func (l Line) build(b *builder, next *cont) *cont {
	for i := len(l) - 1; i >= 0; i-- {
		next = l[i].build(b, next)
	}
	return next
}

func (w word) build(b *builder, next *cont) *cont { return b.first(keyword(w.name, w.help, next)) }

func (p pipe) build(b *builder, next *cont) *cont {
	n := keyword(p.name, p.help, next)
	n.open = true
	return b.first(n)
}

func (o opt) build(b *builder, next *cont) *cont {
	first := new(cont)
	first.join(o.line.build(b, next), 0)
	first.join(next, 0)
	return first
}

func (t alt) build(b *builder, next *cont) *cont {
	first := new(cont)
	for _, l := range t.lines {
		first.join(l.build(b, next), 0)
	}
	return first
}

func (t several) build(b *builder, next *cont) *cont {
	hub := new(cont)
	for _, l := range t.lines {
		hub.join(l.build(b, hub), b.mark())
	}
	hub.join(next, 0)
	return hub
}
