package commands

import (
	"cmp"
	"fmt"
	"slices"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// said is a switch that is printed as it was set.
func said(line grammar.Line, field func(*config.Config) *config.Said) modes.Command[config.Config] {
	to := func(s config.Said) func(*config.Config, grammar.Args) error {
		return func(c *config.Config, _ grammar.Args) error { *field(c) = s; return nil }
	}
	return modes.Command[config.Config]{
		Line: line,
		Set:  to(config.SaidOn), Unset: to(config.SaidOff), Default: to(config.Unsaid),
		Get: func(c *config.Config) []grammar.Args {
			switch *field(c) {
			case config.SaidOn:
				return []grammar.Args{nil}
			case config.SaidOff:
				return []grammar.Args{modes.No(nil)}
			}
			return nil
		},
	}
}

// passwordService hides the passwords that would be kept in clear.
var passwordService = modes.Mode[config.Config]{
	said(keptLine("service password-encryption", "Encrypt system passwords"),
		func(c *config.Config) *config.Said { return &c.PasswordEncryption }),
}

var passwordGlobal = modes.Mode[config.Config]{
	modes.Number(under(under(under(global, "security", "Infra Security CLIs"),
		"passwords", "Password security CLIs"), "min-length", "Minimum length of passwords"),
		grammar.Uint(1, 16, "Minimum length of all user/enable passwords"),
		func(c *config.Config) *uint8 { return &c.PasswordLength }),
}

var enableGlobal = modes.Mode[config.Config]{
	enabling("secret", "Assign the privileged level secret", secretOf("The UNENCRYPTED (cleartext) 'enable' secret", 0, 5, 8, 9),
		func(c *config.Config) *[]config.Enable { return &c.EnableSecrets }),
	enabling("password", "Assign the privileged level password", secretOf("The UNENCRYPTED (cleartext) 'enable' password", 0, 7),
		func(c *config.Config) *[]config.Enable { return &c.EnablePasswords }),
}

// enabling is a line for what "enable" asks, of level 15 if none is said.
func enabling(word, help string, p secretText, field func(*config.Config) *[]config.Enable) modes.Command[config.Config] {
	level := grammar.Uint(1, 15, "Level number")
	line := with(under(under(global, "enable", "Modify enable password parameters"), word, help),
		grammar.Opt(grammar.Word("level", "Set exec level password"), level))
	of := func(a grammar.Args) uint8 { return cmp.Or(uint8(level.From(a)), 15) }
	byLevel := func(e config.Enable, level uint8) int { return cmp.Compare(e.Level, level) }
	return modes.Command[config.Config]{
		Line: p.after(line),
		Bare: len(line),
		Set: func(c *config.Config, a grammar.Args) error {
			s, err := p.from(a)
			if err != nil {
				return err
			}
			at, found := slices.BinarySearchFunc(*field(c), of(a), byLevel)
			if !found {
				*field(c) = slices.Insert(*field(c), at, config.Enable{Level: of(a)})
			}
			(*field(c))[at].Secret = s
			return nil
		},
		Unset: func(c *config.Config, a grammar.Args) error {
			*field(c) = emptied(slices.DeleteFunc(*field(c), func(e config.Enable) bool { return e.Level == of(a) }))
			return nil
		},
		Get: func(c *config.Config) []grammar.Args {
			return values(*field(c), func(e config.Enable) grammar.Args {
				if e.Level == 15 {
					return p.is(e.Secret)
				}
				return p.is(e.Secret).And(level.Is(uint32(e.Level)))
			})
		},
	}
}

var usersGlobal = modes.Mode[config.Config]{usersLine()}

// A userLine is the parameters of "username".
type userLine struct {
	name             *grammar.Param[string]
	privilege        *grammar.Param[uint32]
	none             *grammar.Param[bool]
	secret, password secretText
}

func usersLine() modes.Command[config.Config] {
	u := userLine{
		name:      grammar.String("User name"),
		privilege: grammar.Uint(0, 15, "User privilege level"),
		none:      grammar.Flag("nopassword", "No password is required for the user to log in"),
		secret:    secretOf("The UNENCRYPTED (cleartext) user secret", 0, 5, 8, 9),
		password:  secretOf("The UNENCRYPTED (cleartext) user password", 0, 7),
	}
	line := with(under(global, "username", "Establish User Name Authentication"), u.name)
	return modes.Command[config.Config]{
		Line: with(line,
			grammar.Opt(grammar.Word("privilege", "Set user privilege level"), u.privilege),
			grammar.Opt(grammar.Alt(
				grammar.Line{u.none},
				u.secret.after(grammar.Line{grammar.Word("secret", "Specify the secret for the user")}),
				u.password.after(grammar.Line{grammar.Word("password", "Specify the password for the user")}),
			))),
		Bare:    len(line),
		Section: modes.Apart,
		Set:     u.set,
		Unset: func(c *config.Config, a grammar.Args) error {
			name := u.name.From(a)
			c.Users = emptied(slices.DeleteFunc(c.Users, func(x config.User) bool { return x.Name == name }))
			return nil
		},
		Get: func(c *config.Config) []grammar.Args { return values(c.Users, u.is) },
	}
}

// set adds what a line says of a user to what others have said.
func (u userLine) set(c *config.Config, a grammar.Args) error {
	name := u.name.From(a)
	if c.User(name) == nil {
		c.Users = append(c.Users, config.User{Name: name})
	}
	user := c.User(name)
	if u.privilege.In(a) {
		level := uint8(u.privilege.From(a))
		user.Privilege = &level
	}
	var err error
	switch {
	case u.none.In(a):
		user.NoPassword, user.Secret, user.Password = true, config.Secret{}, config.Secret{}
	case u.secret.text.In(a) && user.Password.Set(), u.password.text.In(a) && user.Secret.Set():
		return fmt.Errorf(`%% User %s can't have both a password and a secret: enter "no username %s" first`, name, name)
	case u.secret.text.In(a):
		user.NoPassword = false
		user.Secret, err = u.secret.from(a)
	case u.password.text.In(a):
		user.NoPassword = false
		user.Password, err = u.password.from(a)
	}
	return err
}

func (u userLine) is(user config.User) grammar.Args {
	a := u.name.Is(user.Name)
	if user.Privilege != nil {
		a = a.And(u.privilege.Is(uint32(*user.Privilege)))
	}
	switch {
	case user.NoPassword:
		return a.And(u.none.Is(true))
	case user.Secret.Set():
		return a.And(u.secret.typed(user.Secret))
	case user.Password.Set():
		return a.And(u.password.typed(user.Password))
	}
	return a
}
