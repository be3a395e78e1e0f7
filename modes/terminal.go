package modes

import (
	"io"
	"time"
)

// A Terminal is what a command may do with the session that runs it. The
// shell implements it; a test needs a buffer and a list of answers.
type Terminal interface {
	// Write prints. Lines end in "\n", whatever the wire wants; it passes
	// through the filter and the pager.
	io.Writer

	// Ask prints a question and reads a line; not ok if it was interrupted, but
	// what ends in ^Z is there nevertheless, with it.
	Ask(question string) (answer string, ok bool)

	// Confirm prints a question that ends in "[confirm]" and reads one key:
	// Enter or y is yes.
	Confirm(question string) bool

	// Secret is Ask without echo.
	Secret(question string) (answer string, ok bool)

	// OnInterrupt has f called when the escape sequence is typed, until
	// cancel is called. f runs on the terminal's goroutine.
	OnInterrupt(f func()) (cancel func())

	// Settings are the session's own and may be changed through the pointer.
	Settings() *Settings

	// History is the lines typed so far, oldest first: those of exec mode, or of
	// configuration mode.
	History() []string

	// Filter installs an output modifier until the command ends. It refuses a
	// pattern that is no regular expression.
	Filter(Filter) error
}

// A Foresight is a Terminal that knows what will be typed.
type Foresight interface {
	// Ahead is the whole lines that have been typed ahead of the command that
	// runs, up to the first key that is more than part of a line.
	Ahead() []string
}

// A Passage is a Terminal that a command can pass on as it is, to another host.
type Passage interface {
	// Keys gives take each key as it is typed, Enter as CR or LF, until it wants
	// no more, there will be none, or over says so: it is asked after each key
	// and after Wake, and must not block.
	Keys(over func() bool, take func(key byte) (more bool))
	// Wake may be called from any goroutine.
	Wake()
	// Octets shows what is written to it, from any goroutine, as it is.
	Octets() io.Writer
}

// A Seat is a session as others of its router see it. Its methods may be
// called from any goroutine.
type Seat interface {
	// Log prints what nobody at this terminal asked for.
	Log(text string)
	// Say prints what is for everybody, whether he wants the log or not.
	Say(text string)
	// Hangup ends the session once it asks for a key.
	Hangup()
}

// Settings are what "terminal …" commands change.
type Settings struct {
	Length      int           // lines of a page; 0: no paging
	Width       int           // columns; 0: unlimited
	HistorySize int           // lines kept, of each history
	NoHistory   bool          // none are
	Idle        time.Duration // after which nobody is there any more; 0: never
	Monitor     bool          // log lines are shown here
	Synchronous bool          // log lines wait for a prompt and the typed line is redrawn
}

// What Settings are unless something else is said.
const (
	LengthDefault  = 24
	WidthDefault   = 80
	HistoryDefault = 10
)

// A Filter is an output modifier, what stands after "|".
type Filter struct {
	Kind    FilterKind
	Pattern string    // the rest of the line, verbatim
	URL     string    // in place of it, of a file
	To      io.Writer // the file, opened by whoever knows files
}

// A FilterKind says which lines a Filter lets through.
type FilterKind uint8

// The kinds of Filter.
const (
	Include        FilterKind = iota + 1 // lines that match
	Exclude                              // lines that don't
	Begin                                // everything from the first match
	Section                              // matching lines with what is indented below
	SectionExclude                       // everything but those
	Count                                // the number of lines that match
	Redirect                             // none: they go to a file
	Append                               // none: they go to the end of one
	Tee                                  // all, which go to a file as well
	TeeAppend                            // all, which go to the end of one as well
)
