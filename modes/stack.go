package modes

import (
	"errors"
	"slices"
	"strings"

	"gresh/modes/grammar"
)

// A Tree is all the modes of a router.
type Tree[E, C any] struct {
	Exec   Mode[E]
	Config Mode[C]

	// Acts are the commands of configuration mode that do something at once and
	// set nothing, as those of exec mode do: "crypto key generate".
	Acts Mode[E]
}

// A Stack is a session's place in a Tree: exec mode, configuration mode, or a
// block in it. It is a value that never changes; sessions may share one.
type Stack[E, C any] struct {
	exec, config *room
	configuring  bool
	in           []frame // the blocks, outermost first
}

// A frame is a block that is open, by the line that opened it.
type frame struct {
	door *door
	args grammar.Args
}

// Start compiles the tree and returns the place where a session begins, exec
// mode. One Start is enough for all sessions.
func (t Tree[E, C]) Start() Stack[E, C] {
	exec := compileExec(t.Exec)
	do := grammar.Word("do", "To run exec commands in config mode")
	end := grammar.Word("end", "Exit from configure mode")
	return Stack[E, C]{exec: exec, config: compile("Configure commands:", t.Config, append(execEntries(t.Acts),
		grammar.Entry{Line: grammar.Line{do}, Then: exec.set},
		grammar.Entry{Line: grammar.Line{end}, Means: &entry{leave: top}},
	)...)}
}

// A Step is what a line does: at most one of Exec and Edit, and the place of
// the session after it, to be adopted if the step succeeded.
type Step[E, C any] struct {
	Exec   func(*E) error // an exec command
	Edit   func(*C) error // an edit of whatever configuration it is given
	Filter *Filter        // for the output of Exec
	Kept   bool           // the line is known but has no effect
	Opens  bool           // the line opens a block
	Of     any            // what command Edit is of: the same for its "no" and its "default"
	Undoes bool           // it is one of these
	Next   Stack[E, C]

	// Said is the line of an Edit as a running configuration has it, with its
	// indentation and without its secrets.
	Said func() string
}

// Configuring says whether s is in configuration mode or below.
func (s Stack[E, C]) Configuring() bool { return s.configuring }

// Mode is the name of the mode as its prompt has it; "" is exec mode.
func (s Stack[E, C]) Mode() string {
	if n := len(s.in); n > 0 {
		return s.in[n-1].door.prompt(s.in[n-1].args)
	}
	if s.configuring {
		return "config"
	}
	return ""
}

// Top is exec mode, where "end" leads.
func (s Stack[E, C]) Top() Stack[E, C] { return Stack[E, C]{exec: s.exec, config: s.config} }

// Config is configuration mode.
func (s Stack[E, C]) Config() Stack[E, C] {
	return Stack[E, C]{exec: s.exec, config: s.config, configuring: true}
}

// Parse says what a line does when typed here at a privilege level. A line
// that this mode does not know may be one of a mode around it, up to
// configuration mode, and then leads there. The error is a *grammar.Error; if
// it is Unclosed, the line goes on: join the next one with "\n" and try again.
func (s Stack[E, C]) Parse(line string, level int) (Step[E, C], error) {
	if comment(line) {
		return Step[E, C]{Next: s}, nil
	}
	m, wrong := s.parse(line, level)
	if wrong != nil {
		return Step[E, C]{Next: s}, wrong
	}
	step := Step[E, C]{Next: s.after(m), Kept: m.kept, Opens: m.door != nil, Of: m.command, Undoes: m.undoes}
	switch {
	case m.leave != stay:
	case m.exec:
		step.Exec = func(e *E) error { return m.act(e, m.args) }
		step.Filter = filterOf(m.args)
	default:
		in := s.in[:m.depth]
		step.Edit = func(c *C) error { return m.edit(c, in) }
		step.Said = func() string { return strings.Repeat(" ", m.depth) + m.line.Redacted(m.args) }
	}
	return step, nil
}

// A move is a line that was understood: what it means, and how many of the
// open blocks remain open.
type move struct {
	*entry
	args  grammar.Args
	depth int

	outermost int // of a refused line, see parse
}

// edit carries out the line in a configuration, in the block that the frames
// lead to.
func (m move) edit(state any, in []frame) (err error) {
	for _, f := range in {
		if state, err = f.door.find(state, f.args); err != nil {
			return err
		}
	}
	_, err = m.apply(state)
	return err
}

// apply carries out the line in the state of its mode and returns that of the
// block which it opens, if it does.
func (m move) apply(state any) (child any, err error) {
	if m.door != nil {
		return m.door.enter(state, m.args)
	}
	return nil, m.act(state, m.args)
}

// after is the place that a line leads to.
func (s Stack[E, C]) after(m move) Stack[E, C] {
	switch {
	case m.leave == top || m.leave == up && m.depth == 0:
		return s.Top()
	case m.leave == up:
		s.in = s.in[:m.depth-1]
	case m.configures && !s.configuring:
		return s.Config()
	case m.exec:
	case m.door != nil:
		s.in = append(slices.Clip(s.in[:m.depth]), frame{m.door, m.args})
	default:
		s.in = s.in[:m.depth]
	}
	return s
}

// room is the mode at a depth of open blocks.
func (s Stack[E, C]) room(depth int) *room {
	switch {
	case !s.configuring:
		return s.exec
	case depth == 0:
		return s.config
	}
	return s.in[depth-1].door.room
}

// parse reads a line in this mode or, if it says nothing here, in the nearest
// around it. A mode further out wins if it knows the first word in full where
// the others took it for an abbreviation: "key 2" among the lines of a key is
// another key and not a key-string. Of the errors the one that got furthest is
// returned, with the depths of the innermost and the outermost mode where it
// got as far.
func (s Stack[E, C]) parse(line string, level int) (m move, worst *grammar.Error) {
	understood := false
	for depth := len(s.in); depth >= 0; depth-- {
		match, err := s.room(depth).set.Parse(line, level)
		e, _ := errors.AsType[*grammar.Error](err)
		switch {
		case e == nil && (match.Exact || !understood && !ambiguous(worst)):
			m, understood = move{match.Means.(*entry), match.Args, depth, depth}, true
			if match.Exact {
				return m, nil
			}
		case e == nil || understood || ambiguous(worst):
		case worst == nil || e.Col > worst.Col || ambiguous(e):
			worst, m.depth, m.outermost = e, depth, depth
		case e.Col == worst.Col:
			m.outermost = depth
		}
	}
	if understood {
		return m, nil
	}
	if worst.Kind == grammar.Unknown && s.configuring {
		worst.Kind = grammar.Invalid
	}
	return m, worst
}

func ambiguous(e *grammar.Error) bool { return e != nil && e.Kind == grammar.Ambiguous }

// Help explains what may be typed where the line ends.
func (s Stack[E, C]) Help(line string, level int) grammar.Help {
	var first grammar.Help
	for depth := len(s.in); depth >= 0; depth-- {
		h := s.room(depth).set.Help(line, level)
		if h.Found() {
			return h
		}
		if depth == len(s.in) {
			first = h
		}
	}
	return first
}

// Complete completes the last word of the line if only one keyword of the
// innermost mode that knows such words begins so.
func (s Stack[E, C]) Complete(line string, level int) (string, bool) {
	for depth := len(s.in); depth >= 0; depth-- {
		if longer, ok := s.room(depth).set.Complete(line, level); ok {
			return longer, true
		}
		if s.room(depth).set.Help(line, level).Found() {
			break
		}
	}
	return line, false
}

// The widths of a prompt in configuration mode.
const (
	hostnameMax = 20
	promptMax   = 30
)

// Prompt is what stands before the line at a privilege level. In configuration mode the host name
// is cut to 20 characters, then the name of the mode so that the whole has 30.
func (s Stack[E, C]) Prompt(hostname string, level int) string {
	return s.PromptWithin(promptMax, hostname, level)
}

// PromptWithin is Prompt for a whole of another width.
func (s Stack[E, C]) PromptWithin(width int, hostname string, level int) string {
	switch {
	case hostname == "":
		return s.PromptWithin(width, "Router", level)
	case !s.configuring && level > 1:
		return hostname + "#"
	case !s.configuring:
		return hostname + ">"
	}
	name := s.Mode()
	hostname = hostname[:min(len(hostname), hostnameMax)]
	room := width - len(hostname) - len("()#")
	return hostname + "(" + name[:min(len(name), room)] + ")#"
}
