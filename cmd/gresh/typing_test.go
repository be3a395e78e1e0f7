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
	f.Add(strings.Repeat("x", 1<<20) + "\rshow privilege\r")
	f.Add("enable\nconf t\nint lo0\nbandwidth 9\ndescription " + strings.Repeat("x", 1<<15) + "\nbandwidth 8\ndo sh run int lo0 | i band\n")
	f.Add("show \x00priv\xc3\xa4i\xc3lege\xff\r\x9b2J\r")
	f.Add("enable\nconf t\nint lo0\nshut\nno shut\nhostname \x1b[2J\nbanner motd #a\nb\x03c#\n\nexit\n")
	f.Fuzz(func(t *testing.T, keys string) {
		if strings.ContainsAny(keys, "\x03\x1e") {
			t.Skip("it interrupts")
		}
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
	})
}
