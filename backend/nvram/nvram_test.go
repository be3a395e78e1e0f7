package nvram

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestDirKeepsAndForgets(t *testing.T) {
	root := t.TempDir()
	open := func() *Dir {
		d, err := NewDir(root, "R1", []byte("factory"))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, want := range []string{"factory", "one", "another", ""} {
		if want != "factory" {
			if err := open().SetStartup([]byte(want)); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := open().Startup(); err != nil || string(got) != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	entries, err := os.ReadDir(filepath.Join(root, "R1"))
	if err != nil || len(entries) != 1 {
		t.Errorf("%v, %v: want the one file and nothing left over", entries, err)
	}
	if info, err := os.Stat(filepath.Join(root, "R1", startupName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: secrets are for the owner alone", info.Mode(), err)
	}
}

func TestDirRefusesNamesThatLeadAstray(t *testing.T) {
	for _, name := range []string{"", ".", "..", "a/b", "../x", "a\x00b"} {
		if _, err := NewDir(t.TempDir(), name, nil); !errors.Is(err, ErrName) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
