package backend

import (
	"slices"
	"time"

	"gresh/backend/event"
)

// A LoggedCommand is a line that somebody entered into the configuration, by
// "archive", "log config".
type LoggedCommand struct {
	Number  uint64
	Session uint64
	User    string // "" if nobody knows
	Line    string // "console", "vty0"
	Text    string // without its secrets
}

// commandsKept is how many lines are kept unless it is said.
const commandsKept = 100

// A configLog is who entered what.
type configLog struct {
	commands []LoggedCommand
	number   uint64
	session  uint64
	freed    int // octets of the text of lines that are no longer kept
}

// ConfigSession numbers a session that begins to configure.
func (r *Router) ConfigSession() uint64 {
	r.commands.session++
	return r.commands.session
}

// LogsCommands says whether it is to be kept who enters what.
func (r *Router) LogsCommands() bool {
	a := r.running.Archive
	return a != nil && a.Log.Enabled
}

// LogCommand keeps who entered what, and has the log say so if that is wanted.
func (r *Router) LogCommand(now time.Time, c LoggedCommand) {
	a, l := r.running.Archive, &r.commands
	l.number++
	c.Number = l.number
	l.commands = append(l.commands, c)
	most := commandsKept
	if a.Log.Size > 0 {
		most = int(a.Log.Size)
	}
	for ; len(l.commands) > most; l.commands = l.commands[1:] {
		l.freed += len(l.commands[0].Text)
	}
	if a.Log.Notify {
		r.Note(now, event.CommandLogged{User: c.User, Line: c.Line, Text: c.Text})
	}
}

// Commands are the lines that were entered, oldest first, and how many octets
// of text were kept that are no more.
func (r *Router) Commands() (all []LoggedCommand, freed int) {
	return slices.Clone(r.commands.commands), r.commands.freed
}
