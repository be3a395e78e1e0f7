package modes

import (
	"slices"

	"gresh/modes/grammar"
)

// A number is what Number fits a value into.
type number interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64 | ~int
}

// Value is line followed by the value p, kept in field. Zero is its default
// and is not printed; "no" needs no value.
func Value[S any, T comparable](line grammar.Line, p *grammar.Param[T], field func(*S) *T) Command[S] {
	var zero T
	return Command[S]{
		Line:  extend(line, p),
		Bare:  len(line),
		Set:   func(s *S, a grammar.Args) error { *field(s) = p.From(a); return nil },
		Unset: func(s *S, _ grammar.Args) error { *field(s) = zero; return nil },
		Get: func(s *S) []grammar.Args {
			if v := *field(s); v != zero {
				return []grammar.Args{p.Is(v)}
			}
			return nil
		},
	}
}

// Number is Value for a field of another size than the parameter's.
func Number[S any, N number](line grammar.Line, p *grammar.Param[uint32], field func(*S) *N) Command[S] {
	c := Value(line, p, func(*S) *uint32 { return new(uint32) })
	c.Set = func(s *S, a grammar.Args) error { *field(s) = N(p.From(a)); return nil }
	c.Unset = func(s *S, _ grammar.Args) error { *field(s) = 0; return nil }
	c.Get = func(s *S) []grammar.Args {
		if v := *field(s); v != 0 {
			return []grammar.Args{p.Is(uint32(v))}
		}
		return nil
	}
	return c
}

// Optional is Value for a field where zero is a value of its own and nil the
// default. What a pointer points to is never changed, so that copies may share it.
func Optional[S any, N number](line grammar.Line, p *grammar.Param[uint32], field func(*S) **N) Command[S] {
	c := Value(line, p, func(*S) *uint32 { return new(uint32) })
	c.Set = func(s *S, a grammar.Args) error { v := N(p.From(a)); *field(s) = &v; return nil }
	c.Unset = func(s *S, _ grammar.Args) error { *field(s) = nil; return nil }
	c.Get = func(s *S) []grammar.Args {
		if v := *field(s); v != nil {
			return []grammar.Args{p.Is(uint32(*v))}
		}
		return nil
	}
	return c
}

// Flag is a line that sets field, which is off by default.
func Flag[S any](line grammar.Line, field func(*S) *bool) Command[S] {
	return Command[S]{
		Line:  line,
		Set:   func(s *S, _ grammar.Args) error { *field(s) = true; return nil },
		Unset: func(s *S, _ grammar.Args) error { *field(s) = false; return nil },
		Get: func(s *S) []grammar.Args {
			if *field(s) {
				return []grammar.Args{nil}
			}
			return nil
		},
	}
}

// NegFlag is a line that is on by default. Field says that it is off, which is
// what "no" sets and what is printed, with "no".
func NegFlag[S any](line grammar.Line, field func(*S) *bool) Command[S] {
	c := Flag(line, field)
	c.Set, c.Unset, c.Default = c.Unset, c.Set, c.Unset
	c.Get = func(s *S) []grammar.Args {
		if *field(s) {
			return []grammar.Args{No(nil)}
		}
		return nil
	}
	return c
}

// List is line followed by a value that may be said several times. Its "no"
// needs the value.
func List[S any, T comparable](line grammar.Line, p *grammar.Param[T], field func(*S) *[]T) Command[S] {
	return Command[S]{
		Line: extend(line, p),
		Set: func(s *S, a grammar.Args) error {
			if f, v := field(s), p.From(a); !slices.Contains(*f, v) {
				*f = append(*f, v)
			}
			return nil
		},
		Unset: func(s *S, a grammar.Args) error {
			f, v := field(s), p.From(a)
			*f = slices.DeleteFunc(*f, func(t T) bool { return t == v })
			return nil
		},
		Get: func(s *S) (lines []grammar.Args) {
			for _, v := range *field(s) {
				lines = append(lines, p.Is(v))
			}
			return lines
		},
	}
}

// Keep is a line, and whatever follows it, that is known, kept as typed in
// field and printed, but means nothing here. Several may share a field.
func Keep[S any](line grammar.Line, field func(*S) *[]string) Command[S] {
	return KeepAs(line, grammar.Text("The rest of the line"), field)
}

// KeepAs is Keep that says what follows the line.
func KeepAs[S any](line grammar.Line, rest *grammar.Param[string], field func(*S) *[]string) Command[S] {
	all := extend(line, grammar.Opt(rest))
	words := line.Format(nil)
	return Command[S]{
		Line: all,
		Kept: true,
		Set: func(s *S, a grammar.Args) error {
			if f, text := field(s), all.Format(a); !slices.Contains(*f, text) {
				*f = append(*f, text)
			}
			return nil
		},
		Unset: func(s *S, a grammar.Args) error {
			f, text := field(s), all.Format(a)
			*f = slices.DeleteFunc(*f, func(t string) bool {
				return t == text || !rest.In(a) && begins(t, words)
			})
			return nil
		},
		Get: func(s *S) (lines []grammar.Args) {
			for _, t := range *field(s) {
				if t == words {
					lines = append(lines, nil)
				} else if begins(t, words) {
					lines = append(lines, rest.Is(t[len(words)+1:]))
				}
			}
			return lines
		},
	}
}

// begins says whether text is words with something after them.
func begins(text, words string) bool {
	return len(text) > len(words) && text[:len(words)] == words && text[len(words)] == ' '
}

func extend(line grammar.Line, t grammar.Token) grammar.Line {
	return append(line[:len(line):len(line)], t)
}
