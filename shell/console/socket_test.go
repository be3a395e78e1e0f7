package console

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
)

func dialRaw(t *testing.T, path string) *Client {
	t.Helper()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &Client{conn: conn, in: bufio.NewReader(conn)}
}

func listen(t *testing.T, path, group string) *Listener {
	t.Helper()
	l, err := Listen(path, group)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func modeOf(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

func TestPermissions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run", "gresh", "console.sock")
	l := listen(t, path, "")
	if m := modeOf(t, path); m != fs.ModeSocket|0o600 {
		t.Errorf("the socket is %v", m)
	}
	if m := modeOf(t, filepath.Dir(path)); m.Perm()&0o022 != 0 {
		t.Errorf("the folder is %v: others may put a socket there", m)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	gid, err := user.LookupGroupId("0")
	if err != nil || os.Geteuid() != 0 {
		gid, _ = user.LookupGroupId(groupOfUs(t))
	}
	listen(t, path, gid.Name)
	if m := modeOf(t, path); m != fs.ModeSocket|0o660 {
		t.Errorf("for a group, the socket is %v", m)
	}
}

func groupOfUs(t *testing.T) string {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Skipf("who are we? %v", err)
	}
	return me.Gid
}

func TestAdmits(t *testing.T) {
	for _, c := range []struct {
		what  string
		group int
		peer  peer
		want  bool
	}{
		{"root", -1, peer{uid: 0}, true},
		{"the owner", -1, peer{uid: 900, groups: []int{900}}, true},
		{"another", -1, peer{uid: 1000, groups: []int{1000, 27}}, false},
		{"another of root's group, which is none of ours", -1, peer{uid: 1000, groups: []int{0}}, false},
		{"a member", 50, peer{uid: 1000, groups: []int{1000, 27, 50}}, true},
		{"no member", 50, peer{uid: 1000, groups: []int{1000, 27}}, false},
		{"nobody at all", 50, peer{uid: 65534}, false},
	} {
		l := &Listener{owner: 900, group: c.group}
		if got := l.admits(c.peer); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

func TestSocketInUse(t *testing.T) {
	path := socketOf(t)
	first := listen(t, path, "")
	if _, err := Listen(path, ""); !errors.Is(err, ErrRunning) || !strings.Contains(err.Error(), path) {
		t.Errorf("beside a living one: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
	listen(t, path, "")
}

// A socket that was left behind is in nobody's way; a file that is no socket
// is not ours to remove.
func TestSocketStale(t *testing.T) {
	path := socketOf(t)
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	stale.Close()
	listen(t, path, "")

	file := filepath.Join(t.TempDir(), "startup-config")
	if err := os.WriteFile(file, []byte("hostname R1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(file, ""); err == nil || !strings.Contains(err.Error(), "is no socket") {
		t.Errorf("in place of a file: %v", err)
	}
	if text, err := os.ReadFile(file); err != nil || len(text) == 0 {
		t.Errorf("the file: %q, %v", text, err)
	}
	// The failure has let go of the lock.
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	listen(t, file, "")
}

func TestUnknownGroup(t *testing.T) {
	if _, err := Listen(socketOf(t), "no such group"); err == nil || !strings.Contains(err.Error(), "no such group") {
		t.Error(err)
	}
}

// Somebody else is turned away by the mode of the socket, and were the mode
// wrong, by what the kernel says of who he is.
func TestSomebodyElse(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	path := socketOf(t)
	for _, dir := range []string{filepath.Dir(path), filepath.Dir(filepath.Dir(path))} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const nobody, member = 65534, 54321
	l, err := Listen(path, "")
	if err != nil {
		t.Fatal(err)
	}
	l.group = member // it need not have a name
	serveOn(t, l, newBox())
	if err := as(nobody, nil, func() error { _, err := Dial(path, terminal); return err }); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("past the mode: %v", err)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	show := func() error {
		c, err := Dial(path, Hello{Script: true})
		if err != nil {
			return err
		}
		defer c.Close()
		c.End()
		_, err = c.Show(io.Discard, io.Discard)
		return err
	}
	if err := as(nobody, nil, show); err == nil || err.Error() != ErrDenied.Error() {
		t.Errorf("past the mode and the kernel: %v", err)
	}
	if err := as(nobody, []int{4, member}, show); err != nil {
		t.Errorf("as a member of the group: %v", err)
	}
}
