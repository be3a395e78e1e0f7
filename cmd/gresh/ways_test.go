package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"gresh/backend"
	"gresh/backend/sim"
	"gresh/commands"
)

// A village is a lab that is logged in to.
type village struct {
	*bench
	access access
}

// newVillage is one in which time passes by the wall clock. Its consoles are
// used before, by first, and not any more then.
func newVillage(t *testing.T, changes map[string][]string, o labOptions, first ...func(*bench)) *village {
	t.Helper()
	v := &village{bench: newBench(t, 1, changes)}
	for _, f := range first {
		f(v.bench)
	}
	runner := sim.NewRunner(v.World, 1)
	v.access = newAccess(v.World, func(n *sim.Node) backend.Loop { return runner.Loop(n) })
	if err := v.access.listen(v.World, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.access.close(); err != nil {
			t.Error(err)
		}
		runner.Close()
	})
	return v
}

// loggingIn is a client that any lab lets in.
var loggingIn = &ssh.ClientConfig{User: "carl", Auth: []ssh.AuthMethod{ssh.Password("any")},
	HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: 10 * time.Second}

// told is what a command shows over SSH.
func told(address, command, stdin string) (string, error) {
	c, err := ssh.Dial("tcp", address, loggingIn)
	if err != nil {
		return "", err
	}
	defer c.Close()
	x, err := c.NewSession()
	if err != nil {
		return "", err
	}
	x.Stdin = strings.NewReader(stdin)
	out, err := x.Output(command)
	return string(out), err
}

func TestLabOverSSH(t *testing.T) {
	v := newVillage(t, nil, labOptions{ssh: 1}) // that port is taken, or not ours: any
	for _, n := range v.Nodes() {
		address, telnet := v.access.addresses(n.Name())
		if telnet != "" {
			t.Errorf("%s takes telnet, which nobody asked for", n.Name())
		}
		got, err := told(address, "show running-config | include ^hostname", "")
		if n.Name() == "Spoke1" && err == nil && got != "" {
			t.Errorf("%q without privileges", got)
		}
		if got, err = told(address, "enable\nshow running-config | include ^hostname", ""); err != nil || got != "hostname "+n.Name()+"\r\n" {
			t.Errorf("%s: %q, %v", n.Name(), got, err)
		}
	}
	address, _ := v.access.addresses("Hub1")
	if got, err := told(address, "show nonsense", ""); err == nil || got != "Line has invalid autocommand \"show nonsense\"\r\n" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := told(address, "scp -t flash:/x", "C0644 2 x\nhi\x00"); err == nil || got != "\x01Administratively disabled.\n" {
		t.Errorf("scp that is not enabled: %q, %v", got, err)
	}
	if _, err := told(address, "enable\nconfigure terminal\nip scp server enable\nend", ""); err != nil {
		t.Error(err)
	}
	if got, err := told(address, "scp -t flash:x", "C0644 2 x\nhi\x00"); err != nil || got != "\x00\x00\x00" {
		t.Errorf("scp: %q, %v", got, err)
	}
	if got, err := told(address, "scp -f flash:/x", "\x00\x00\x00"); err != nil || got != "C0644 2 x\nhi\x00" {
		t.Errorf("scp: %q, %v", got, err)
	}
}

// What has been typed without a terminal is carried out to its end.
func TestLabPiped(t *testing.T) {
	v := newVillage(t, nil, labOptions{ssh: 1})
	address, _ := v.access.addresses("Spoke1")
	c, err := ssh.Dial("tcp", address, loggingIn)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	x, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	x.Stdout = &out
	typed := "enable\nconfigure terminal\n"
	for n := range 500 {
		typed += fmt.Sprintf("interface Loopback%d\n description number %d\n", n, n)
	}
	x.Stdin = strings.NewReader(typed + "end\nshow running-config | count description number\n")
	if err := x.Shell(); err != nil {
		t.Fatal(err)
	}
	if err := x.Wait(); err != nil {
		t.Errorf("it ends with %v", err)
	}
	if want := "Number of lines which match regexp = 500"; !strings.Contains(out.String(), want) {
		t.Errorf("%q is not at the end of %q", want, out.String()[max(0, out.Len()-300):])
	}
}

func TestLabOverTelnet(t *testing.T) {
	v := newVillage(t, map[string][]string{"Hub1": {"hostname Hub1", "hostname Hub1\nline vty 0 4\n transport input telnet ssh\n!"}}, labOptions{telnet: 1})
	_, address := v.access.addresses("Hub1")
	if _, none := v.access.addresses("Hub2"); none != "" || address == "" {
		t.Fatalf("Hub1 at %q, Hub2 at %q", address, none)
	}
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, "show privilege\r\nexit\r\n"); err != nil {
		t.Fatal(err)
	}
	if out, err := io.ReadAll(c); err != nil || !strings.Contains(string(out), "Hub1>show privilege\r\nCurrent privilege level is 1\r\n") {
		t.Errorf("%q, %v", out, err)
	}
}

// A router that runs as a service is reached by SSH once it has a key, not
// before; and nobody gets in who has not said who he is.
func TestServiceOverSSH(t *testing.T) {
	s := newService(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s.close()
	stop, err := serve(reach{socket: filepath.Join(t.TempDir(), "console.sock"), ssh: address}, s.runner.Loop(s.node), s.log)
	if err != nil {
		t.Fatal(err)
	}
	s.stop = stop
	if _, err := net.Dial("tcp", address); err == nil {
		t.Error("SSH is there without a key")
	}
	lines := commands.NewLines(s.runner.Loop(s.node), commands.LinesOptions{})
	if lines.Takes(commands.SSH) {
		t.Error("SSH without a key")
	}
	s.runner.Loop(s.node).Do(func(r *backend.Router, now time.Time) { err = hostKey(r, now) })
	if err != nil {
		t.Fatal(err)
	}
	until(t, "SSH to be there", func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	if _, err := told(address, "show version", ""); err == nil || !strings.Contains(err.Error(), "unable to authenticate") {
		t.Errorf("in by any password: %v", err)
	}
}

// What SSH sessions come to is logged, if it is wanted; and when all lines are
// in use who connects is cut off.
func TestSSHEvents(t *testing.T) {
	v := newVillage(t, map[string][]string{"Hub1": {"hostname Hub1", "hostname Hub1\nip ssh logging events"}}, labOptions{ssh: 1})
	address, _ := v.access.addresses("Hub1")
	shown, err := told(address, "show ssh", "")
	if err != nil || !strings.Contains(shown, "carl") || strings.Count(shown, "Session started") != 2 {
		t.Errorf("%q, %v", shown, err)
	}
	until(t, "the end to be logged", func() bool {
		shown, err = told(address, "show logging | include SSH2", "")
		return err != nil || strings.Contains(shown, "SSH2_CLOSE")
	})
	for _, want := range []string{"%SSH-5-SSH2_SESSION: SSH2 Session request from 127.0.0.1 (tty = 0) using crypto cipher '",
		"%SSH-5-SSH2_USERAUTH: User 'carl' authentication for SSH2 Session from 127.0.0.1 (tty = 0)", "for user 'carl'"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not in %s", want, shown)
		}
	}
	var clients []*ssh.Client
	for range 16 {
		c, err := ssh.Dial("tcp", address, loggingIn)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		clients = append(clients, c)
		x, err := c.NewSession()
		if err == nil {
			_, err = x.StdinPipe()
		}
		if err == nil {
			err = x.Shell()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	until(t, "all lines to be taken", func() bool { // a shell is promised before it has one
		c, err := ssh.Dial("tcp", address, loggingIn)
		return err != nil || c.Close() != nil
	})
	_ = clients[3].Close()
	until(t, "a line to be free", func() bool {
		c, err := ssh.Dial("tcp", address, loggingIn)
		return err == nil && c.Close() == nil
	})
}
