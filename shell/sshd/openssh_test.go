package sshd

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// OpenSSH's client, where it is installed: a command, a session without a
// terminal and one with, and what is not there.
func TestOpenSSH(t *testing.T) {
	client, err := exec.LookPath("ssh")
	if err != nil {
		t.Skip("there is no ssh here")
	}
	b := newBox(t)
	key := clientKey(t, b, t.TempDir())
	addr := b.serve(t).Addr().String()
	options := []string{"-p", addr[strings.LastIndexByte(addr, ':')+1:], "-i", key, "-F", "/dev/null", "-o", "BatchMode=yes",
		"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"}
	for name, row := range map[string]struct {
		args        []string
		stdin, want string
		status      int
	}{
		"a command":           {args: []string{"carl@127.0.0.1", "say hello"}, want: "hello\r\n"},
		"one that is refused": {args: []string{"carl@127.0.0.1", "sing"}, want: "Line has invalid autocommand \"sing\"\r\n", status: 1},
		"piped":               {args: []string{"-T", "carl@127.0.0.1"}, stdin: "say one\nsay two\n", want: "carl#say one\r\none\r\ncarl#say two\r\ntwo\r\ncarl#"},
		"piped, and left":     {args: []string{"-T", "carl@127.0.0.1"}, stdin: "say one\nexit\nsay two\n", want: "carl#say one\r\none\r\ncarl#exit\r\n"},
		"on a terminal":       {args: []string{"-tt", "carl@127.0.0.1"}, stdin: "size\nexit\n", want: "carl#size\r\n80x24\r\ncarl#exit\r\n"},
		"a subsystem":         {args: []string{"-s", "carl@127.0.0.1", "sftp"}, status: 255},
	} {
		t.Run(name, func(t *testing.T) {
			c := exec.Command(client, append(options[:len(options):len(options)], row.args...)...)
			c.Stdin = strings.NewReader(row.stdin)
			var out bytes.Buffer
			c.Stdout = &out
			_ = c.Run()
			if status := c.ProcessState.ExitCode(); out.String() != row.want || status != row.status {
				t.Errorf("%q, status %d; want %q, %d", out.String(), status, row.want, row.status)
			}
		})
	}
	b.left(t)
}
