package nvram

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestStore(t *testing.T) {
	dir, err := NewDir(t.TempDir(), "R1", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]Store{"memory": new(Memory), "folder": dir} {
		t.Run(name, func(t *testing.T) { testStore(t, s) })
	}
}

// testStore holds any Store to the contract.
func testStore(t *testing.T, s Store) {
	if b, err := s.Startup(); err != nil || len(b) != 0 {
		t.Errorf("a new store has the startup configuration %q, %v", b, err)
	}
	if names, err := s.Files(); err != nil || len(names) != 0 {
		t.Errorf("a new store has the files %q, %v", names, err)
	}
	for _, name := range []string{"b.cfg", "a", "startup-config", "a"} {
		if err := s.WriteFile(name, []byte(name+" v2")); err != nil {
			t.Errorf("write %s: %v", name, err)
		}
	}
	if err := s.SetStartup([]byte("hostname R1\n")); err != nil {
		t.Error(err)
	}
	if names, err := s.Files(); err != nil || !slices.Equal(names, []string{"a", "b.cfg", "startup-config"}) {
		t.Errorf("files: %q, %v", names, err)
	}
	b, err := s.ReadFile("startup-config")
	if err != nil || string(b) != "startup-config v2" {
		t.Errorf("the file that is called like the startup configuration holds %q, %v", b, err)
	}
	clear(b)
	if b, err := s.ReadFile("startup-config"); err != nil || string(b) != "startup-config v2" {
		t.Errorf("changing what was read changed the file to %q, %v", b, err)
	}
	if b, err := s.Startup(); err != nil || string(b) != "hostname R1\n" {
		t.Errorf("startup configuration: %q, %v", b, err)
	}
	if err := s.RemoveFile("a"); err != nil {
		t.Error(err)
	}
	if _, err := s.ReadFile("a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("read of a removed file: %v", err)
	}
	if err := s.RemoveFile("a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed twice: %v", err)
	}
	for _, name := range []string{"", ".", "..", "../a", "/etc/passwd", "a/b", ".hidden", "a\x00", "a\n", strings.Repeat("a", 64)} {
		_, read := s.ReadFile(name)
		for what, err := range map[string]error{"read": read, "write": s.WriteFile(name, nil), "remove": s.RemoveFile(name)} {
			if !errors.Is(err, ErrName) {
				t.Errorf("%s %q: %v", what, name, err)
			}
		}
	}
}

func TestDirFollowsNoLink(t *testing.T) {
	root := t.TempDir()
	d, err := NewDir(root, "R1", nil)
	if err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(root, "outside")
	if err := errors.Join(d.SetStartup([]byte("old")), os.WriteFile(outside, []byte("secret"), 0o600),
		os.Remove(filepath.Join(root, "R1", startupName)),
		os.Symlink(outside, filepath.Join(root, "R1", startupName))); err != nil {
		t.Fatal(err)
	}
	if b, err := d.Startup(); err == nil {
		t.Errorf("read %q through a link", b)
	}
	if err := d.SetStartup([]byte("new")); err != nil {
		t.Error(err)
	}
	if b, _ := os.ReadFile(outside); string(b) != "secret" {
		t.Errorf("wrote %q through a link", b)
	}
}

// versions are what a writer that gets killed writes in turn.
var versions = [][]byte{bytes.Repeat([]byte("a"), 1<<18), bytes.Repeat([]byte("b"), 1<<18)}

const victimVariable = "NVRAM_TEST_VICTIM"

// TestVictim is the process that TestKill kills: it writes for ever and says
// so after each time.
func TestVictim(t *testing.T) {
	root := os.Getenv(victimVariable)
	if root == "" {
		t.Skip("only for TestKill")
	}
	d, err := NewDir(root, "R1", nil)
	for i := 0; err == nil; i++ {
		err = d.SetStartup(versions[i%2])
		os.Stdout.Write([]byte("."))
	}
	t.Fatal(err)
}

func TestKill(t *testing.T) {
	root := t.TempDir()
	for round := range 5 {
		victim := exec.Command(os.Args[0], "-test.run=^TestVictim$")
		victim.Env = append(os.Environ(), victimVariable+"="+root)
		out, err := victim.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := victim.Start(); err != nil {
			t.Fatal(err)
		}
		for range 2 + round {
			if _, err := out.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
		}
		if err := victim.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		victim.Wait()
		d, err := NewDir(root, "R1", nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := d.Startup()
		if err != nil || !bytes.Equal(b, versions[0]) && !bytes.Equal(b, versions[1]) {
			t.Errorf("%d bytes, %v: neither the old nor the new", len(b), err)
		}
		if entries, err := os.ReadDir(filepath.Join(root, "R1")); err != nil || len(entries) != 1 {
			t.Errorf("left over: %v, %v", entries, err)
		}
	}
}
