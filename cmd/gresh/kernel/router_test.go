//go:build linux

package kernel

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gresh/backend/linux/uml"
)

// starting is how long a router may take until its console answers.
const starting = 20 * time.Second

// A router is a node that "gresh run" makes a router of.
type router struct {
	*uml.Node
	*uml.Proc
	t       testing.TB
	config  string
	program string
}

// run writes the startup configuration and starts gresh, with more options of
// "gresh run" if there are any, and waits until the console answers.
func run(t testing.TB, n *uml.Node, startup string, options ...string) *router {
	t.Helper()
	r := &router{Node: n, t: t}
	r.write(startup)
	r.start(options...)
	return r
}

// write writes the startup configuration.
func (r *router) write(startup string) {
	r.t.Helper()
	r.config, r.program = filepath.Join(r.Node.Dir, "startup-config"), uml.Built(r.t, program)
	if err := os.WriteFile(r.config, []byte(startup), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// start starts gresh, again too: after it was stopped or killed.
func (r *router) start(options ...string) {
	r.t.Helper()
	r.Proc = r.Node.Start(append([]string{r.program, "run", "-config", r.config}, options...)...)
	uml.Wait(r.t, r.Name+" to answer", starting, func() bool {
		if r.Exited() {
			r.t.Fatalf("%s: gresh run ended", r.Name)
		}
		_, err := r.Run(r.program, "console", "-c", "show clock")
		return err == nil
	})
}

// try carries out commands at the console, as an enabled user, and returns what
// they print and whether any was refused.
func (r *router) try(commands ...string) (string, error) {
	args := []string{r.program, "console", "-c", "enable"}
	for _, c := range commands {
		args = append(args, "-c", c)
	}
	return r.Run(args...)
}

// say is try where nothing may be refused.
func (r *router) say(commands ...string) string {
	r.t.Helper()
	said, err := r.try(commands...)
	if err != nil {
		r.t.Fatal(err)
	}
	return said
}

// configure carries out configuration commands.
func (r *router) configure(lines ...string) {
	r.t.Helper()
	r.say(append(append([]string{"configure terminal"}, lines...), "end")...)
}

// shows waits until a command prints all of the texts.
func (r *router) shows(command string, within time.Duration, texts ...string) {
	r.t.Helper()
	var said string
	end := time.Now().Add(within)
	for {
		said = r.say(command)
		if missing(said, texts) == "" {
			return
		}
		if time.Now().After(end) {
			r.t.Fatalf("%s: %s: no %q within %v in\n%s", r.Name, command, missing(said, texts), within, said)
		}
	}
}

// missing is the first of the texts that is not in what was said.
func missing(said string, texts []string) string {
	for _, text := range texts {
		if !strings.Contains(said, text) {
			return text
		}
	}
	return ""
}
