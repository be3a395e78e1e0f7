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

// TestReplaceDisturbsNothing replaces the configuration of a hub in use by one
// that says something else of an interface: SAs and entries stay.
func TestReplaceDisturbsNothing(t *testing.T) {
	b := newBench(t, 1, nil)
	b.Run(time.Minute)
	text := b.say("Hub1", "more system:running-config")
	changed := strings.Replace(text, "interface Tunnel0\n", "interface Tunnel0\n description of the cloud\n", 1)
	if changed == text {
		t.Fatalf("no tunnel in\n%s", text)
	}
	b.router("Hub1", func(r *backend.Router) {
		if err := r.Store().WriteFile("next", []byte(changed), b.Now()); err != nil {
			t.Fatal(err)
		}
	})
	before := b.say("Hub1", "show crypto ipsec sa") + b.say("Hub1", "show ip nhrp") + b.say("Hub1", "show crypto isakmp sa")
	b.want("Hub1", "configure replace flash:next force list", "interface Tunnel0\n description of the cloud\n\nTotal number of passes: 1\nRollback Done\n")
	b.want("Hub1", "show running-config", " description of the cloud")
	after := b.say("Hub1", "show crypto ipsec sa") + b.say("Hub1", "show ip nhrp") + b.say("Hub1", "show crypto isakmp sa")
	if before != after {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

// TestReplaceIsWholeOrNothing gives files that are not a configuration of this
// router.
func TestReplaceIsWholeOrNothing(t *testing.T) {
	b := newBench(t, 1, nil)
	text := b.say("Hub1", "more system:running-config")
	for name, c := range map[string]struct{ text, answer string }{
		"cut":   {strings.TrimSuffix(text, "end\n"), "%The input file is not a valid config file.\n"},
		"empty": {"", "%The input file is not a valid config file.\n"},
		"typo": {strings.Replace(text, "hostname Hub1", "hostname Hub1\nhostnome Hub2", 1),
			"hostnome Hub2\n     ^\n% Invalid input detected at '^' marker.\n********\n\n" +
				"Rollback aborted: the original configuration has been successfully restored\n"},
		"port": {strings.Replace(text, "end\n", "interface Ethernet9\nend\n", 1), "%Invalid interface type and number\n"},
		"rule": {strings.Replace(text, "end\n", "no crypto ipsec profile vpnprof\nend\n", 1), "successfully restored\n"},
	} {
		b.router("Hub1", func(r *backend.Router) {
			if err := r.Store().WriteFile(name, []byte(c.text), b.Now()); err != nil {
				t.Fatal(err)
			}
		})
		if got := b.say("Hub1", "configure replace flash:"+name+" force revert trigger error"); !strings.Contains(got, c.answer) {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.answer)
		}
		if now := b.say("Hub1", "more system:running-config"); now != text {
			t.Errorf("%s: it is now\n%s", name, now)
		}
	}
}

// TestRevertUnlessConfirmed lets the time of a confirmed change pass.
func TestRevertUnlessConfirmed(t *testing.T) {
	b := newBench(t, 1, nil)
	b.Run(time.Minute)
	b.configure("Hub1", "file prompt quiet")
	b.say("Hub1", "copy running-config flash:next")
	b.configure("Hub1", "hostname Changed")
	is := func() (name string) {
		b.router("Hub1", func(r *backend.Router) { name = r.Running().Hostname })
		return name
	}
	for _, c := range []struct {
		say  string
		wait time.Duration
		want string
	}{
		{"configure replace flash:next force time 2", 119 * time.Second, "Hub1"},
		{"", 2 * time.Second, "Changed"},
		{"configure replace flash:next force revert trigger error timer 1", 10 * time.Second, "Hub1"},
		{"configure revert timer 3", 179 * time.Second, "Hub1"},
		{"configure revert now", 0, "Changed"},
		{"configure replace flash:next force time 1", 59 * time.Second, "Hub1"},
		{"configure confirm", 10 * time.Minute, "Hub1"},
	} {
		if c.say != "" {
			b.say("Hub1", c.say)
		}
		b.Run(c.wait)
		if got := is(); got != c.want {
			t.Fatalf("%s, %v later: %s, want %s", c.say, c.wait, got, c.want)
		}
	}
	b.want("Hub1", "configure confirm", "%No Rollback Confirmed Change pending")
	for _, line := range []string{"Scheduled to rollback", "Start rolling", "Confirm the configuration change"} {
		b.want("Hub1", "show logging", line)
	}
}

// archiveDialogues are typed at a router's console.
var archiveDialogues = []string{
	"enable\r", "show archive\r", "archive config\r", "show archive config rollback timer\r",
	"configure terminal\r", "archive\r", "?", "\x15", "path tftp://10.0.0.1/x\r", "path flash:backup\r", "maximum 2\r", "write-memory\r", "end\r",
	"show archive\r", "write memory\r", "configure terminal\r", "hostname Other\r", "end\r", "archive config\r", "write\r", "show archive\r", "dir\r",
	"show archive config differences flash:backup-2 system:/running-config\r", "show archive config differences nvram:startup-config flash:backup-2\r",
	"configure terminal\r", "interface Ethernet0\r", "description one\r", "no ip address\r", "end\r",
	"show archive config differences\r", "show archive config incremental-diffs flash:backup-3 ignorecase\r",
	"configure replace flash:backup-3\r", "\r", "configure replace flash:backup-3 time 5\r", "y\r", "show archive config rollback timer\r",
	"configure replace flash:none force\r", "configure revert now\r", "show archive config differences | include description\r",
}

func TestArchiveDialogues(t *testing.T) {
	b := newBench(t, 1, nil)
	golden(t, "session/router/archive.txt", typed(b, "Hub1", archiveDialogues))
}

// typed is what a console shows of keys, with the lines' ends as files have
// them.
func typed(b *bench, node string, keys []string) string {
	var screen bytes.Buffer
	s := shell.New(shell.Options{Out: &screen, Length: -1, Width: 80,
		Interpreter: atConsole(sim.Stepped{World: b.World}.Loop(b.Node(node)), commands.Script)})
	go func() { _ = s.Run() }()
	s.Ready()
	for _, k := range keys {
		s.Type(k)
	}
	s.Hangup()
	return strings.ReplaceAll(screen.String(), "\r\n", "\n")
}

// TestArchivesByTheClock has copies made by themselves.
func TestArchivesByTheClock(t *testing.T) {
	b := newBench(t, 1, nil)
	b.configure("Hub1", "archive", "path flash:$h", "time-period 60", "maximum 3")
	b.Run(59 * time.Minute)
	b.want("Hub1", "dir", "No files")
	b.Run(4 * time.Hour)
	var names []string
	b.router("Hub1", func(r *backend.Router) { names = r.Archived(b.Now()).Names })
	if got, want := strings.Join(names, " "), "flash:Hub1-2 flash:Hub1-3 flash:Hub1-4"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	b.router("Hub1", func(r *backend.Router) {
		if text, err := r.Store().ReadFile("Hub1-4"); err != nil || string(text) != commands.Text(r.Running()) {
			t.Errorf("%v:\n%s", err, text)
		}
	})
	b.configure("Hub1", "no archive")
	b.Run(2 * time.Hour)
	b.router("Hub1", func(r *backend.Router) {
		if all, _ := r.Store().List(""); len(all) != 3 {
			t.Errorf("%v", all)
		}
	})
}
