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
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		first := i
		line := strings.TrimSuffix(lines[i], "\r")
		kept, err := r.read(line)
		for unclosed(err) && i+1 < len(lines) {
			i++
			line += "\n" + strings.TrimSuffix(lines[i], "\r")
			kept, err = r.read(line)
		}
		if err != nil || kept {
			notes = append(notes, Note{first + 1, line, err})
		}
	}
	return notes
}

func unclosed(err error) bool {
	var e *grammar.Error
	return errors.As(err, &e) && e.Kind == grammar.Unclosed
}

// A reader enters lines into one configuration. It keeps the states of the
// open blocks, so that a line costs no search.
type reader[E, C any] struct {
	at     Stack[E, C]
	states []any // of configuration mode and of each open block
}

func (s Stack[E, C]) into(c *C) *reader[E, C] {
	return &reader[E, C]{s.Config(), []any{c}}
}

// line enters one line.
func (r *reader[E, C]) line(line string) error {
	_, err := r.read(line)
	return err
}

func (r *reader[E, C]) read(line string) (kept bool, err error) {
	if comment(line) {
		return false, nil
	}
	m, err := r.at.parse(line, levelMax)
	if err != nil {
		return false, err
	}
	if m.exec {
		return false, errExec
	}
	if m.leave != stay {
		next := r.at.after(m)
		r.at, r.states = next.asConfig(), r.states[:1+len(next.in)]
		return false, nil
	}
	child, err := m.apply(r.states[m.depth])
	if err != nil {
		return false, err
	}
	r.at, r.states = r.at.after(m), r.states[:1+m.depth]
	if m.door != nil {
		r.states = append(r.states, child)
	}
	return m.kept, nil
}

// asConfig is s, or configuration mode if s is exec mode: "end" in a file.
func (s Stack[E, C]) asConfig() Stack[E, C] {
	s.configuring = true
	return s
}
