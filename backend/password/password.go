// Package password is the ways in which IOS keeps passwords, by the number that
// stands before them in a configuration: 0 in clear, 7 hidden from a glance over
// the shoulder and no more, 5, 8 and 9 as hashes. It makes, verifies and checks
// them as pure functions; salt comes from whoever calls. It knows no user and
// no configuration.
package password

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"io"
	"strings"

	"golang.org/x/crypto/scrypt"
)

// A Type is how a password is kept.
type Type uint8

// The types.
const (
	Clear  Type = 0
	MD5    Type = 5 // md5crypt, salt of 4 characters
	Hidden Type = 7 // exclusive or with a known key
	PBKDF2 Type = 8 // PBKDF2 of HMAC-SHA-256, 20,000 rounds
	Scrypt Type = 9 // scrypt of 16 MiB
)

// ErrMalformed is what is wrong with text that is none of its type.
var ErrMalformed = errors.New("the text is not an encrypted password of its type")

// alphabet is that of salts and hashes; those of types 8 and 9 are base 64 of
// it.
const alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

var encoding = base64.NewEncoding(alphabet).WithPadding(base64.NoPadding).Strict()

// A hash is a type that can't be turned back.
type hash struct {
	prefix string
	salt   int // characters, which are used as they stand
	sum    int // characters
	of     func(password, salt string) (sum string)
}

var hashes = map[Type]hash{
	MD5:    {"$1$", 4, 22, md5crypt},
	PBKDF2: {"$8$", 14, 43, ofPBKDF2},
	Scrypt: {"$9$", 14, 43, ofScrypt},
}

func ofPBKDF2(password, salt string) string {
	sum, err := pbkdf2.Key(sha256.New, password, []byte(salt), 20_000, sha256.Size)
	if err != nil {
		panic(err) // the parameters are constants
	}
	return encoding.EncodeToString(sum)
}

func ofScrypt(password, salt string) string {
	sum, err := scrypt.Key([]byte(password), []byte(salt), 1<<14, 1, 1, 32)
	if err != nil {
		panic(err) // the parameters are constants
	}
	return encoding.EncodeToString(sum)
}

// split takes a stored hash apart. A type-5 salt may be shorter or longer than
// those that are made.
func (h hash) split(stored string) (salt, sum string, ok bool) {
	rest, ok := strings.CutPrefix(stored, h.prefix)
	salt, sum, cut := strings.Cut(rest, "$")
	exact := len(salt) == h.salt || h.prefix == "$1$" && len(salt) <= 8
	return salt, sum, ok && cut && exact && len(sum) == h.sum &&
		strings.Trim(salt, alphabet) == "" && strings.Trim(sum, alphabet) == ""
}

// Slow says whether verifying the type is slow on purpose.
func (t Type) Slow() bool { _, is := hashes[t]; return is }

// Check says whether stored can be a password of the type.
func Check(t Type, stored string) error {
	ok := t == Clear
	if h, is := hashes[t]; is {
		_, _, ok = h.split(stored)
	} else if t == Hidden {
		_, ok = Reveal(stored)
	}
	if !ok {
		return ErrMalformed
	}
	return nil
}

// Verify says whether typed is the password that is stored. What is malformed
// is nobody's.
func Verify(t Type, stored, typed string) bool {
	h, is := hashes[t]
	if !is {
		clear, ok := stored, t == Clear
		if t == Hidden {
			clear, ok = Reveal(stored)
		}
		return ok && same(clear, typed)
	}
	salt, sum, ok := h.split(stored)
	return ok && same(h.of(typed, salt), sum)
}

// same compares without telling by its time where the difference is.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// Make is how a password is stored as the type.
func Make(t Type, password string, random io.Reader) (stored string, err error) {
	h, is := hashes[t]
	switch {
	case t == Clear:
		return password, nil
	case t == Hidden:
		return hide(password, random)
	case !is:
		return "", ErrMalformed
	}
	salt := make([]byte, h.salt)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", err
	}
	for i, b := range salt {
		salt[i] = alphabet[b%64]
	}
	return h.prefix + string(salt) + "$" + h.of(password, string(salt)), nil
}
