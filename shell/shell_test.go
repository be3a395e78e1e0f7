package shell

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gresh/modes"
)

var update = flag.Bool("update", false, "rewrite the transcripts")

// A fake is an interpreter whose commands are what a shell can do.
type fake struct {
	ran    []string
	mode   string
	closed bool
}

func (f *fake) Prompt() string {
	if f.mode != "" {
		return "R1(" + f.mode + ")#"
	}
	return "R1#"
}

func (f *fake) Leave()                  { f.mode = "" }
func (f *fake) Closed() bool            { return f.closed }
func (f *fake) Help(line string) string { return "  help for \"" + line + "\"\n\n" }

func (f *fake) Complete(line string) (string, bool) {
	if strings.HasPrefix("show ", line) && line != "" {
		return "show ", true
	}
	return line, false
}

var errUnknown = errors.New("% Unknown command")

func (f *fake) Run(line string, t modes.Terminal) error {
	f.ran = append(f.ran, line)
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "", "nothing":
	case "lines":
		n, _ := strconv.Atoi(rest)
		for i := range n {
			fmt.Fprintf(t, "line %d\n", i+1)
		}
	case "include", "exclude", "begin", "section", "count":
		kinds := map[string]modes.FilterKind{"include": modes.Include, "exclude": modes.Exclude,
			"begin": modes.Begin, "section": modes.Section, "count": modes.Count}
		if err := t.Filter(modes.Filter{Kind: kinds[verb], Pattern: rest}); err != nil {
			return err
		}
		fmt.Fprint(t, "interface Tunnel0\n ip address\n  deeper\ninterface Tunnel1\n shutdown\nend\n")
	case "ask":
		answer, ok := t.Ask("Name [x]? ")
		fmt.Fprintf(t, "answer %q %v\n", answer, ok)
	case "secret":
		answer, ok := t.Secret("Password: ")
		fmt.Fprintf(t, "answer %q %v\n", answer, ok)
	case "confirm":
		fmt.Fprintf(t, "confirmed %v\n", t.Confirm("Sure? [confirm]"))
	case "wait":
		stop := make(chan struct{})
		defer t.OnInterrupt(func() { close(stop) })()
		fmt.Fprint(t, "..")
		<-stop
		fmt.Fprint(t, "\ninterrupted\n")
	case "odd":
		fmt.Fprint(t, "\x1b[2Jname\rx\n")
	case "length":
		t.Settings().Length, _ = strconv.Atoi(rest)
	case "configure":
		f.mode = "config"
	case "history":
		fmt.Fprintf(t, "%q\n", t.History())
	case "exit":
		f.closed = true
	default:
		return errUnknown
	}
	return nil
}

func play(keys string) (string, *fake) {
	var out bytes.Buffer
	f := new(fake)
	s := New(Options{In: strings.NewReader(keys), Out: &out, Interpreter: f, Length: 6})
	_ = s.Run()
	return out.String(), f
}

// TestTranscripts types what a transcript says and compares what is shown, to
// the octet. A transcript is lines of Go strings: what is typed, then what
// came of it.
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
		var comments, typed string
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "#") {
				comments += line
			} else if keys, ok := strings.CutPrefix(strings.TrimSpace(line), "type "); ok {
				one, err := strconv.Unquote(keys)
				if err != nil {
					t.Fatalf("%s: %s: %v", file, keys, err)
				}
				typed += one
			}
		}
		shown, _ := play(typed)
		got := comments
		for _, part := range strings.SplitAfter(typed, "\r") {
			if part != "" {
				got += "type " + strconv.QuoteToASCII(part) + "\n"
			}
		}
		for _, part := range strings.SplitAfter(shown, "\r\n") {
			got += strconv.QuoteToASCII(part) + "\n"
		}
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got != string(text) {
			t.Errorf("%s differs (go test ./shell -update, then read the diff); got:\n%s", file, got)
		}
	}
}

func TestEnterIsOneLineHoweverItIsSent(t *testing.T) {
	for keys, want := range map[string]string{
		"nothing\r": "nothing", "nothing\n": "nothing", "nothing\r\n": "nothing", "nothing\r\x00": "nothing",
		"nothing\r\r": "nothing,", "a\r\nb\r\n": "a,b", "\x00a\x00\r": "a", "a\r\n\nb\n": "a,,b",
	} {
		if _, f := play(keys); strings.Join(f.ran, ",") != want {
			t.Errorf("%q: ran %q, want %q", keys, f.ran, want)
		}
	}
}

func TestPasteLosesNothing(t *testing.T) {
	var keys strings.Builder
	const n = 10000
	for i := range n {
		fmt.Fprintf(&keys, "nothing %d\n", i)
	}
	shown, f := play(keys.String())
	if len(f.ran) != n || f.ran[n-1] != fmt.Sprintf("nothing %d", n-1) {
		t.Errorf("%d lines ran", len(f.ran))
	}
	if got := strings.Count(shown, "R1#nothing "); got != n {
		t.Errorf("%d lines echoed", got)
	}
}

func TestHugeLineIsRefusedAndTheNextIsNot(t *testing.T) {
	_, f := play(strings.Repeat("x", 1<<20) + "\rnothing\r")
	if len(f.ran) != 2 || f.ran[1] != "nothing" || len(f.ran[0]) > 1<<15 {
		t.Errorf("%d lines ran, the first of %d characters", len(f.ran), len(f.ran[0]))
	}
}

// begin starts a session that is typed at, and returns what ends it.
func begin(t *testing.T, o Options) (*Session, *bytes.Buffer, func() error) {
	t.Helper()
	var out bytes.Buffer
	o.Out = &out
	s := New(o)
	done := make(chan error, 1)
	go func() { done <- s.Run() }()
	s.Ready()
	return s, &out, func() error { return <-done }
}

func TestInterruptEndsACommandAndKeepsTypeAhead(t *testing.T) {
	for _, key := range []string{"\x03", "\x1e", "\x1ex"} {
		f := new(fake)
		s, out, _ := begin(t, Options{Interpreter: f})
		s.Type("wait\rnothing 1\r" + key + "nothing 2\r")
		s.Hangup()
		if strings.Join(f.ran, ",") != "wait,nothing 1,nothing 2" || !strings.Contains(out.String(), "interrupted") {
			t.Errorf("%q: ran %q", key, f.ran)
		}
	}
}

func TestEscapeLeavesAndComesBack(t *testing.T) {
	f := new(fake)
	s, out, wait := begin(t, Options{Interpreter: f})
	s.Type("not\x1ex")
	if err := wait(); !errors.Is(err, ErrEscape) {
		t.Fatalf("Run ended with %v", err)
	}
	s.Feed([]byte("hing\r"))
	s.Hangup()
	if err := s.Run(); err != nil {
		t.Errorf("Run ended with %v", err)
	}
	if len(f.ran) != 1 || f.ran[0] != "nothing" || !strings.HasSuffix(out.String(), "R1#not\r\nR1#nothing\r\nR1#") {
		t.Errorf("ran %q, shown %q", f.ran, out.String())
	}
}

func TestLogStandsOnLinesOfItsOwn(t *testing.T) {
	for _, synchronous := range []bool{false, true} {
		s, out, _ := begin(t, Options{Interpreter: new(fake), Monitor: true})
		s.Settings().Synchronous = synchronous
		s.Type("sho")
		s.Log("*Mar  1 00:00:00.000: %SYS-5-RESTART: System restarted --")
		want := "R1#sho\r\n*Mar  1 00:00:00.000: %SYS-5-RESTART: System restarted --\r\n"
		if synchronous {
			want += "R1#sho"
		}
		if out.String() != want {
			t.Errorf("synchronous %v: %q", synchronous, out.String())
		}
		s.Hangup()
	}
	s, out, _ := begin(t, Options{Interpreter: new(fake)})
	s.Log("nobody wants to know")
	if out.String() != "R1#" {
		t.Errorf("a terminal that does not monitor shows %q", out.String())
	}
	s.Hangup()
}

func FuzzSession(f *testing.F) {
	f.Add("lines 20\r yq/line 9\r\r")
	f.Add("ask\rabc\x7f\rconfirm\rysecret\rx\x03configure\r\x1ahistory\r")
	f.Fuzz(func(t *testing.T, keys string) {
		if strings.Contains(keys, "wait") {
			t.Skip("it waits for who interrupts it")
		}
		shown, _ := play(keys)
		if i := strings.IndexFunc(shown, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\r\n\b\a\t", r) }); i >= 0 {
			t.Errorf("%q is shown after %q", shown[i], keys)
		}
	})
}
