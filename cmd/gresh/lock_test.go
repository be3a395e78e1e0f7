package main

import (
	"bytes"
	"strings"
	"testing"

	"gresh/backend/sim"
	"gresh/commands"
	"gresh/shell"
)

// A talk is what two sessions of one router type in turn, each at a terminal of
// its own. A piece that begins with "2" is the second one's.
func talk(t *testing.T, b *bench, node string, typed []string) string {
	t.Helper()
	lines := commands.NewLines(sim.Stepped{World: b.World}.Loop(b.Node(node)), commands.LinesOptions{Open: true})
	var transcript strings.Builder
	var sessions []*shell.Session
	screens := make([]bytes.Buffer, 2)
	for n, way := range []commands.Way{commands.Script, commands.Attached} {
		i, err := lines.Take(commands.Origin{Way: way, User: []string{"", "carl"}[n], Authenticated: true})
		if err != nil {
			t.Fatal(err)
		}
		s := shell.New(shell.Options{Out: &screens[n], Length: -1, Width: 80, Interpreter: i})
		i.Attach(s)
		go func() { _ = s.Run() }()
		s.Ready()
		sessions = append(sessions, s)
	}
	for _, keys := range typed {
		n := 0
		if rest, second := strings.CutPrefix(keys, "2"); second {
			keys, n = rest, 1
		}
		sessions[n].Type(keys)
		transcript.WriteString([]string{"", "  2: "}[n] + strings.ReplaceAll(strings.ReplaceAll(screens[n].String(), "\r\n", "\n"),
			"\n", []string{"\n", "\n  2: "}[n]) + "\n")
		screens[n].Reset()
	}
	for _, s := range sessions {
		s.Hangup()
	}
	return transcript.String()
}

// TestConfigurationLock: who has locked the configuration has it for himself,
// until he leaves it.
func TestConfigurationLock(t *testing.T) {
	b := newBench(t, 1, nil)
	golden(t, "session/router/lock.txt", talk(t, b, "Hub1", []string{
		"enable\r", "2enable\r", "2configure terminal\r", "configure terminal lock\r", "2hostname Taken\r", "2end\r", "2configure terminal\r",
		"2copy running-config flash:one\r\r", "2configure replace flash:one force\r", "2copy flash:one running-config\r\r",
		"2show configuration lock\r", "hostname Mine\r", "end\r", "2configure terminal\r", "2end\r", "show configuration lock\r",
		"configure terminal\r", "configuration mode exclusive auto\r", "end\r", "2configure terminal\r", "configure terminal\r",
		"clear configuration lock\r", "configure terminal\r", "2hostname Taken\r", "end\r",
		"configure terminal revert timer 5\r",
	}))
}
