package show

import (
	"cmp"
	"io"
	"strings"
	"time"

	"gresh/backend/config"
)

// A TerminalLine is the line that a session is on, and what the session has
// made of it.
type TerminalLine struct {
	Number        int // among all lines
	Line          config.Line
	Length, Width int
	Monitor       bool
	NoHistory     bool
	HistorySize   int
}

// Terminal renders "show terminal".
func Terminal(w io.Writer, t TerminalLine) {
	capabilities := "none"
	if t.Monitor {
		capabilities = "Receives Logging Output"
	}
	history := "enabled"
	if t.NoHistory {
		history = "disabled"
	}
	printf(w, "Line %d, Location: \"\", Type: \"\"\n"+
		"Length: %d lines, Width: %d columns\n", t.Number, t.Length, t.Width)
	if t.Line.Type == "con" {
		printf(w, "Baud rate (TX/RX) is 9600/9600, no parity, 1 stopbits, 8 databits\n")
	}
	printf(w, "Status: PSI Enabled, Ready, Active, Automore On\n"+
		"Capabilities: %s\n"+
		"Modem state: Ready\n"+
		"Special Chars: Escape  Hold  Stop  Start  Disconnect  Activation\n"+
		"                ^^x    none   -     -       none\n"+
		"Timeouts:      Idle EXEC    Idle Session   Modem Answer  Session   Dispatch\n"+
		"               %-13snever                        none     not set\n"+
		"Editing is enabled.\n"+
		"History is %s, history size is %d.\n", capabilities, idleExec(t.Line), history, t.HistorySize)
	input := t.Line.Input
	if input == nil && t.Line.Type == "vty" {
		ssh := config.TransportSSH
		input = &ssh
	}
	printf(w, "Allowed input transports are %s.\n"+
		"Allowed output transports are %s.\n"+
		"Preferred transport is %s.\n"+
		"No output characters are padded\n"+
		"No special data dispatching characters\n",
		transports(input, "none"), transports(t.Line.Output, "telnet ssh"), cmp.Or(t.Line.Preferred, "telnet"))
}

// idleExec is how long nobody need type.
func idleExec(l config.Line) string {
	after := 10 * time.Minute
	if t := l.ExecTimeout; t != nil {
		after = time.Duration(t[0])*time.Minute + time.Duration(t[1])*time.Second
	}
	if after == 0 {
		return " never"
	}
	return clock(after)
}

// transports names protocols, as a line's configuration does.
func transports(t *config.Transports, usual string) string {
	if t == nil {
		return usual
	}
	var names []string
	for i, name := range []string{"pad", "telnet", "rlogin", "udptn", "ssh"} {
		if *t&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return cmp.Or(strings.Join(names, " "), "none")
}

// Help renders "help".
func Help(w io.Writer) {
	printf(w, `Help may be asked for at any point of a line, with a question mark '?'.
If it lists nothing, nothing fits what has been typed: go back until
a '?' lists what may stand there.
There are two kinds of help:
1. Behind a blank it lists the words that may come next, and what
   each of them means (e.g. 'show ?').
2. Right behind a word it lists what the word may become
   (e.g. 'show pr?').
Tab completes a word that may become only one.

`)
}

// An AliasGroup is the aliases of a mode.
type AliasGroup struct {
	Mode    string // "Exec mode"
	Aliases []config.Alias
}

// Aliases renders "show aliases".
func Aliases(w io.Writer, groups []AliasGroup) {
	for _, g := range groups {
		printf(w, "%s aliases:\n", g.Mode)
		for _, a := range g.Aliases {
			printf(w, "  %-21s %s\n", a.Name, a.Text)
		}
		printf(w, "\n")
	}
}
