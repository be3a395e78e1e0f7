package grammar

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// lines makes entries of lines of keywords; each means itself.
func lines(all ...string) (entries []Entry) {
	for _, l := range all {
		var line Line
		for w := range strings.FieldsSeq(l) {
			line = append(line, Word(w, ""))
		}
		entries = append(entries, Entry{Line: line, Means: l})
	}
	return entries
}

func at(level int, entries []Entry) []Entry {
	for i := range entries {
		entries[i].Level = level
	}
	return entries
}

// The modes of the caret tests have just the keywords that the real ones must
// have for IOS to put the caret where it did.
var (
	execSet = NewSet("Exec commands:", append(
		at(1, lines("connect", "clear line", "enable", "help", "show resource", "show forwarding", "show version")),
		at(15, lines("configure terminal", "clear logging", "show running-config"))...)...)
	configSet = NewSet("Configure commands:", lines("configuration mode exclusive", "terminal-queue x",
		"tap", "tunnel", "dial-peer", "shape", "enable secret", "hostname x")...)
)

var caretTests = []struct {
	set    *Set
	prompt string
	level  int
	line   string
	want   string // the blanks before the caret, or the message
}{
	{execSet, "csr1000v>", 1, "configure terminal", "12"},
	{execSet, "csr1000v>", 1, "show run", "15"},
	{execSet, "csr1000v>", 1, "clear logg", "16"},
	{configSet, "csr1000v(config)#", 15, "terminal width 512", "26"},
	{configSet, "csr1000v(config)#", 15, "configure terminal", "25"},
	{configSet, "csr1000v(config)#", 15, "show version", "19"},
	{configSet, "csr1000v(config)#", 15, "enable", "% Incomplete command."},
	{execSet, "cisco1>", 1, "show foooooooo", "14"},
	{execSet, "RT02#", 15, "how running-config", "6"},
	{execSet, "R1#", 15, "  show foo", "12"},
	{execSet, "R1#", 15, "show version  extra", "17"},
	{execSet, "R1#", 15, "show", "% Incomplete command."},
	{execSet, "R1#", 15, "show ", "% Incomplete command."},
	{execSet, "R1#", 15, "SH VER", ""},
	{execSet, "R1#", 15, "show ver", ""},
	{execSet, "R1#", 15, "s", "% Incomplete command."},
	{execSet, "R1#", 15, "c", `% Ambiguous command:  "c"`},
	{execSet, "R1#", 15, "co t", `% Ambiguous command:  "co t"`},
	{execSet, "R1#", 1, "con", ""},
	{execSet, "R1#", 1, "foo", "% Unknown command or computer name, or unable to find computer address"},
	{execSet, "R1#", 1, "foo bar", "3"},
	{execSet, "R1#", 15, "vérité", "% Unknown command or computer name, or unable to find computer address"},
}

// These two keywords of configuration mode are a terminal's, one at a time.
var loneCaretTests = []struct{ keyword, line, want string }{
	{"tunnel", "tclsh", "18"},
	{"dialer", "disable", "19"},
}

func answer(s *Set, prompt, line string, level int) string {
	_, err := s.Parse(line, level)
	var e *Error
	switch {
	case !errors.As(err, &e):
		return ""
	case e.Kind == Invalid:
		return fmt.Sprint(strings.Index(e.Text(len(prompt)), "^"))
	}
	return e.Error()
}

func TestCaret(t *testing.T) {
	for _, r := range caretTests {
		if got := answer(r.set, r.prompt, r.line, r.level); got != r.want {
			t.Errorf("%s%s: %q, want %q", r.prompt, r.line, got, r.want)
		}
	}
	for _, r := range loneCaretTests {
		if got := answer(NewSet("", lines(r.keyword, "x y")...), "csr1000v(config)#", r.line+" x", 15); got != r.want {
			t.Errorf("%s: %q, want %q", r.line, got, r.want)
		}
	}
}

func TestErrorText(t *testing.T) {
	for kind, want := range map[ErrorKind]string{
		Invalid:    "       ^\n% Invalid input detected at '^' marker.\n\n",
		Ambiguous:  "% Ambiguous command:  \"s ip\"\n",
		Incomplete: "% Incomplete command.\n\n",
	} {
		e := &Error{Kind: kind, Col: 4, Line: "s ip"}
		if got := e.Text(3); got != want {
			t.Errorf("kind %d: %q, want %q", kind, got, want)
		}
	}
}

// An exact word wins over the longer ones that it begins, also when they were
// declared before it; a keyword that two lines share is not ambiguous.
func TestExact(t *testing.T) {
	s := NewSet("", lines("show interfaces", "show interface brief", "show interface", "show ip")...)
	for line, want := range map[string]string{
		"show interface":    "show interface",
		"show interfaces":   "show interfaces",
		"show INTERFACE br": "show interface brief",
		"show interfaces b": "", // nothing follows it
	} {
		m, _ := s.Parse(line, 15)
		if got, _ := m.Means.(string); got != want {
			t.Errorf("%s means %q, want %q", line, got, want)
		}
	}
	p := Enum(Choice[int]{"interfaces", "", 1}, Choice[int]{"interface", "", 2})
	s = NewSet("", Entry{Line: Line{p}})
	if m, err := s.Parse("interface", 15); err != nil || p.From(m.Args) != 2 || !m.Exact {
		t.Errorf("interface is %d, %v", p.From(m.Args), err)
	}
	if longer, ok := s.Complete("interface", 15); !ok || longer != "interface " {
		t.Errorf("interface is completed to %q, %v", longer, ok)
	}
	if longer, ok := s.Complete("interfac", 15); ok {
		t.Errorf("interfac is completed to %q", longer)
	}
}

// A keyword is hidden if all the lines are that begin with it.
func TestHidden(t *testing.T) {
	some := lines("show secret", "show open", "test secret")
	some[0].Hidden, some[2].Hidden = true, true
	s := NewSet("", some...)
	for line, want := range map[string]string{
		"": "[{show  true}]", "show ": "[{open  true}]", "test ": "[]",
	} {
		if got := fmt.Sprint(s.Help(line, 15).Items); got != want {
			t.Errorf("%s? %s, want %s", line, got, want)
		}
	}
	if _, err := s.Parse("test secret", 15); err != nil {
		t.Errorf("test secret: %v", err)
	}
}

// Values are tried only where no keyword fits; those that fit together are
// followed side by side, and the first declared that reaches the end wins.
func TestAlternatives(t *testing.T) {
	addr, name, host := IPv4(""), String(""), Flag("host", "")
	ping := Line{Word("ping", ""), Alt(Line{host, name}, Line{addr}, Line{name, Opt(Word("now", ""))})}
	s := NewSet("", Entry{Line: ping})
	for line, want := range map[string]string{
		"ping 10.0.0.1":      "ping 10.0.0.1",
		"ping hub":           "ping hub",
		"ping h":             "",
		"ping h x":           "ping host x",
		"ping 10.0.0.1 now":  "ping 10.0.0.1",
		"ping 10.0.0.1 noow": "",
	} {
		m, err := s.Parse(line, 15)
		got := ""
		if err == nil {
			got = ping.Format(m.Args)
		}
		if got != want {
			t.Errorf("%s: %q (%v), want %q", line, got, err, want)
		}
	}
	if m, _ := s.Parse("ping 10.0.0.1", 15); !addr.In(m.Args) || name.In(m.Args) {
		t.Errorf("ping 10.0.0.1 was read as %v, want an address", m.Args)
	}
}

func TestAny(t *testing.T) {
	size, count, df := Uint(36, 18024, ""), Uint(1, 99, ""), Flag("df-bit", "")
	shared := Flag("shared", "")
	line := Line{Word("ping", ""), Any(
		Line{Word("size", ""), size}, Line{Word("repeat", ""), count},
		Line{Word("more", ""), Any(Line{df}, Line{shared})})}
	s := NewSet("", Entry{Line: line})
	for typed, want := range map[string]string{
		"ping":                            "ping",
		"ping rep 5 size 100":             "ping size 100 repeat 5",
		"ping size 100":                   "ping size 100",
		"ping size 100 size 100":          "14",
		"ping more shared df repeat 3":    "ping repeat 3 more df-bit shared",
		"ping more df df":                 "13",
		"ping more df repeat 3 more df":   "22",
		"ping more df repeat 3 shared":    "23", // "s" of size
		"ping repeat":                     "% Incomplete command.",
		"ping repeat 5 more shared siz 9": "31",
	} {
		got := answer(s, "", typed, 15)
		if m, err := s.Parse(typed, 15); err == nil {
			got = line.Format(m.Args)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", typed, got, want)
		}
	}
}

func TestLevels(t *testing.T) {
	s := NewSet("", append(at(1, lines("show version")), at(15, lines("show version", "show users"))...)...)
	if m, err := s.Parse("show v", 1); err != nil || m.Means != "show version" {
		t.Errorf("at level 1: %v, %v", m, err)
	}
	if h := s.Help("show ", 1); len(h.Items) != 1 {
		t.Errorf("level 1 is offered %v", h.Items)
	}
	if got := answer(s, "", "show u", 1); got != "5" {
		t.Errorf("show u at level 1: %s, want a caret at 5", got)
	}
	// Lines of several levels share their first words.
	s = NewSet("", append(at(15, lines("show ip", "show users")), at(1, lines("show ip route"))...)...)
	if got := answer(s, "", "show ip route", 1); got != "" {
		t.Errorf("show ip route at level 1: %s", got)
	}
	if got := answer(s, "", "show ip", 1); got != "% Incomplete command." {
		t.Errorf("show ip at level 1: %s, want it incomplete", got)
	}
	if h := s.Help("show ip ", 1); len(h.Items) != 1 {
		t.Errorf("show ip ? at level 1: %v", h.Items)
	}
}

// A line of a set may go on as another set, as "do" does.
func TestThen(t *testing.T) {
	s := NewSet("Configure commands:", Entry{Line: Line{Word("do", "")}, Then: execSet})
	if m, err := s.Parse("do show ver", 15); err != nil || m.Means != "show version" {
		t.Errorf("do show ver: %v, %v", m, err)
	}
	if got := answer(s, "R1(config)#", "do show foo", 15); got != "21" {
		t.Errorf("do show foo: %s, want 21", got)
	}
	if h := s.Help("do ", 1); h.Title != "Exec commands:" || len(h.Items) != 5 {
		t.Errorf("do ?: %+v", h)
	}
}
