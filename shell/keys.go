package shell

import (
	"io"
	"sync"
)

// aheadMax is how much may be typed ahead; the rest waits where it comes from.
const aheadMax = 1 << 20

// keys are what is typed, kept until somebody asks: a line, a dialogue or the
// pager, whoever is next.
type keys struct {
	mu        sync.Mutex
	change    sync.Cond
	ahead     []byte
	ended     bool
	waiting   bool // somebody asks, and there is nothing
	resting   bool // nobody will ask
	afterCR   bool // the key before was CR: LF is of the same Enter
	interrupt map[int]func()
	handlers  int
}

func newKeys(in io.Reader) *keys {
	k := &keys{interrupt: map[int]func(){}}
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
// keys that interrupt it are not kept.
func (k *keys) add(b []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for len(k.ahead) > aheadMax && !k.ended {
		k.change.Wait()
	}
	k.ahead = append(k.ahead, b...)
	k.waiting = k.waiting && len(b) == 0
	k.takeInterrupts()
	k.change.Broadcast()
}

// takeInterrupts drops the interrupting keys that wait, if somebody wants to
// be interrupted, and interrupts him.
func (k *keys) takeInterrupts() {
	if len(k.interrupt) == 0 {
		return
	}
	kept, found := k.ahead[:0], false
	for i := 0; i < len(k.ahead); i++ {
		switch b := k.ahead[i]; {
		case b == 0x1e:
			found = true
			if i+1 < len(k.ahead) && (k.ahead[i+1] == 'x' || k.ahead[i+1] == 'X') {
				i++
			}
		case b == 0x03:
			found = true
		default:
			kept = append(kept, b)
		}
	}
	k.ahead = kept
	if found {
		for _, f := range k.interrupt {
			f()
		}
	}
}

// onInterrupt has f called when an interrupting key is typed, or has been
// typed ahead. f must not block.
func (k *keys) onInterrupt(f func()) (cancel func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.handlers++
	id := k.handlers
	k.interrupt[id] = f
	k.takeInterrupts()
	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.interrupt, id)
	}
}

// next waits for a key; not ok when there will be none. Enter is one key,
// whether it comes as CR, LF, CR LF or CR NUL; NUL elsewhere is nothing.
func (k *keys) next() (b byte, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.resting = false
	for {
		for len(k.ahead) == 0 && !k.ended {
			k.waiting = true
			k.change.Broadcast()
			k.change.Wait()
		}
		if len(k.ahead) == 0 {
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

// rest says that nobody will ask until next is called again.
func (k *keys) rest() {
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
