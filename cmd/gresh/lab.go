package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"gresh/backend"
	"gresh/backend/nhrp"
	"gresh/backend/sim"
	"gresh/commands"
	"gresh/shell"
	"gresh/shell/console"
)

// bootMost is how long a lab is given to come up before it is handed over as
// it is.
const bootMost = 2 * time.Minute

// lab is "gresh lab TOPOLOGY".
func lab(args []string, in io.Reader, out, log io.Writer) error {
	o, err := parseLab(args)
	if err != nil {
		return err
	}
	topology, err := readTopology(o.topology)
	if err != nil {
		return err
	}
	for _, s := range o.steps {
		if s.kind == stepNode && !hasNode(topology, s.node) {
			return usageError{fmt.Errorf("lab: %s has no node %q", topology.Name, s.node)}
		}
	}
	w, err := newNetwork(topology, o.seed, o.state, measured)
	if err != nil {
		return usageError{fmt.Errorf("lab: %w", err)}
	}
	finish, err := startCaptures(w, o.captures)
	if err != nil {
		return usageError{fmt.Errorf("lab: %w", err)}
	}
	defer finish()
	if o.serve {
		return served(w, o, in, out)
	}
	if terminal, ok := ownTerminal(in, out); ok && !o.scripted() {
		return interactive(w, o, terminal, out)
	}
	if o.hints {
		return errNoTerminal
	}
	return scripted(w, o, in, out)
}

func hasNode(t sim.Topology, name string) bool {
	for _, n := range t.Nodes {
		if n.Name == name {
			return true
		}
	}
	return false
}

// ownTerminal is the terminal behind in and out, if both are one.
func ownTerminal(in io.Reader, out io.Writer) (*console.Terminal, bool) {
	i, ok1 := in.(*os.File)
	o, ok2 := out.(*os.File)
	if !ok1 || !ok2 {
		return nil, false
	}
	return console.Open(i, o)
}

// startCaptures begins the captures, and returns what ends them.
func startCaptures(w *sim.World, wanted []capture) (finish func(), err error) {
	var ends []func()
	finish = func() {
		for _, f := range ends {
			f()
		}
	}
	for _, c := range wanted {
		end, err := startCapture(w, c)
		if err != nil {
			finish()
			return nil, err
		}
		ends = append(ends, end)
	}
	return finish, nil
}

func startCapture(w *sim.World, c capture) (end func(), err error) {
	link := w.Link(c.link)
	if link == nil {
		return nil, fmt.Errorf("there is no link %q", c.link)
	}
	return captureTo(link, c.file)
}

// captureTo writes what passes a link to a file, until end is called.
func captureTo(link *sim.Link, name string) (end func(), err error) {
	file, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	buffered := bufio.NewWriter(file)
	writing, err := sim.NewCapture(link, buffered)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() {
		_ = errors.Join(writing.Close(), buffered.Flush(), file.Close())
	}, nil
}

// boot lets time pass until the network has come up: until every next-hop
// server that is configured answers, or bootMost has passed.
func boot(w *sim.World, progress func(now time.Duration)) {
	for end := w.Now().Add(bootMost); w.Now().Before(end); {
		w.Run(time.Second)
		progress(w.Now().Sub(labStart))
		if isUp(w) {
			return
		}
	}
}

func isUp(w *sim.World) bool {
	for _, n := range w.Nodes() {
		up := true
		n.With(func(r *backend.Router, _ time.Time) {
			for _, i := range r.Interfaces() {
				configured := r.Running().Interface(i.Name)
				up = up && (i.Up || configured.Shutdown || i.Held != "")
			}
			for _, s := range r.NHRP().Servers {
				up = up && s.State == nhrp.Responding
			}
		})
		if !up {
			return false
		}
	}
	return true
}

// A desk is the consoles of a lab: one session for each node that is used.
type desk struct {
	world    *sim.World
	loop     func(*sim.Node) backend.Loop
	out      io.Writer
	sessions map[string]*shell.Session
	last     string // the node that was typed at last
}

// scripted carries out the steps of the command line, or what is piped in.
func scripted(w *sim.World, o labOptions, in io.Reader, out io.Writer) error {
	boot(w, func(time.Duration) {})
	d := &desk{world: w, loop: sim.Stepped{World: w}.Loop, out: out, sessions: map[string]*shell.Session{}}
	at := w.Nodes()[0].Name()
	for _, s := range o.steps {
		switch s.kind {
		case stepNode:
			at = s.node
		case stepAfter:
			w.Run(s.after)
		case stepCommand:
			d.typeLine(at, s.command)
		}
	}
	if !o.scripted() {
		if err := d.typeAll(at, in); err != nil {
			return err
		}
	}
	d.close()
	return nil
}

// session is the session at a node's console, begun if need be.
func (d *desk) session(node string) *shell.Session {
	s := d.sessions[node]
	if s == nil {
		n := d.world.Node(node)
		lines := commands.NewLines(d.loop(n), commands.LinesOptions{Open: true})
		i := atLine(lines, commands.Script)
		s = shell.New(shell.Options{Out: d.out, Length: -1, Width: 512, Monitor: true, Interpreter: i})
		i.Attach(s)
		n.OnLog(func(e backend.Event) {
			lines.Heard(e)
			logTo(s, e)
		})
		d.sessions[node] = s
		go func() { _ = s.Run() }()
		s.Ready()
	}
	return s
}

// atConsole is a session at a router's console, where there is always room.
func atConsole(loop backend.Loop, way commands.Way) shell.Interpreter {
	return atLine(commands.NewLines(loop, commands.LinesOptions{Open: true}), way)
}

// atLine is atConsole for lines that others share.
func atLine(lines *commands.Lines, way commands.Way) *commands.Interpreter {
	i, err := lines.Take(commands.Origin{Way: way})
	if err != nil {
		panic(err)
	}
	return i
}

// keyReprint has a session show its prompt again on a line of its own.
const keyReprint = "\x12"

// typeLine types a line at a node's console.
func (d *desk) typeLine(node, line string) {
	d.arrive(node)
	d.session(node).Type(line + "\r")
}

// arrive goes to a node's console. Who comes from another one finds a prompt
// there, on a line of its own.
func (d *desk) arrive(node string) {
	moved := d.last != "" && d.last != node
	d.last = node
	switch {
	case moved && d.sessions[node] != nil:
		d.sessions[node].Type(keyReprint)
	case moved:
		fmt.Fprint(d.out, "\r\n")
	}
	d.session(node)
}

// typeAll types what comes, as it comes: what is piped in is typed ahead.
func (d *desk) typeAll(node string, in io.Reader) error {
	var chunk [1 << 16]byte
	last := byte('\n')
	for {
		n, err := in.Read(chunk[:])
		if n > 0 {
			d.arrive(node)
			d.session(node).Type(string(chunk[:n]))
			last = chunk[n-1]
		}
		if err == nil {
			continue
		}
		if last != '\n' && last != '\r' {
			d.session(node).Type("\r")
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
}

// close ends all sessions. The last prompt stands on a line of its own.
func (d *desk) close() {
	for _, s := range d.sessions {
		s.Hangup()
	}
	fmt.Fprintln(d.out)
}

// logTo shows at a console what the log says of an event. It is called where
// the router may be used.
func logTo(s *shell.Session, e backend.Event) {
	for _, line := range e.Lines {
		if line.Console {
			s.Log(line.Stamped)
		}
	}
}
