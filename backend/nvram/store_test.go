package nvram

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
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

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// testStore holds any Store to the contract.
func testStore(t *testing.T, s Store) {
	if b, err := s.Startup(); err != nil || len(b) != 0 {
		t.Errorf("a new store has the startup configuration %q, %v", b, err)
	}
	for i, name := range []string{"b.cfg", "a", "startup-config", "a"} {
		if err := s.WriteFile(name, []byte(name+" v2"), noon.Add(time.Duration(i)*time.Minute)); err != nil {
			t.Errorf("write %s: %v", name, err)
		}
	}
	must(t, s.SetStartup([]byte("hostname R1\n")))
	if got, want := listing(t, s, ""), "a 4 12:03, b.cfg 8 12:00, startup-config 17 12:02"; got != want {
		t.Errorf("files: %s, want %s", got, want)
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
	must(t, s.Remove("a"))
	wants(t, "read of a removed file", fs.ErrNotExist, second(s.ReadFile("a")))
	wants(t, "removed twice", fs.ErrNotExist, s.Remove("a"))
	testFolders(t, s)
	testPrivate(t, s)
	testNames(t, s)
	wants(t, "more than there is room for", ErrFull, s.WriteFile("big", make([]byte, Capacity), noon))
	must(t, s.WriteFile("big", make([]byte, 1000), noon))
}

func testFolders(t *testing.T, s Store) {
	must(t, s.MakeFolder("logs", noon))
	must(t, s.MakeFolder("logs/old", noon))
	must(t, s.WriteFile("logs/old/x", []byte("x"), noon))
	if got, want := listing(t, s, "logs"), "old/"; got != want {
		t.Errorf("logs: %s, want %s", got, want)
	}
	wants(t, "made twice", fs.ErrExist, s.MakeFolder("logs", noon))
	wants(t, "made nowhere", fs.ErrNotExist, s.MakeFolder("none/x", noon))
	wants(t, "made in a file", ErrKind, s.MakeFolder("b.cfg/x", noon))
	wants(t, "written nowhere", fs.ErrNotExist, s.WriteFile("none/x", nil, noon))
	wants(t, "a file over a folder", ErrKind, s.WriteFile("logs", nil, noon))
	wants(t, "a folder read", ErrKind, second(s.ReadFile("logs")))
	wants(t, "a file listed", ErrKind, second(s.List("b.cfg")))
	wants(t, "what is not there listed", fs.ErrNotExist, second(s.List("none")))
	wants(t, "not empty", ErrNotEmpty, s.Remove("logs"))
	wants(t, "moved into itself", ErrName, s.Rename("logs", "logs/old/logs"))
	wants(t, "moved over another", fs.ErrExist, s.Rename("logs", "b.cfg"))
	wants(t, "moved nowhere", fs.ErrNotExist, s.Rename("logs", "none/logs"))
	wants(t, "moved from nowhere", fs.ErrNotExist, s.Rename("none", "some"))
	must(t, s.Rename("logs", "kept"))
	if b, err := s.ReadFile("kept/old/x"); err != nil || string(b) != "x" {
		t.Errorf("moved with its folder: %q, %v", b, err)
	}
	must(t, s.Remove("kept/old/x"))
	must(t, s.Remove("kept/old"))
	must(t, s.Remove("kept"))
	if i, err := s.Stat(""); err != nil || !i.Folder {
		t.Errorf("the root: %+v, %v", i, err)
	}
	if n, err := Used(s); err != nil || n != 25 {
		t.Errorf("used: %d, %v", n, err)
	}
}

func testPrivate(t *testing.T, s Store) {
	if b, err := s.Private("key"); err != nil || len(b) != 0 {
		t.Errorf("nothing private yet: %q, %v", b, err)
	}
	must(t, s.SetPrivate("key", []byte("secret")))
	if b, err := s.Private("key"); err != nil || string(b) != "secret" {
		t.Errorf("private: %q, %v", b, err)
	}
	wants(t, "listed", fs.ErrNotExist, second(s.Stat("key")))
	wants(t, "astray", ErrName, s.SetPrivate("../key", nil))
}

func testNames(t *testing.T, s Store) {
	for _, name := range []string{"", ".", "..", "../a", "/etc/passwd", "a//b", "a/", ".hidden", "a\x00", "a\n", "a/../b", "a/.b",
		strings.Repeat("a", 64), "a/b/c/d/e/f/g/h/i"} {
		_, read := s.ReadFile(name)
		for what, err := range map[string]error{"read": read, "write": s.WriteFile(name, nil, noon), "remove": s.Remove(name),
			"folder": s.MakeFolder(name, noon), "rename": s.Rename("b.cfg", name), "from": s.Rename(name, "x")} {
			if !errors.Is(err, ErrName) {
				t.Errorf("%s %q: %v", what, name, err)
			}
		}
	}
}

func listing(t *testing.T, s Store, folder string) string {
	t.Helper()
	all, err := s.List(folder)
	must(t, err)
	var b []string
	for _, i := range all {
		if i.Folder {
			b = append(b, i.Name+"/")
			continue
		}
		b = append(b, fmt.Sprintf("%s %d %s", i.Name, i.Size, i.Modified.UTC().Format("15:04")))
	}
	return strings.Join(b, ", ")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func wants(t *testing.T, what string, want, got error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func second[T any](_ T, err error) error { return err }

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
