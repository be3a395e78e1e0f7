package password

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// vectors are hashes made elsewhere.
var vectors = []struct {
	kind             Type
	stored, password string
}{
	{Clear, "cisco", "cisco"},
	{MD5, "$1$mERr$hx5rVt7rPNoS4wqbXKX7m0", "cisco"},
	{Hidden, "094F471A1A0A", "cisco"},
	{Hidden, "02050D480809", "cisco"},
	{PBKDF2, "$8$TnGX/fE4KGHOVU$pEhnEvxrvaynpi8j4f.EMHr6M.FzU8xnZnBr/tJdFWk", "hashcat"},
	{Scrypt, "$9$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo6", "hashcat"},
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		if err := Check(v.kind, v.stored); err != nil {
			t.Errorf("type %d: %s: %v", v.kind, v.stored, err)
		}
		for _, wrong := range []string{"", v.password + " ", strings.ToUpper(v.password), v.stored + "x"} {
			if Verify(v.kind, v.stored, wrong) {
				t.Errorf("type %d: %q is taken for %q", v.kind, wrong, v.password)
			}
		}
		if !Verify(v.kind, v.stored, v.password) {
			t.Errorf("type %d: %q is refused", v.kind, v.password)
		}
	}
}

func TestMake(t *testing.T) {
	for _, kind := range []Type{Clear, MD5, Hidden, PBKDF2, Scrypt} {
		for _, password := range []string{"x", "of sixteen bytes", "one that is longer than MD5 has octets", "ü ?"} {
			one, err1 := Make(kind, password, bytes.NewReader([]byte("a salt that is one")))
			two, err2 := Make(kind, password, bytes.NewReader([]byte("But another salt is")))
			if err1 != nil || err2 != nil {
				t.Fatalf("type %d: %v, %v", kind, err1, err2)
			}
			if Check(kind, one) != nil || !Verify(kind, one, password) || !Verify(kind, two, password) {
				t.Errorf("type %d: %q is not what was made of it: %s, %s", kind, password, one, two)
			}
			if kind != Clear && one == two {
				t.Errorf("type %d: the salt makes no difference", kind)
			}
		}
	}
	if _, err := Make(MD5, "x", bytes.NewReader(nil)); err == nil {
		t.Error("made without salt")
	}
	if _, err := Make(6, "x", strings.NewReader("salt")); !errors.Is(err, ErrMalformed) {
		t.Errorf("type 6: %v", err)
	}
}

func TestMalformed(t *testing.T) {
	for _, bad := range []struct {
		kind   Type
		stored string
	}{
		{MD5, ""}, {MD5, "$1$mERr$"}, {MD5, "$1$mERr$hx5rVt7rPNoS4wqbXKX7m"}, {MD5, "$1$mE r$hx5rVt7rPNoS4wqbXKX7m0"},
		{MD5, "$1$toolongasalt$hx5rVt7rPNoS4wqbXKX7m0"}, {MD5, "$9$mERr$hx5rVt7rPNoS4wqbXKX7m0"},
		{Hidden, ""}, {Hidden, "09"}, {Hidden, "094"}, {Hidden, "0G4F"}, {Hidden, "094G"}, {Hidden, "994F"}, {Hidden, "+94F"},
		{PBKDF2, "$8$short$pEhnEvxrvaynpi8j4f.EMHr6M.FzU8xnZnBr/tJdFWk"},
		{Scrypt, "$9$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdf"},
		{4, "anything"}, {6, "anything"},
	} {
		if Check(bad.kind, bad.stored) == nil {
			t.Errorf("type %d: %q is well-formed", bad.kind, bad.stored)
		}
		if Verify(bad.kind, bad.stored, "") {
			t.Errorf("type %d: %q lets in an empty password", bad.kind, bad.stored)
		}
	}
}

// FuzzReveal: what is revealed can be hidden again so that it reveals the same.
func FuzzReveal(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.stored)
	}
	f.Fuzz(func(t *testing.T, hidden string) {
		clear, ok := Reveal(hidden)
		if !ok {
			return
		}
		again, err := hide(clear, strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		if back, ok := Reveal(again); !ok || back != clear {
			t.Errorf("%q is %q, and hidden again %q", hidden, clear, back)
		}
	})
}

// FuzzSplit: no text makes a hash panic, and what is well-formed is made of its
// parts.
func FuzzSplit(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.stored)
	}
	f.Fuzz(func(t *testing.T, stored string) {
		for _, h := range hashes {
			if salt, sum, ok := h.split(stored); ok && h.prefix+salt+"$"+sum != stored {
				t.Errorf("%q is taken apart as %q and %q", stored, salt, sum)
			}
		}
	})
}
