// Package hints is a front end for learning: while a line is typed it lists
// what may follow, each with its help, as the router's grammar has it at that
// moment. It is a client of a router's console socket, for a person at a local
// terminal and in a process of its own; what runs behind a line (dialogues,
// passwords, the pager) passes through untouched. It knows no command.
package hints

import (
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	prompt "github.com/c-bata/go-prompt"

	"gresh/modes"
	"gresh/shell/console"
)

// A Front is a session with hints at a terminal.
type Front struct {
	router   *console.Client
	terminal *console.Terminal
	out      io.Writer
	keys     *keys
	turn     chan struct{} // a line is asked for, or the session is over
	answers  chan console.Answer
	question uint16
	known    map[string][]prompt.Suggest // of the line being edited

	mu     sync.Mutex
	asking bool // a line is asked for, and the screen is the editor's
	asked  console.Asking
	log    []byte // what is to be shown above the line
	over   error
}

// New makes the front end of a session that has just begun. The terminal is
// raw, and in what is typed there.
func New(router *console.Client, terminal *console.Terminal, in io.Reader, out io.Writer) *Front {
	f := &Front{router: router, terminal: terminal, out: out, keys: newKeys(),
		turn: make(chan struct{}, 1), answers: make(chan console.Answer, 1)}
	go f.keys.read(in)
	go f.receive()
	return f
}

// Run goes from line to line until the session is over. The error says why, if
// it was not left.
func (f *Front) Run() error {
	f.pass()
	editor := f.editor()
	for f.ended() == nil {
		f.known = map[string][]prompt.Suggest{}
		f.carryOut(editor.Input())
	}
	if err := f.ended(); !errors.Is(err, console.ErrLeft) {
		return err
	}
	return nil
}

// Resize says that the terminal has another size.
func (f *Front) Resize(width, length int) {
	f.router.Resize(width, length)
	f.keys.interrupt()
}

// receive takes what the router says until the session is over.
func (f *Front) receive() {
	for {
		said, err := f.router.Receive()
		if err != nil {
			f.end(err)
			return
		}
		switch said := said.(type) {
		case console.Shown:
			f.show(said)
		case console.Answer:
			select {
			case f.answers <- said:
			default: // nobody waits for one
			}
		case console.Asking:
			f.mu.Lock()
			f.asking, f.asked = true, said
			f.mu.Unlock()
			f.wake()
		}
	}
}

func (f *Front) wake() {
	select {
	case f.turn <- struct{}{}:
	default:
	}
}

func (f *Front) end(err error) {
	f.mu.Lock()
	f.over = err
	f.mu.Unlock()
	f.keys.end()
	f.wake()
}

func (f *Front) ended() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.over
}

// show shows what a command prints. While a line is edited it is log, and the
// editor makes room for it.
func (f *Front) show(b []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.asking {
		_, _ = f.out.Write(b)
		return
	}
	f.log = append(f.log, b...)
	f.keys.interrupt()
}

// showLog shows the log where the screen is free.
func (f *Front) showLog() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.log) > 1 && f.log[0] == '\r' && f.log[1] == '\n' {
		f.log = f.log[2:] // it left a line that stands nowhere any more
	}
	_, _ = f.out.Write(f.log)
	f.log = nil
}

// carryOut does what the key asks for that ended a line.
func (f *Front) carryOut(text string) {
	f.showLog()
	switch end := f.keys.ended(); end {
	case interrupted:
		f.keys.again(text)
	case over:
	case leaves, escapes:
		f.send(string(end))
	case helps:
		f.send(text + string(end))
		f.keys.again(text)
	default:
		f.keys.remember(text)
		f.send(text + string(end))
	}
}

// send sends a line and passes through what comes of it.
func (f *Front) send(line string) {
	f.mu.Lock()
	f.asking = false
	f.mu.Unlock()
	f.router.Line(line)
	f.pass()
}

// pass passes on keys until a line is asked for. What was typed for it by then
// is edited.
func (f *Front) pass() {
	var sent []byte
	for {
		if chunk := f.keys.take(); len(chunk) > 0 {
			sent = append(sent, chunk...)
			f.router.Type(chunk)
		}
		select {
		case <-f.keys.more:
		case <-f.turn:
			f.mu.Lock()
			asked := f.asked
			f.mu.Unlock()
			f.keys.untake(slices.Concat(asked.Unread, sent[min(asked.Received, len(sent)):]))
			return
		}
	}
}

// suggestionsMost is how many are listed at a time.
const suggestionsMost = 8

// rowsEnough keeps the library from wiping the screen when it finds the
// terminal too low: it is told of so many rows.
const rowsEnough = 1000

// editor makes the line editor.
func (f *Front) editor() *prompt.Prompt {
	most := suggestionsMost
	if _, length := f.terminal.Size(); length > 0 {
		most = max(1, min(most, length-2))
	}
	return prompt.New(func(string) {}, f.suggest,
		prompt.OptionParser(parser{f.keys, f.terminal}),
		prompt.OptionWriter(&screen{prompt.NewStdoutWriter(), f.keys}),
		prompt.OptionLivePrefix(func() (string, bool) {
			f.mu.Lock()
			defer f.mu.Unlock()
			return f.asked.Prompt, true
		}),
		prompt.OptionPrefixTextColor(prompt.DefaultColor),
		prompt.OptionMaxSuggestion(uint16(most)),
		prompt.OptionShowCompletionAtStart(),
	)
}

// suggest lists what may follow: first what can be taken, then values and the
// end of the line, which are only shown.
func (f *Front) suggest(d prompt.Document) []prompt.Suggest {
	text := d.TextBeforeCursor()
	all, ok := f.known[text]
	if !ok {
		var shown []prompt.Suggest
		for _, s := range f.ask(text) {
			if s.Text != "" {
				all = append(all, prompt.Suggest{Text: s.Text, Description: s.Help})
			} else {
				shown = append(shown, prompt.Suggest{Text: s.Name, Description: s.Help})
			}
		}
		f.keys.offer(text, len(all))
		all = append(all, shown...)
		f.known[text] = all
	}
	f.keys.offered(text)
	return all
}

// answerPatience is how long an answer may take: then there is none.
const answerPatience = 2 * time.Second

// ask asks the router.
func (f *Front) ask(text string) []modes.Suggestion {
	if f.ended() != nil {
		return nil
	}
	f.question++
	f.router.Suggest(f.question, text)
	enough := time.After(answerPatience)
	for {
		select {
		case a := <-f.answers:
			if a.ID == f.question {
				return a.Suggestions
			}
		case <-enough:
			return nil
		}
	}
}
