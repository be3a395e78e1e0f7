package main

import (
	"net"
	"time"

	"gresh/backend"
	"gresh/backend/event"
	"gresh/commands"
	"gresh/shell"
	"gresh/shell/console"
	"gresh/shell/sshd"
	"gresh/shell/telnetd"
)

// defaultSocket is where a router that runs as a service is found.
const defaultSocket = "/run/gresh/console.sock"

// A reach is where a router is reached.
type reach struct {
	socket, group string // of the consoles
	ssh, telnet   string // addresses; "": not at all
}

// serve puts a router's consoles on a socket, for the owner of the process or
// a group too, and opens its ports, until stop is called, while the loop still
// runs.
func serve(at reach, loop backend.Loop, log *logger) (stop func() error, err error) {
	l, err := console.Listen(at.socket, at.group)
	if err != nil {
		return nil, err
	}
	lines := commands.NewLines(loop, commands.LinesOptions{Dial: dial})
	log.OnEvent(lines.Heard)
	lines.Reach(elsewhere{})
	s := console.Serve(l, console.Options{
		Take: func() (shell.Guest, error) { return lines.Take(commands.Origin{Way: commands.Attached}) },
		Logs: log.Attach,
	})
	gates := openGates(at, lines, loop, log)
	return func() error {
		for _, g := range gates {
			g.close()
		}
		return s.Close()
	}, nil
}

// openGates opens the ports at which a router is reached, for as long as its
// configuration wants them.
func openGates(at reach, lines *commands.Lines, loop backend.Loop, log *logger) (gates []*gate) {
	add := func(name, address string, way commands.Way, open func(net.Listener) server) {
		if address == "" {
			return
		}
		g := &gate{address: address, open: open, wanted: func() bool { return lines.Takes(way) },
			failed: func(err error) {
				loop.Do(func(r *backend.Router, now time.Time) {
					r.Note(now, event.ListenFailed{What: name, Reason: err.Error()})
				})
			}}
		g.watch()
		log.OnEvent(func(backend.Event) { g.changed() })
		gates = append(gates, g)
	}
	add("SSH", at.ssh, commands.SSH, func(l net.Listener) server { return sshd.Serve(l, sshOptions(lines, log.Attach)) })
	add("telnet", at.telnet, commands.Telnet, func(l net.Listener) server { return telnetd.Serve(l, telnetOptions(lines, log.Attach)) })
	return gates
}
