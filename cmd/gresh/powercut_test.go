package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gresh/backend/nvram"
	"gresh/backend/sim"
	"gresh/commands"
	"gresh/shell"
)

// writerVariable is where the process that is killed keeps its state.
const writerVariable = "GRESH_TEST_WRITER"

const writtenHosts = 1000 // lines of a configuration that takes a while to write

// TestWriter is the process that TestPowerCut kills: a router at whose console
// "write memory" is typed for ever. It says so after each time.
func TestWriter(t *testing.T) {
	state := os.Getenv(writerVariable)
	if state == "" {
		t.Skip("only for TestPowerCut")
	}
	topology, err := readTopology("dual-hub")
	if err != nil {
		t.Fatal(err)
	}
	w, err := newNetwork(topology, 1, state)
	if err != nil {
		t.Fatal(err)
	}
	var screen bytes.Buffer
	s := shell.New(shell.Options{Out: &screen, Length: -1, Interpreter: atConsole(sim.Stepped{World: w}.Loop(w.Node("Hub1")), commands.Script)})
	go func() { _ = s.Run() }()
	s.Ready()
	s.Type("enable\r")
	for i := 0; ; i++ {
		s.Type(fmt.Sprintf("configure terminal\rip domain name version%d.example\rend\r", i))
		screen.Reset()
		s.Type("write memory\r")
		if !strings.Contains(screen.String(), "[OK]") {
			t.Fatal(screen.String())
		}
		os.Stdout.Write([]byte("."))
	}
}

// awaitWriting returns when something is being written in a store's folder: what
// is there beside the startup configuration, or is no whole one.
func awaitWriting(t *testing.T, folder string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := os.ReadFile(filepath.Join(folder, "startup-config"))
		if len(entries) > 1 || !bytes.HasSuffix(text, []byte("\nend\n")) {
			return
		}
	}
	t.Error("nothing has been seen being written")
}

// TestPowerCut kills a router at any moment of "write memory": its startup
// configuration is what was written last or the one before, as a whole.
func TestPowerCut(t *testing.T) {
	state := t.TempDir()
	text := "version 12.4\nhostname Hub1\n"
	for i := range writtenHosts {
		text += fmt.Sprintf("ip host h%d 10.1.%d.%d\n", i, i/250, i%250+1)
	}
	d, err := nvram.NewDir(state, "Hub1", nil)
	if err == nil {
		err = d.SetStartup([]byte(text))
	}
	if err != nil {
		t.Fatal(err)
	}
	for round := range 5 {
		writer := exec.Command(os.Args[0], "-test.run=^TestWriter$")
		writer.Env = append(os.Environ(), writerVariable+"="+state)
		out, err := writer.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := writer.Start(); err != nil {
			t.Fatal(err)
		}
		written := 1 + round
		for range written {
			if _, err := out.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
		}
		awaitWriting(t, filepath.Join(state, "Hub1"))
		_ = writer.Process.Kill()
		_ = writer.Wait()
		d, err := nvram.NewDir(state, "Hub1", nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := d.Startup()
		if err != nil {
			t.Fatal(err)
		}
		version := -1
		for line := range strings.Lines(string(text)) {
			_, _ = fmt.Sscanf(line, "ip domain name version%d.example", &version)
		}
		hosts := strings.Count(string(text), "\nip host h")
		if !strings.HasPrefix(string(text), "!\nversion ") || !strings.HasSuffix(string(text), "\nend\n") || hosts != writtenHosts || version < written-1 {
			t.Errorf("round %d: after version %d there are %d octets with %d hosts, of version %d", round, written-1, len(text), hosts, version)
		}
		if c, refused, _ := commands.Load("startup-config", string(text)); len(refused) > 0 || c.Hostname != "Hub1" {
			t.Errorf("round %d: %v", round, refused)
		}
	}
}
