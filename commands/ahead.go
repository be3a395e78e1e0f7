package commands

import (
	"slices"
	"time"

	"gresh/backend"
	"gresh/backend/config"
	"gresh/modes"
)

// A foreseen line is one whose edit has been made already.
type foreseen struct {
	line  string
	notes []string
	err   error
}

// commitTyped changes the running configuration, as a line says that was typed
// at a place.
//
// What follows from a change is a lot to work out for a router with thousands
// of lines, and when a configuration is pasted it would be worked out anew for
// each of them. So lines that have been typed ahead go with the first one: each
// is taken or refused by itself, and answered when its turn comes, but what
// follows from all of them is worked out once.
func (i *Interpreter) commitTyped(at place, line string, e *Exec) error {
	if len(i.ahead) == 0 || i.ahead[0].line != line {
		lines := []string{line}
		if t, ok := e.Terminal.(modes.Foresight); ok {
			lines = append(lines, t.Ahead()...)
		}
		i.loop.Do(func(r *backend.Router, now time.Time) { i.ahead = i.commitAhead(r, now, at, lines) })
	}
	done := i.ahead[0]
	i.ahead = i.ahead[1:]
	e.note(done.notes)
	return done.err
}

// commitAhead commits as many of the lines as can go together, the first one
// at least. If the Host refuses what they come to, it goes alone, so that the
// one at fault will be told.
func (i *Interpreter) commitAhead(r *backend.Router, now time.Time, at place, lines []string) []foreseen {
	d := r.Draft()
	all := i.edit(r, d, at, lines)
	err := d.Commit(now)
	if err != nil && len(all) > 1 {
		return i.commitAhead(r, now, at, lines[:1])
	}
	if err != nil {
		all[0] = foreseen{line: lines[0], err: err}
	}
	return all
}

// edit edits a draft as lines say, up to one that does something else. A line
// that takes back what another here does ends them too, or who pastes
// "shutdown" and "no shutdown" would find that nothing went down. What changes how
// lines are prompted for or read goes alone: it holds for the next line, and for
// none before.
func (i *Interpreter) edit(r *backend.Router, d *backend.Draft, at place, lines []string) (all []foreseen) {
	undone := map[any]bool{} // by command
	for _, line := range lines {
		step, err := at.Parse(expand(d.Config(), at, line).line, i.level)
		if err == nil && step.Exec == nil && step.Edit == nil && step.Next.Configuring() {
			at = step.Next // a remark, or the way out of a block
			continue
		}
		undo, said := undone[step.Of]
		if err != nil || step.Edit == nil || said && undo != step.Undoes {
			break
		}
		undone[step.Of] = step.Undoes
		before := *d
		done := foreseen{line: line}
		done.notes, done.err = d.Edit(step.Edit)
		other := readsOtherwise(r.Running(), d.Config())
		if other && len(all) > 0 {
			*d = before
			break
		}
		if all = append(all, done); other {
			break
		}
		if done.err == nil {
			at = step.Next
		}
	}
	return all
}

// readsOtherwise says whether lines are prompted for or read in another way.
func readsOtherwise(before, after *config.Config) bool {
	return before.Hostname != after.Hostname || before.Version != after.Version ||
		!slices.Equal(before.Aliases, after.Aliases) || !slices.Equal(before.Privileges, after.Privileges)
}
