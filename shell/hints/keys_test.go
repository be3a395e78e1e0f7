package hints

import (
	"fmt"
	"strings"
	"testing"
)

// typed is what the library gets of keys: each as it is dealt with, and how
// the line ended.
func typed(k *keys, text string, takable int) (got []string) {
	k.add([]byte(text))
	for {
		k.mu.Lock()
		k.takable = takable
		k.mu.Unlock()
		key, err := k.next()
		switch {
		case err == nil && k.ended() != "":
			got = append(got, fmt.Sprintf("<%s>", k.ended()))
		case err == nil:
			got = append(got, string(key))
		case k.held:
			k.begin()
			continue
		default:
			return got
		}
		k.done()
	}
}

func TestKeys(t *testing.T) {
	for name, row := range map[string]struct {
		typed   string
		takable int
		want    []string
	}{
		"text is one key":              {"show clock", 0, []string{"show clock"}},
		"the forms of Enter":           {"a\rb\nc\r\nd\r\r", 0, []string{"a", "<\r>", "b", "<\r>", "c", "<\r>", "d", "<\r>", "<\r>"}},
		"tab is taken":                 {"sh\t\r", 1, []string{"sh", "\t", "<\r>"}},
		"but no further than it can":   {"\t\t\t\x1b[Z\x1b[Z", 2, []string{"\t", "\t", "\x1b[Z", "\x1b[Z"}},
		"nothing can":                  {"\t\tx", 0, []string{"x"}},
		"down goes on in the list":     {"\t\x1b[B\x1b[B\x1b[A", 2, []string{"\t", "\t", "\x1b[Z"}},
		"a key begins the list anew":   {"\tx\t", 1, []string{"\t", "x", "\t"}},
		"help":                         {"show ?", 0, []string{"show ", "<?>"}},
		"no help":                      {"a\x16?b", 0, []string{"a", "?", "b"}},
		"the keys that end a line":     {"a\x1ab\x03c\x1exd", 0, []string{"a", "<\x1a>", "b", "<\x03>", "c", "<\x1ex>", "d"}},
		"Ctrl-^ alone":                 {"\x1ea", 0, []string{"a"}},
		"Ctrl-D deletes":               {"\x04", 0, []string{"\x1b[3~"}},
		"rubout, Ctrl-A":               {"\x7f\x01", 0, []string{"\x7f", "\x01"}},
		"keys of several octets":       {"\x1b[D\x1bOC\x1b[17;5~\x1bqa", 0, []string{"\x1b[D", "\x1bOC", "a"}},
		"octets of no text":            {"\x00\xc3\xa9\xffa\x1c", 0, []string{"a", "\x1c"}},
		"a sequence that is cut short": {"\x1b[", 0, nil},
	} {
		got := typed(newKeys(), row.typed, row.takable)
		if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", row.want) {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

// Lines come back by the arrows, by Ctrl-P and by Ctrl-N; a question in one is
// no question again.
func TestHistory(t *testing.T) {
	k := newKeys()
	for _, line := range []string{"one", "one", " ", "two?"} {
		k.remember(line)
	}
	erase := string(endErase[0]) + "|" + string(endErase[1])
	for _, row := range []struct{ typed, want string }{
		{"\x1b[A", erase + "|two|?"}, {"\x10", erase + "|one"}, {"\x10", ""},
		{"\x0e", erase + "|two|?"}, {"\x1b[B", erase}, {"\x1b[B", ""},
	} {
		if got := strings.Join(typed(k, row.typed, 0), "|"); got != row.want {
			t.Errorf("%q: %q, want %q", row.typed, got, row.want)
		}
	}
}

// A command gets what is typed while it runs; what it leaves is of the line.
func TestKeysGoWhereTheyAreAskedFor(t *testing.T) {
	k := newKeys()
	k.add([]byte("go\rmore"))
	var got []string
	for {
		key, err := k.next()
		if err != nil {
			break
		}
		got = append(got, string(key))
		k.done()
	}
	if fmt.Sprintf("%q", got) != `["go" "\r"]` {
		t.Errorf("the library is given %q before the command has run", got)
	}
	if b := k.take(); string(b) != "more" {
		t.Errorf("the command gets %q", b)
	}
	k.add([]byte("!"))
	k.untake([]byte("re"))
	k.begin()
	if got := strings.Join(typed(k, "", 0), "|"); got != "re!" {
		t.Errorf("of the line is %q", got)
	}
	k.add([]byte("\x1e"))
	k.take()
	if got := strings.Join(typed(k, "xy", 0), "|"); got != "y" {
		t.Errorf("behind Ctrl-^ x: %q", got)
	}
}

// A line is interrupted, but not while a suggestion is selected: the library
// would take it.
func TestKeysAreInterrupted(t *testing.T) {
	k := newKeys()
	typed(k, "a\t", 1)
	k.interrupt()
	if got := strings.Join(typed(k, "", 1), "|"); got != "" {
		t.Errorf("%q while a suggestion is selected", got)
	}
	if got := strings.Join(typed(k, "b", 1), "|"); got != "b|<interrupted>" {
		t.Errorf("then %q", got)
	}
	k.end()
	if key, err := k.next(); err != nil || k.ended() != over {
		t.Errorf("at the end %q, %v, %s", key, err, k.ended())
	}
}
