package grammar

import "testing"

// everything has each kind of token at least once.
var everything = []Line{
	{Word("clear", ""), Word("counters", ""), Opt(units), Opt(Pipe(""), Word("include", ""), Rest(""))},
	{Word("description", ""), Text("")},
	{Word("banner", ""), Delimited("")},
	{Word("map", ""), IPv4(""), Opt(Mask("")), Any(Line{Flag("one", "")}, Line{Word("two", ""), Uint(1, 9, "")})},
	{Word("set", ""), transforms},
	{Word("id", ""), Alt(Line{Word("hex", ""), Hex("")}, Line{Word("mac", ""), MAC("")}, Line{String("")})},
}

// FuzzLine: no line panics, errors point into the line, what was understood is
// printed as a line that means the same, and its words were offered by help.
func FuzzLine(f *testing.F) {
	var entries []Entry
	for _, l := range everything {
		entries = append(entries, Entry{Line: l, Means: l})
	}
	s := NewSet("Test commands:", entries...)
	for _, l := range []string{
		"", "?", "cl c tu5 |inc  a|b", "desc a  b ", "banner #x#", "banner ^Cx\ny^C", "map 10.0.0.1 255.0.0.0 two 3 one",
		"set esp-aes 256 esp-sha", "id 0063.aa", "id mac 1.2.3", "map 172.17.05", "c c e0/1.7 | i \t",
	} {
		f.Add(l)
	}
	f.Fuzz(func(t *testing.T, line string) {
		_ = s.Help(line, 15).String()
		if longer, ok := s.Complete(line, 15); ok && len(longer) < len(line) {
			t.Errorf("%q was completed to %q", line, longer)
		}
		m, err := s.Parse(line, 15)
		if err != nil {
			if e := err.(*Error); e.Col < 0 || e.Col > len(line) || e.Text(3) == "" {
				t.Errorf("%q: error %+v", line, e)
			}
			return
		}
		printed := m.Means.(Line).Format(m.Args)
		again, err := s.Parse(printed, 15)
		if err != nil {
			t.Fatalf("%q is printed as %q: %v", line, printed, err)
		}
		if twice := again.Means.(Line).Format(again.Args); twice != printed {
			t.Errorf("%q is printed as %q and then %q", line, printed, twice)
		}
	})
}
