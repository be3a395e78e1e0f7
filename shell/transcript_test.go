package shell

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"gresh/shell/shelltest"
)

var update = flag.Bool("update", false, "rewrite the transcripts")

// retype types a transcript again at a terminal of six lines, piece by piece.
func retype(t *testing.T, tr shelltest.Transcript) shelltest.Transcript {
	s, out, _ := begin(t, Options{Interpreter: new(fake), Length: 6})
	again := tr.Again()
	again.Shown = append(again.Shown, out.String())
	for _, keys := range tr.Typed {
		before := out.Len()
		s.Type(keys)
		again.Shown = append(again.Shown, out.String()[before:])
	}
	s.Hangup()
	return again
}

// play has a terminal of six lines read keys.
func play(keys io.Reader) (string, *fake) {
	var out bytes.Buffer
	f := new(fake)
	_ = New(Options{In: keys, Out: &out, Interpreter: f, Length: 6}).Run()
	return out.String(), f
}

// TestTranscripts compares what is shown to the octet, and whether it is the
// same when everything comes at once or each key alone.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "session", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("there are no transcripts", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := shelltest.Read(string(text))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		got := retype(t, want)
		if *update {
			if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got.String() != string(text) {
			t.Errorf("%s differs (go test ./shell -update, then read the diff); got:\n%s", file, got)
		}
		if all, _ := play(strings.NewReader(got.Keys())); all != got.Screen() {
			t.Errorf("%s, typed at once: shows %q, want %q", file, all, got.Screen())
		}
		if single, _ := play(iotest.OneByteReader(strings.NewReader(got.Keys()))); single != got.Screen() {
			t.Errorf("%s, typed key by key: shows %q, want %q", file, single, got.Screen())
		}
	}
}
