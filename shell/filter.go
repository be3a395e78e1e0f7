package shell

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"gresh/modes"
)

// A filter lets through what an output modifier wants.
type filter struct {
	kind    modes.FilterKind
	re      *regexp.Regexp
	to      io.Writer
	begun   bool // of Begin: it has matched
	inside  bool // of Section: within one
	indent  int  // of the line that began it
	matched int  // of Count
}

func compile(pattern string) (*regexp.Regexp, error) {
	if len(pattern) > patternMax {
		return nil, errors.New("% The regular expression is too long")
	}
	re, err := regexp.Compile(delimited(pattern))
	if err != nil {
		return nil, fmt.Errorf("%% Failed to compile regular expression: %s", pattern)
	}
	return re, nil
}

// delimited reads an expression as IOS does: "_" is what parts words, or the
// character itself, which names have.
func delimited(pattern string) string {
	var b strings.Builder
	inClass := false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			b.WriteByte(c)
			i++
		case c == '[' || c == ']':
			inClass = c == '['
		case c == '_' && !inClass:
			b.WriteString("(?:^|$|[ ,(){}_])")
			continue
		}
		b.WriteByte(pattern[i])
	}
	return b.String()
}

// Filter is part of modes.Terminal.
func (s *Session) Filter(f modes.Filter) error {
	re, err := compile(f.Pattern)
	if err != nil {
		return err
	}
	s.filter = filter{kind: f.Kind, re: re, to: f.To}
	return nil
}

// passes says whether a line is to be seen.
func (f *filter) passes(line []byte) bool {
	switch f.kind {
	case modes.Include:
		return f.re.Match(line)
	case modes.Exclude:
		return !f.re.Match(line)
	case modes.Begin:
		f.begun = f.begun || f.re.Match(line)
		return f.begun
	case modes.Section:
		return f.section(line)
	case modes.SectionExclude:
		return !f.section(line)
	case modes.Redirect, modes.Append:
		f.copy(line)
		return false
	case modes.Tee, modes.TeeAppend:
		f.copy(line)
	case modes.Count:
		if f.re.Match(line) {
			f.matched++
		}
		return false
	}
	return true
}

// copy writes a line to the file. What goes wrong with it is for its owner to
// say, when he closes it.
func (f *filter) copy(line []byte) {
	_, _ = f.to.Write(line)
	_, _ = f.to.Write([]byte{'\n'})
}

// section says whether a line matches, or is indented below one that does.
func (f *filter) section(line []byte) bool {
	indent := 0
	for indent < len(line) && line[indent] == ' ' {
		indent++
	}
	switch {
	case f.re.Match(line):
		if !f.inside || indent <= f.indent {
			f.indent = indent
		}
		f.inside = true
	case f.inside && indent <= f.indent:
		f.inside = false
	}
	return f.inside
}

// counted is the line that Count ends in.
func (f *filter) counted() string {
	return fmt.Sprintf("Number of lines which match regexp = %d", f.matched)
}
