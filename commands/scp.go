package commands

import (
	"errors"
)

// A Courier copies files for somebody who has come to copy and to do nothing
// else. He sits on a line like anybody.
type Courier struct{ session *Interpreter }

// Why nothing is copied, in the words of IOS.
var (
	errCopyOff    = errors.New("Administratively disabled.")
	errCopyDenied = errors.New("Privilege denied.")
)

// Copy lets in who copies, if "ip scp server enable" says so and he has the
// privileges of who configures.
func (l *Lines) Copy(o Origin) (*Courier, error) {
	if !l.Policy().Copy {
		return nil, errCopyOff
	}
	o.Authenticated = true
	i, err := l.Take(o)
	if err != nil {
		return nil, err
	}
	if !i.mayCopy() {
		i.Release()
		return nil, errCopyDenied
	}
	return &Courier{i}, nil
}

// mayCopy says whether the session has the privileges, or could take them
// without being asked for anything.
func (i *Interpreter) mayCopy() bool {
	c, _ := i.lines.running()
	asked, _ := enableSecret(c, 15)
	return i.granted(c, i.line(c)) >= 15 || i.lines.open(c) && !asked.Set()
}

// exec is what the files are reached by.
func (c *Courier) exec() *Exec { return &Exec{loop: c.session.loop, session: c.session} }

// Send returns a file and its last name.
func (c *Courier) Send(path string) (name string, data []byte, err error) {
	l, err := parseLocation(path, c.session.folder)
	if err != nil {
		return "", nil, err
	}
	data, err = c.exec().read(l)
	return l.base(), data, err
}

// Store makes or replaces a file, under its name if the path is that of a
// folder.
func (c *Courier) Store(path, name string, data []byte) error {
	l, err := parseLocation(path, c.session.folder)
	if err != nil {
		return err
	}
	e := c.exec()
	if info, err := e.stat(l); err == nil && info.Folder {
		l = l.in(name)
	}
	return e.write(l, data)
}

// Release gives the line back.
func (c *Courier) Release() { c.session.Release() }
