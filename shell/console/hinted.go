package console

import (
	"sync"

	"gresh/modes"
	"gresh/shell"
	"gresh/shell/door"
)

// keyKill takes back what has been typed of a line.
const keyKill = 0x15

// aheadMost is how much may be typed ahead of a client that edits lines itself:
// it gets back in one frame what a command leaves.
const aheadMost = 8 << 10

// A hinted stands between a session and its line for a client that edits lines
// itself: while a line is asked for, what is typed is the client's, and the
// session's prompt and echo are kept back; while a command runs, keys and
// output pass, so that dialogues, passwords and the pager are as ever.
type hinted struct {
	shell.Interpreter
	session   *shell.Session // set before it runs
	suggester Suggester
	screen    *screen
	busy      sync.Mutex // held while the interpreter is at work: a question waits for nobody

	mu       sync.Mutex
	open     bool // a command runs
	asking   bool // a line is asked for, and has not come
	received int  // keys passed on since the last line
	full     bool // and one was not: neither is what follows it

	intruders int // who prints what nobody asked for
}

func newHinted(l *door.Line, guest shell.Guest, s *screen) *hinted {
	suggester, _ := guest.(Suggester)
	return &hinted{Interpreter: l, suggester: suggester, screen: s, open: true}
}

// Begin is part of shell.Interpreter.
func (h *hinted) Begin(t modes.Terminal) bool {
	h.busy.Lock()
	defer h.busy.Unlock()
	return h.Interpreter.Begin(t)
}

// Prompt is part of shell.Interpreter. A session asks for it when it asks for
// a line: it shows none, but the client does.
func (h *hinted) Prompt() string {
	h.mu.Lock()
	h.open, h.asking = false, true
	a := Asking{Received: h.received, Unread: h.session.Unread()}
	h.received, h.full = 0, false
	h.mu.Unlock()
	a.Prompt = h.Interpreter.Prompt()
	_ = h.screen.frame(kindAsking, a.body())
	return ""
}

// Run is part of shell.Interpreter.
func (h *hinted) Run(line string, t modes.Terminal) error {
	h.begin()
	defer h.busy.Unlock()
	return h.Interpreter.Run(line, t)
}

// Help is part of shell.Interpreter.
func (h *hinted) Help(line string) string {
	h.begin()
	defer h.busy.Unlock()
	return h.Interpreter.Help(line)
}

// Complete is part of shell.Interpreter.
func (h *hinted) Complete(line string) (string, bool) {
	h.busy.Lock()
	defer h.busy.Unlock()
	return h.Interpreter.Complete(line)
}

// Leave is part of shell.Interpreter.
func (h *hinted) Leave() {
	h.begin()
	defer h.busy.Unlock()
	h.Interpreter.Leave()
}

// begin lets output pass.
func (h *hinted) begin() {
	h.busy.Lock()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open = true
}

// Write takes what the session shows.
func (h *hinted) Write(b []byte) (int, error) {
	h.mu.Lock()
	passes := h.open || h.intruders > 0
	h.mu.Unlock()
	if !passes {
		return len(b), nil
	}
	return h.screen.Write(b)
}

// Hangup is part of door.Seat.
func (h *hinted) Hangup() { h.session.Hangup() }

// Log is part of door.Seat.
func (h *hinted) Log(text string) { h.intrude(h.session.Log, text) }

// Say is part of door.Seat.
func (h *hinted) Say(text string) { h.intrude(h.session.Say, text) }

// intrude has the session print what nobody asked for, which always passes.
func (h *hinted) intrude(print func(string), text string) {
	h.intruding(+1)
	defer h.intruding(-1)
	print(text)
}

func (h *hinted) intruding(more int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.intruders += more
}

// heard takes what only a client with hints says, and his keys.
func (h *hinted) heard(k kind, body []byte) bool {
	switch k {
	case kindKeys:
		h.keys(body)
	case kindLine:
		h.line(body)
	case kindSuggest:
		h.answer(parseAnswer(body[:min(2, len(body))]).ID, string(body[min(2, len(body)):]))
	default:
		return false
	}
	return true
}

// keys passes on what is typed while a command runs. While a line is asked for
// it is dropped: the client has typed it before he knew, and will learn that it
// was not received.
func (h *hinted) keys(body []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.asking || h.full {
		return
	}
	room := max(0, aheadMost-h.session.Waiting())
	h.full = len(body) > room
	body = body[:min(len(body), room)]
	h.received += len(body)
	h.session.Feed(body)
}

// line types a line. The session may still have what help was asked about.
func (h *hinted) line(body []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.asking {
		h.asking = false
		h.session.Feed(append([]byte{keyKill}, body...))
	}
}

// answer says what may follow a text, unless the interpreter is at work: then
// nobody edits a line.
func (h *hinted) answer(id uint16, text string) {
	a := Answer{ID: id}
	if h.suggester != nil && h.busy.TryLock() {
		a.Suggestions = h.suggester.Suggest(text)
		h.busy.Unlock()
	}
	_ = h.screen.frame(kindAnswer, a.body())
}
