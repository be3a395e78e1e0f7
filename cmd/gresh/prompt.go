package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chzyer/readline"

	"gresh/backend/sim"
	"gresh/modes"
	"gresh/modes/grammar"
)

// A turn is one line at the lab's prompt: what it works on, and where it leads.
type turn struct {
	*seated
	next string // the node to connect to
	left bool
}

// prompt is the lab's own prompt, until the user goes to a console, whose node
// is returned, or quits, which is "".
func (u *seated) prompt() (node string, err error) {
	place := modes.Tree[turn, struct{}]{Exec: u.labMode()}.Start()
	line, err := u.readline(place)
	if err != nil {
		return "", err
	}
	defer line.Close()
	for {
		text, err := line.Readline()
		switch {
		case errors.Is(err, readline.ErrInterrupt):
			continue
		case err != nil:
			return "", nil
		}
		t := &turn{seated: u}
		u.carryOut(place, strings.TrimSpace(text), t)
		if t.left || t.next != "" {
			return t.next, nil
		}
	}
}

func (u *seated) carryOut(place modes.Stack[turn, struct{}], text string, t *turn) {
	if asked, ok := strings.CutSuffix(text, "?"); ok {
		fmt.Fprint(u.out, place.Help(asked, 1).String())
		return
	}
	step, err := place.Parse(text, 1)
	if err == nil && step.Exec != nil {
		err = step.Exec(t)
	}
	var wrong *grammar.Error
	switch {
	case errors.As(err, &wrong):
		fmt.Fprint(u.out, wrong.Text(len(labPrompt)))
	case err != nil:
		fmt.Fprintln(u.out, err)
	}
}

const (
	labPrompt = "lab> "
	keyCtrlR  = 18
	keyCtrlS  = 19
	keyCtrlT  = 20
	keyCtrlZ  = 26
)

// readline makes the line editor of the prompt.
func (u *seated) readline(place modes.Stack[turn, struct{}]) (*readline.Instance, error) {
	return readline.NewEx(&readline.Config{
		Prompt:              labPrompt,
		Stdin:               u.typed,
		Stdout:              returning{u.out},
		Stderr:              returning{u.out},
		AutoComplete:        completer{place},
		FuncIsTerminal:      func() bool { return true },
		FuncMakeRaw:         u.terminal.Raw,
		FuncExitRaw:         func() error { u.terminal.Restore(); return nil },
		FuncGetWidth:        func() int { w, _ := u.terminal.Size(); return max(w, 20) },
		FuncOnWidthChanged:  func(func()) {},
		FuncFilterInputRune: tame,
		HistoryFile:         historyFile(),
	})
}

// tame drops the keys that must not reach the library: on three of them it can
// fail in a goroutine of its own, which would be the end of the process, and
// with the fourth it would stop the process. A key that is dropped must look
// like one that was typed.
func tame(r rune) (rune, bool) {
	switch r {
	case keyCtrlR, keyCtrlS, keyCtrlT, keyCtrlZ:
		return readline.CharBell, true
	}
	return r, true
}

// historyFile is where the lines of the prompt are kept for the next lab; "" if
// there is no place for it.
func historyFile() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	dir = filepath.Join(dir, "gresh")
	if os.MkdirAll(dir, 0o700) != nil {
		return ""
	}
	return filepath.Join(dir, "lab-history")
}

// returning writes to a terminal in raw mode, where a line feed is no more than
// that.
type returning struct{ io.Writer }

func (w returning) Write(b []byte) (int, error) {
	_, err := w.Writer.Write(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")))
	return len(b), err
}

// A completer completes from the same grammar as help.
type completer struct{ place modes.Stack[turn, struct{}] }

// Do is part of readline.AutoCompleter.
func (c completer) Do(line []rune, pos int) ([][]rune, int) {
	before := string(line[:pos])
	full, ok := c.place.Complete(before, 1)
	if !ok || len(full) < len(before) {
		return nil, 0
	}
	// The case typed may not be the keyword's: only the end is put in.
	return [][]rune{[]rune(full[len(before):])}, pos
}

// labMode is the commands of the prompt.
func (u *seated) labMode() modes.Mode[turn] {
	var names []grammar.Choice[string]
	for _, n := range u.nodes {
		names = append(names, grammar.Choice[string]{Name: n, Help: "A node", Value: n})
	}
	connect, power := grammar.Enum(names...), grammar.Enum(names...)
	on := grammar.Enum(grammar.Choice[bool]{Name: "on", Help: "Boot it", Value: true},
		grammar.Choice[bool]{Name: "off", Help: "Cut its power", Value: false})
	help := func(t *turn, _ grammar.Args) error { fmt.Fprint(t.out, labHelp); return nil }
	quit := func(t *turn, _ grammar.Args) error { t.left = true; return nil }
	return append(modes.Mode[turn]{
		{Line: grammar.Line{grammar.Word("connect", "Go to the console of a node"), connect},
			Run: func(t *turn, a grammar.Args) error { t.next = connect.From(a); return nil }},
		{Line: grammar.Line{grammar.Word("show", "Show nodes and links")}, Run: func(t *turn, _ grammar.Args) error {
			t.runner.Do(func(w *sim.World) { nodeTable(t.out, w, t.access); linkTable(t.out, w) })
			return nil
		}},
		{Line: grammar.Line{grammar.Word("power", "Switch a node on or off"), power, on}, Run: func(t *turn, a grammar.Args) error {
			t.runner.Do(func(w *sim.World) { switchPower(w.Node(power.From(a)), on.From(a)) })
			return nil
		}},
		{Line: grammar.Line{grammar.Word("help", "What can be done here")}, Run: help},
		{Line: grammar.Line{grammar.Word("quit", "End the lab")}, Run: quit},
		{Line: grammar.Line{grammar.Word("exit", "End the lab")}, Run: quit},
	}, append(u.linkCommands(names), timeCommands()...)...)
}

func switchPower(n *sim.Node, on bool) {
	if on && !n.On() {
		n.PowerOn()
	} else if !on {
		n.PowerOff()
	}
}

const labHelp = `connect NODE                     the console of a node; Ctrl-^ then x comes back here
show                             nodes and links
link NODE INTERFACE up|down      mend or cut what is behind an interface
link NODE INTERFACE delay 20ms   or jitter 5ms, rate BITS, loss 10%, duplicate 5%, reorder 5%
capture NODE INTERFACE FILE      write what passes there as pcapng; capture stop ends all
power NODE on|off                boot a node, or cut its power
time now                         what time it is in the lab
time run 15m                     let so much of it pass at once
time next                        go to the next thing that happens
time pace 10                     so many seconds a second; 0: only while somebody waits
quit                             end the lab
`

// timeCommands are about the clock.
func timeCommands() modes.Mode[turn] {
	word := grammar.Word("time", "The clock of the lab")
	run := grammar.New("DURATION", "How long, as in 90s or 15m", func(s string) (time.Duration, bool) {
		d, err := time.ParseDuration(s)
		return d, err == nil && d >= 0
	}, time.Duration.String)
	pace := grammar.New("FACTOR", "Seconds of the lab per second", func(s string) (p float64, ok bool) {
		_, err := fmt.Sscanf(s, "%g", &p)
		return p, err == nil && p >= 0
	}, func(p float64) string { return fmt.Sprint(p) })
	now := func(t *turn, _ grammar.Args) error {
		t.runner.Do(func(w *sim.World) {
			fmt.Fprintf(t.out, "%s, %v after the start\n", w.Now().UTC().Format("15:04:05.000 Mon Jan 2 2006"), w.Now().Sub(labStart))
		})
		return nil
	}
	return modes.Mode[turn]{
		{Line: grammar.Line{word}, Run: now},
		{Line: grammar.Line{word, grammar.Word("now", "What time it is")}, Run: now},
		{Line: grammar.Line{word, grammar.Word("run", "Let time pass at once"), run}, Run: func(t *turn, a grammar.Args) error {
			t.runner.Do(func(w *sim.World) { w.Run(run.From(a)) })
			return now(t, nil)
		}},
		{Line: grammar.Line{word, grammar.Word("next", "Go to the next thing that happens")}, Run: func(t *turn, _ grammar.Args) error {
			t.runner.Do(func(w *sim.World) { w.Step() })
			return now(t, nil)
		}},
		{Line: grammar.Line{word, grammar.Word("pace", "How fast time passes"), pace}, Run: func(t *turn, a grammar.Args) error {
			t.runner.SetPace(pace.From(a))
			return nil
		}},
	}
}
