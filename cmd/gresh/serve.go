package main

import (
	"gresh/backend"
	"gresh/commands"
	"gresh/shell"
	"gresh/shell/console"
)

// defaultSocket is where a router that runs as a service is found.
const defaultSocket = "/run/gresh/console.sock"

// serve puts a router's consoles on a socket, for the owner of the process or
// a group too, until stop is called, while the loop still runs.
func serve(path, group string, loop backend.Loop, log *logger) (stop func() error, err error) {
	l, err := console.Listen(path, group)
	if err != nil {
		return nil, err
	}
	lines := commands.NewLines(loop, commands.LinesOptions{})
	log.OnEvent(lines.Heard)
	s := console.Serve(l, console.Options{
		Take: func() (shell.Guest, error) { return lines.Take(commands.Origin{Way: commands.Attached}) },
		Logs: log.Attach,
	})
	return s.Close, nil
}
