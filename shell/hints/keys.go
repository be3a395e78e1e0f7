package hints

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
)

// The keys that mean something here.
const (
	ctrlC     = 0x03
	ctrlD     = 0x04
	tab       = 0x09
	ctrlN     = 0x0e
	ctrlP     = 0x10
	ctrlV     = 0x16
	ctrlZ     = 0x1a
	escape    = 0x1b
	ctrlCaret = 0x1e
	rubout    = 0x7f
)

// What the library understands.
var (
	enter     = []byte{'\r'}
	deleteKey = []byte("\x1b[3~")
	up        = []byte("\x1b[A")
	down      = []byte("\x1b[B")
	backTab   = []byte("\x1b[Z")
	endErase  = []byte{0x05, 0x15} // to the end, and erase all before it
)

// An ending is how a line ended: the key to send, or what else it was.
type ending string

const (
	enters      ending = "\r"
	applies     ending = "\x1a"
	leaves      ending = "\x03"
	escapes     ending = "\x1ex"
	helps       ending = "?"
	interrupted ending = "interrupted" // it goes on when the screen has been seen to
	over        ending = "over"
)

// historyMost is how many lines are remembered.
const historyMost = 256

// keys are what is typed at the terminal: for a command while one runs, else
// for the library, one key at a time. It takes more than one in a read for one
// that it does not know, and would read ahead what a dialogue should get.
type keys struct {
	more chan struct{} // there may be something to take

	mu       sync.Mutex
	queue    []byte
	gone     bool // the session is over
	wanted   bool // to be interrupted
	held     bool // a line has ended: nothing is read until the next begins
	busy     bool // a key is being dealt with
	caret    bool // the last key taken was Ctrl-^: an x is of it
	how      ending
	offers   map[string]int // how many suggestions can be taken, by the text before the cursor
	takable  int            // of the text as it is
	selected int            // which of them is; -1: none
	history  []string
	at       int // in the history
}

func newKeys() *keys {
	return &keys{more: make(chan struct{}, 1), selected: -1, offers: map[string]int{}}
}

// read reads what is typed, until it ends.
func (k *keys) read(in io.Reader) {
	for {
		var chunk [4096]byte
		n, err := in.Read(chunk[:])
		k.add(chunk[:n])
		if err != nil {
			k.end()
			return
		}
	}
}

func (k *keys) add(b []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.queue = append(k.queue, b...)
	select {
	case k.more <- struct{}{}:
	default:
	}
}

// end says that nobody asks for lines any more.
func (k *keys) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.gone = true
}

// interrupt ends the line for a moment, once no suggestion is selected.
func (k *keys) interrupt() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.wanted = true
}

// take takes all that has been typed, for a command.
func (k *keys) take() []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	b := k.queue
	k.queue = nil
	k.caret = bytes.HasSuffix(b, []byte{ctrlCaret})
	return b
}

// untake gives back what a command did not want.
func (k *keys) untake(b []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.queue = append(b, k.queue...)
}

// again types a text once more.
func (k *keys) again(text string) { k.untake(literally(text)) }

// literally is what to type so that "?" asks for nothing.
func literally(text string) []byte {
	return []byte(strings.ReplaceAll(text, "?", string(rune(ctrlV))+"?"))
}

// ended says how the line ended.
func (k *keys) ended() ending {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.how
}

// begin makes ready for another line.
func (k *keys) begin() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.held, k.busy, k.selected, k.how = false, false, -1, ""
	k.offers = map[string]int{}
}

// done says that a key has been dealt with.
func (k *keys) done() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.busy = false
}

// offer says how many suggestions for a text can be taken, and offered that
// the text is the one of the moment.
func (k *keys) offer(text string, takable int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.offers[text] = takable
}

func (k *keys) offered(text string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.takable = k.offers[text]
}

// remember keeps a line for Ctrl-P.
func (k *keys) remember(line string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n := len(k.history); strings.TrimSpace(line) != "" && (n == 0 || k.history[n-1] != line) {
		k.history = append(k.history, line)
	}
	k.history = k.history[max(0, len(k.history)-historyMost):]
	k.at = len(k.history)
}

// errNothing says that no key has been typed.
var errNothing = errors.New("no key")

// next is the next key for the library, in its words.
func (k *keys) next() ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.held || k.busy:
		return nil, errNothing
	case k.gone:
		return k.finish(over), nil
	case k.wanted && k.selected < 0:
		k.wanted = false
		return k.finish(interrupted), nil
	}
	for len(k.queue) > 0 {
		if key := k.understand(); key != nil {
			k.busy = true
			return key, nil
		}
	}
	return nil, errNothing
}

// finish ends the line.
func (k *keys) finish(how ending) []byte {
	k.how, k.held = how, true
	return enter
}

// pull takes n octets of what has been typed.
func (k *keys) pull(n int) []byte {
	b := k.queue[:n]
	k.queue = k.queue[n:]
	return b
}
