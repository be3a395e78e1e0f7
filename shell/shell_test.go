package shell

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"
)

func TestEnterIsOneLineHoweverItIsSent(t *testing.T) {
	for keys, want := range map[string]string{
		"nothing\r": "nothing", "nothing\n": "nothing", "nothing\r\n": "nothing", "nothing\r\x00": "nothing",
		"nothing\r\r": "nothing,", "a\r\nb\r\n": "a,b", "\x00a\x00\r": "a", "a\r\n\nb\n": "a,,b",
	} {
		if _, f := play(strings.NewReader(keys)); strings.Join(f.ran, ",") != want {
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
	shown, f := play(strings.NewReader(keys.String()))
	if len(f.ran) != n || f.ran[n-1] != fmt.Sprintf("nothing %d", n-1) {
		t.Errorf("%d lines ran", len(f.ran))
	}
	if got := strings.Count(shown, "R1#nothing "); got != n {
		t.Errorf("%d lines echoed", got)
	}
}

func TestHugeLineIsRefusedAndTheNextIsNot(t *testing.T) {
	_, f := play(strings.NewReader(strings.Repeat("x", 1<<20) + "\rnothing\r"))
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
	const restarted = "*Mar  1 00:00:00.000: %SYS-5-RESTART: System restarted --"
	for before, want := range map[string]string{
		"nothing\r":     "R1#sho\r\n" + restarted + "\r\nw",
		"synchronous\r": "R1#sho\r\n" + restarted + "\r\nR1#show",
	} {
		s, out, _ := begin(t, Options{Interpreter: new(fake), Monitor: true})
		s.Type(before + "sho")
		out.Truncate(0)
		out.WriteString("R1#sho")
		s.Log(restarted)
		s.Type("w")
		if out.String() != want {
			t.Errorf("after %q: %q, want %q", before, out, want)
		}
		s.Log("two\nlines \x1b[m")
		if !strings.HasSuffix(strings.TrimSuffix(out.String(), "R1#show"), "\r\ntwo\r\nlines ^[[m\r\n") {
			t.Errorf("after %q: %q", before, out)
		}
		s.Hangup()
	}
	s, out, _ := begin(t, Options{Interpreter: new(fake)})
	s.Log("nobody wants to know")
	if out.String() != "R1#" {
		t.Errorf("a terminal that does not monitor shows %q", out)
	}
	s.Hangup()
}

// TestLogWhileACommandRuns logs in the goroutine that runs it, as a world does
// that moves when somebody waits. Nothing is being typed then.
func TestLogWhileACommandRuns(t *testing.T) {
	f := new(fake)
	s, out, _ := begin(t, Options{Interpreter: f, Monitor: true})
	f.log = s.Log
	s.Type("synchronous\rlog\r")
	if want := "R1#log\r\n..\r\none\r\ntwo\r\nR1#"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("%q, want %q", out, want)
	}
	s.Hangup()
}

// TestMarksAreSeenAsTheyCome writes parts of a line.
func TestMarksAreSeenAsTheyCome(t *testing.T) {
	var out bytes.Buffer
	s := New(Options{Out: &out, Interpreter: new(fake)})
	s.page(func() {
		for _, want := range []string{"!", "!.", "!.!"} {
			_, _ = s.Write([]byte(want[len(want)-1:]))
			if out.String() != want {
				t.Errorf("%q is seen, want %q", out.String(), want)
			}
		}
	})
}

// TestInterruptIsHeardOnce has somebody hammer the keys, with others between:
// one of them interrupts, and the rest are for the next prompt.
func TestInterruptIsHeardOnce(t *testing.T) {
	k := newKeys(nil, new(time.Duration))
	heard := 0
	k.add([]byte("a"))
	k.onInterrupt(func() { t.Error("who has cancelled is interrupted") })()
	cancel := k.onInterrupt(func() { heard++ })
	k.add([]byte("b\x1e"))
	k.add([]byte("xx\x1ex"))
	cancel()
	k.add([]byte("\x1ec"))
	if want := "abx\x1ex\x1ec"; string(k.ahead) != want || heard != 1 {
		t.Errorf("heard %d times, %q is kept, want %q", heard, k.ahead, want)
	}
}

// TestEscapeAfterAnInterrupt interrupts with Ctrl-^ and no x, and then means to
// leave.
func TestEscapeAfterAnInterrupt(t *testing.T) {
	for _, keys := range [][]string{{"wait\r\x1e", "\x1ex"}, {"wait\r\x1e", "\x1e", "x"}, {"wait\r\x1ex\x1ex"}} {
		s, out, wait := begin(t, Options{Interpreter: new(fake)})
		for _, typed := range keys {
			s.Type(typed)
		}
		s.Hangup()
		if err := wait(); !errors.Is(err, ErrEscape) {
			t.Errorf("%q: Run ended with %v, after %q", keys, err, out)
		}
	}
}

// TestLogFromElsewhere logs and resizes from other goroutines while somebody
// types; the race detector watches. What is logged stays in one piece.
func TestLogFromElsewhere(t *testing.T) {
	const lines, line = 200, "%LINK-3-UPDOWN: Interface Tunnel0, changed state to up"
	f := new(fake)
	s, out, _ := begin(t, Options{Interpreter: f, Monitor: true})
	s.Type("synchronous\r")
	var logging sync.WaitGroup
	for range 2 {
		logging.Go(func() {
			for i := range lines {
				s.Log(line)
				s.Resize(60+i, 24)
			}
		})
	}
	for range lines {
		s.Type("nothing and a line that is longer than the screen is wide, with a word to edit\x17\x01\r")
	}
	logging.Wait()
	s.Type("exit\r")
	alone := 0
	for shown := range strings.SplitSeq(out.String(), "\r\n") {
		if shown == line {
			alone++
		}
	}
	if alone != 2*lines {
		t.Errorf("%d of %d lines stand alone", alone, 2*lines)
	}
	if len(f.ran) != lines+2 {
		t.Errorf("%d lines ran", len(f.ran))
	}
}

func TestResizeHoldsFromTheNextLineOn(t *testing.T) {
	s, out, _ := begin(t, Options{Interpreter: new(fake), Length: 24})
	s.Resize(80, 4)
	s.Resize(70, 0)
	s.Type("lines 9\r")
	if got := strings.Count(out.String(), "\nline"); got != 3 || !bytes.HasSuffix(out.Bytes(), more) {
		t.Errorf("a page of %d lines: %q", got, out)
	}
	s.Resize(40, 0)
	s.Type("q" + strings.Repeat("x", 40))
	if !strings.Contains(out.String(), "$xxx") {
		t.Errorf("a long line does not move: %q", out)
	}
	s.Hangup()
}

// A line that is cut after some octets.
type cut struct{ octets, writes int }

var errCut = errors.New("the line is cut")

func (c *cut) Write(b []byte) (int, error) {
	if c.octets -= len(b); c.octets < 0 {
		c.writes++
		return 0, errCut
	}
	return len(b), nil
}

func TestDeadTerminalEndsTheSession(t *testing.T) {
	f := new(fake)
	line := &cut{octets: 40}
	s := New(Options{In: strings.NewReader("nothing\rlines 20\rnothing\r"), Out: line, Interpreter: f})
	if err := s.Run(); !errors.Is(err, errCut) {
		t.Errorf("Run ended with %v", err)
	}
	if strings.Join(f.ran, ",") != "nothing,lines 20" || line.writes != 1 {
		t.Errorf("ran %q, wrote %d times to what was dead", f.ran, line.writes)
	}
}

func TestPatternTooLongIsRefused(t *testing.T) {
	for pattern, want := range map[string]string{
		strings.Repeat("x", patternMax):   "R1#",
		strings.Repeat("x", patternMax+1): "% The regular expression is too long\r\nR1#",
		"((((a{9}){9}){9}){9}){9}":        "% Failed to compile regular expression: ((((a{9}){9}){9}){9}){9}\r\nR1#",
	} {
		shown, _ := play(strings.NewReader("width 0\rinclude " + pattern + "\r"))
		if !strings.HasSuffix(shown, pattern+"\r\n"+want) {
			t.Errorf("%.20s…: %q", pattern, shown)
		}
	}
}

// TestNothingShownIsObeyed has what a terminal would obey in a name and in a
// question.
func TestNothingShownIsObeyed(t *testing.T) {
	var out bytes.Buffer
	s := New(Options{In: strings.NewReader("question\r\rsho\x12\r"), Out: &out, Interpreter: &fake{host: "R\x1b[2J\a\tx"}})
	_ = s.Run()
	const prompt = "R^[[2J^G\tx#"
	want := prompt + "question\r\nOne\r\nTwo ^[c\u00fc? \r\n" + prompt + "sho\r\n" + prompt + "sho\r\n% Unknown command\r\n" + prompt
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

// TestExpressions looks for expressions as IOS has them.
func TestExpressions(t *testing.T) {
	for _, row := range []struct {
		pattern, line string
		want          bool
	}{
		{"^_10_", "10 20", true}, {"_20_", "10 20", true}, {"_2_", "10 20", false}, {"_x_", "a(x)", true},
		{"ACL_IN", "ip access-group ACL_IN in", true}, {`ACL\_IN`, "ACL IN", false}, {"[_x]", "a b", false},
		{`\[_`, "[ b", true}, {"a|b c", "b c", true}, {"tunnel", "Tunnel0", false},
	} {
		re, err := compile(row.pattern)
		if err != nil || re.MatchString(row.line) != row.want {
			t.Errorf("%q in %q: want %v (%v)", row.pattern, row.line, row.want, err)
		}
	}
}

func FuzzSession(f *testing.F) {
	f.Add("lines 20\r yq/line 9\r\r")
	f.Add("ask\rabc\x7f\rconfirm\rysecret\rx\x03configure\r\x1ahistory\r")
	f.Fuzz(func(t *testing.T, keys string) {
		if strings.Contains(keys, "wait") || len(keys) > 1<<12 {
			t.Skip("it waits for who interrupts it")
		}
		shown, _ := play(strings.NewReader(keys))
		unfit := func(r rune) bool {
			return r < ' ' && !strings.ContainsRune("\r\n\b\a\t", r) || r >= 0x7f && r < 0xa0 || r == utf8.RuneError
		}
		if i := strings.IndexFunc(shown, unfit); i >= 0 {
			t.Errorf("%q is shown after %q", shown[i:], keys)
		}
		if single, _ := play(iotest.OneByteReader(strings.NewReader(keys))); single != shown {
			t.Errorf("%q shows %q, but %q when typed key by key", keys, shown, single)
		}
	})
}

// BenchmarkKeystroke is from a key to its echo, through both goroutines.
func BenchmarkKeystroke(b *testing.B) {
	s := New(Options{Out: io.Discard, Interpreter: new(fake)})
	go func() { _ = s.Run() }()
	s.Type("show ip nhrp")
	for b.Loop() {
		s.Type("x")
		s.Type("\x7f")
	}
	s.Hangup()
}

// BenchmarkOutput is of a long view, without paging.
func BenchmarkOutput(b *testing.B) {
	s := New(Options{Out: io.Discard, Interpreter: new(fake), Length: -1})
	view := []byte(strings.Repeat("    current outbound spi: 0x8E2C1D5F(2385255775)\n", 1000))
	b.SetBytes(int64(len(view)))
	for b.Loop() {
		s.page(func() { _, _ = s.Write(view) })
	}
}
