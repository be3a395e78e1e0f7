package editor

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// A screen is one line of a terminal that knows what the editor may write:
// text, backspace, carriage return and line feed.
type screen struct {
	cells  []byte
	cursor int
	bells  int
	bad    bool
}

func (s *screen) write(b []byte) {
	for _, c := range b {
		switch {
		case c == '\b':
			s.cursor--
			s.bad = s.bad || s.cursor < 0
		case c == '\r':
			s.cursor = 0
		case c == '\n':
			s.cells = nil
		case c == '\a':
			s.bells++
		case c < ' ' || c > '~':
			s.bad = true
		default:
			if s.cursor == len(s.cells) {
				s.cells = append(s.cells, ' ')
			}
			s.cells[s.cursor] = c
			s.cursor++
		}
	}
}

func (s *screen) text() string { return strings.TrimRight(string(s.cells), " ") }

const prompt = "Router#"

func typed(width int, keys string, history ...string) (*Editor, *screen, []byte) {
	e, s := New(), new(screen)
	e.Begin(prompt, width, history)
	s.write([]byte(prompt))
	var wire []byte
	for _, k := range []byte(keys) {
		out, _ := e.Key(k)
		s.write(out)
		wire = append(wire, out...)
	}
	return e, s, wire
}

// editTests are keys, and the line with the cursor ("|") they lead to.
var editTests = map[string]struct{ keys, want string }{
	"typing":                         {"show ip", "show ip|"},
	"delete left":                    {"show\x7f\x08", "sh|"},
	"start and end":                  {"ow\x01sh\x05 ip", "show ip|"},
	"back and forth":                 {"sow\x02\x02h\x06\x06!", "show!|"},
	"arrows":                         {"sow\x1b[D\x1b[Dh\x1b[C\x1bOC!", "show!|"},
	"delete under the cursor":        {"shhow\x02\x02\x02\x04", "sh|ow"},
	"delete to the end":              {"show ip\x01\x06\x06\x0b", "sh|"},
	"delete to the beginning":        {"show ip\x02\x02\x15", "|ip"},
	"the same by ^X":                 {"show ip\x02\x02\x18", "|ip"},
	"delete a word":                  {"show ip route\x17", "show ip |"},
	"delete a word to the right":     {"show ip route\x01\x1bd", "| ip route"},
	"a word back and forth":          {"show ip route\x1bb\x1bb.\x1bf,", "show .ip,| route"},
	"recall a deletion":              {"show ip\x15no \x19", "no show ip|"},
	"recall an older one":            {"a\x15b\x15\x19\x1by", "ba|"},
	"transpose":                      {"sohw\x02\x02\x14", "show|"[:3] + "|w"},
	"capitalise":                     {"SHOW iP\x01\x1bc", "Show| iP"},
	"lower and upper case":           {"SHOW ip\x01\x1bl\x1bu", "show IP|"},
	"a literal question mark":        {"a\x16?b", "a?b|"},
	"and by Esc Q":                   {"a\x1bq?b", "a?b|"},
	"control characters are refused": {"a\x07\x16\x01b", "ab|"},
	"eight-bit characters too":       {"a\xc3\xa4b", "ab|"},
	"an unknown escape is swallowed": {"a\x1b[5~b\x1bzc", "abc|"},
	"but no key behind it":           {"ac\x1b\x02b\x1b[1\x06\x1b\x1b[D!", "ab!|c"},
	"where there is nothing to do":   {"\x02\x04\x08\x0b\x14\x15\x17\x18\x19\x1by\x1bb\x1bf\x1bd\x1bc\x1b[A\x1b[B\x06a", "a|"},
	"reprint":                        {"show\x12 ip\x0c route", "show ip route|"},
}

func TestEdit(t *testing.T) {
	for name, test := range editTests {
		e, s, _ := typed(80, test.keys)
		if got := e.Before() + "|" + e.Text()[len(e.Before()):]; got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
		if want := strings.Replace(test.want, "|", "", 1); s.text() != strings.TrimRight(prompt+want, " ") || s.bad {
			t.Errorf("%s: the screen shows %q", name, s.text())
		}
		if want := len(prompt) + strings.IndexByte(test.want, '|'); s.cursor != want {
			t.Errorf("%s: the cursor is at %d, want %d", name, s.cursor, want)
		}
	}
}

// wireTests are keys and the very octets they are answered with.
var wireTests = map[string]struct {
	width     int
	keys, out string
}{
	"a character":            {80, "s", "s"},
	"delete":                 {80, "sh\x7f", "sh\b \b"},
	"insert in the middle":   {80, "sw\x02o", "sw\bow\b"},
	"delete to the front":    {80, "ab\x15", "ab\b\b  \b\b"},
	"enter":                  {80, "a\r", "a\r\n"},
	"enter in the middle":    {80, "ab\x01\r", "ab\b\bab\r\n"},
	"end of configuration":   {80, "\x1a", "^Z\r\n"},
	"no width, no scrolling": {0, strings.Repeat("x", 300), strings.Repeat("x", 300)},
}

func TestWire(t *testing.T) {
	for name, test := range wireTests {
		if _, _, wire := typed(test.width, test.keys); string(wire) != test.out {
			t.Errorf("%s: %q, want %q", name, wire, test.out)
		}
	}
}

// TestScrollAsIOSDoes types a line that scrolled on a device, where the octets
// were captured. The "$" that is there already is not written again.
func TestScrollAsIOSDoes(t *testing.T) {
	const line = "show archive config differences flash:/candidate_config.txt system:/running-config"
	e := New()
	e.Begin("pynet-rtr1#", 80, nil)
	var wire []byte
	for _, k := range []byte(line) {
		echo, _ := e.Key(k)
		wire = append(wire, echo...)
	}
	back, blanks := strings.Repeat("\b", 65), strings.Repeat(" ", 9)+strings.Repeat("\b", 9)
	want := line[:66] + back + "\b$e config differences flash:/candidate_config.txt system:" + blanks +
		"/running-" + back + "ifferences flash:/candidate_config.txt system:/running-c" + blanks + "onfig"
	if string(wire) != want {
		t.Errorf("%q\nwant %q", wire, want)
	}
}

// TestWindow follows the documentation's example of a line longer than the
// screen: moved to the left by tens, and seen from its start.
func TestWindow(t *testing.T) {
	const line = "access-list 101 permit tcp 131.108.2.5 255.255.255.0 131.108.1.20 255.255.255.0 eq 45"
	e := New()
	e.Begin("Switch(config)#", 80, nil)
	for _, row := range []struct{ keys, want string }{
		{line[:62], "access-list 101 permit tcp 131.108.2.5 255.255.255.0 131.108.1"},
		{line[62:72], "$ 101 permit tcp 131.108.2.5 255.255.255.0 131.108.1.20 255.25"},
		{line[72:82], "$t tcp 131.108.2.5 255.255.255.0 131.108.1.20 255.255.255.0 eq"},
		{line[82:], "$108.2.5 255.255.255.0 131.108.1.20 255.255.255.0 eq 45"},
		{"\x01", "access-list 101 permit tcp 131.108.2.5 255.255.255.0 131.108.1$"},
		{strings.Repeat("\x06", 62), "$ 101 permit tcp 131.108.2.5 255.255.255.0 131.108.1.20 255.25$"},
		{"\x05", "$108.2.5 255.255.255.0 131.108.1.20 255.255.255.0 eq 45"},
	} {
		for _, k := range []byte(row.keys) {
			e.Key(k)
		}
		if got, _ := e.window(); string(got) != row.want {
			t.Errorf("%q, want %q", got, row.want)
		}
	}
}

func TestEvents(t *testing.T) {
	for keys, want := range map[string]Event{
		"show\x1b\r": Line, "show\x1b[1\r": Line,
		"show\r": Line, "show\n": Line, "sh?": Help, "sh\t": Complete, "end\x1a": End, "x\x03": Abort,
		"ab\x1ex": Escape, "ab\x1ey": None, "ab": None, "a\x16\r": None,
	} {
		e := New()
		e.Begin(prompt, 80, nil)
		var got Event
		for _, k := range []byte(keys) {
			_, got = e.Key(k)
		}
		if got != want {
			t.Errorf("%q: event %d, want %d", keys, got, want)
		}
	}
}

func TestHistory(t *testing.T) {
	e, s, _ := typed(80, "new\x10\x10\x10\x0e", "one", "two")
	if e.Text() != "two" || s.text() != prompt+"two" {
		t.Errorf("%q, screen %q", e.Text(), s.text())
	}
	if e, _, _ := typed(80, "new\x1b[A\x1b[B", "one"); e.Text() != "new" {
		t.Errorf("what was being typed comes back as %q", e.Text())
	}
}

func TestResumeShowsWhatWasTyped(t *testing.T) {
	e, _, _ := typed(80, "show ip\x02\x02")
	s := new(screen)
	s.write(e.Resume("Spoke1#", 80))
	if s.text() != "Spoke1#show ip" || s.cursor != len("Spoke1#show ") {
		t.Errorf("%q, cursor %d", s.text(), s.cursor)
	}
}

func TestLineIsBounded(t *testing.T) {
	e, s, _ := typed(0, strings.Repeat("x", LineMax+5))
	if len(e.Text()) != LineMax || s.bells != 5 {
		t.Errorf("%d characters, %d bells", len(e.Text()), s.bells)
	}
}

// FuzzKeys types anything at any width: what the screen shows is the prompt and
// the visible part of the line, and nothing else is ever written.
func FuzzKeys(f *testing.F) {
	for _, test := range editTests {
		f.Add([]byte(test.keys), 80)
	}
	f.Add([]byte(strings.Repeat("word ", 40)+"\x01\x05\x17\x15\x19"), 41)
	f.Fuzz(func(t *testing.T, keys []byte, width int) {
		e, s := New(), new(screen)
		width = max(0, width) % 200
		e.Begin(prompt, width, []string{"show version", strings.Repeat("long ", 50)})
		s.write([]byte(prompt))
		for _, k := range keys {
			out, event := e.Key(k)
			s.write(out)
			if event == Complete || event == Escape {
				s.write([]byte("\r\n")) // the others have gone to a new line
			}
			if event != None {
				e.Begin(prompt, width, nil)
				s.write(e.Resume(prompt, width))
			}
			visible, cursor := e.window()
			if want := strings.TrimRight(prompt+string(visible), " "); s.text() != want || s.bad || s.cursor != len(prompt)+cursor {
				t.Fatalf("after %q the screen shows %q, cursor %d; want %q, %d", keys, s.text(), s.cursor, want, len(prompt)+cursor)
			}
		}
	})
}

func BenchmarkKey(b *testing.B) {
	e := New()
	dice := rand.New(rand.NewPCG(1, 1))
	e.Begin(prompt, 80, nil)
	for b.Loop() {
		if len(e.line) > 200 {
			e.Begin(prompt, 80, nil)
		}
		e.Key("abcdefgh \x02\x06\x7f"[dice.IntN(12)])
	}
}
