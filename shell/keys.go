package shell

import (
	"bytes"
	"io"
	"slices"
	"sync"
	"time"

	"gresh/shell/editor"
)

// aheadMax is how much may be typed ahead; the rest waits where it comes from.
const aheadMax = 1 << 20

// The keys that interrupt.
const (
	ctrlC     = 0x03
	ctrlZ     = 0x1a
	ctrlCaret = 0x1e
)

// keys are what is typed, kept until somebody asks: a line, a dialogue or the
// pager, whoever is next.
type keys struct {
	mu         sync.Mutex
	change     sync.Cond
	ahead      []byte
	ended      bool
	waiting    bool // somebody asks, and there is nothing
	resting    bool // nobody will ask
	afterCR    bool // the key before was CR: LF is of the same Enter
	caret      bool // the key typed last was Ctrl-^, and has been taken: an x is of it
	interrupts []*interrupt
	idle       *time.Duration // how long somebody waits for a key; 0: for ever
	idled      bool           // he has waited so long, and there will be none
}

// An interrupt is somebody who wants to be.
type interrupt struct {
	f    func()
	told bool
}

func newKeys(in io.Reader, idle *time.Duration) *keys {
	k := &keys{idle: idle}
	k.change.L = &k.mu
	if in != nil {
		go k.read(in)
	}
	return k
}

// read is the goroutine that reads what is typed.
func (k *keys) read(in io.Reader) {
	var chunk [4096]byte
	for {
		n, err := in.Read(chunk[:])
		k.add(chunk[:n])
		if err != nil {
			k.end()
			return
		}
	}
}

func (k *keys) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ended = true
	k.change.Broadcast()
}

// add takes what was typed. While a command runs that can be interrupted, the
// key that interrupts it is not kept, however much has been typed ahead.
func (k *keys) add(b []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	b = k.heed(k.rest(b))
	for len(k.ahead) > aheadMax && !k.ended {
		k.change.Wait()
	}
	if k.ended {
		return
	}
	k.ahead = append(k.ahead, b...)
	k.waiting = k.waiting && len(b) == 0
	k.change.Broadcast()
}

// heed takes the first interrupting key out of b if somebody wants to be
// interrupted, and interrupts him. What is typed behind it, another such key
// too, is for whoever reads next, so that it does not matter how soon the
// command ends.
func (k *keys) heed(b []byte) []byte {
	at := bytes.IndexAny(b, string([]byte{ctrlC, ctrlCaret}))
	wanted := func(i *interrupt) bool { return !i.told }
	if at < 0 || !slices.ContainsFunc(k.interrupts, wanted) {
		return b
	}
	for _, i := range k.interrupts {
		if wanted(i) {
			i.told = true
			i.f()
		}
	}
	k.caret = b[at] == ctrlCaret
	return slices.Concat(b[:at], k.rest(b[at+1:]))
}

// rest is what follows a key that has been taken, without the x of Ctrl-^ x. The
// x may still be to come.
func (k *keys) rest(b []byte) []byte {
	if len(b) == 0 || !k.caret {
		return b
	}
	k.caret = false
	if b[0] == 'x' || b[0] == 'X' {
		return b[1:]
	}
	return b
}

// onInterrupt has f called when an interrupting key is typed, or has been
// typed ahead.
func (k *keys) onInterrupt(f func()) (cancel func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	wanted := &interrupt{f: f}
	k.interrupts = append(k.interrupts, wanted)
	k.ahead = k.heed(k.ahead)
	k.change.Broadcast()
	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.interrupts = slices.DeleteFunc(k.interrupts, func(i *interrupt) bool { return i == wanted })
	}
}

// next waits for a key; not ok when there will be none. Enter is one key,
// whether it comes as CR, LF, CR LF or CR NUL; NUL elsewhere is nothing.
func (k *keys) next() (b byte, ok bool) {
	return k.until(func() bool { return false })
}

// until is next for who may have no use for a key any more. Over is asked
// whenever something has changed.
func (k *keys) until(over func() bool) (b byte, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.resting = false
	for {
		k.await(over)
		if len(k.ahead) == 0 || over() {
			return 0, false
		}
		k.waiting = false
		b, k.ahead = k.ahead[0], k.ahead[1:]
		k.change.Broadcast()
		same := b == '\n' && k.afterCR
		k.afterCR = b == '\r' || b == 0 && k.afterCR
		if b != 0 && !same {
			return b, true
		}
	}
}

// lines are the whole lines that are kept, most at most, and only such as come
// out as they are: the first with an editing key in it ends them.
func (k *keys) lines(most int) (lines []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	from, afterCR := 0, k.afterCR
	for i, b := range k.ahead {
		switch {
		case b == '\r', b == '\n' && !afterCR:
			lines, from = append(lines, string(k.ahead[from:i])), i+1
		case b == '\n' && i == from, b == 0 && i == from && afterCR:
			from = i + 1 // of the Enter before
		case b < ' ', b >= 0x7f, b == '?', i-from >= editor.LineMax:
			return lines
		}
		afterCR = b == '\r' || b == 0 && afterCR
		if len(lines) == most {
			break
		}
	}
	return lines
}

// await waits until there is a key, or will be none. Who types nothing for too
// long is not there.
func (k *keys) await(over func() bool) {
	if len(k.ahead) == 0 && !k.ended && *k.idle > 0 {
		defer time.AfterFunc(*k.idle, k.expire).Stop()
	}
	for len(k.ahead) == 0 && !k.ended && !over() {
		k.waiting = true
		k.change.Broadcast()
		k.change.Wait()
	}
}

// expire ends what is typed, unless something has been typed just now.
func (k *keys) expire() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.waiting {
		k.ended, k.idled = true, true
		k.change.Broadcast()
	}
}

// why is why there will be no key, if it is somebody's fault.
func (k *keys) why() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.idled {
		return ErrIdle
	}
	return nil
}

// reply is next for who asks a question: Ctrl-^ x is one key, as good as ^C.
func (k *keys) reply() (b byte, ok bool) {
	b, ok = k.next()
	k.mu.Lock()
	defer k.mu.Unlock()
	if ok && b == ctrlCaret {
		k.caret = true
		k.ahead = k.rest(k.ahead)
	}
	return b, ok
}

// retire says that nobody will ask until next is called again.
func (k *keys) retire() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.resting = true
	k.change.Broadcast()
}

// Feed types something, for whoever asks for it.
func (s *Session) Feed(b []byte) { s.keys.add(b) }

// Type types something and waits until it has been dealt with: until the
// session asks for more, or is over.
func (s *Session) Type(text string) {
	k := s.keys
	k.add([]byte(text))
	k.mu.Lock()
	defer k.mu.Unlock()
	for !k.resting && !(k.waiting && len(k.ahead) == 0) {
		k.change.Wait()
	}
}

// Ready waits until the session asks for a key, or is over.
func (s *Session) Ready() { s.Type("") }

// Hangup ends what is typed.
func (s *Session) Hangup() { s.keys.end() }

// Unread takes back what has been typed and nobody has asked for.
func (s *Session) Unread() []byte {
	k := s.keys
	k.mu.Lock()
	defer k.mu.Unlock()
	b := k.ahead
	k.ahead = nil
	k.change.Broadcast()
	return b
}

// Waiting is how much has been typed and nobody has asked for.
func (s *Session) Waiting() int {
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	return len(s.keys.ahead)
}
