package grammar

import "strings"

// An ErrorKind says what is wrong with a line.
type ErrorKind uint8

// The kinds of error.
const (
	Invalid    ErrorKind = iota + 1 // nothing continues at Col
	Ambiguous                       // the word that begins at Col fits several keywords
	Incomplete                      // the line is a beginning
	Unknown                         // a line of one word, which nothing begins with
	Unclosed                        // text that waits for its Mark; see Delimited
)

// An Error says why a line was not understood.
type Error struct {
	Kind ErrorKind
	Col  int    // the byte of Line at which nothing continues
	Mark string // of Unclosed: what closes the text
	Line string
}

// Error is the message without the caret line.
func (e *Error) Error() string {
	switch e.Kind {
	case Ambiguous:
		return `% Ambiguous command:  "` + e.Line + `"`
	case Incomplete, Unclosed:
		return "% Incomplete command."
	case Unknown:
		return "% Unknown command or computer name, or unable to find computer address"
	}
	return "% Invalid input detected at '^' marker."
}

// Text is what a terminal prints for a line typed after a prompt of that
// width, blank lines included.
func (e *Error) Text(prompt int) string {
	switch e.Kind {
	case Ambiguous, Unknown:
		return e.Error() + "\n"
	case Invalid:
		return strings.Repeat(" ", prompt+e.Col) + "^\n" + e.Error() + "\n\n"
	}
	return e.Error() + "\n\n"
}
