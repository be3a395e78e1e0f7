package commands

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"gresh/backend"
	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// publicKeys is "ip ssh pubkey-chain": by which keys users come in. What is
// kept and printed of a key is its hash, as IOS does.
func publicKeys() modes.Command[config.Config] {
	return modes.Sub(modes.Block[config.Config, config.SSH]{
		Line:   under(ipSSH, "pubkey-chain", "pubkey-chain"),
		Title:  "SSH public key identification mode commands:",
		Prompt: "conf-ssh-pubkey",
		Mode:   modes.Mode[config.SSH]{keyUsers()},
		Find:   func(c *config.Config, _ grammar.Args) *config.SSH { return &c.SSH },
		Remove: func(c *config.Config, _ grammar.Args) error { c.SSH.Users = nil; return nil },
		All: func(c *config.Config) iter.Seq2[grammar.Args, *config.SSH] {
			return func(yield func(grammar.Args, *config.SSH) bool) {
				if len(c.SSH.Users) > 0 {
					yield(nil, &c.SSH)
				}
			}
		},
		Section: modes.Joined,
	})
}

func keyUsers() modes.Command[config.SSH] {
	name := grammar.String("SSH username")
	at := func(s *config.SSH, a grammar.Args) int {
		return slices.IndexFunc(s.Users, func(u config.SSHUser) bool { return u.Name == name.From(a) })
	}
	return modes.Sub(modes.Block[config.SSH, config.SSHUser]{
		Line:   with(under(global, "username", "SSH username"), name),
		Title:  "SSH public key entry mode commands:",
		Prompt: "conf-ssh-pubkey-user",
		Mode:   modes.Mode[config.SSHUser]{keyHashes(), keyStrings()},
		Find: func(s *config.SSH, a grammar.Args) *config.SSHUser {
			if i := at(s, a); i >= 0 {
				return &s.Users[i]
			}
			return nil
		},
		Create: func(s *config.SSH, a grammar.Args) (*config.SSHUser, error) {
			s.Users = append(s.Users, config.SSHUser{Name: name.From(a)})
			return &s.Users[len(s.Users)-1], nil
		},
		Remove: func(s *config.SSH, a grammar.Args) error {
			if i := at(s, a); i >= 0 {
				s.Users = emptied(slices.Delete(s.Users, i, i+1))
			}
			return nil
		},
		All: func(s *config.SSH) iter.Seq2[grammar.Args, *config.SSHUser] {
			return func(yield func(grammar.Args, *config.SSHUser) bool) {
				for i := range s.Users {
					if !yield(name.Is(s.Users[i].Name), &s.Users[i]) {
						return
					}
				}
			}
		},
		Section: modes.Joined,
	})
}

// keyTypes are the kinds of keys there are.
var keyTypes = []string{"ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"}

func keyHashes() modes.Command[config.SSHUser] {
	var choices []grammar.Choice[string]
	for _, k := range keyTypes {
		choices = append(choices, choice(k, k+" key", k))
	}
	kind, hash, comment := grammar.Enum(choices...), grammar.String("Key hash in hexadecimal"), grammar.Text("Key comment")
	key := func(a grammar.Args) config.SSHKey {
		return config.SSHKey{Algorithm: kind.From(a), Hash: strings.ToUpper(hash.From(a)), Comment: comment.From(a)}
	}
	return modes.Command[config.SSHUser]{
		Line: with(under(global, "key-hash", "SSH key hash"), kind, hash, grammar.Opt(comment)),
		Set: func(u *config.SSHUser, a grammar.Args) error {
			if raw, err := hex.DecodeString(hash.From(a)); err != nil || len(raw) != md5.Size {
				return errors.New("% The hash of a key is 32 hexadecimal digits")
			}
			u.Keys = withKey(u.Keys, key(a))
			return nil
		},
		Unset: func(u *config.SSHUser, a grammar.Args) error {
			u.Keys = emptied(slices.DeleteFunc(u.Keys, func(k config.SSHKey) bool { return k.Hash == key(a).Hash }))
			return nil
		},
		Get: func(u *config.SSHUser) []grammar.Args {
			return values(u.Keys, func(k config.SSHKey) grammar.Args {
				return kind.Is(k.Algorithm).And(hash.Is(k.Hash)).And(given(comment, k.Comment))
			})
		},
	}
}

// withKey are the keys with one more, in place of itself if it is there.
func withKey(keys []config.SSHKey, k config.SSHKey) []config.SSHKey {
	keys = slices.DeleteFunc(slices.Clone(keys), func(o config.SSHKey) bool { return o.Hash == k.Hash })
	return append(keys, k)
}

// keyStrings is the mode in which a key is typed, or pasted as a file has it,
// on as many lines as it takes. As soon as it is whole it counts.
func keyStrings() modes.Command[config.SSHUser] {
	text := grammar.Text("Key data, in base64")
	return modes.Sub(modes.Block[config.SSHUser, config.SSHUser]{
		Line:   under(global, "key-string", "SSH key string"),
		Title:  "SSH public key data commands:",
		Prompt: "conf-ssh-pubkey-data",
		Mode: modes.Mode[config.SSHUser]{{
			Line: grammar.Line{text},
			Set: func(u *config.SSHUser, a grammar.Args) error {
				u.Typing += text.From(a) + "\n"
				if len(u.Typing) > keyTextMost {
					u.Typing = ""
					return errors.New("% The key is too long")
				}
				if k, ok := publicKeyOf(u.Typing); ok {
					u.Keys, u.Typing = withKey(u.Keys, k), ""
				}
				return nil
			},
			Get: func(*config.SSHUser) []grammar.Args { return nil },
		}},
		Find: func(u *config.SSHUser, _ grammar.Args) *config.SSHUser { return u },
		Set:  func(u *config.SSHUser, _ grammar.Args) error { u.Typing = ""; return nil },
		All: func(*config.SSHUser) iter.Seq2[grammar.Args, *config.SSHUser] {
			return func(func(grammar.Args, *config.SSHUser) bool) {}
		},
	})
}

// keyTextMost bounds a key's text: one of 16384 bits has less.
const keyTextMost = 8192

// publicKeyOf reads a key from lines of base64, which the name of its kind may
// precede and a comment follow. Not ok: it is not whole.
func publicKeyOf(text string) (config.SSHKey, bool) {
	fields := strings.Fields(text)
	comment := ""
	if len(fields) > 1 && slices.Contains(keyTypes, fields[0]) {
		fields = fields[1:]
	}
	for n := len(fields); n > 0; n-- {
		wire, err := base64.StdEncoding.DecodeString(strings.Join(fields[:n], ""))
		if kind, ok := kindOf(wire); err == nil && ok {
			comment = strings.Join(fields[n:], " ")
			return config.SSHKey{Algorithm: kind, Hash: keyHash(wire), Comment: comment}, true
		}
	}
	return config.SSHKey{}, false
}

// kindOf is the kind of a key in wire format: a row of strings, each after its
// length, the first of which names the kind (RFC 4253, section 6.6).
func kindOf(wire []byte) (kind string, whole bool) {
	for n := 0; len(wire) > 0; n++ {
		if len(wire) < 4 {
			return "", false
		}
		length := uint64(binary.BigEndian.Uint32(wire))
		if wire = wire[4:]; uint64(len(wire)) < length {
			return "", false
		}
		if n == 0 {
			kind = string(wire[:length])
		}
		wire = wire[length:]
		whole = n >= stringsOf(kind)-1
	}
	return kind, whole && slices.Contains(keyTypes, kind)
}

// stringsOf is how many strings a key of a kind is made of.
func stringsOf(kind string) int {
	if kind == "ssh-ed25519" {
		return 2
	}
	return 3
}

func keyHash(wire []byte) string {
	sum := md5.Sum(wire)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// PublicKey says whether a user may come in with a key, in wire format.
func (l *Lines) PublicKey(user string, key []byte) (known bool) {
	kind, ok := kindOf(key)
	if !ok {
		return false
	}
	hash := keyHash(key)
	l.loop.Do(func(r *backend.Router, _ time.Time) {
		for _, u := range r.Running().SSH.Users {
			known = known || u.Name == user && slices.ContainsFunc(u.Keys, func(k config.SSHKey) bool {
				return k.Algorithm == kind && k.Hash == hash
			})
		}
	})
	return known
}
