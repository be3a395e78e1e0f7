package commands

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// A Remark is what there is to say about a line of a file.
type Remark struct {
	File    string
	Line    int    // from 1; 0: the file as a whole
	Text    string // of the line, as it stands in the file
	Message string // one or more lines; a caret line goes under Text
}

// A Refusal is the remark on a line that was refused.
type Refusal = Remark

// String shows the line with what there is to say about it below.
func (r Remark) String() string {
	if r.Line == 0 {
		return fmt.Sprintf("%s: %s", r.File, r.Message)
	}
	return fmt.Sprintf("%s:%d:\n%s\n%s", r.File, r.Line, r.Text, r.Message)
}

// A Report is what there is to say about a whole file.
type Report struct {
	Refused []Refusal // lines that were refused, or that break a rule together with others
	Held    []Remark  // tunnels that will stay down, and other notes
	Kept    []Remark  // lines that are kept without effect
}

// loading is configuration mode as files are read: with any ports.
var loading = sync.OnceValue(func() modes.Stack[struct{}, config.Config] {
	return modes.Tree[struct{}, config.Config]{Config: configuration(anyPort)}.Start().Config()
})

// Load reads a whole configuration file. What is refused leaves no trace, the
// rest loads. A tunnel that breaks a rule of sharing keeps its lines, but is
// marked, so that it stays down and says why: without its protection it could
// only come up in clear.
func Load(file, text string) (c *config.Config, refused []Refusal, kept []Remark) {
	c = new(config.Config)
	for _, n := range loading().Load(c, text) {
		r := Remark{File: file, Line: n.Number, Text: n.Line}
		if n.Err != nil {
			r.Message = message(n.Err)
			refused = append(refused, r)
		} else {
			r.Message = "kept without effect"
			kept = append(kept, r)
		}
	}
	closeUnread(c, text, refused)
	if broken := adopt(c); len(broken) > 0 {
		refused = append(refused, located(file, text, broken)...)
		slices.SortStableFunc(refused, func(a, b Refusal) int { return cmp.Compare(a.Line, b.Line) })
	}
	return c, refused, kept
}

// closeUnread shuts the tunnels whose protection could not be read. It was
// wanted, nobody knows what it was to be, and without it they would come up in
// clear; nor would they after the configuration has been written back.
func closeUnread(c *config.Config, text string, refused []Refusal) {
	if len(refused) == 0 {
		return
	}
	a := survey(text)
	for _, r := range refused {
		name, inside := strings.CutPrefix(a.blocks[r.Line-1], "interface ")
		if !inside || !speaksOfProtection(r.Text) {
			continue
		}
		if i := c.Interface(name); i != nil && i.IsTunnel() && i.Tunnel.Protection.Profile == "" {
			i.Shutdown = true
			i.Refused = fmt.Sprintf("%% %s stays down, because its protection was not understood (%q): "+
				`enter the right one, or "no tunnel protection ipsec profile", and "no shutdown"`, name, strings.TrimSpace(r.Text))
		}
	}
}

// speaksOfProtection says whether a line that was refused may have been meant
// to protect a tunnel, however it is spelled.
func speaksOfProtection(line string) bool {
	line = strings.ToLower(strings.TrimSpace(line))
	return strings.HasPrefix(line, "tu") && (strings.Contains(line, "prot") ||
		strings.Contains(line, "ipsec") || strings.Contains(line, "profile"))
}

// Write returns the lines of the running configuration, from the first "!" to
// "end".
func Write(c *config.Config) []string {
	lines := append([]string{"!"}, writing.Write(c)...)
	if lines[len(lines)-1] != "!" {
		lines = append(lines, "!")
	}
	return append(lines, "end")
}

// Kept returns the lines of a configuration that have no effect here, those of
// a block under the line that opens it.
func Kept(c *config.Config) []string { return writing.Kept(c) }

var writing = configuration(anyPort)

// Check reads a configuration for what there is to say about it.
func Check(file, text string) (r Report) {
	var c *config.Config
	c, r.Refused, r.Kept = Load(file, text)
	var held []config.Problem
	for _, p := range config.Validate(c) {
		if !p.Refuse {
			held = append(held, p)
		}
	}
	r.Held = located(file, text, held)
	return r
}

// message is an error as a terminal shows it below the line.
func message(err error) string {
	if e, ok := errors.AsType[*grammar.Error](err); ok {
		return strings.TrimRight(e.Text(0), "\n")
	}
	return err.Error()
}

// adopt takes out of a configuration what breaks a rule as a whole, and
// returns the problems.
func adopt(c *config.Config) (broken []config.Problem) {
	said := map[string]bool{}
	for again := true; again; {
		again = false
		for _, p := range config.Validate(c) {
			if !p.Refuse || said[p.Text] && len(p.Tunnels) == 0 {
				continue
			}
			broken, said[p.Text] = append(broken, p), true
			again = takeOut(c, p) || again
		}
	}
	return broken
}

// takeOut takes out what a problem is about, and says whether it was there.
func takeOut(c *config.Config, p config.Problem) bool {
	if len(p.Tunnels) == 0 {
		return false
	}
	i := c.Interface(p.Tunnels[len(p.Tunnels)-1])
	switch {
	case p.Rule == config.RuleOverlap && i.Address.IsValid():
		i.Address, i.Secondary = netip.Prefix{}, nil
	case p.Rule != config.RuleOverlap && i.Refused == "":
		i.Refused = p.Text
	default:
		return false
	}
	return true
}
