package sshd

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// by is a client that logs in by these methods.
func by(methods ...ssh.AuthMethod) *ssh.ClientConfig {
	c := byPassword("")
	c.Auth = methods
	return c
}

// answering is a client that is asked questions.
func answering(t *testing.T, answers ...string) ssh.AuthMethod {
	return ssh.KeyboardInteractive(func(name, instruction string, questions []string, echos []bool) ([]string, error) {
		if len(questions) != 1 || questions[0] != "Password: " || echos[0] || name+instruction != "" {
			t.Errorf("asked %q %q %q %v", name, instruction, questions, echos)
		}
		return answers, nil
	})
}

func TestLogins(t *testing.T) {
	b := newBox(t)
	known, private := newKey(t)
	_, stranger := newKey(t)
	b.key = known
	signer := func(key any) ssh.Signer {
		s, err := ssh.NewSignerFromKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := b.serve(t)
	for name, row := range map[string]struct {
		config *ssh.ClientConfig
		in     bool
	}{
		"a password":                  {by(ssh.Password("right")), true},
		"a wrong one":                 {by(ssh.Password("wrong")), false},
		"an empty one":                {by(ssh.Password("")), false},
		"a question":                  {by(answering(t, "right")), true},
		"a wrong answer":              {by(answering(t, "wrong")), false},
		"a key":                       {by(ssh.PublicKeys(signer(private))), true},
		"an unknown key":              {by(ssh.PublicKeys(signer(stranger))), false},
		"many unknown keys, then one": {by(ssh.PublicKeys(append(slices.Repeat([]ssh.Signer{signer(stranger)}, 10), signer(private))...)), true},
		"an unknown key, a password":  {by(ssh.PublicKeys(signer(stranger)), ssh.Password("right")), true},
		"nothing":                     {by(), false},
	} {
		t.Run(name, func(t *testing.T) {
			var banner string
			row.config.BannerCallback = func(text string) error { banner = text; return nil }
			c, err := ssh.Dial("tcp", s.Addr().String(), row.config)
			if (err == nil) != row.in || banner != "keep out\n" {
				t.Fatalf("%v, banner %q", err, banner)
			}
			if err == nil {
				x := open(t, c, 80, 24)
				x.must("carl#")
				_ = c.Close()
			}
		})
	}
	b.left(t)
}

// After so many wrong passwords the client is told so, and cut off; the right
// one comes too late then.
func TestRetries(t *testing.T) {
	b := newBox(t)
	b.policy.Retries = 2
	s := b.serve(t)
	tries := 0
	c := by(ssh.RetryableAuthMethod(ssh.PasswordCallback(func() (string, error) {
		tries++
		if tries > 2 {
			return "right", nil
		}
		return "wrong", nil
	}), 5))
	if client, err := ssh.Dial("tcp", s.Addr().String(), c); err == nil {
		_ = client.Close()
		t.Errorf("in after %d tries", tries)
	}
	if tries < 2 {
		t.Errorf("cut off after %d tries", tries)
	}
}

func TestMethodsAndAlgorithms(t *testing.T) {
	b := newBox(t)
	b.policy.Methods = []string{MethodKeyboard}
	s := b.serve(t)
	if _, err := ssh.Dial("tcp", s.Addr().String(), by(ssh.Password("right"))); err == nil {
		t.Error("in by a method that is off")
	}
	insecure := ssh.InsecureAlgorithms()
	old := by(answering(t, "right"))
	old.KeyExchanges = []string{ssh.InsecureKeyExchangeDH1SHA1, ssh.InsecureKeyExchangeDHGEXSHA1, ssh.InsecureKeyExchangeDH14SHA1}
	old.Ciphers, old.MACs = insecure.Ciphers, []string{ssh.HMACSHA1}
	if _, err := ssh.Dial("tcp", s.Addr().String(), old); err == nil {
		t.Error("in by algorithms that are off")
	}
	for _, kex := range old.KeyExchanges {
		for _, cipher := range []string{ssh.InsecureCipherAES128CBC, ssh.InsecureCipherTripleDESCBC} {
			was := newBox(t)
			was.policy.Algorithms = Algorithms{KeyExchanges: []string{kex}, Ciphers: []string{cipher}, MACs: []string{ssh.HMACSHA1},
				HostKeys: []string{ssh.KeyAlgoED25519}}
			c, err := ssh.Dial("tcp", was.serve(t).Addr().String(), old)
			if err != nil {
				t.Errorf("%s, %s: %v", kex, cipher, err)
				continue
			}
			_ = c.Close()
		}
	}
}

// Without a key, or when the key is good for nothing that is offered, nobody
// gets in, and the server stays.
func TestNoHostKey(t *testing.T) {
	b := newBox(t)
	key := b.policy.HostKeys
	s := b.serve(t)
	change := func(keys []ssh.Signer, algorithm string) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.policy.HostKeys, b.policy.Algorithms.HostKeys = keys, []string{algorithm}
	}
	change(nil, ssh.KeyAlgoED25519)
	if _, err := ssh.Dial("tcp", s.Addr().String(), byPassword("right")); err == nil {
		t.Error("in without a host key")
	}
	change(key, ssh.KeyAlgoRSASHA256)
	if _, err := ssh.Dial("tcp", s.Addr().String(), byPassword("right")); err == nil {
		t.Error("in with a host key that is not offered")
	}
	change(key, ssh.KeyAlgoED25519)
	dial(t, s, byPassword("right"))
}

// 200 who connect and say nothing keep nobody out.
func TestSilence(t *testing.T) {
	b := newBox(t)
	b.policy.Timeout = 20 * time.Second
	s := b.serve(t)
	for range 200 {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	begun := time.Now()
	x := open(t, dial(t, s, byPassword("right")), 80, 24)
	x.typed("say here\r")
	x.must("\r\nhere\r\n")
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("it took %v to get in", took)
	}
	s.lobby.mu.Lock()
	defer s.lobby.mu.Unlock()
	if n := len(s.lobby.waiting); n == 0 || n > lobbyMost {
		t.Errorf("%d are silent and still there", n)
	}
}

// A crowd from one address keeps those of others in.
func TestLobby(t *testing.T) {
	l := newLobby()
	l.most, l.grace = 3, 0
	var conns []*stub
	for _, from := range []string{"10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.2", "10.0.0.3"} {
		c := &stub{from: from}
		conns = append(conns, c)
		if !l.enter(c) {
			t.Fatal("not in")
		}
	}
	var closed []bool
	for _, c := range conns {
		closed = append(closed, c.closed)
	}
	if want := []bool{false, true, true, false, false}; !slices.Equal(closed, want) {
		t.Errorf("thrown out: %v, want %v", closed, want)
	}
	l.leave(conns[0])
	l.grace = time.Hour
	if !l.enter(conns[0]) {
		t.Error("no room where somebody has left")
	}
	done := make(chan bool)
	go func() { done <- l.enter(&stub{from: "10.0.0.4"}) }()
	l.leave(conns[4])
	if !<-done {
		t.Error("who waits does not get in when somebody leaves")
	}
	go func() { done <- l.enter(&stub{from: "10.0.0.5"}) }()
	l.close()
	if <-done {
		t.Error("in though the lobby is closed")
	}
}

// A stub is a connection from somewhere.
type stub struct {
	net.Conn
	from   string
	closed bool
}

func (s *stub) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.ParseIP(s.from), Port: 1} }
func (s *stub) Close() error         { s.closed = true; return nil }

// What is no SSH ends without a trace.
func TestGarbage(t *testing.T) {
	b := newBox(t)
	s := b.serve(t)
	for _, text := range []string{"", "\n", "GET / HTTP/1.1\r\n\r\n", strings.Repeat("x", 1<<20), "SSH-1.5-old\r\n",
		"SSH-2.0-x\r\n" + strings.Repeat("\xff", 1<<16), "SSH-2.0-x\r\n\x00\x00\x00\x0c\x0a\x14"} {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, text)
		_ = c.Close()
	}
	dial(t, s, byPassword("right"))
}

// What is not a session is refused, and so is a second one.
func TestRefused(t *testing.T) {
	c := dial(t, newBox(t).serve(t), byPassword("right"))
	if _, err := c.Dial("tcp", "127.0.0.1:22"); err == nil || !strings.Contains(err.Error(), "prohibited") {
		t.Errorf("forwarding: %v", err)
	}
	if _, err := c.Listen("tcp", "127.0.0.1:0"); err == nil {
		t.Error("forwarding back")
	}
	x, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := x.RequestSubsystem("sftp"); err == nil {
		t.Error("a subsystem is there")
	}
	_ = x.Setenv("LANG", "C")
	_, err = c.NewSession()
	if e := (*ssh.OpenChannelError)(nil); !errors.As(err, &e) || e.Reason != ssh.ResourceShortage {
		t.Errorf("a second session: %v", err)
	}
	if out, err := x.Output("say the first still works"); err != nil || string(out) != "the first still works\r\n" {
		t.Errorf("%q, %v", out, err)
	}
}

// No free line is said, and is no success.
func TestNoLine(t *testing.T) {
	b := newBox(t)
	b.full.Store(true)
	x, err := dial(t, b.serve(t), byPassword("right")).NewSession()
	if err != nil {
		t.Fatal(err)
	}
	out, err := x.Output("say hello")
	if string(out) != "% All lines are in use\r\n" || fmt.Sprint(err) != "Process exited with status 1" {
		t.Errorf("%q, %v", out, err)
	}
}
