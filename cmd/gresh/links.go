package main

import (
	"fmt"
	"io"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"

	"gresh/backend/sim"
	"gresh/commands"
	"gresh/modes"
	"gresh/modes/grammar"
)

// table prints a table of ours.
func table(out io.Writer, header []string, rows [][]string) {
	t := tablewriter.NewTable(out, tablewriter.WithConfig(tablewriter.Config{
		Header: tw.CellConfig{Formatting: tw.CellFormatting{AutoFormat: tw.Off}, Alignment: tw.CellAlignment{Global: tw.AlignLeft}},
		Row:    tw.CellConfig{Alignment: tw.CellAlignment{Global: tw.AlignLeft}},
	}))
	t.Header(header)
	if err := t.Bulk(rows); err == nil {
		_ = t.Render()
	}
}

// nodeTable shows the nodes, and where they are reached.
func nodeTable(out io.Writer, w *sim.World, a access) {
	var rows [][]string
	telnets := false
	for _, n := range w.Nodes() {
		state := "off"
		if n.On() {
			state = "running"
		}
		ssh, telnet := a.addresses(n.Name())
		telnets = telnets || telnet != ""
		rows = append(rows, []string{n.Name(), "connect " + n.Name(), ssh, state, telnet})
	}
	header := []string{"Node", "Console", "SSH", "State", "Telnet"}
	if !telnets {
		header = header[:4]
		for i := range rows {
			rows[i] = rows[i][:4]
		}
	}
	table(out, header, rows)
}

// linkTable shows the links and what they do to what passes.
func linkTable(out io.Writer, w *sim.World) {
	var rows [][]string
	for _, l := range w.Links() {
		for i, e := range l.Ends() {
			name := l.Name()
			if i > 0 {
				name = ""
			}
			rows = append(rows, []string{name, e.Node().Name(), e.Dev(), e.Conditions().String()})
		}
	}
	table(out, []string{"Link", "Node", "Interface", "Conditions"}, rows)
}

// linkCommands change links and listen to them.
func (u *seated) linkCommands(names []grammar.Choice[string]) modes.Mode[turn] {
	node, port := grammar.Enum(names...), commands.InterfaceName("What the link is behind")
	var kinds []grammar.Choice[string]
	for _, k := range []string{"delay", "jitter", "rate", "loss", "duplicate", "reorder"} {
		kinds = append(kinds, grammar.Choice[string]{Name: k, Help: "Set the " + k, Value: k})
	}
	kind, value := grammar.Enum(kinds...), grammar.String("How much")
	up := grammar.Enum(grammar.Choice[bool]{Name: "up", Help: "Mend the link", Value: true},
		grammar.Choice[bool]{Name: "down", Help: "Cut the link", Value: false})
	tapNode, tapPort, file := grammar.Enum(names...), commands.InterfaceName("What the link is behind"), grammar.String("The file to write")
	link := grammar.Word("link", "Change a link")
	listen := grammar.Word("capture", "Write what passes a link")
	return modes.Mode[turn]{
		{Line: grammar.Line{link, node, port, grammar.Alt(grammar.Line{up}, grammar.Line{kind, value})},
			Run: func(t *turn, a grammar.Args) error {
				return t.onEnd(node.From(a), port.From(a), func(e *sim.End) error {
					c := e.Conditions()
					if up.In(a) {
						c.Cut = !up.From(a)
					} else if err := c.Change(kind.From(a), value.From(a)); err != nil {
						return err
					}
					e.Set(c)
					return nil
				})
			}},
		{Line: grammar.Line{listen, tapNode, tapPort, file}, Run: func(t *turn, a grammar.Args) error {
			return t.listen(tapNode.From(a), tapPort.From(a), file.From(a))
		}},
		{Line: grammar.Line{listen, grammar.Word("stop", "End all captures")}, Run: func(t *turn, _ grammar.Args) error {
			t.runner.Do(func(*sim.World) {
				for name, end := range t.captures {
					end()
					delete(t.captures, name)
				}
			})
			return nil
		}},
	}
}

// onEnd runs f with the end of a link that an interface is at.
func (u *seated) onEnd(node, port string, f func(*sim.End) error) (err error) {
	u.runner.Do(func(w *sim.World) {
		e := w.Node(node).EndOf(port)
		if e == nil {
			err = fmt.Errorf("%s of %s is on no link", port, node)
			return
		}
		err = f(e)
	})
	return err
}

func (u *seated) listen(node, port, file string) error {
	return u.onEnd(node, port, func(e *sim.End) error {
		end, err := captureTo(e.Link(), file)
		if err == nil {
			if before := u.captures[file]; before != nil {
				before()
			}
			u.captures[file] = end
		}
		return err
	})
}
