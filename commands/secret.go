package commands

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gresh/backend/config"
	"gresh/backend/password"
	"gresh/modes/grammar"
)

// A secretText is a password in a line: in clear, or behind the number of the
// type as which it is kept.
type secretText struct {
	kind *grammar.Param[uint8]
	text *grammar.Param[string]
}

var secretHelp = map[uint8]string{
	0: "Specifies an UNENCRYPTED password will follow",
	5: "Specifies a MD5 HASHED secret will follow",
	7: "Specifies a HIDDEN password will follow",
	8: "Specifies a PBKDF2 HASHED secret will follow",
	9: "Specifies a SCRYPT HASHED secret will follow",
}

// secretOf is a password that may be of these types.
func secretOf(help string, types ...uint8) secretText {
	var kinds []grammar.Choice[uint8]
	for _, t := range types {
		kinds = append(kinds, choice(strconv.Itoa(int(t)), secretHelp[t], t))
	}
	return secretText{grammar.Enum(kinds...), grammar.Secret(grammar.Text(help))}
}

// after returns the line that goes on with the password.
func (p secretText) after(line grammar.Line) grammar.Line {
	return with(line, grammar.Opt(p.kind), p.text)
}

// from is the password that was read. What is wrong with it is said without it.
func (p secretText) from(a grammar.Args) (config.Secret, error) {
	s := config.Secret{Type: p.kind.From(a), Text: p.text.From(a)}
	if s.Type != 0 {
		s.Text = strings.TrimSpace(s.Text)
	}
	if password.Check(password.Type(s.Type), s.Text) != nil {
		return s, fmt.Errorf("%% Invalid encrypted password: this is not how one of type %d is written. "+
			"To enter it in clear, leave out the %d", s.Type, s.Type)
	}
	return s, nil
}

// is prints a password, one in clear without its type if it can't be mistaken.
func (p secretText) is(s config.Secret) grammar.Args {
	first, _, _ := strings.Cut(s.Text, " ")
	numbers := []string{"0", "5", "7", "8", "9"}
	if s.Type == 0 && !slices.Contains(numbers, first) {
		return p.text.Is(s.Text)
	}
	return p.typed(s)
}

// typed prints a password with its type.
func (p secretText) typed(s config.Secret) grammar.Args {
	return p.kind.Is(s.Type).And(p.text.Is(s.Text))
}
