package commands

import (
	"errors"
	"io"
	"strings"
	"time"

	"gresh/backend"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

var errArchiveOff = errors.New(" Archive feature not enabled")

// archiveCommands keep copies of the configuration, and compare configurations.
func archiveCommands() modes.Mode[Exec] {
	archive := grammar.Word("archive", "Archive functions")
	configWord := grammar.Word("config", "Archive of router configurations")
	one, other, merged := aFile("Compare"), aFile("Compare with"), aFile("Compare with running-config:")
	return modes.Mode[Exec]{
		{
			Line:  grammar.Line{grammar.Word("archive", "manage archive files"), grammar.Word("config", "Backup the running-config to the archive")},
			Level: 15, Run: func(e *Exec, _ grammar.Args) error { return e.archiveNow() },
		},
		viewingAt(15, showing(archive, grammar.Opt(configWord)), func(q query, _ grammar.Args) (view, error) {
			a := q.Archived(q.now)
			if !a.Enabled {
				return nil, errArchiveOff
			}
			return func(w io.Writer) { show.Archive(w, show.Archives(a)) }, nil
		}),
		{
			Line: showing(archive, configWord, grammar.Word("differences", "Differences between two configurations"),
				grammar.Opt(one.token(), grammar.Opt(other.token())),
				grammar.Opt(grammar.Word("ignorecase", "Ignore the case of the configuration"))),
			Level: 15, Filter: true,
			Run: func(e *Exec, a grammar.Args) error {
				return e.compare(one, other, a, show.ConfigDifferences, modes.Differences)
			},
		},
		{
			Line: showing(archive, configWord, grammar.Word("incremental-diffs", "Incremental differences with the running-config"),
				merged.token(), grammar.Opt(grammar.Word("ignorecase", "Ignore the case of the configuration"))),
			Level: 15, Filter: true,
			Run: func(e *Exec, a grammar.Args) error {
				return e.compare(fileParam{}, merged, a, show.ConfigIncrements, modes.Additions)
			},
		},
		viewingAt(15, showing(archive, configWord, grammar.Word("rollback", "Rollback information"),
			grammar.Word("timer", "Rollback confirmed change timer")), func(q query, _ grammar.Args) (view, error) {
			v, ok := q.Reversion()
			if !ok {
				return nil, errNoRollback
			}
			return func(w io.Writer) { show.RollbackTimer(w, v.Set, v.Minutes, v.By) }, nil
		}),
	}
}

// archiveNow is "archive config".
func (e *Exec) archiveNow() (err error) {
	var name string
	e.with(func(r *backend.Router, now time.Time) { name, err = r.Archive(now) })
	switch {
	case errors.Is(err, backend.ErrNoArchive):
		return errArchiveOff
	case err != nil:
		return noFile{"opening", name, err}
	}
	return nil
}

// compare shows how two configurations differ: by itself, what the running one
// has that the startup configuration has not; a file that stands alone is
// compared with the running one.
func (e *Exec) compare(one, other fileParam, a grammar.Args, render func(io.Writer, []string), differ func(from, to []string) []string) error {
	var texts [2][]string
	for i, p := range []fileParam{one, other} {
		l := runningLocation
		if i == 0 && p.known != nil {
			l = startupLocation
		}
		if p.known != nil && p.in(a) {
			var err error
			if l, err = e.at(p, a); err != nil {
				return err
			}
		}
		text, err := e.read(l)
		if err != nil {
			return err
		}
		texts[i] = strings.Split(string(text), "\n")
	}
	render(e, differ(texts[0], texts[1]))
	return nil
}
