package backend

import (
	"fmt"

	"gresh/backend/config"
	"gresh/backend/password"
)

// seal keeps the passwords of a configuration as it says they are to be kept:
// secrets as hashes always, of MD5 in release 12 and of scrypt since; passwords
// hidden if passwords are to be encrypted, the same alike, so that lines that
// say the same stay together. Nothing is ever turned back.
func (r *Router) seal(c *config.Config) error {
	hidden := map[string]config.Secret{}
	for s, hashed := range c.Passwords() {
		if s.Type != uint8(password.Clear) {
			continue
		}
		kind := password.Clear
		switch {
		case hashed && c.Classic():
			kind = password.MD5
		case hashed:
			kind = password.Scrypt
		case c.PasswordEncryption.On():
			kind = password.Hidden
		}
		if h, is := hidden[s.Text]; is && kind == password.Hidden {
			*s = h
			continue
		}
		stored, err := password.Make(kind, s.Text, r.options.Rand)
		if err != nil {
			return fmt.Errorf("%% No randomness for a password: %w", err)
		}
		clear := s.Text
		if *s = (config.Secret{Type: uint8(kind), Text: stored}); kind == password.Hidden {
			hidden[clear] = *s
		}
	}
	return nil
}

// longEnough refuses a password that is new, in clear and too short.
func longEnough(old, next *config.Config) error {
	known := map[config.Secret]bool{}
	for s := range old.Passwords() {
		known[*s] = true
	}
	for s := range next.Passwords() {
		if s.Type == uint8(password.Clear) && len(s.Text) < int(next.PasswordLength) && !known[*s] {
			return fmt.Errorf("%% Password too short - it must have at least %d characters. Nothing was configured", next.PasswordLength)
		}
	}
	return nil
}
