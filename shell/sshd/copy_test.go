package sshd

import (
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// What a client says, and what it hears: an octet 0 to go on, or 1 and a line.
var copyTests = map[string]struct {
	command, says, hears string
	denied               error
	files                map[string]string
	refused              bool
}{
	"a file comes": {command: "scp -t flash:/new", says: "C0644 5 x\nhello\x00", hears: "\x00\x00\x00",
		files: map[string]string{"flash:/new": "hello"}},
	"an empty file": {command: "scp -v -p -t 'flash:/new'", says: "T1 0 1 0\nC0600 0 x\n\x00", hears: "\x00\x00\x00\x00",
		files: map[string]string{"flash:/new": ""}},
	"to a folder": {command: "scp -t flash:", says: "C0644 1 a b\nz\x00", hears: "\x00\x00\x00",
		files: map[string]string{"flash:/a b": "z"}},
	"a file goes": {command: "scp -f flash:/there", says: "\x00\x00\x00",
		hears: "C0644 13 there\nwhat is there\x00"},
	"none goes": {command: "scp -f flash:/none", says: "\x00", refused: true,
		hears: "\x01%Error opening flash:/none (No such file or directory)\n"},
	"one that is too large": {command: "scp -t flash:/new", says: "C0644 999999999999 x\n", refused: true,
		hears: "\x00\x01no space left on device\n"},
	"a folder": {command: "scp -r -t flash:/new", says: "D0755 0 x\n", refused: true, hears: "\x00\x01only files can be copied\n"},
	"one that is cut short": {command: "scp -t flash:/new", says: "C0644 5 x\nhell", refused: true, hears: "\x00\x00",
		files: map[string]string{}},
	"one that goes wrong over there": {command: "scp -t flash:/new", says: "C0644 5 x\nhello\x01", refused: true, hears: "\x00\x00",
		files: map[string]string{}},
	"nonsense":         {command: "scp -t flash:/new", says: "hello\n", refused: true, hears: "\x00\x01only files can be copied\n"},
	"a line of no end": {command: "scp -t flash:/new", says: "C" + strings.Repeat("0", 1<<20), refused: true, hears: "\x00"},
	"not allowed": {command: "scp -t flash:/new", denied: errors.New("not for you"), refused: true,
		hears: "\x01not for you\n"},
}

func TestCopy(t *testing.T) {
	for name, row := range copyTests {
		t.Run(name, func(t *testing.T) {
			b := newBox(t)
			b.denied = row.denied
			x, err := dial(t, b.serve(t), byPassword("right")).NewSession()
			if err != nil {
				t.Fatal(err)
			}
			x.Stdin = strings.NewReader(row.says)
			heard, err := x.Output(row.command)
			if (err != nil) != row.refused || string(heard) != row.hears {
				t.Errorf("hears %q, %v; want %q", heard, err, row.hears)
			}
			delete(b.files, "flash:/there")
			if row.files != nil && fmt.Sprint(b.files) != fmt.Sprint(row.files) {
				t.Errorf("the files are %q", b.files)
			}
		})
	}
}

// OpenSSH's scp copies both ways, where it is installed.
func TestOpenSSHCopies(t *testing.T) {
	scp, err := exec.LookPath("scp")
	if err != nil {
		t.Skip("there is no scp here")
	}
	b := newBox(t)
	here := t.TempDir()
	key := clientKey(t, b, here)
	addr := b.serve(t).Addr().String()
	port := addr[strings.LastIndexByte(addr, ':')+1:]
	large := strings.Repeat("0123456789abcdef", 1<<17)
	from, to := filepath.Join(here, "from"), filepath.Join(here, "to")
	if err := os.WriteFile(from, []byte(large), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{from, "carl@127.0.0.1:flash:/large"}, {"carl@127.0.0.1:flash:/large", to}} {
		args = append([]string{"-O", "-P", port, "-i", key, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no",
			"-o", "UserKnownHostsFile=/dev/null", "-F", "/dev/null"}, args...)
		if out, err := exec.Command(scp, args...).CombinedOutput(); err != nil {
			t.Fatalf("scp %q: %v\n%s", args, err, out)
		}
	}
	if got, err := os.ReadFile(to); err != nil || string(got) != large || b.files["flash:/large"] != large {
		t.Errorf("%d octets came back, %v", len(got), err)
	}
}

// clientKey is the file of a key by which carl gets into the box.
func clientKey(t *testing.T, b *box, folder string) string {
	t.Helper()
	public, private := newKey(t)
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(folder, "id")
	if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	b.key = public
	return name
}
