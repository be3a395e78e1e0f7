// Package modes is the mode tree of a router's command line as data. A command
// is declared once; from the declaration follow how it is parsed, abbreviated,
// explained, completed, negated, set to its default and printed in the running
// configuration. The package knows the ways of the IOS command line (no,
// default, do, exit, end, "!" and "|") and nothing of what is configured: the
// state of a mode is any type S.
//
//	Command[S]   one command of a mode whose state is an S
//	Mode[S]      the commands of a mode, in the order they are printed
//	Block[P, S]  a mode inside a mode: how its S is found in a P; see Sub
//	Tree[E, C]   exec mode and configuration mode
//	Stack[E, C]  a session's place in a Tree: Parse, Help, Complete, Prompt
//
// Most commands are made by a helper: Value, Number, Optional, Flag, NegFlag,
// List, Keep, Sub. The others fill in a Command:
//
//	modes.Command[config.Interface]{
//		Line:  append(under(ip, "nhs", "…"), addr),
//		Set:   func(i *config.Interface, a grammar.Args) error { … addr.From(a) … },
//		Unset: …, Get: …,
//	}
//
// A Stack is a value and pure: Parse says what a line does, as a function of
// an *E (an exec command) or of a *C (an edit of the configuration), and where
// the session stands afterwards; to adopt both or neither is the caller's.
package modes

import (
	"strings"

	"gresh/modes/grammar"
)

// A Command is one command of a mode whose state is an S.
type Command[S any] struct {
	Line grammar.Line

	// Level is the privilege level it takes; Anyone is none. Zero is 1 in exec
	// mode; in configuration mode nothing more than to have come there.
	Level int

	// Run carries out an exec command.
	Run func(*S, grammar.Args) error

	// Set, Unset and Default are the line, its "no" and its "default" in a
	// configuration. Without Unset there is no "no"; without Default it is
	// Unset, but for a block, which has a default only if it is said.
	Set, Unset, Default func(*S, grammar.Args) error

	// Get returns what is set, one Args for each line of the running
	// configuration; see No for lines that are printed with "no".
	Get func(*S) []grammar.Args

	// Bare is how many tokens of Line suffice after "no" and "default". Zero:
	// the whole line must be said.
	Bare int

	Filter     bool // an exec command after which "| include …" may stand
	Configures bool // an exec command after which the session is in configuration mode
	Kept       bool // known, kept and printed, but without effect
	Hidden     bool // not offered by help
	Section    Separator

	block block[S] // set by Sub
}

// A Separator says where "!" lines stand around a command's lines in a running
// configuration. There are never two together.
type Separator uint8

// The separators.
const (
	Natural Separator = iota // Closed for a block, Joined for a plain line
	Joined                   // no "!" of its own
	Closed                   // "!" after each line or block
	Opened                   // "!" before the first
	Apart                    // "!" before the first and after the last
	Around                   // "!" before the first and after each
	Between                  // "!" between them only
)

// A Mode is the commands of a mode, in the order in which the running
// configuration has them.
type Mode[S any] []Command[S]

// No marks a line of Get as one that is printed with "no".
func No(a grammar.Args) grammar.Args { return a.And(negated.Is(true)) }

var negated = grammar.Flag("no", "")

// Apply enters configuration lines into s, one after another, and stops at the
// first that is refused. A line that opens a block makes those that follow
// belong to it, as in a file. It compiles the mode anew: a Stack does not.
func (m Mode[S]) Apply(s *S, lines ...string) error {
	p := Tree[struct{}, S]{Config: m}.Start().into(s)
	for _, l := range lines {
		if _, err := p.read(l); err != nil {
			return err
		}
	}
	return nil
}

// Help explains what may be typed where the line ends.
func (m Mode[S]) Help(line string) grammar.Help {
	return compile("", m).set.Help(line, levelMax)
}

// Complete completes the last word of the line.
func (m Mode[S]) Complete(line string) (string, bool) {
	return compile("", m).set.Complete(line, levelMax)
}

// Write returns the lines of the running configuration.
func (m Mode[S]) Write(s *S) []string {
	w := new(writer)
	m.write(s, w, 0)
	return w.lines
}

// Unsaid returns the lines of the mode, and of the blocks in it, of which s
// holds none. It is for tests that want each line said.
func (m Mode[S]) Unsaid(s *S) (lines []string) {
	for _, c := range m {
		switch {
		case c.block != nil:
			lines = append(lines, c.block.unsaid(s)...)
		case c.Get != nil && len(c.Get(s)) == 0:
			lines = append(lines, c.Line.Format(nil))
		}
	}
	return lines
}

const levelMax = 15

// Anyone is the Level of an exec command that takes none.
const Anyone = -1

// comment says whether a line does nothing: blank, or a "!" line.
func comment(line string) bool {
	line = strings.TrimLeft(line, " \t")
	return line == "" || line[0] == '!'
}
