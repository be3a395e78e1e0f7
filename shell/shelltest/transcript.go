// Package shelltest reads and writes transcripts: what is typed at a terminal,
// and what it shows for that, to the octet. It is no part of the program.
package shelltest

import (
	"fmt"
	"strconv"
	"strings"
)

// A Transcript is pieces that are typed, and what is shown for each before the
// next one is. In a file both are Go strings:
//
//	# a remark
//	screen 80x24
//	"R1#"
//	type "show clock\r"
//	"show clock\r\n"
type Transcript struct {
	Remarks       string // "#" lines, whole
	Width, Length int    // 0: it is not said
	Typed         []string
	Shown         []string // for each of Typed; the first is what comes unasked
}

// Read reads a file.
func Read(text string) (t Transcript, err error) {
	t.Shown = []string{""}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		keys, typed := strings.CutPrefix(line, "type ")
		var s string
		switch {
		case strings.HasPrefix(line, "#"):
			t.Remarks += line + "\n"
			continue
		case strings.HasPrefix(line, "screen "):
			_, err = fmt.Sscanf(line, "screen %dx%d", &t.Width, &t.Length)
		case typed:
			s, err = strconv.Unquote(keys)
			t.Typed, t.Shown = append(t.Typed, s), append(t.Shown, "")
		case line != "":
			s, err = strconv.Unquote(line)
			t.Shown[len(t.Shown)-1] += s
		}
		if err != nil {
			return t, fmt.Errorf("%s: %w", line, err)
		}
	}
	return t, nil
}

// String is the file.
func (t Transcript) String() string {
	text := t.Remarks
	if t.Width != 0 || t.Length != 0 {
		text += fmt.Sprintf("screen %dx%d\n", t.Width, t.Length)
	}
	for i, shown := range t.Shown {
		if i > 0 {
			text += "type " + strconv.QuoteToASCII(t.Typed[i-1]) + "\n"
		}
		for part := range strings.SplitAfterSeq(shown, "\r\n") {
			if part != "" {
				text += strconv.QuoteToASCII(part) + "\n"
			}
		}
	}
	return text
}

// Keys are all that is typed.
func (t Transcript) Keys() string { return strings.Join(t.Typed, "") }

// Screen is all that is shown.
func (t Transcript) Screen() string { return strings.Join(t.Shown, "") }

// Again is the transcript of the same keys, without what is shown.
func (t Transcript) Again() Transcript {
	t.Shown = nil
	return t
}
