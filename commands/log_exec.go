package commands

import (
	"io"
	"strings"
	"time"

	"gresh/backend"
	"gresh/backend/event"
	"gresh/backend/syslog"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// logCommands show the log, empty it, and write into it.
func logCommands() modes.Mode[Exec] {
	return modes.Mode[Exec]{
		viewing(showing(grammar.Word("logging", "Show the contents of logging buffers")), func(q query, _ grammar.Args) (view, error) {
			log := q.Log()
			return func(w io.Writer) { show.Logging(w, log, q.release) }, nil
		}),
		{
			Line:  grammar.Line{grammar.Word("clear", "Reset functions"), grammar.Word("logging", "Clear logging buffer")},
			Level: 15,
			Run: func(e *Exec, _ grammar.Args) error {
				if e.Confirm("Clear logging buffer [confirm]") {
					e.with(func(r *backend.Router, _ time.Time) { r.ClearLog() })
				}
				return nil
			},
		},
		sendLog(),
		viewingAt(15, showing(grammar.Word("configuration", "Contents of Non-Volatile memory"),
			grammar.Word("kept", "Lines of the running configuration that have no effect here (gresh)")),
			func(q query, _ grammar.Args) (view, error) {
				lines := Kept(q.Running())
				return func(w io.Writer) { show.Kept(w, lines) }, nil
			}),
	}
}

// sendLog writes a line into the log. Its severity may stand before it.
func sendLog() modes.Command[Exec] {
	text := grammar.Text("Severity <0-7>, and text to be logged")
	return modes.Command[Exec]{
		Line:  grammar.Line{grammar.Word("send", "Send a message to other tty lines"), grammar.Word("log", "Logging message"), text},
		Level: 15,
		Run: func(e *Exec, a grammar.Args) error {
			severity, said := uint8(syslog.Debugging), text.From(a)
			if digit, rest, ok := strings.Cut(said, " "); ok && len(digit) == 1 && digit[0] >= '0' && digit[0] <= '7' {
				severity, said = digit[0]-'0', rest
			}
			e.with(func(r *backend.Router, now time.Time) {
				r.Note(now, event.UserLog{Severity: severity, Line: max(e.session.number+1, 0), User: e.session.origin.User, Text: said})
			})
			return nil
		},
	}
}
