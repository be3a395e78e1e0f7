package main

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"gresh/backend"
	"gresh/backend/sim"
	"gresh/commands"
	"gresh/shell"
)

// TestSessionsConfigureAtOnce: what many sessions configure, copy and save at
// the same time is all there in the end, and a question that nobody answers
// keeps none of them waiting.
func TestSessionsConfigureAtOnce(t *testing.T) {
	const sessions, lines = 12, 10
	b := newBench(t, 1, nil)
	runner := sim.NewRunner(b.World, 1)
	defer runner.Close()
	all := commands.NewLines(runner.Loop(b.Node("Hub1")), commands.LinesOptions{Open: true})
	begin := func(screen *bytes.Buffer) *shell.Session {
		i, err := all.Take(commands.Origin{Way: commands.Attached})
		if err != nil {
			t.Fatal(err)
		}
		s := shell.New(shell.Options{Out: screen, Length: -1, Width: 80, Interpreter: i})
		i.Attach(s)
		go func() { _ = s.Run() }()
		s.Ready()
		return s
	}
	var idle bytes.Buffer
	waiting := begin(&idle)
	waiting.Type("enable\rdelete flash:x\r") // and does not answer
	var group sync.WaitGroup
	screens := make([]bytes.Buffer, sessions)
	for n := range sessions {
		s := begin(&screens[n])
		group.Go(func() {
			s.Type("enable\rconfigure terminal\r")
			for l := range lines {
				s.Type(fmt.Sprintf("interface Loopback%d\rip address 10.%d.%d.1 255.255.255.255\rdescription of %d\r", n*100+l, 100+n, l, n))
			}
			s.Type(fmt.Sprintf("end\rcopy running-config flash:f%d\r\rwrite memory\r", n))
			s.Hangup()
		})
	}
	group.Wait()
	waiting.Hangup()
	var text string
	runner.Loop(b.Node("Hub1")).Do(func(r *backend.Router, _ time.Time) {
		startup, err := r.Store().Startup()
		if err != nil {
			t.Error(err)
		}
		text = string(startup)
		files, err := r.Store().List("")
		if err != nil || len(files) != sessions {
			t.Errorf("%d files, %v", len(files), err)
		}
	})
	for n := range sessions {
		if shown := screens[n].String(); strings.Contains(shown, "%") || !strings.Contains(shown, "[OK]") {
			t.Errorf("session %d was shown\n%s", n, shown)
		}
		for l := range lines {
			want := fmt.Sprintf("interface Loopback%d\n description of %d\n ip address 10.%d.%d.1 255.255.255.255\n", n*100+l, n, 100+n, l)
			if !strings.Contains(text, want) {
				t.Errorf("%q is not in the configuration", want)
			}
		}
	}
}
