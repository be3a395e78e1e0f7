package modes

import (
	"errors"
	"iter"
	"slices"

	"gresh/modes/grammar"
)

// A Block is a mode inside a mode: the line that opens it and how its state,
// an S, is found in the state of its parent, a P.
type Block[P, S any] struct {
	Line      grammar.Line
	Title     string                    // of help: "Interface configuration commands:"
	Prompt    string                    // "config-if"
	PromptFor func(grammar.Args) string // in place of Prompt, if it depends on the line
	Mode      Mode[S]

	// Find returns the state that the line names, nil if there is none.
	Find func(*P, grammar.Args) *S

	// Create makes it. Nil, or an error, if it can't be made by a line.
	Create func(*P, grammar.Args) (*S, error)

	// Set is what the line does beyond opening the block. May be nil.
	Set func(*S, grammar.Args) error

	// Remove is the line's "no". It may refuse.
	Remove func(*P, grammar.Args) error

	// All returns each block with the values of its line, in the order of the
	// running configuration.
	All func(*P) iter.Seq2[grammar.Args, *S]

	Bare    int // as in Command
	Hidden  bool
	Section Separator
}

// errGone is the answer to a line in a block that another session removed,
// errAbsent to one that opens what can't be made.
var (
	errGone   = errors.New("% What this mode configures has been removed")
	errAbsent = errors.New("% There is no such thing to configure")
)

// Sub is the command that opens a block.
func Sub[P, S any](b Block[P, S]) Command[P] {
	c := Command[P]{Line: b.Line, Bare: b.Bare, Hidden: b.Hidden, Section: b.Section,
		Unset: b.Remove, block: &b}
	if c.Section == Natural {
		c.Section = Closed
	}
	return c
}

// A block is a Block without the type of its state.
type block[P any] interface {
	door() *door
	write(p *P, w *writer, depth int, s Separator, kept bool)
	unsaid(p *P) []string
	leveled(usual int, f Levels) block[P]
	within(level int) block[P]
}

// A door is a block as a Stack needs it, without its types: parents and
// children are *P and *S.
type door struct {
	room   *room
	prompt func(grammar.Args) string
	find   func(parent any, a grammar.Args) (child any, err error)
	enter  func(parent any, a grammar.Args) (child any, err error)
}

func (b *Block[P, S]) door() *door {
	d := &door{room: compile(b.Title, b.Mode), prompt: b.PromptFor}
	if d.prompt == nil {
		d.prompt = func(grammar.Args) string { return b.Prompt }
	}
	d.find = func(parent any, a grammar.Args) (any, error) {
		if s := b.Find(parent.(*P), a); s != nil {
			return s, nil
		}
		return nil, errGone
	}
	d.enter = func(parent any, a grammar.Args) (any, error) { return b.enter(parent.(*P), a) }
	return d
}

// enter finds or makes the state that the line names and does what else the
// line says.
func (b *Block[P, S]) enter(p *P, a grammar.Args) (s *S, err error) {
	made := false
	if s = b.Find(p, a); s == nil {
		if b.Create == nil {
			return nil, errAbsent
		}
		if s, err = b.Create(p, a); err != nil {
			return nil, err
		}
		made = true
	}
	if b.Set != nil {
		err = b.Set(s, a)
	}
	if err != nil && made && b.Remove != nil {
		err = errors.Join(err, b.Remove(p, a))
	}
	return s, err
}

// write writes the blocks. Where only kept lines are wanted a block is left out
// that is not kept and has none.
func (b *Block[P, S]) write(p *P, w *writer, depth int, s Separator, kept bool) {
	g := group{writer: w, depth: depth, separator: s}
	for a, child := range b.All(p) {
		from := len(w.lines)
		g.line(b.Line.Format(a))
		header := len(w.lines)
		b.Mode.write(child, w, depth+1)
		if w.keptOnly && !kept && len(w.lines) == header {
			w.lines = w.lines[:from]
		}
		g.done()
	}
	g.end()
}

// unsaid returns what none of the blocks says.
func (b *Block[P, S]) unsaid(p *P) (lines []string) {
	none := true
	for _, child := range b.All(p) {
		if here := b.Mode.Unsaid(child); none {
			lines, none = here, false
		} else {
			lines = slices.DeleteFunc(lines, func(l string) bool { return !slices.Contains(here, l) })
		}
	}
	if none {
		return []string{b.Line.Format(nil)}
	}
	return lines
}
