package shell

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
)

var update = flag.Bool("update", false, "rewrite the transcripts")

// A transcript is what is typed at a terminal of six lines and what it shows
// for that, before anything else is typed. In a file both are Go strings.
type transcript struct {
	comment string
	typed   []string
	shown   []string // for each of typed; the first is what comes unasked
}

func readTranscript(t *testing.T, text string) (tr transcript) {
	t.Helper()
	unquote := func(quoted string) string {
		s, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("%s: %v", quoted, err)
		}
		return s
	}
	tr.shown = []string{""}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if keys, ok := strings.CutPrefix(line, "type "); ok {
			tr.typed, tr.shown = append(tr.typed, unquote(keys)), append(tr.shown, "")
		} else if strings.HasPrefix(line, "#") {
			tr.comment += line + "\n"
		} else if line != "" {
			tr.shown[len(tr.shown)-1] += unquote(line)
		}
	}
	return tr
}

func (tr transcript) String() string {
	text := tr.comment
	for i, shown := range tr.shown {
		if i > 0 {
			text += "type " + strconv.QuoteToASCII(tr.typed[i-1]) + "\n"
		}
		for part := range strings.SplitAfterSeq(shown, "\r\n") {
			if part != "" {
				text += strconv.QuoteToASCII(part) + "\n"
			}
		}
	}
	return text
}

// retype types it again, piece by piece.
func (tr transcript) retype(t *testing.T) transcript {
	s, out, _ := begin(t, Options{Interpreter: new(fake), Length: 6})
	again := transcript{comment: tr.comment, typed: tr.typed}
	again.shown = append(again.shown, out.String())
	for _, keys := range tr.typed {
		before := out.Len()
		s.Type(keys)
		again.shown = append(again.shown, out.String()[before:])
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
		want := readTranscript(t, string(text))
		got := want.retype(t)
		if *update {
			if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got.String() != string(text) {
			t.Errorf("%s differs (go test ./shell -update, then read the diff); got:\n%s", file, got)
		}
		typed, shown := strings.Join(got.typed, ""), strings.Join(got.shown, "")
		if all, _ := play(strings.NewReader(typed)); all != shown {
			t.Errorf("%s, typed at once: shows %q, want %q", file, all, shown)
		}
		if single, _ := play(iotest.OneByteReader(strings.NewReader(typed))); single != shown {
			t.Errorf("%s, typed key by key: shows %q, want %q", file, single, shown)
		}
	}
}
