// Package grammar says what a command line looks like and does everything that
// follows from it: it matches, abbreviates, completes, explains and prints
// back. It knows nothing of routers, of modes or of what a command does.
//
// A Line is a sequence of tokens:
//
//	Word("ip", help)         a keyword
//	*Param[T]                a value: Uint, IPv4, Mask, String, Text, Unit, Enum, Flag, …
//	Repeat(most, param)      a *Param[[]T]: one to most values
//	Opt(tokens...)           an optional sequence
//	Alt(lines...)            exactly one of
//	Any(lines...)            any of these, in any order, each at most once
//
// The tokens of a line are compared with the words typed, from left to right.
// A keyword fits if what was typed is its prefix in any case; one that is
// typed whole wins over longer ones; two that fit are ambiguous; a value is
// considered only where no keyword fits. Values that fit together are followed
// side by side, the first declared wins.
//
// What was read is Args: values by parameter, read with param.From(args) and
// made with param.Is(value).And(other.Is(value)). Line.Format prints them.
//
// A Set is many lines at once, as a mode has them. It answers Parse, Help and
// Complete.
package grammar

// A Line is what a command looks like.
type Line []Token

// A Token is one element of a Line. The set of tokens is closed.
type Token interface {
	// build returns what may come first, given what may come next.
	build(b *builder, next *cont) *cont
	// format appends the token as text; not ok if a value it needs is missing.
	format(dst []byte, a Args) ([]byte, bool)
	// present says whether a has a value of a parameter in here.
	present(a Args) bool
}

type (
	word    struct{ name, help string }
	pipe    struct{ word }
	opt     struct{ line Line }
	alt     struct{ lines []Line }
	several struct{ lines []Line }
)

// Word is a keyword.
func Word(name, help string) Token { return word{name, help} }

// Pipe is the keyword "|". What follows may stand without a blank.
func Pipe(help string) Token { return pipe{word{"|", help}} }

// Opt is a sequence that may be left out. It is printed only if a value in it
// is present: to remember a mere keyword, make it a Flag.
func Opt(tokens ...Token) Token { return opt{tokens} }

// Alt is exactly one of its lines. The first that has its values is printed.
func Alt(lines ...Line) Token { return alt{lines} }

// Any is any number of its lines in any order, each at most once. Those that
// have their values are printed, as declared.
func Any(lines ...Line) Token { return several{lines} }
