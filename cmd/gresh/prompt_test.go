package main

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/chzyer/readline"

	"gresh/modes"
	"gresh/modes/grammar"
)

// labPlace is a prompt's grammar without a lab behind it.
func labPlace() modes.Stack[turn, struct{}] {
	left := func(t *turn, _ grammar.Args) error { t.left = true; return nil }
	return modes.Tree[turn, struct{}]{Exec: modes.Mode[turn]{
		{Line: grammar.Line{grammar.Word("quit", "End the lab")}, Run: left},
		{Line: grammar.Line{grammar.Word("show", "Show nodes and links")}, Run: left},
	}}.Start()
}

// TestPromptSurvivesAnyKey types anything at the lab's prompt. A fault in the
// library's own goroutine would end this test with the whole process.
func TestPromptSurvivesAnyKey(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	dice := rand.New(rand.NewPCG(1, 2))
	const keys = "\x01\x02\x04\x05\x06\x07\x08\x09\x0b\x0c\x0e\x10\x12\x14\x15\x17\x19\x1a\x1b[A[B[C[Dbfd\x7fab ?é"
	for range 40 {
		var typed strings.Builder
		for range 80 {
			typed.WriteByte(keys[dice.IntN(len(keys))])
		}
		typed.WriteString("\x05\x15quit\r")
		in, out := io.Pipe()
		line, err := readline.NewEx(&readline.Config{
			Prompt: labPrompt, Stdin: in, Stdout: returning{io.Discard}, Stderr: io.Discard,
			AutoComplete: completer{labPlace()}, FuncFilterInputRune: tame,
			FuncIsTerminal: func() bool { return true }, FuncMakeRaw: func() error { return nil },
			FuncExitRaw: func() error { return nil }, FuncGetWidth: func() int { return 80 },
			FuncOnWidthChanged: func(func()) {},
		})
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			_, _ = out.Write([]byte(typed.String()))
			_ = out.Close()
		}()
		for {
			if _, err := line.Readline(); err != nil && err != readline.ErrInterrupt {
				break
			}
		}
		_ = in.Close()
		_ = line.Close()
	}
}

func TestPromptUnderstandsAndHelps(t *testing.T) {
	var out bytes.Buffer
	u := &seated{out: &out}
	for line, want := range map[string]string{
		"sh":     "",
		"?":      "  quit  End the lab",
		"frob x": "     ^\n% Invalid input detected at '^' marker.",
		"":       "",
	} {
		out.Reset()
		now := &turn{seated: u}
		u.carryOut(labPlace(), line, now)
		if !strings.Contains(out.String(), want) || want == "" && out.Len() > 0 || now.left != (line == "sh") {
			t.Errorf("%q: %q, left %v", line, out.String(), now.left)
		}
	}
	completions, length := completer{labPlace()}.Do([]rune("q"), 1)
	if len(completions) != 1 || string(completions[0]) != "uit " || length != 1 {
		t.Errorf("q completes to %q", completions)
	}
}
