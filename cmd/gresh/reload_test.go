package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"gresh/backend"
	"gresh/backend/sim"
	"gresh/commands"
	"gresh/shell"
)

// reloadDialogues are keys typed at a router's console, and times that pass.
var reloadDialogues = []any{
	"enable\r", "show reload\r", "reload cancel\r",
	"reload in 90 new cables\r", "\r", "show reload\r", 75 * time.Minute, "show reload\r", "reload cancel\r", time.Hour,
	"reload in 0\r", "reload in 1:60\r", "reload in 999:00\r", "reload at 25:00\r", "reload at 10:00 31 february\r",
	"reload at 23:59 march 5 to see\r", "n", "reload at 23:59 5 march to see\r", "\x1b", "reload at 01:00\r", "n", "show reload\r",
	"configure terminal\r", "hostname Middle\r", "end\r",
	"reload in 1\r", "perhaps\r", "\x03", // broken off: nothing is scheduled
	"reload in 2 again\r", "no\r", "y", "configure terminal\r", "interface Tunnel0\r", 3 * time.Minute,
	"\r", "enable\r", "show reload\r", "show version | include returned\r",
	"configure terminal\r", "hostname Middle\r", "end\r",
	"reload at 00:00 1 jan\r", "yes\r", "reload for a whim\r", "\r", "show privilege\r",
}

func TestReloadDialogues(t *testing.T) {
	b := newBench(t, 1, nil)
	var screen bytes.Buffer
	d := &desk{world: b.World, loop: sim.Stepped{World: b.World}.Loop, out: &screen, sessions: map[string]*shell.Session{}}
	for _, step := range reloadDialogues {
		switch step := step.(type) {
		case string:
			d.session("Hub1").Type(step)
		case time.Duration:
			b.Run(step)
		}
	}
	d.session("Hub1").Hangup()
	golden(t, "session/router/reload.txt", strings.ReplaceAll(screen.String(), "\r\n", "\n"))
}

// An onlooker is a session's seat that notes what reaches it.
type onlooker struct {
	said    []string
	hangups int
}

func (o *onlooker) Log(string)      { o.said = append(o.said, "a log line") }
func (o *onlooker) Say(text string) { o.said = append(o.said, strings.Trim(text, "\n*- ")) }
func (o *onlooker) Hangup()         { o.hangups++ }

// TestAllHearOfAReload: who is on a virtual line is told that the router will
// stop, whether he sees the log or not, and is gone when it has.
func TestAllHearOfAReload(t *testing.T) {
	b := newBench(t, 1, nil)
	a := newAccess(b.World, sim.Stepped{World: b.World}.Loop)
	here, there := new(onlooker), new(onlooker)
	for o, way := range map[*onlooker]commands.Way{here: commands.Console, there: commands.Attached} {
		i, err := a["Hub1"].lines.Take(commands.Origin{Way: way})
		if err != nil {
			t.Fatal(err)
		}
		i.Attach(o)
	}
	b.router("Hub1", func(r *backend.Router) {
		r.ScheduleReload(b.Now(), backend.Schedule{At: b.Now().Add(90 * time.Second)})
	})
	b.Run(2 * time.Minute)
	want := "SHUTDOWN in 0:01:30, SHUTDOWN in 0:01:00, SHUTDOWN NOW"
	for _, o := range []*onlooker{here, there} {
		if got := strings.Join(o.said, ", "); got != want {
			t.Errorf("said %q, want %q", got, want)
		}
	}
	if here.hangups != 0 || there.hangups != 1 {
		t.Errorf("hung up: the console %d times, the virtual line %d times", here.hangups, there.hangups)
	}
}
