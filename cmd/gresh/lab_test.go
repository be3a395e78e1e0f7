package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gresh/backend"
	"gresh/backend/sim"
	"gresh/commands"
	"gresh/shell"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// A bench is a lab under test: the network, and a console at each node.
type bench struct {
	*sim.World
	t        *testing.T
	consoles map[string]*seat
}

// A seat is at one node's console.
type seat struct {
	session *shell.Session
	screen  bytes.Buffer
}

// newBench boots a lab that comes with gresh, without letting time pass.
// Changes are made to the startup configurations first: by node, what stands
// in them and what is to stand there instead.
func newBench(t *testing.T, seed uint64, changes map[string][]string) *bench {
	t.Helper()
	topology, err := readTopology("dual-hub")
	if err != nil {
		t.Fatal(err)
	}
	for i := range topology.Nodes {
		n := &topology.Nodes[i]
		c := changes[n.Name]
		for ; len(c) > 1; c = c[2:] {
			if !strings.Contains(n.Startup, c[0]) {
				t.Fatalf("%s says nothing of %q", n.Name, c[0])
			}
			n.Startup = strings.ReplaceAll(n.Startup, c[0], c[1])
		}
	}
	w, err := newNetwork(topology, seed, "")
	if err != nil {
		t.Fatal(err)
	}
	return &bench{World: w, t: t, consoles: map[string]*seat{}}
}

// say types lines at a node's console, which is in privileged mode, and
// returns what it shows for the last one, without its echo and the prompt.
func (b *bench) say(node string, lines ...string) string {
	b.t.Helper()
	c := b.consoles[node]
	if c == nil {
		c = new(seat)
		n := b.Node(node)
		if n == nil {
			b.t.Fatalf("no node %q", node)
		}
		i := atConsole(sim.Stepped{World: b.World}.Loop(n), commands.Script)
		c.session = shell.New(shell.Options{Out: &c.screen, Interpreter: i, Length: -1, Width: 512})
		b.consoles[node] = c
		go func() { _ = c.session.Run() }()
		c.session.Ready()
		b.t.Cleanup(c.session.Hangup)
		c.session.Type("enable\r")
	}
	for _, l := range lines {
		c.screen.Reset()
		c.session.Type(l + "\r")
	}
	shown := strings.ReplaceAll(c.screen.String(), "\r\n", "\n")
	_, shown, _ = strings.Cut(shown, "\n")
	return shown[:strings.LastIndexByte(shown, '\n')+1]
}

// configure types configuration lines and returns what the console says to
// them, errors above all.
func (b *bench) configure(node string, lines ...string) (said string) {
	b.t.Helper()
	b.say(node, "configure terminal")
	for _, l := range lines {
		said += b.say(node, l)
	}
	b.say(node, "end")
	return said
}

// router gives f the router of a node.
func (b *bench) router(node string, f func(r *backend.Router)) {
	b.t.Helper()
	b.Node(node).With(func(r *backend.Router, _ time.Time) { f(r) })
}

// want fails the test if a view does not hold something.
func (b *bench) want(node, command, something string) {
	b.t.Helper()
	if shown := b.say(node, command); !strings.Contains(shown, something) {
		b.t.Fatalf("%s, %s: %q is not in\n%s", node, command, something, shown)
	}
}

// golden compares with a file under testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("..", "..", "testdata", filepath.FromSlash(name))
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test ./cmd/gresh -update, then read the diff)\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}

// lack fails the test if a view holds something.
func (b *bench) lack(node, command, something string) {
	b.t.Helper()
	if shown := b.say(node, command); strings.Contains(shown, something) {
		b.t.Fatalf("%s, %s: %q is in\n%s", node, command, something, shown)
	}
}
