package remote

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// serve is a host that carl may log in to with the password "right", and whose
// commands run is. It returns where it is.
func serve(t *testing.T, run func(command string, c ssh.Channel) (status byte)) netip.AddrPort {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	config := &ssh.ServerConfig{PasswordCallback: func(c ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
		if c.User() != "carl" || string(password) != "right" {
			return nil, errors.New("wrong")
		}
		return nil, nil
	}}
	config.AddHostKey(key)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go attend(conn, config, run)
		}
	}()
	return netip.MustParseAddrPort(l.Addr().String())
}

func attend(conn net.Conn, config *ssh.ServerConfig, run func(string, ssh.Channel) byte) {
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		_ = conn.Close()
		return
	}
	go ssh.DiscardRequests(requests)
	for n := range channels {
		c, requests, err := n.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range requests {
				_ = r.Reply(true, nil)
				if len(r.Payload) < 4 {
					continue
				}
				status := run(r.Type+" "+string(r.Payload[4:]), c)
				_, _ = c.SendRequest("exit-status", false, []byte{0, 0, 0, status})
				_ = c.Close()
			}
		}()
	}
}

// really carries out what real clients of the same protocols would have carried
// out: by the programs of OpenSSH, and by an SFTP server.
func really(t *testing.T) func(command string, c ssh.Channel) byte {
	if _, err := exec.LookPath("scp"); err != nil {
		t.Skip("there is no scp here")
	}
	return func(command string, c ssh.Channel) byte {
		if command == "subsystem sftp" {
			s, err := sftp.NewServer(c)
			if err == nil {
				err = s.Serve()
			}
			if err != nil && !errors.Is(err, io.EOF) {
				return 1
			}
			return 0
		}
		p := exec.Command("sh", "-c", strings.TrimPrefix(command, "exec "))
		p.Stdin, p.Stdout, p.Stderr = c, c, c.Stderr()
		if p.Run() != nil {
			return 1
		}
		return 0
	}
}

// visitor is a Host that the password is said to in turn.
func visitor(at netip.AddrPort, passwords ...string) Host {
	return Host{Addr: at, Name: "there", User: "carl",
		Password: func() (string, bool) {
			if len(passwords) == 0 {
				return "", false
			}
			p := passwords[0]
			passwords = passwords[1:]
			return p, true
		},
		Trust: func(string, []byte) error { return nil }}
}

func TestFilesGoAndCome(t *testing.T) {
	at := serve(t, really(t))
	for name, way := range map[string]Way{"scp": SCP, "sftp": SFTP} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "it's a $HOME file")
			for _, data := range [][]byte{[]byte("hostname R1\nend\n"), {}, bytes.Repeat([]byte("\x00\xff\r\n"), 1<<17)} {
				if err := visitor(at, "right").Write(context.Background(), way, file, data); err != nil {
					t.Fatal(err)
				}
				if b, err := os.ReadFile(file); err != nil || !bytes.Equal(b, data) {
					t.Errorf("%d octets went, and %d came, %v", len(data), len(b), err)
				}
				back, err := visitor(at, "right").Read(context.Background(), way, file, len(data))
				if err != nil || !bytes.Equal(back, data) {
					t.Errorf("%d octets came back of %d, %v", len(back), len(data), err)
				}
			}
			if _, err := visitor(at, "right").Read(context.Background(), way, file, 1<<10); !errors.Is(err, ErrTooLarge) {
				t.Errorf("more than was wanted: %v", err)
			}
			if _, err := visitor(at, "right").Read(context.Background(), way, file+"x", 1); err == nil {
				t.Error("a file came that is not there")
			}
			if err := visitor(at, "right").Write(context.Background(), way, filepath.Join(file, "x"), nil); err == nil {
				t.Error("a file went into a file")
			}
		})
	}
}

func TestWhoMayComeIn(t *testing.T) {
	at := serve(t, func(string, ssh.Channel) byte { return 1 })
	read := func(h Host) error {
		_, err := h.Read(context.Background(), SCP, "x", 1)
		return err
	}
	if err := read(visitor(at, "wrong", "wrong", "right")); err == nil || err.Error() == "Authentication failed" {
		t.Errorf("the third password is right, and yet: %v", err)
	}
	if err := read(visitor(at, "a", "b", "c", "d", "e", "f", "g")); err == nil || err.Error() != "Authentication failed" {
		t.Errorf("wrong passwords: %v", err)
	}
	if err := read(visitor(at)); !errors.Is(err, ErrInterrupted) {
		t.Errorf("nobody says a password: %v", err)
	}
	stranger := errors.New("not that one")
	h := visitor(at, "right")
	h.Trust = func(string, []byte) error { return stranger }
	h.Password = func() (string, bool) { t.Error("a stranger was told the password"); return "", false }
	if err := read(h); !errors.Is(err, stranger) {
		t.Errorf("an unknown key: %v", err)
	}
}

// TestRudeHosts: whatever the other side says, it ends in an error.
func TestRudeHosts(t *testing.T) {
	for name, says := range map[string]string{
		"nothing": "", "an error": "\x01scp: x: No such file\n", "nonsense": "hello\n", "no size": "C0644\n", "a size of letters": "C0644 x y\n",
		"a negative size": "C0644 -1 y\n", "much": "C0644 99999999999999 y\n", "a line of no end": "C" + strings.Repeat("0", 1<<16),
		"a folder": "D0755 0 x\n", "less than it said": "C0644 9 x\nshort", "a file that went wrong": "C0644 1 x\nx\x02gone\n",
	} {
		at := serve(t, func(_ string, c ssh.Channel) byte {
			_, _ = io.WriteString(c, says)
			return 0
		})
		if data, err := visitor(at, "right").Read(context.Background(), SCP, "x", 100); err == nil {
			t.Errorf("%s: came %q", name, data)
		}
		if err := visitor(at, "right").Write(context.Background(), SCP, "x", []byte("data")); err == nil {
			t.Errorf("%s: went", name)
		}
		if _, err := visitor(at, "right").Read(context.Background(), SFTP, "x", 100); err == nil {
			t.Errorf("%s: came by SFTP", name)
		}
	}
}

// TestInterrupted: a host that says nothing holds nobody up who has had enough.
func TestInterrupted(t *testing.T) {
	reached := make(chan bool, 1)
	at := serve(t, func(_ string, c ssh.Channel) byte {
		reached <- true
		_, _ = io.Copy(io.Discard, c)
		return 0
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		_, err := visitor(at, "right").Read(ctx, SCP, "x", 1)
		ended <- err
	}()
	<-reached
	cancel()
	if err := <-ended; !errors.Is(err, ErrInterrupted) {
		t.Error(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	if _, err := visitor(netip.MustParseAddrPort(l.Addr().String())).Read(context.Background(), SCP, "x", 1); err == nil ||
		!strings.Contains(err.Error(), "there: connect: connection refused") {
		t.Errorf("nobody is there: %v", err)
	}
}
