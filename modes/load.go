package modes

import (
	"errors"
	"strings"

	"gresh/modes/grammar"
)

// A Note is what there is to say about a line of a file.
type Note struct {
	Number int // from 1
	Line   string
	Err    error // why it was refused; nil if it is kept without effect
}

// errExec is the answer to an exec command in a file.
var errExec = errors.New("% Not a configuration command")

// Load enters the lines of a whole file into c. Lines that are refused leave
// no trace, the rest still loads. It returns what was refused and what is kept
// without effect, in the order of the file.
func (s Stack[E, C]) Load(c *C, text string) (notes []Note) {
	r := s.into(c)
	lines := strings.Split(strings.ReplaceAll(text, "\r", ""), "\n")
	for i := 0; i < len(lines); i++ {
		number, line := i+1, lines[i]
		kept, err := r.read(line)
		if n := unclosed(err, lines[i+1:]); n > 0 {
			line = strings.Join(lines[i:i+n+1], "\n")
			i += n
			kept, err = r.read(line)
		}
		if err != nil || kept {
			notes = append(notes, Note{number, line, err})
		}
	}
	return notes
}

// unclosed returns how many of the lines that follow belong to one whose text
// was not closed. If it never is, none does.
func unclosed(err error, lines []string) int {
	if e, ok := errors.AsType[*grammar.Error](err); ok && e.Kind == grammar.Unclosed {
		for i, l := range lines {
			if strings.Contains(l, e.Mark) {
				return i + 1
			}
		}
	}
	return 0
}

// A reader enters lines into one configuration. It keeps the states of the
// open blocks, so that a line costs no search.
type reader[E, C any] struct {
	at   Stack[E, C]
	open []opened // configuration mode and each open block
}

// An opened mode is its state and the indentation of the line that opened it.
type opened struct {
	state  any
	indent int
}

func (s Stack[E, C]) into(c *C) *reader[E, C] {
	return &reader[E, C]{s.Config(), []opened{{state: c}}}
}

// read enters a line.
func (r *reader[E, C]) read(line string) (kept bool, err error) {
	if comment(line) {
		return false, nil
	}
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	m, wrong := r.at.parse(line, levelMax)
	switch {
	case wrong != nil:
		r.refused(m, indent)
		return false, wrong
	case m.exec:
		return false, errExec
	case m.leave == top:
		r.leave(0)
		return false, nil
	case m.leave == up:
		r.leave(max(0, m.depth-1))
		return false, nil
	}
	child, err := m.apply(r.open[m.depth].state)
	if err != nil && m.door == nil {
		return false, err
	}
	r.leave(m.depth)
	if m.door != nil && err == nil {
		r.at, r.open = r.at.after(m), append(r.open, opened{child, indent})
	}
	return m.kept, err
}

// refused leaves the block that a refused line does not belong to: what
// follows may have been meant for the block that this line would have opened,
// and must not get into the one before it.
func (r *reader[E, C]) refused(m move, indent int) {
	if innermost := len(r.at.in); m.depth < innermost {
		r.leave(m.depth)
	} else if m.outermost < innermost && indent <= r.open[innermost].indent {
		r.leave(m.outermost)
	}
}

// leave closes the blocks below a depth.
func (r *reader[E, C]) leave(depth int) {
	r.at.in, r.open = r.at.in[:depth], r.open[:1+depth]
}
