package modes

import (
	"slices"
	"strings"
)

// A configText is lines of a configuration with those that stand below them.
type configText struct {
	line  string
	below []*configText
}

// outline reads a configuration as far as its indentation tells: what is below
// a line is indented deeper. Comments, and what a terminal prints around a
// configuration, are no lines of it. Text that goes on over several lines is
// one.
func outline(lines []string) *configText {
	root := &configText{}
	open := []*configText{root}
	indents := []int{-1}
	for i := 0; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], " \t\r\n")
		i += unclosedBanner(&line, lines[i+1:])
		if comment(line) || around(line) {
			continue
		}
		indent := len(line) - len(strings.TrimLeft(line, " "))
		for indent <= indents[len(indents)-1] {
			open, indents = open[:len(open)-1], indents[:len(indents)-1]
		}
		n := &configText{line: line[indent:]}
		above := open[len(open)-1]
		above.below = append(above.below, n)
		open, indents = append(open, n), append(indents, indent)
	}
	return root
}

// around says whether a line stands around a configuration.
func around(line string) bool {
	return line == "end" || strings.HasPrefix(line, "Building configuration") ||
		strings.HasPrefix(line, "Current configuration :") || strings.HasPrefix(line, "Using ")
}

// unclosedBanner adds to a line that opens a text what follows it up to the
// closing mark, and says how many lines that were.
func unclosedBanner(line *string, rest []string) int {
	words := strings.Fields(*line)
	if len(words) < 3 || words[0] != "banner" {
		return 0
	}
	at := strings.Index(*line, words[1]) + len(words[1])
	text := strings.TrimLeft((*line)[at:], " ")
	mark := text[:1]
	if strings.HasPrefix(text, "^C") {
		mark = "^C"
	}
	if strings.Contains(text[len(mark):], mark) {
		return 0
	}
	for i, l := range rest {
		if strings.Contains(l, mark) {
			*line += "\n" + strings.Join(rest[:i+1], "\n")
			return i + 1
		}
	}
	return 0
}

// without is what n has and other has not, with the lines above it.
func (n *configText) without(other *configText) *configText {
	out := &configText{line: n.line}
	used := map[*configText]bool{}
	for _, c := range n.below {
		i := slices.IndexFunc(other.below, func(o *configText) bool { return o.line == c.line && !used[o] })
		if i < 0 {
			out.below = append(out.below, &configText{c.line, append([]*configText{}, c.below...)})
			continue
		}
		used[other.below[i]] = true
		if rest := c.without(other.below[i]); len(rest.below) > 0 {
			rest.line = keptMark + c.line
			out.below = append(out.below, rest)
		}
	}
	return out
}

// keptMark begins a line that is in both configurations.
const keptMark = "\x00"

// print appends the lines below n, those that are not in both with a sign.
func (n *configText) print(to []string, depth int, sign string) []string {
	for _, c := range n.below {
		line, both := strings.CutPrefix(c.line, keptMark)
		if !both {
			line = sign + line
		}
		to = append(to, strings.Repeat(" ", depth)+line)
		to = c.print(to, depth+1, sign)
	}
	return to
}

// Differences are the lines that two configurations have not both, with the
// blocks that they are in: first those that only the second has, behind a "+",
// then those that only the first has, behind a "-". In which order lines stand
// makes no difference.
func Differences(from, to []string) []string {
	a, b := outline(from), outline(to)
	return a.without(b).print(b.without(a).print(nil, 0, "+"), 0, "-")
}

// Additions are the lines that only the second configuration has, with the
// blocks that they are in.
func Additions(from, to []string) []string {
	return outline(to).without(outline(from)).print(nil, 0, "")
}

// Replacing are the lines that make the second configuration of the first: the
// "no" of what goes, then what comes.
func Replacing(from, to []string) []string {
	a, b := outline(from), outline(to)
	return append(a.without(b).negated(nil, 0), Additions(from, to)...)
}

// negated appends the "no" of the lines that are not in both.
func (n *configText) negated(to []string, depth int) []string {
	for _, c := range n.below {
		line, both := strings.CutPrefix(c.line, keptMark)
		if both {
			to = append(to, strings.Repeat(" ", depth)+line)
			to = c.negated(to, depth+1)
			continue
		}
		if positive, ok := strings.CutPrefix(line, "no "); ok {
			to = append(to, strings.Repeat(" ", depth)+positive)
		} else {
			to = append(to, strings.Repeat(" ", depth)+"no "+line)
		}
	}
	return to
}
