package outward

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// pair is both ends of a connection.
func pair(t *testing.T) (near, far net.Conn) {
	t.Helper()
	near, far = net.Pipe()
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	deadline := time.Now().Add(10 * time.Second)
	_, _ = near.SetDeadline(deadline), far.SetDeadline(deadline)
	return near, far
}

// buffered is both ends of one that takes something without being read, as who
// speaks SSH expects.
func buffered(t *testing.T) (near, far net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if near, err = net.Dial("tcp", l.Addr().String()); err == nil {
		far, err = l.Accept()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	return near, far
}

// A host's options are agreed to or refused, each once, and what it says
// reaches the terminal without them, in whatever pieces it comes.
func TestTelnetNegotiates(t *testing.T) {
	near, far := pair(t)
	l := Telnet(near, 80, 24)
	var replies bytes.Buffer
	var wait sync.WaitGroup
	wait.Go(func() { _, _ = io.Copy(&replies, far) })
	said := []byte("lo\xff\xfb\x01gin\xff\xfb\x03\xff\xfd\x1f\xff\xfd\x18\xff\xfb\x05\xff\xfb\x01\xff\xfa\x18\x01\xff\xf0: \xff\xff")
	wait.Go(func() {
		for _, c := range said {
			_, _ = far.Write([]byte{c})
		}
	})
	got := make([]byte, len("login: \xff"))
	if _, err := io.ReadFull(l, got); err != nil || string(got) != "login: \xff" {
		t.Errorf("shown %q, %v", got, err)
	}
	if _, err := l.Write([]byte("me\r\xff")); err != nil {
		t.Error(err)
	}
	l.Resize(255, 50)
	_ = near.Close()
	wait.Wait()
	want := "\xff\xfd\x01\xff\xfd\x03\xff\xfb\x1f\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0\xff\xfc\x18\xff\xfe\x05" +
		"me\r\x00\xff\xff\xff\xfa\x1f\x00\xff\xff\x00\x32\xff\xf0"
	if replies.String() != want {
		t.Errorf("the host hears\n%q, want\n%q", replies.String(), want)
	}
}

// What does not speak telnet gets lines as they are on the network.
func TestTelnetToAnyPort(t *testing.T) {
	near, far := pair(t)
	l := Telnet(near, 80, 24)
	go func() { _, _ = l.Write([]byte("GET /\r")) }()
	if line, err := bufio.NewReader(far).ReadString('\n'); err != nil || line != "GET /\r\n" {
		t.Errorf("%q, %v", line, err)
	}
	if l.(interface{ Echoes() bool }).Echoes() {
		t.Error("nobody has said that he echoes")
	}
}

func FuzzTelnet(f *testing.F) {
	f.Add([]byte("a\xff\xfd\x1f\xff\xfa\x18\x01\xff\xf0b\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		near, far := net.Pipe()
		defer near.Close()
		go func() { _, _ = io.Copy(io.Discard, far) }()
		l := Telnet(near, 80, 24).(*telnet)
		if l.decode(b); len(l.command) > 66 {
			t.Errorf("a command of %d octets is kept", len(l.command))
		}
	})
}

// sshHost is a host whose user me has the password right, and whose shell says
// what is typed in upper case.
func sshHost(t *testing.T, conn net.Conn) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Error(err)
		return
	}
	signer, _ := ssh.NewSignerFromKey(key)
	c := &ssh.ServerConfig{PasswordCallback: func(m ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
		if m.User() == "me" && string(password) == "right" {
			return nil, nil
		}
		return nil, errors.New("wrong")
	}}
	c.AddHostKey(signer)
	_, channels, requests, err := ssh.NewServerConn(conn, c)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for asked := range channels {
		channel, requests, err := asked.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range requests {
				_ = r.Reply(r.Type == "pty-req" || r.Type == "shell", nil)
			}
		}()
		for {
			var b [64]byte
			n, err := channel.Read(b[:])
			if err != nil || strings.Contains(string(b[:n]), "q") {
				_ = channel.Close()
				break
			}
			_, _ = channel.Write(bytes.ToUpper(b[:n]))
		}
	}
}

func TestSSH(t *testing.T) {
	for name, row := range map[string]struct {
		answers []string
		asked   int
		want    string
	}{
		"right at once": {[]string{"right"}, 1, ""},
		"right at last": {[]string{"one", "two", "right"}, 3, ""},
		"never":         {[]string{"one", "two", "three", "right"}, 3, "permission denied"},
		"broken off":    {nil, 1, "no answer"},
	} {
		near, far := buffered(t)
		go sshHost(t, far)
		asked := 0
		l, err := SSHClient{User: "me", Width: 80, Length: 24, Ask: func(string) (string, bool) {
			if asked++; asked > len(row.answers) {
				return "", false
			}
			return row.answers[asked-1], true
		}}.SSH(near, "host")
		if asked != row.asked || (err == nil) != (row.want == "") || err != nil && err.Error() != row.want {
			t.Errorf("%s: asked %d times, %v", name, asked, err)
		}
		if err == nil {
			converse(t, l)
		}
	}
}

// converse types to a shell that says it in upper case, elsewhere for a while.
func converse(t *testing.T, l Link) {
	t.Helper()
	woken := make(chan bool, 1)
	s := NewSession(l, func() { woken <- true })
	defer s.Close()
	_, _ = s.Write([]byte("hello"))
	for end := time.Now().Add(10 * time.Second); s.Unseen() < 5; {
		if time.Now().After(end) {
			t.Fatal("nothing comes")
		}
	}
	var screen bytes.Buffer
	s.Show(&screen)
	s.Show(nil)
	if screen.String() != "HELLO" || s.Ended() {
		t.Errorf("shown %q, ended %v", screen.String(), s.Ended())
	}
	s.Resize(100, 30)
	_, _ = s.Write([]byte("q"))
	<-woken
	if !s.Ended() {
		t.Error("it has not ended")
	}
}
