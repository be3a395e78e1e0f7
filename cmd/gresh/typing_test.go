package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"gresh/backend/sim"
	"gresh/commands"
	"gresh/shell"
	"gresh/shell/shelltest"
)

// typedRouter has a router's console read keys, until they end.
func typedRouter(keys string, single bool) (string, error) {
	topology, err := readTopology("dual-hub")
	if err != nil {
		return "", err
	}
	w, err := newNetwork(topology, 1, "")
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	o := shell.Options{Out: &out, Interpreter: atConsole(sim.Stepped{World: w}.Loop(w.Node("Spoke1")), commands.Script)}
	o.In = strings.NewReader(keys)
	if single {
		o.In = iotest.OneByteReader(o.In)
	}
	err = shell.New(o).Run()
	return out.String(), err
}

// FuzzTyping types anything at a router, all of it ahead and key by key: the
// same is shown, and nothing that a terminal would obey. What interrupts is left
// out, since it matters when that is typed.
func FuzzTyping(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "session", "ways", "*.txt"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		tr, err := shelltest.Read(string(text))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(tr.Keys())
	}
	f.Add("show \x00priv\xc3\xa4i\xc3lege\xff\r\x9b2J\r")
	f.Add("enable\nconf t\nint lo0\nshut\nno shut\nhostname \x1b[2J\nbanner motd #a\nb\x03c#\n\nexit\n")
	f.Fuzz(func(t *testing.T, keys string) {
		if strings.ContainsAny(keys, "\x03\x1e") || len(keys) > 1<<12 {
			t.Skip("it interrupts, or goes on for long")
		}
		sameHoweverTyped(t, keys)
	})
}

// TestLongLines types what is longer than a line may be: the line after it is
// another.
func TestLongLines(t *testing.T) {
	for _, keys := range []string{
		strings.Repeat("x", 1<<20) + "\rshow privilege\r",
		"enable\nconf t\nint lo0\nbandwidth 9\ndescription " + strings.Repeat("x", 1<<15) +
			"\nbandwidth 8\ndo show running-config int lo0 | include band\nend\nshow privilege\n",
	} {
		if shown := sameHoweverTyped(t, keys); !strings.Contains(shown, "show privilege\r\nCurrent privilege level is ") {
			t.Errorf("%.40q: %q is shown at the end", keys, shown[max(0, len(shown)-200):])
		}
	}
}

// sameHoweverTyped types keys ahead and one by one, and returns what is shown.
func sameHoweverTyped(t *testing.T, keys string) string {
	t.Helper()
	ahead, err := typedRouter(keys, false)
	if err != nil {
		t.Fatal(err)
	}
	if single, _ := typedRouter(keys, true); single != ahead {
		t.Errorf("%.200q: %s", keys, difference(ahead, single))
	}
	unfit := func(r rune) bool {
		return r < ' ' && !strings.ContainsRune("\r\n\b\a\t", r) || r >= 0x7f && r < 0xa0 || r == utf8.RuneError
	}
	if i := strings.IndexFunc(ahead, unfit); i >= 0 {
		t.Errorf("%q is shown", ahead[i:min(len(ahead), i+20)])
	}
	return ahead
}
