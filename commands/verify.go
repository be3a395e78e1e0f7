package commands

import (
	"crypto/hmac"
	"crypto/sha256"
	"sync"

	"gresh/backend/config"
	"gresh/backend/password"
)

// knownMost is how many right passwords are remembered.
const knownMost = 4096

// A verifier says whether passwords are right. Types 8 and 9 are slow on
// purpose, but not for the router to be kept busy with: one hash is computed at
// a time, and a password that has been right once is remembered by a code that
// is worth nothing after this boot. Then the right one is known at once, and
// whatever is another is wrong at once: guessing costs the router less than the
// handshake costs the guesser.
type verifier struct {
	key [sha256.Size]byte // of this boot
	one sync.Mutex        // held while a slow hash is computed

	mu    sync.Mutex
	known map[config.Secret][sha256.Size]byte // what was right
}

// right says whether typed is the password that is kept.
func (v *verifier) right(s config.Secret, typed string) bool {
	kind := password.Type(s.Type)
	if !s.Set() || !kind.Slow() {
		return s.Set() && password.Verify(kind, s.Text, typed)
	}
	code := v.code(s, typed)
	if known, is := v.remembered(s); is {
		return hmac.Equal(known[:], code[:])
	}
	v.one.Lock()
	defer v.one.Unlock()
	if known, is := v.remembered(s); is { // since we wait
		return hmac.Equal(known[:], code[:])
	}
	right := password.Verify(kind, s.Text, typed)
	if right {
		v.remember(s, code)
	}
	return right
}

func (v *verifier) code(s config.Secret, typed string) (code [sha256.Size]byte) {
	h := hmac.New(sha256.New, v.key[:])
	h.Write([]byte(s.Text + "\x00" + typed))
	h.Sum(code[:0])
	return code
}

func (v *verifier) remembered(s config.Secret) (code [sha256.Size]byte, is bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	code, is = v.known[s]
	return code, is
}

func (v *verifier) remember(s config.Secret, code [sha256.Size]byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.known == nil || len(v.known) >= knownMost {
		v.known = map[config.Secret][sha256.Size]byte{}
	}
	v.known[s] = code
}
