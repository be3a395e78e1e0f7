package commands

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"gresh/backend"
	"gresh/backend/nvram"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// startupMost is the room of nvram: for the startup configuration.
const startupMost = 262136

// fileCommands look at files and folders, and move and remove them.
func fileCommands() modes.Mode[Exec] {
	return append(lookCommands(), changeCommands()...)
}

func lookCommands() modes.Mode[Exec] {
	listed, shown, folder := aFile("Display information about"), aFile("Display"), aFile("Change to")
	all := grammar.Flag("/all", "List all files")
	recursive := grammar.Flag("/recursive", "List files recursively")
	flash := func(e *Exec, _ grammar.Args) error { return e.dir(location{fsFlash, ""}, false) }
	return modes.Mode[Exec]{
		{Line: grammar.Line{grammar.Word("dir", "List files on a filesystem"),
			grammar.Any(grammar.Line{all}, grammar.Line{recursive}), grammar.Opt(listed.token())},
			Level: 15, Filter: true, Run: func(e *Exec, a grammar.Args) error {
				l, err := e.at(listed, a)
				if err != nil {
					return err
				}
				return e.dir(l, recursive.In(a))
			}},
		{Line: grammar.Line{grammar.Word("more", "Display the contents of a file"), shown.token()},
			Level: 15, Filter: true, Run: func(e *Exec, a grammar.Args) error {
				l, err := e.at(shown, a)
				if err != nil {
					return err
				}
				return e.more(l)
			}},
		{Line: grammar.Line{grammar.Word("pwd", "Display current working directory")}, Level: 15,
			Run: func(e *Exec, _ grammar.Args) error { e.printf("%v\n", e.session.folder); return nil }},
		{Line: grammar.Line{grammar.Word("cd", "Change current directory"), grammar.Opt(folder.token())}, Level: 15,
			Run: func(e *Exec, a grammar.Args) error { return e.cd(folder, a) }},
		{Line: showing(grammar.Word("flash:", "display information about flash: file system")), Level: 15,
			Filter: true, Run: flash},
		viewingAt(15, showing(grammar.Word("file", "Show filesystem information"),
			grammar.Word("systems", "List filesystems")), fileSystems),
		verifyCommand(),
	}
}

// dir lists a folder, or a file.
func (e *Exec) dir(l location, recursive bool) error {
	info, err := e.stat(l)
	if err != nil {
		return err
	}
	d := show.Directory{At: l.String(), Total: nvram.Capacity}
	switch {
	case !info.Folder:
		d.Files = []show.File{show.File(info)}
	case l.system == fsNVRAM:
		d.Total = startupMost
		if text, err := e.read(startupLocation); err == nil {
			d.Files = []show.File{{Name: fileStartup, Size: int64(len(text))}}
		}
	case l.system == fsSystem:
		d.Files = []show.File{{Name: fileRunning, Size: int64(len(e.runningText()))}}
	default:
		d.Files, err = e.list(l, recursive)
	}
	if err != nil {
		return noFile{"opening", l.String(), err}
	}
	d.Free = d.Total - e.used(l.system)
	show.Dir(e, d)
	return nil
}

// list is what a folder of flash: has, and if it is wanted what the folders in
// it have.
func (e *Exec) list(l location, recursive bool) (all []show.File, err error) {
	e.with(func(r *backend.Router, _ time.Time) { all, err = listed(r.Store(), l.path, "", recursive) })
	return all, err
}

// listed names what it finds by the way from the folder that was asked for.
func listed(s nvram.Store, folder, under string, recursive bool) (all []show.File, err error) {
	found, err := s.List(folder)
	for _, i := range found {
		name := i.Name
		i.Name = nvram.Join(under, name)
		all = append(all, show.File(i))
		if i.Folder && recursive && err == nil {
			var within []show.File
			within, err = listed(s, nvram.Join(folder, name), i.Name, true)
			all = append(all, within...)
		}
	}
	return all, err
}

// used is how many octets of a file system are taken.
func (e *Exec) used(system string) (octets int64) {
	e.with(func(r *backend.Router, _ time.Time) {
		switch system {
		case fsFlash:
			octets, _ = nvram.Used(r.Store())
		case fsNVRAM:
			text, _ := r.Store().Startup()
			octets = int64(len(text))
		}
	})
	return octets
}

func fileSystems(q query, _ grammar.Args) (view, error) {
	flash, err := nvram.Used(q.Store())
	if err != nil {
		return nil, noFile{"opening", fsFlash, err}
	}
	startup, _ := q.Store().Startup()
	systems := []show.FileSystem{
		{Prefix: fsFlash, Type: "flash", Total: nvram.Capacity, Free: nvram.Capacity - flash},
		{Prefix: fsNVRAM, Type: "nvram", Total: startupMost, Free: startupMost - int64(len(startup))},
		{Prefix: fsNull, Type: "opaque"},
		{Prefix: fsSystem, Type: "opaque"},
	}
	current := q.exec.session.folder.system
	return func(w io.Writer) { show.FileSystems(w, systems, current) }, nil
}

// more shows a file, whatever is in it, without harm to the terminal.
func (e *Exec) more(l location) error {
	text, err := e.read(l)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		e.printf("%s\n", strings.TrimRight(line, "\r\n"))
	}
	return nil
}

func (e *Exec) cd(p fileParam, a grammar.Args) error {
	if !p.in(a) {
		e.session.folder = location{fsFlash, ""}
		return nil
	}
	l, err := e.at(p, a)
	if err != nil {
		return err
	}
	info, err := e.stat(l)
	switch {
	case err != nil:
		return err
	case !info.Folder:
		return noFile{"opening", l.String(), nvram.ErrKind}
	}
	e.session.folder = l
	return nil
}

// verifyCommand is "verify /md5".
func verifyCommand() modes.Command[Exec] {
	file, want := aFile("Verify"), grammar.String("Required hash")
	return modes.Command[Exec]{
		Line: grammar.Line{grammar.Word("verify", "Verify a file"), grammar.Word("/md5", "Compute an md5 signature for a file"),
			file.token(), grammar.Opt(want)},
		Level: 15, Filter: true,
		Run: func(e *Exec, a grammar.Args) error {
			l, err := e.at(file, a)
			if err != nil {
				return err
			}
			return e.verify(l, want.From(a))
		},
	}
}

func (e *Exec) verify(l location, want string) error {
	text, err := e.read(l)
	if err != nil {
		return err
	}
	sum := md5.Sum(text)
	is := hex.EncodeToString(sum[:])
	name := l.system + l.path
	e.printf(".Done!\n")
	switch {
	case want == "":
		e.printf("verify /md5 (%s) = %s\n", name, is)
	case strings.EqualFold(want, is):
		e.printf("Verified (%s) = %s\n", name, is)
	default:
		return fmt.Errorf("%%Error verifying %s\nComputed signature  = %s\nSubmitted signature = %s", name, is, visible(want))
	}
	return nil
}

func changeCommands() modes.Mode[Exec] {
	removed, moved, target := aFile("Delete"), aFile("Rename"), aFile("New name of")
	made, unmade := aFile("Create"), aFile("Remove")
	force := grammar.Flag("/force", "Force delete")
	recursive := grammar.Flag("/recursive", "Recursive delete")
	return modes.Mode[Exec]{
		{Line: grammar.Line{grammar.Word("delete", "Delete a file"),
			grammar.Any(grammar.Line{force}, grammar.Line{recursive}), removed.token()}, Level: 15,
			Run: func(e *Exec, a grammar.Args) error { return e.delete(removed.text(a), force.In(a), recursive.In(a)) }},
		{Line: grammar.Line{grammar.Word("rename", "Rename a file"), moved.token(), target.token()}, Level: 15,
			Run: func(e *Exec, a grammar.Args) error { return e.rename(moved.text(a), target.text(a)) }},
		{Line: grammar.Line{grammar.Word("mkdir", "Create new directory"), made.token()}, Level: 15,
			Run: func(e *Exec, a grammar.Args) error { return e.mkdir(made.text(a)) }},
		{Line: grammar.Line{grammar.Word("rmdir", "Remove existing directory"), unmade.token()}, Level: 15,
			Run: func(e *Exec, a grammar.Args) error { return e.rmdir(unmade.text(a)) }},
	}
}

// named asks for the name of a file that is to be changed, and offers what was
// typed.
func (e *Exec) named(question, text string) (location, error) {
	l, err := parseLocation(text, e.session.folder)
	switch {
	case err != nil:
		return l, err
	case l.system != fsFlash:
		return l, noFile{"opening", l.String(), errReadOnly}
	case l.path != "" && e.terse():
		return l, nil
	}
	answer, ok := e.Ask(fmt.Sprintf(question, l.path))
	switch {
	case !ok:
		return l, errInterrupted
	case answer == "" && l.path == "":
		return l, noFile{"opening", l.String(), errNoName}
	case answer == "" || answer == l.path:
		return l, nil
	}
	return parseLocation(answer, location{fsFlash, ""})
}

func (e *Exec) delete(text string, force, recursive bool) error {
	l, err := parseLocation(text, e.session.folder)
	if !force {
		l, err = e.named("Delete filename [%s]? ", text)
	}
	if err != nil {
		return silent(err)
	}
	info, err := e.stat(l)
	switch {
	case err != nil:
		return noFile{"deleting", l.String(), unwrapped(err)}
	case info.Folder && !recursive:
		return noFile{"deleting", l.String(), errFolder}
	case !force && !e.confirmed(fmt.Sprintf("Delete %v? [confirm]", l)):
		return nil
	}
	return e.change("deleting", l, func(s nvram.Store, _ time.Time) error { return removeAll(s, l.path) })
}

// removeAll removes a file, or a folder with all that is in it.
func removeAll(s nvram.Store, path string) error {
	if info, err := s.Stat(path); err != nil || !info.Folder {
		return s.Remove(path)
	}
	within, err := s.List(path)
	for _, i := range within {
		if err == nil {
			err = removeAll(s, nvram.Join(path, i.Name))
		}
	}
	if err != nil || path == "" {
		return err
	}
	return s.Remove(path)
}

func (e *Exec) rename(fromText, toText string) error {
	from, err := parseLocation(fromText, e.session.folder)
	if err != nil {
		return err
	}
	to, err := e.named("Destination filename [%s]? ", toText)
	switch {
	case err != nil:
		return silent(err)
	case from.system != fsFlash:
		return noFile{"renaming", from.String(), errReadOnly}
	}
	return e.change("renaming", from, func(s nvram.Store, _ time.Time) error { return s.Rename(from.path, to.path) })
}

func (e *Exec) mkdir(text string) error {
	l, err := e.named("Create directory filename [%s]? ", text)
	if err != nil {
		return silent(err)
	}
	if err := e.change("Creating dir", l, func(s nvram.Store, now time.Time) error { return s.MakeFolder(l.path, now) }); err != nil {
		return err
	}
	e.printf("Created dir %v\n", l)
	return nil
}

func (e *Exec) rmdir(text string) error {
	l, err := e.named("Remove directory filename [%s]? ", text)
	switch {
	case err != nil:
		return silent(err)
	case !e.confirmed(fmt.Sprintf("Delete %v? [confirm]", l)):
		return nil
	}
	remove := func(s nvram.Store, _ time.Time) error {
		if info, err := s.Stat(l.path); err == nil && !info.Folder {
			return nvram.ErrKind
		}
		return s.Remove(l.path)
	}
	if err := e.change("Removing dir", l, remove); err != nil {
		return err
	}
	e.printf("Removed dir %v\n", l)
	return nil
}

// change changes flash:.
func (e *Exec) change(doing string, l location, f func(s nvram.Store, now time.Time) error) (err error) {
	e.with(func(r *backend.Router, now time.Time) { err = f(r.Store(), now) })
	if err != nil {
		return noFile{doing, l.String(), err}
	}
	return nil
}
