// Package editor is the line editor of a router's terminal as a value: one key
// in, the bytes to echo out, and now and then an event. It writes plain text,
// blanks and backspaces only, never an escape sequence, so that whatever reads
// the other end can compare what it sees. It reads nothing, waits for nothing
// and knows no command.
package editor

import "slices"

// An Event is something a key asks for that is not the editor's to do.
type Event uint8

// The events.
const (
	None     Event = iota
	Line           // Line has a finished line; the cursor is on a new one
	Help           // "?" was typed: Text is what stands before it
	Complete       // Tab was typed
	End            // ^Z was typed: the line, if any, and leave configuration
	Abort          // ^C was typed: no line
	Escape         // Ctrl-^ x was typed: the terminal is somebody else's now
)

// LineMax is how many octets a line has; more are refused with a bell.
const LineMax = 16384

const (
	buffers   = 10 // deletions remembered
	scrollBy  = 10 // columns that a line too long moves at once
	margin    = 3  // columns left free at the right
	bell      = '\a'
	escapeKey = 0x1e // Ctrl-^
)

// An Editor is a line being typed.
type Editor struct {
	prompt string
	width  int
	line   []byte
	cursor int

	shown []byte // what is on the screen after the prompt
	cells []byte // what is to be there, if that is not the line itself
	at    int    // where the screen's cursor is in what is shown
	from  int    // the first octet of the line that is shown

	state   state
	recent  []string // history, oldest first
	browse  int      // where in it; len(recent) is the line being typed
	draft   string
	deleted []string // newest last
	yank    int
	out     []byte
}

type state uint8

const (
	plain state = iota
	escaped
	bracketed
	quoted
	leaving
)

// New returns an editor with nothing typed.
func New() *Editor { return &Editor{} }

// Begin starts a line after a prompt that has just been written, on a screen
// of so many columns; 0 is unlimited.
func (e *Editor) Begin(prompt string, width int, recent []string) {
	*e = Editor{prompt: prompt, width: width, recent: recent, browse: len(recent), deleted: e.deleted}
}

// Resume shows a prompt and what was typed before, on a line that is empty, for
// a screen of so many columns.
func (e *Editor) Resume(prompt string, width int) []byte {
	e.prompt, e.width = prompt, width
	return e.Reprint()
}

// Reprint shows the line on one that is empty, when something else was written
// in between.
func (e *Editor) Reprint() []byte {
	e.shown, e.at = e.shown[:0], 0
	e.out = append(e.out[:0], e.prompt...)
	e.show()
	return e.out
}

// Text is what has been typed so far.
func (e *Editor) Text() string { return string(e.line) }

// Before is what stands before the cursor.
func (e *Editor) Before() string { return string(e.line[:e.cursor]) }

// SetText replaces what has been typed, without showing it.
func (e *Editor) SetText(s string) { e.line, e.cursor = []byte(s), len(s) }

// Key takes one octet of what is typed, Enter as one octet, and returns what
// to write for it. The bytes are good until the next call.
func (e *Editor) Key(b byte) (echo []byte, event Event) {
	e.out = e.out[:0]
	if b < ' ' && (e.state == escaped || e.state == bracketed) {
		e.state = plain // a sequence that never came to its end takes no Enter with it
	}
	switch {
	case e.state == escaped:
		e.escape(b)
	case e.state == bracketed:
		e.bracket(b)
	case e.state == quoted:
		e.state = plain
		e.insert(b)
	case e.state == leaving && (b == 'x' || b == 'X'):
		e.state = plain
		event = Escape
	default:
		e.state = plain
		event = e.key(b)
	}
	e.show()
	switch event {
	case Line, Abort, End, Help:
		e.finish(event)
	}
	return e.out, event
}

// key is a key outside any sequence.
func (e *Editor) key(b byte) Event {
	switch b {
	case '\r', '\n':
		return Line
	case '?':
		return Help
	case '\t':
		return Complete
	case ctrl('Z'):
		return End
	case ctrl('C'):
		return Abort
	case escapeKey:
		e.state = leaving
	case 0x1b:
		e.state = escaped
	case ctrl('V'):
		e.state = quoted
	default:
		if f := controls[b]; f != nil {
			f(e)
		} else {
			e.insert(b)
		}
	}
	return None
}

func ctrl(letter byte) byte { return letter - '@' }

// controls are the keys that edit.
var controls = map[byte]func(*Editor){
	ctrl('A'): func(e *Editor) { e.cursor = 0 },
	ctrl('E'): func(e *Editor) { e.cursor = len(e.line) },
	ctrl('B'): func(e *Editor) { e.cursor = max(0, e.cursor-1) },
	ctrl('F'): func(e *Editor) { e.cursor = min(len(e.line), e.cursor+1) },
	ctrl('D'): func(e *Editor) { e.cut(e.cursor, min(e.cursor+1, len(e.line)), false) },
	ctrl('H'): func(e *Editor) { e.cut(max(0, e.cursor-1), e.cursor, false) },
	0x7f:      func(e *Editor) { e.cut(max(0, e.cursor-1), e.cursor, false) },
	ctrl('K'): func(e *Editor) { e.cut(e.cursor, len(e.line), true) },
	ctrl('U'): func(e *Editor) { e.cut(0, e.cursor, true) },
	ctrl('X'): func(e *Editor) { e.cut(0, e.cursor, true) },
	ctrl('W'): func(e *Editor) { e.cut(e.wordLeft(), e.cursor, true) },
	ctrl('Y'): func(e *Editor) { e.yank = len(e.deleted); e.recall() },
	ctrl('T'): (*Editor).transpose,
	ctrl('P'): func(e *Editor) { e.history(-1) },
	ctrl('N'): func(e *Editor) { e.history(+1) },
	ctrl('L'): (*Editor).reprint,
	ctrl('R'): (*Editor).reprint,
}

// escape is a key after Esc.
func (e *Editor) escape(b byte) {
	e.state = plain
	switch b {
	case '[', 'O':
		e.state = bracketed
	case 'b', 'B':
		e.cursor = e.wordLeft()
	case 'f', 'F':
		e.cursor = e.wordRight()
	case 'd', 'D':
		e.cut(e.cursor, e.wordRight(), true)
	case 'c', 'C':
		e.change(func(i int, c byte) byte {
			if i == 0 {
				return upper(c)
			}
			return lower(c)
		})
	case 'l', 'L':
		e.change(func(_ int, c byte) byte { return lower(c) })
	case 'u', 'U':
		e.change(func(_ int, c byte) byte { return upper(c) })
	case 'y', 'Y':
		e.recall()
	case 'q', 'Q':
		e.state = quoted
	}
}

// bracket is a key after Esc [ : the arrows. Anything longer is swallowed to
// its final letter.
func (e *Editor) bracket(b byte) {
	switch b {
	case 'A':
		e.history(-1)
	case 'B':
		e.history(+1)
	case 'C':
		e.cursor = min(len(e.line), e.cursor+1)
	case 'D':
		e.cursor = max(0, e.cursor-1)
	}
	if b >= '@' && b <= '~' {
		e.state = plain
	}
}

// insert puts a character in at the cursor. A line is seven-bit text, as on
// IOS by default: what is not is refused.
func (e *Editor) insert(b byte) {
	if b < ' ' || b >= 0x7f || len(e.line) >= LineMax {
		e.out = append(e.out, bell)
		return
	}
	e.line = slices.Insert(e.line, e.cursor, b)
	e.cursor++
}

// cut takes out a stretch of the line, and remembers it if told so.
func (e *Editor) cut(from, to int, remember bool) {
	if from >= to {
		return
	}
	if remember {
		e.deleted = append(e.deleted, string(e.line[from:to]))
		if len(e.deleted) > buffers {
			e.deleted = e.deleted[1:]
		}
	}
	e.line = slices.Delete(e.line, from, to)
	e.cursor = from
}

// recall puts in the deletion before the one put in last.
func (e *Editor) recall() {
	if len(e.deleted) == 0 {
		return
	}
	if e.yank--; e.yank < 0 || e.yank >= len(e.deleted) {
		e.yank = len(e.deleted) - 1
	}
	for _, b := range []byte(e.deleted[e.yank]) {
		e.insert(b)
	}
}

func (e *Editor) transpose() {
	if e.cursor == 0 || len(e.line) < 2 {
		return
	}
	at := min(e.cursor, len(e.line)-1)
	e.line[at-1], e.line[at] = e.line[at], e.line[at-1]
	e.cursor = at + 1
}

// history goes back and forth in what was typed before.
func (e *Editor) history(by int) {
	to := e.browse + by
	if to < 0 || to > len(e.recent) {
		return
	}
	if e.browse == len(e.recent) {
		e.draft = string(e.line)
	}
	e.browse = to
	if to == len(e.recent) {
		e.SetText(e.draft)
	} else {
		e.SetText(e.recent[to])
	}
}

// reprint shows the line once more, on a new one.
func (e *Editor) reprint() {
	e.out = append(e.out, '\r', '\n')
	e.out = append(e.out, e.prompt...)
	e.shown, e.at = nil, 0
}
