package telnetd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"gresh/modes"
	"gresh/shell"
)

// A guest says again what it is told.
type guest struct{ left func() }

func (g *guest) Attach(modes.Seat)                   {}
func (g *guest) Release()                            { g.left() }
func (g *guest) Begin(modes.Terminal) bool           { return true }
func (g *guest) Prompt() string                      { return "R1>" }
func (g *guest) Help(string) string                  { return "help\n" }
func (g *guest) Complete(line string) (string, bool) { return line, false }
func (g *guest) Leave()                              {}
func (g *guest) Configuring() bool                   { return false }
func (g *guest) Closed() bool                        { return false }
func (g *guest) Run(line string, t modes.Terminal) error {
	if line == "size" {
		line = fmt.Sprintf("%dx%d", t.Settings().Width, t.Settings().Length)
	}
	_, err := fmt.Fprintf(t, "<%s>\n", line)
	return err
}

// A client is a telnet client that says what it is told to.
type client struct {
	net.Conn
	t *testing.T
}

func connect(t *testing.T, o Options) *client {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := Serve(l, o)
	t.Cleanup(func() { _ = s.Close() })
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	return &client{conn, t}
}

func (c *client) says(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) hears(text string) {
	c.t.Helper()
	got := make([]byte, len(text))
	if n, err := io.ReadFull(c, got); err != nil || string(got) != text {
		c.t.Fatalf("heard %q, %v; want %q", got[:n], err, text)
	}
}

func TestSession(t *testing.T) {
	var left sync.WaitGroup
	left.Add(1)
	c := connect(t, Options{Take: func(remote netip.AddrPort) (shell.Guest, error) {
		if !remote.Addr().IsLoopback() {
			t.Errorf("from %v", remote)
		}
		return &guest{left.Done}, nil
	}})
	c.hears("\xff\xfb\x01\xff\xfb\x03\xff\xfd\x1fR1>")
	for _, row := range []struct{ says, hears string }{
		{"a\r\x00", "a\r\n<a>\r\nR1>"},
		{"b\r\n", "b\r\n<b>\r\nR1>"},
		{"\xff\xfe\x01c\r\n", "c\r\n<c>\r\nR1>"},                                        // DONT ECHO
		{"\xff\xfd\x01\xff\xfd\x03\xff\xfc\x1f\xff\xf1d\r\n", "d\r\n<d>\r\nR1>"},        // what was offered, WONT NAWS, NOP
		{"\xff\xfb\x18\xff\xfd\x05e\r\n", "\xff\xfe\x18\xff\xfc\x05e\r\n<e>\r\nR1>"},    // WILL TTYPE, DO STATUS
		{"\xff\xfa\x1f\x00\x84\x00\x28\xff\xf0size\r\n", "size\r\n<132x40>\r\nR1>"},     // NAWS
		{"\xff\xfa\x1f\x00\xff\xff\x00\x28\xff\xf0size\r\n", "size\r\n<255x40>\r\nR1>"}, // with an octet that is said twice
		{"\xff\xfa\x1f\x00\x00\x00\x00\xff\xf0size\r\n", "size\r\n<255x40>\r\nR1>"},     // no size
		{"\xff\xf6", "\r\n[Yes]\r\n"},                                                   // AYT
		{"xy\xff\xf7z\r\n", "xy\b \bz\r\n<xz>\r\nR1>"},                                  // EC
	} {
		c.says(row.says)
		c.hears(row.hears)
	}
	_ = c.Close()
	left.Wait()
}

func TestNoLine(t *testing.T) {
	c := connect(t, Options{Take: func(netip.AddrPort) (shell.Guest, error) { return nil, errors.New("% All lines are in use") }})
	if got, err := io.ReadAll(c); err != nil || string(got) != "% All lines are in use\r\n" {
		t.Errorf("%q, %v", got, err)
	}
}

// FuzzDecode: in whatever pieces it comes, it means the same, and nothing that
// is no command is lost.
func FuzzDecode(f *testing.F) {
	f.Add([]byte("show\xff\xfa\x1f\x00\x84\x00\x28\xff\xf0 version\r\x00\xff\xff\xff\xf4"), uint8(3))
	f.Add([]byte("\xff\xfa"+strings.Repeat("x", 1000)+"\xff\xff\xff\xf0a"), uint8(1))
	f.Fuzz(func(t *testing.T, b []byte, piece uint8) {
		var whole, parts decoder
		one := join(whole.decode(b))
		var all []heard
		for rest := b; len(rest) > 0; {
			n := min(int(piece)+1, len(rest))
			all = append(all, parts.decode(rest[:n])...)
			rest = rest[n:]
		}
		if two := join(all); one != two {
			t.Errorf("whole %q, in pieces %q", one, two)
		}
		if len(whole.sub) > subMost {
			t.Errorf("an option said %d octets", len(whole.sub))
		}
		if !bytes.Contains(b, []byte{iac}) && one != string(b) {
			t.Errorf("%q became %q", b, one)
		}
	})
}

// join is all that was heard, as one text.
func join(all []heard) string {
	var b strings.Builder
	for _, h := range all {
		switch {
		case h.reply != nil:
			fmt.Fprintf(&b, "[reply %x]", h.reply)
		case h.sized:
			fmt.Fprintf(&b, "[size %dx%d]", h.width, h.length)
		default:
			b.Write(h.typed)
		}
	}
	return b.String()
}
