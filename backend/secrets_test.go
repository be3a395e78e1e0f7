package backend

import (
	"strings"
	"testing"

	"gresh/backend/config"
	"gresh/backend/password"
)

// TestSealing: what is committed in clear is kept as the configuration says.
func TestSealing(t *testing.T) {
	for _, test := range []struct {
		version  string
		service  config.Said
		secret   password.Type
		password password.Type
	}{
		{"", config.Unsaid, password.MD5, password.Clear},
		{"12.4", config.SaidOn, password.MD5, password.Hidden},
		{"15.7", config.SaidOff, password.Scrypt, password.Clear},
		{"15.7", config.SaidOn, password.Scrypt, password.Hidden},
	} {
		r, _ := newRouter(t, spoke())
		_, err := r.Commit(boot, func(c *config.Config) error {
			c.Version, c.PasswordEncryption = test.version, test.service
			c.Users = []config.User{{Name: "bob", Secret: config.Secret{Text: "cisco"}}}
			c.EnablePasswords = []config.Enable{{Level: 15, Secret: config.Secret{Text: "cisco"}}}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, kept := range []struct {
			is   config.Secret
			want password.Type
		}{{r.Running().Users[0].Secret, test.secret}, {r.Running().EnablePasswords[0].Secret, test.password}} {
			if password.Type(kept.is.Type) != kept.want || !password.Verify(kept.want, kept.is.Text, "cisco") {
				t.Errorf("%+v: kept as %+v, want type %d", test, kept.is, kept.want)
			}
		}
	}
}

// TestSealingAtBoot: nor does a startup configuration leave a secret in clear.
func TestSealingAtBoot(t *testing.T) {
	c := spoke()
	c.EnableSecrets = []config.Enable{{Level: 15, Secret: config.Secret{Text: "cisco"}}}
	r, _ := newRouter(t, c)
	if s := r.Running().EnableSecrets[0].Secret; !password.Verify(password.MD5, s.Text, "cisco") {
		t.Errorf("kept as %+v", s)
	}
}

// TestShortPassword: a length that is asked for later does not concern what was
// there before.
func TestShortPassword(t *testing.T) {
	r, _ := newRouter(t, spoke())
	user := func(name, secret string) error {
		_, err := r.Commit(boot, func(c *config.Config) error {
			c.PasswordLength = 6
			c.Users = append(c.Users, config.User{Name: name, Password: config.Secret{Text: secret}})
			return nil
		})
		return err
	}
	if _, err := r.Commit(boot, func(c *config.Config) error {
		c.Users = []config.User{{Name: "old", Password: config.Secret{Text: "abc"}}}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := user("bob", "short"); err == nil || !strings.Contains(err.Error(), "at least 6 characters") {
		t.Errorf("a short password: %v", err)
	}
	if err := user("bob", "longer"); err != nil {
		t.Errorf("a long one: %v", err)
	}
}

// TestSealingAlike: lines of one password are hidden alike.
func TestSealingAlike(t *testing.T) {
	r, _ := newRouter(t, spoke())
	if _, err := r.Commit(boot, func(c *config.Config) error {
		c.PasswordEncryption = config.SaidOn
		for n := range uint16(16) {
			c.Lines = append(c.Lines, config.Line{Type: "vty", Number: n, Password: config.Secret{Text: "cisco"}})
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, l := range r.Running().Lines {
		if l.Password != r.Running().Lines[0].Password || l.Password.Type != uint8(password.Hidden) {
			t.Errorf("vty %d: %+v, and vty 0 %+v", l.Number, l.Password, r.Running().Lines[0].Password)
		}
	}
}
