package backend

import (
	"errors"
	"time"

	"gresh/backend/config"
)

// A Draft is a running configuration in the making: edits, each of which is
// taken or refused by itself, whose consequences are worked out once, by
// Commit. It is good for as long as nothing else happens to the router.
type Draft struct {
	router   *Router
	config   *config.Config
	problems []config.Problem // of config
}

// Draft begins one with the running configuration.
func (r *Router) Draft() *Draft {
	return &Draft{router: r, config: r.running, problems: r.problems()}
}

// Config is the configuration as the edits so far have made it; it must not be
// changed.
func (d *Draft) Config() *config.Config { return d.config }

// Edit has the edit work on a copy, which is validated as a whole. On an error
// the draft is what it was. The notes are for the operator to read: what was
// accepted, but will not do what he may think.
func (d *Draft) Edit(edit func(*config.Config) error) (notes []string, err error) {
	next := d.config.Clone()
	if err := edit(next); err != nil {
		return nil, err
	}
	if err := errors.Join(longEnough(d.config, next), d.router.seal(next)); err != nil {
		return nil, err
	}
	before := map[string]bool{}
	for _, p := range d.problems {
		before[p.Text] = true
	}
	problems := config.Validate(next)
	for _, p := range problems {
		switch {
		case before[p.Text]:
		case p.Refuse:
			return nil, errors.New(p.Blame(d.config, next))
		default:
			notes = append(notes, p.Text)
		}
	}
	d.config, d.problems = next, problems
	return notes, nil
}

// Commit makes the draft the running configuration: the Host is asked for the
// forwarding state that follows, and only then do the engines learn of it. On
// an error nothing has changed.
func (d *Draft) Commit(now time.Time) error {
	r := d.router
	if d.config == r.running {
		return nil
	}
	old, was, known := r.running, r.derived, r.known
	r.running, r.known = d.config, validated{d.config, d.problems}
	r.addPorts()
	news := r.derive(now)
	r.leave(now, r.nhrpConfig())
	if err := r.host.Sync(now, r.table()); err != nil {
		r.running, r.derived, r.known = old, was, known
		return errors.New("% " + err.Error())
	}
	r.settle(now, r.instruct(now, news)...)
	return nil
}

// Commit changes the running configuration as one transaction.
func (r *Router) Commit(now time.Time, edit func(*config.Config) error) (notes []string, err error) {
	d := r.Draft()
	if notes, err = d.Edit(edit); err != nil {
		return nil, err
	}
	if err = d.Commit(now); err != nil {
		return nil, err
	}
	return notes, nil
}

// validated are the problems of a configuration, which are asked for more often
// than there is another configuration.
type validated struct {
	config   *config.Config
	problems []config.Problem
}

// problems are those of the running configuration.
func (r *Router) problems() []config.Problem {
	if r.known.config != r.running {
		r.known = validated{r.running, config.Validate(r.running)}
	}
	return r.known.problems
}
