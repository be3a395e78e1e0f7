package modes

import "strings"

// A writer collects the lines of a running configuration.
type writer struct {
	lines    []string
	keptOnly bool // see Kept
}

// line adds a line, indented by its depth. Text of several lines is indented
// at the first only: the rest is quoted matter.
func (w *writer) line(depth int, text string) {
	w.lines = append(w.lines, strings.Split(strings.Repeat(" ", depth)+text, "\n")...)
}

// bang adds a "!" at the top level, unless there is one or nothing before it.
func (w *writer) bang(depth int) {
	if n := len(w.lines); !w.keptOnly && depth == 0 && n > 0 && w.lines[n-1] != "!" {
		w.lines = append(w.lines, "!")
	}
}

func (m Mode[S]) write(s *S, w *writer, depth int) {
	for i := range m {
		m[i].write(s, w, depth)
	}
}

func (c *Command[S]) write(s *S, w *writer, depth int) {
	if c.block != nil {
		c.block.write(s, w, depth, c.Section, c.Kept)
		return
	}
	if c.Get == nil || w.keptOnly && !c.Kept {
		return
	}
	g := group{writer: w, depth: depth, separator: c.Section}
	for _, a := range c.Get(s) {
		text := c.Line.Format(a)
		if negated.In(a) {
			text = "no " + text
		}
		g.line(text)
		g.done()
	}
	g.end()
}

// A group is the lines of one command with their "!".
type group struct {
	*writer
	depth     int
	separator Separator
	begun     bool
}

// line writes a line of the group.
func (g *group) line(text string) {
	switch g.separator {
	case Opened, Apart, Around:
		if !g.begun {
			g.bang(g.depth)
		}
	case Between:
		if g.begun {
			g.bang(g.depth)
		}
	}
	g.begun = true
	g.writer.line(g.depth, text)
}

// done ends what began with a line.
func (g *group) done() {
	if g.separator == Closed || g.separator == Around {
		g.bang(g.depth)
	}
}

// end ends the group.
func (g *group) end() {
	if g.begun && g.separator == Apart {
		g.bang(g.depth)
	}
}
