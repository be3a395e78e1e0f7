package commands

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"gresh/backend"
	"gresh/backend/nvram"
	"gresh/modes/grammar"
)

// The file systems.
const (
	fsFlash  = "flash:"
	fsNVRAM  = "nvram:"
	fsSystem = "system:"
	fsNull   = "null:"
)

// The files that are no files of flash:.
const (
	fileRunning = "running-config"
	fileStartup = "startup-config"
)

// A location is a file or a folder as commands name it.
type location struct {
	system string // "flash:"
	path   string // within it, from its root; "" is the root
}

var (
	runningLocation = location{fsSystem, fileRunning}
	startupLocation = location{fsNVRAM, fileStartup}
)

// String is the location as messages and archives have it: "flash:/backup".
func (l location) String() string {
	if l.system == fsFlash {
		return l.system + "/" + l.path
	}
	return l.system + l.path
}

// base is the last name of the path.
func (l location) base() string {
	file := l.path
	if l.remote() {
		u, _ := parseURL(l.path)
		file = u.path
	}
	if file == "" {
		return ""
	}
	return path.Base(file)
}

// in says what the location becomes when it is a folder and a file of that name
// is meant there.
func (l location) in(name string) location {
	return location{l.system, nvram.Join(l.path, name)}
}

// A noFile says which file could not be used, for what, and why.
type noFile struct {
	doing string // "opening"
	at    string
	err   error
}

func (e noFile) Error() string {
	return fmt.Sprintf("%%Error %s %s (%s)", e.doing, visible(e.at), reason(e.err))
}

func (e noFile) Unwrap() error { return e.err }

var (
	errNoName   = errors.New("No file name")
	errReadOnly = errors.New("Read-only file system")
	errFolder   = errors.New("Is a directory")
)

// unwrapped is why a file could not be used.
func unwrapped(err error) error {
	if e, ok := errors.AsType[noFile](err); ok {
		return e.err
	}
	return err
}

// reasons are what a file system of a router says.
var reasons = []struct {
	err  error
	text string
}{
	{fs.ErrNotExist, "No such file or directory"},
	{fs.ErrExist, "File exists"},
	{nvram.ErrName, "Invalid argument"},
	{nvram.ErrFull, "No space left on device"},
	{nvram.ErrNotEmpty, "Directory not empty"},
	{nvram.ErrKind, "Not a file, or not a directory"},
	{fs.ErrPermission, "Permission denied"},
}

func reason(err error) string {
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return r.text
		}
	}
	return visible(err.Error())
}

// visible is text of others without what a terminal would obey.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, text)
}

// parseLocation reads what was typed, from where the session is.
func parseLocation(text string, from location) (location, error) {
	system, rest, named := strings.Cut(text, ":")
	if system += ":"; !named {
		switch {
		case text == fileRunning:
			return runningLocation, nil
		case text == fileStartup:
			return startupLocation, nil
		}
		system, rest = from.system, text
		if !strings.HasPrefix(text, "/") {
			rest = "/" + from.path + "/" + text
		}
	}
	if l := (location{system, rest}); l.remote() {
		_, err := parseURL(rest)
		if _, odd := errors.AsType[noFile](err); odd {
			err = noFile{"opening", visible(text), nvram.ErrName}
		}
		return l, err
	}
	if !slices.Contains([]string{fsFlash, fsNVRAM, fsSystem, fsNull}, system) {
		return location{}, noFile{"opening", visible(text), nvram.ErrName}
	}
	// Cleaned from the root, no path leads out of it.
	return location{system, strings.TrimPrefix(path.Clean("/"+rest), "/")}, nil
}

// A fileParam is the place of a file in a line: by the names that stand for
// one, or by a path.
type fileParam struct {
	known *grammar.Param[string]
	other *grammar.Param[string]
}

// aFile is a place for a file: role is "Copy from", say.
func aFile(role string) fileParam {
	system := func(name string) grammar.Choice[string] {
		return choice(name, role+" "+name+" file system", name)
	}
	return fileParam{
		known: grammar.Enum(system(fsFlash), system(fsNull), system(fsNVRAM),
			choice(fileRunning, role+" current system configuration", fileRunning),
			choice(fileStartup, role+" startup configuration", fileStartup),
			system(fsSCP), system(fsSFTP), system(fsSystem)),
		other: grammar.String("File name or URL"),
	}
}

// token is the place as part of a line.
func (p fileParam) token() grammar.Token {
	return grammar.Alt(grammar.Line{p.known}, grammar.Line{p.other})
}

// text is what was typed, or what it is short for; "" if nothing was.
func (p fileParam) text(a grammar.Args) string {
	if p.known.In(a) {
		return p.known.From(a)
	}
	return p.other.From(a)
}

// in says whether a file was typed.
func (p fileParam) in(a grammar.Args) bool { return p.known.In(a) || p.other.In(a) }

// at is the location that a line names; where the session is, if it names none.
func (e *Exec) at(p fileParam, a grammar.Args) (location, error) {
	if !p.in(a) {
		return e.session.folder, nil
	}
	return parseLocation(p.text(a), e.session.folder)
}

// read returns what a file holds.
func (e *Exec) read(l location) (text []byte, err error) {
	if l.remote() {
		return e.fetch(l)
	}
	e.with(func(r *backend.Router, _ time.Time) {
		switch {
		case l == runningLocation:
			text = []byte(Text(r.Running()))
		case l == startupLocation:
			if text, err = r.Store().Startup(); err == nil && len(text) == 0 {
				err = fs.ErrNotExist
			}
		case l.system == fsFlash:
			text, err = r.Store().ReadFile(l.path)
		case l.system == fsNull:
		default:
			err = fs.ErrNotExist
		}
	})
	if err != nil {
		return nil, noFile{"opening", l.String(), err}
	}
	return text, nil
}

// write makes or replaces a file. The running configuration is not written but
// merged into: see copy.
func (e *Exec) write(l location, text []byte) (err error) {
	if l.remote() {
		return e.send(l, text)
	}
	e.with(func(r *backend.Router, now time.Time) {
		switch {
		case l == startupLocation:
			err = r.SetStartup(now, e.session.origin.User, text)
		case l.system == fsFlash:
			err = r.Store().WriteFile(l.path, text, now)
		case l.system == fsNull:
		default:
			err = fs.ErrPermission
		}
	})
	if err != nil {
		return noFile{"opening", l.String(), err}
	}
	return nil
}

// stat says what a file or folder is.
func (e *Exec) stat(l location) (info nvram.Info, err error) {
	if l.remote() {
		return info, noFile{"opening", l.String(), errNotRemotely}
	}
	if l.system != fsFlash {
		var text []byte
		if l.path == "" {
			return nvram.Info{Folder: true}, nil
		}
		text, err = e.read(l)
		return nvram.Info{Name: l.path, Size: int64(len(text))}, err
	}
	e.with(func(r *backend.Router, _ time.Time) { info, err = r.Store().Stat(l.path) })
	if err != nil {
		err = noFile{"opening", l.String(), err}
	}
	return info, err
}
