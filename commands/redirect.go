package commands

import (
	"bytes"
	"io/fs"

	"gresh/modes"
)

// filter installs an output modifier, if there is one, and returns what
// finishes it. A file is opened before the command runs, which does not if that
// is not possible, and has what was printed when it has run.
func (e *Exec) filter(f *modes.Filter) (finish func() error, err error) {
	nothing := func() error { return nil }
	switch {
	case f == nil:
		return nothing, nil
	case f.URL == "":
		return nothing, e.Filter(*f)
	}
	to, err := parseLocation(f.URL, e.session.folder)
	if err != nil {
		return nil, err
	}
	if e.session.level < 15 {
		return nil, noFile{"opening", to.String(), fs.ErrPermission}
	}
	text, err := e.open(to, f.Kind == modes.Append || f.Kind == modes.TeeAppend)
	if err != nil {
		return nil, err
	}
	output := bytes.NewBuffer(text)
	f.To = output
	return func() error { return e.write(to, output.Bytes()) }, e.Filter(*f)
}

// open makes a file for output, and returns what is in it already if it is to
// stay there. The startup configuration keeps what it has until there is
// something better.
func (e *Exec) open(l location, appending bool) (text []byte, err error) {
	switch info, err := e.stat(l); {
	case l.remote():
		return nil, err
	case err == nil && info.Folder:
		return nil, noFile{"opening", l.String(), errFolder}
	case err == nil && appending:
		return e.read(l)
	case l == startupLocation:
		return nil, nil
	}
	return nil, e.write(l, nil)
}
