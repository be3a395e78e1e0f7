package commands

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"gresh/backend"
	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// copyCommands are "copy" and what writes the startup configuration.
func copyCommands() modes.Mode[Exec] {
	from, to := aFile("Copy from"), aFile("Copy to")
	write := grammar.Word("write", "Write running configuration to memory, network, or terminal")
	erase := grammar.Word("erase", "Erase a filesystem")
	saving := func(e *Exec, _ grammar.Args) error { return e.save() }
	erasing := func(e *Exec, _ grammar.Args) error { return e.eraseStartup() }
	return append(modes.Mode[Exec]{
		{Line: grammar.Line{write, grammar.Opt(grammar.Word("memory", "Write to NV memory"))}, Level: 15, Run: saving},
		{Line: grammar.Line{write, grammar.Word("erase", "Erase NV memory")}, Level: 15, Run: erasing},
		viewingAt(15, grammar.Line{write, grammar.Word("terminal", "Write to terminal")}, runningConfig),
		{Line: grammar.Line{erase, grammar.Word("startup-config", "Erase contents of configuration memory")}, Level: 15, Run: erasing},
		{Line: grammar.Line{erase, grammar.Word("nvram:", "Filesystem to be erased")}, Level: 15, Run: erasing},
		{
			Line:  grammar.Line{grammar.Word("copy", "Copy from one file to another"), from.token(), to.token()},
			Level: 15,
			Run:   func(e *Exec, a grammar.Args) error { return e.copy(from.text(a), to.text(a)) },
		},
	}, remoteCommands()...)
}

// save writes the running configuration to NVRAM, and archives it if it is to
// be.
func (e *Exec) save() error {
	e.printf("Building configuration...\n")
	var err error
	e.with(func(r *backend.Router, now time.Time) { // at once, or it would be older than what others save
		err = r.SetStartup(now, e.session.origin.User, []byte(Text(r.Running())))
	})
	if err != nil {
		return noFile{"opening", startupLocation.String(), err}
	}
	e.printf("[OK]\n")
	return e.archiveSaved()
}

// archiveSaved keeps a copy of what was saved, if copies are kept of it.
func (e *Exec) archiveSaved() (err error) {
	e.with(func(r *backend.Router, now time.Time) {
		if a := r.Running().Archive; a != nil && a.WriteMemory && a.Path != "" {
			_, err = r.Archive(now)
		}
	})
	if err != nil {
		return fmt.Errorf("%%Error archiving the configuration (%s)", reason(err))
	}
	return nil
}

// runningText is the running configuration as it is kept.
func (e *Exec) runningText() (text string) {
	e.with(func(r *backend.Router, _ time.Time) { text = Text(r.Running()) })
	return text
}

func (e *Exec) eraseStartup() error {
	if !e.Confirm("Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]") {
		return nil
	}
	if err := e.write(startupLocation, nil); err != nil {
		return err
	}
	e.printf("[OK]\nErase of nvram: complete\n")
	return nil
}

// copy is "copy", with its questions.
func (e *Exec) copy(fromText, toText string) error {
	from, err := parseLocation(fromText, e.session.folder)
	if err != nil {
		return err
	}
	to, err := parseLocation(toText, e.session.folder)
	if err != nil {
		return err
	}
	if from, err = e.whole("Source", from, ""); err != nil {
		return silent(err)
	}
	if to, err = e.whole("Destination", to, from.base()); err != nil {
		return silent(err)
	}
	if from == to {
		return fmt.Errorf("%%Error copying %v (Source and destination are the same)", from)
	}
	return e.carry(from, to)
}

// carry copies from one file to another.
func (e *Exec) carry(from, to location) error {
	if from.remote() && !e.mayReplace(to) {
		return nil // before anybody is asked for a password
	}
	began := e.now()
	text, err := e.read(from)
	if err != nil {
		return silent(err)
	}
	switch {
	case from == runningLocation && to == startupLocation:
		return e.save()
	case to == runningLocation:
		if err := e.merge(string(text)); err != nil {
			return err
		}
	default:
		if !from.remote() && !e.mayReplace(to) {
			return nil
		}
		if err := e.write(to, text); err != nil {
			return silent(err)
		}
	}
	e.copied(len(text), e.now().Sub(began))
	return nil
}

// mayReplace asks before a file is replaced.
func (e *Exec) mayReplace(to location) bool {
	info, err := e.stat(to)
	if to.system != fsFlash || err != nil || info.Folder || e.quiet() {
		return true
	}
	e.printf("%%Warning:There is a file already existing with this name \n")
	return e.Confirm("Do you want to over write? [confirm]")
}

// copied says how much was copied, and how fast.
func (e *Exec) copied(octets int, took time.Duration) {
	seconds := max(took.Seconds(), 0.001)
	e.printf("%d bytes copied in %.3f secs (%.0f bytes/sec)\n", octets, seconds, float64(octets)/seconds)
}

func (e *Exec) now() (now time.Time) {
	e.with(func(_ *backend.Router, t time.Time) { now = t })
	return now
}

// errInterrupted ends a dialogue: nothing more is said of it.
var errInterrupted = errors.New("interrupted")

// silent makes of an interruption no error.
func silent(err error) error {
	if errors.Is(err, errInterrupted) {
		return nil
	}
	return err
}

// whole asks for the name of a file. What is offered is the name that was
// typed, or else one that it may have; role is "Source" or "Destination".
func (e *Exec) whole(role string, l location, usual string) (location, error) {
	switch {
	case l.system == fsNull:
		return l, nil
	case l.remote():
		return e.complete(l, role, usual)
	}
	folder := location{l.system, ""}
	if info, err := e.stat(l); err == nil && info.Folder {
		folder = l
		l = l.in(usual)
		if usual == "" {
			l.path = ""
		}
	}
	offered := l.path
	if l == runningLocation || l == startupLocation {
		offered = l.base()
	}
	asking := role == "Destination" || offered == ""
	if !asking || offered != "" && e.terse() {
		return l, nil
	}
	answer, ok := e.Ask(fmt.Sprintf("%s filename [%s]? ", role, offered))
	switch {
	case !ok:
		return l, errInterrupted
	case answer == "" && offered == "":
		return l, noFile{"opening", l.String(), errNoName}
	case answer == "" || answer == offered:
		return l, nil
	}
	return parseLocation(answer, folder)
}

// quiet says whether files are dealt with without questions.
func (e *Exec) quiet() bool { return e.filePrompt() == "quiet" }

// terse says whether names that were typed are not asked for again.
func (e *Exec) terse() bool { return e.filePrompt() != "" }

func (e *Exec) filePrompt() (how string) {
	e.with(func(r *backend.Router, _ time.Time) { how = r.Running().FilePrompt })
	return how
}

// confirmed is Confirm, unless no questions are wanted.
func (e *Exec) confirmed(question string) bool { return e.quiet() || e.Confirm(question) }

// merge enters a configuration as a whole. Lines that are not understood are
// shown and left out, as if they had been typed; what breaks a rule together
// changes nothing.
func (e *Exec) merge(text string) error {
	var refused []modes.Note
	err := e.session.commit(func(c *config.Config) error {
		refused = slices.DeleteFunc(e.session.root.Load(c, text), func(n modes.Note) bool { return n.Err == nil })
		return nil
	}, e)
	for _, n := range refused {
		e.printf("%s\n%s\n", visible(n.Line), message(n.Err))
	}
	return err
}
