package modes_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gresh/modes"
	"gresh/modes/grammar"
)

var update = flag.Bool("update", false, "rewrite the transcripts")

// TestSession types what stands after the prompts of the transcript at the
// made-up router and compares everything else to the byte. A line that ends in
// "?" asks for help, one that ends in "<Tab>" for completion, as keys do.
func TestSession(t *testing.T) {
	file := filepath.Join("..", "testdata", "modes", "session.txt")
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := console{at: tree.Start(), running: &router{Hostname: "R1"}}
	for line := range strings.Lines(string(want)) {
		if typed, ok := promptless(line); ok {
			c.enter(typed)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(c.screen.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got := c.screen.String(); got != string(want) {
		t.Errorf("%s differs (go test ./modes -update, then read the diff)\ngot:\n%s", file, got)
	}
}

// promptless cuts the prompt off a typed line.
func promptless(line string) (string, bool) {
	host, rest, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "R1")
	if at := strings.IndexAny(rest, ">#"); ok && host == "" && at >= 0 {
		return rest[at+1:], true
	}
	return "", false
}

// A console is a session and its screen.
type console struct {
	screen  strings.Builder
	at      modes.Stack[session, router]
	running *router
	session session
}

func (c *console) level() int {
	if c.session.privileged {
		return 15
	}
	return 1
}

func (c *console) enter(typed string) {
	prompt := c.at.Prompt(c.running.Hostname, c.level())
	fmt.Fprintln(&c.screen, prompt+typed)
	if line, ok := strings.CutSuffix(typed, "?"); ok {
		c.screen.WriteString(c.at.Help(line, c.level()).String())
	} else if line, ok := strings.CutSuffix(typed, "<Tab>"); ok {
		longer, _ := c.at.Complete(line, c.level())
		fmt.Fprintf(&c.screen, "[%s]\n", longer)
	} else {
		c.run(typed, len(prompt))
	}
}

func (c *console) run(line string, width int) {
	step, err := c.at.Parse(line, c.level())
	switch {
	case err != nil:
	case step.Exec != nil:
		err = step.Exec(&c.session)
	case step.Edit != nil:
		err = step.Edit(c.running)
	}
	for _, l := range c.session.out {
		fmt.Fprintln(&c.screen, l)
	}
	c.session.out = nil
	if step.Filter != nil {
		fmt.Fprintf(&c.screen, "[filter %d %q]\n", step.Filter.Kind, step.Filter.Pattern)
	}
	if step.Kept {
		fmt.Fprintln(&c.screen, "[kept]")
	}
	if wrong, ok := errors.AsType[*grammar.Error](err); ok {
		c.screen.WriteString(wrong.Text(width))
	} else if err != nil {
		fmt.Fprintln(&c.screen, err)
	} else {
		c.at = step.Next
	}
}
