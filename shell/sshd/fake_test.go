package sshd

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"gresh/modes"
	"gresh/shell"
)

// modern is what a router offers unless it is told otherwise.
var modern = Algorithms{
	KeyExchanges: []string{ssh.KeyExchangeMLKEM768X25519, ssh.KeyExchangeCurve25519},
	Ciphers:      []string{ssh.CipherChaCha20Poly1305, ssh.CipherAES256GCM},
	MACs:         []string{ssh.HMACSHA512ETM, ssh.HMACSHA256ETM},
	HostKeys:     []string{ssh.KeyAlgoED25519},
	PublicKeys:   []string{ssh.KeyAlgoED25519},
}

// A box is a router that says who is on it and what it was told to say.
type box struct {
	policy  Policy
	key     ssh.PublicKey // by which one gets in
	full    atomic.Bool
	running chan string

	files  map[string]string // that were copied here
	denied error             // why nothing is

	mu    sync.Mutex
	on    int
	seats []modes.Seat // all there have been
	shows map[int]func(string)
}

func newBox(t testing.TB) *box {
	return &box{files: map[string]string{"flash:/there": "what is there"}, running: make(chan string, 16), shows: map[int]func(string){},
		policy: Policy{HostKeys: []ssh.Signer{newSigner(t)}, Algorithms: modern,
			Timeout: time.Minute, Retries: 3,
			Methods: []string{MethodPublicKey, MethodKeyboard, MethodPassword}, Banner: "keep out\n"}}
}

func newSigner(t testing.TB) ssh.Signer {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newKey is a key pair of a client.
func newKey(t testing.TB) (ssh.PublicKey, ed25519.PrivateKey) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	public, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return public, key
}

// serve puts the box on a port of this machine.
func (b *box) serve(t testing.TB) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := Serve(l, Options{
		Policy: func(netip.AddrPort) (Policy, bool) {
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.policy, len(b.policy.HostKeys) > 0
		},
		Authenticate: func(v Visitor, password string) error {
			if v.User != "carl" || password != "right" {
				return errors.New("no")
			}
			return nil
		},
		PublicKey: func(v Visitor, key []byte) bool {
			return v.User == "carl" && b.key != nil && bytes.Equal(key, b.key.Marshal())
		},
		Take: func(v Visitor) (shell.Guest, error) {
			if b.full.Load() {
				return nil, errors.New("% All lines are in use")
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			b.on++
			return &guest{box: b, visitor: v}, nil
		},
		Copy: func(Visitor) (Files, error) { return b, b.denied },
		Logs: func(show func(string)) (cancel func()) {
			b.mu.Lock()
			defer b.mu.Unlock()
			id := len(b.shows)
			b.shows[id] = show
			return func() {
				b.mu.Lock()
				defer b.mu.Unlock()
				delete(b.shows, id)
			}
		},
	})
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func (b *box) Send(path string) (string, []byte, error) {
	if data, ok := b.files[path]; ok {
		return path[strings.LastIndexByte(path, '/')+1:], []byte(data), nil
	}
	return "", nil, errors.New("%Error opening " + path + " (No such file or directory)")
}

func (b *box) Store(path, name string, data []byte) error {
	if path == "flash:" {
		path = "flash:/" + name
	}
	b.files[path] = string(data)
	return nil
}

func (b *box) Release() {}

// left waits until nobody is on the box any more.
func (b *box) left(t *testing.T) {
	t.Helper()
	poll(t, "the sessions to be left", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.on == 0
	})
}

// A guest understands a few words.
type guest struct {
	box     *box
	visitor Visitor
	closed  bool
}

func (g *guest) Attach(s modes.Seat) {
	g.box.mu.Lock()
	defer g.box.mu.Unlock()
	g.box.seats = append(g.box.seats, s)
}

func (g *guest) Release() {
	g.box.mu.Lock()
	defer g.box.mu.Unlock()
	g.box.on--
}
func (g *guest) Begin(modes.Terminal) bool           { return true }
func (g *guest) Prompt() string                      { return g.visitor.User + "#" }
func (g *guest) Help(string) string                  { return "help\n" }
func (g *guest) Complete(line string) (string, bool) { return line, false }
func (g *guest) Configuring() bool                   { return false }
func (g *guest) Leave()                              {}
func (g *guest) Closed() bool                        { return g.closed }

func (g *guest) Run(line string, t modes.Terminal) error {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "":
	case "say":
		fmt.Fprintln(t, rest)
	case "length":
		fmt.Fprintf(t, "%d octets\n", len(rest))
	case "size":
		fmt.Fprintf(t, "%dx%d\n", t.Settings().Width, t.Settings().Length)
	case "ask":
		answer, _ := t.Ask("Who? ")
		fmt.Fprintf(t, "It is %s\n", answer)
	case "flood":
		line := strings.Repeat("x", 70) + "\n"
		for range 100_000 {
			if _, err := io.WriteString(t, line); err != nil || g.closed {
				break
			}
		}
	case "wait":
		stopped := make(chan struct{})
		defer t.OnInterrupt(func() { close(stopped) })()
		g.box.running <- "begun"
		<-stopped
		g.box.running <- "interrupted"
	case "exit":
		g.closed = true
	default:
		return fmt.Errorf("Line has invalid autocommand %q", line)
	}
	return nil
}

// poll waits until something holds that nobody reports.
func poll(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
