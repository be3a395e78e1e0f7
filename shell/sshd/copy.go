package sshd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"gresh/shell/door"
)

// copyMost bounds a file that is copied here: it is held in memory until it is
// whole.
const copyMost = 32 << 20

// Files are a router's, for who copies.
type Files interface {
	// Send returns a file and its last name.
	Send(path string) (name string, data []byte, err error)
	// Store makes or replaces a file. If the path is a folder, name is what it is
	// called there.
	Store(path, name string, data []byte) error
	// Release says that nothing more will be copied.
	Release()
}

// A copying is what "scp -t PATH" and "scp -f PATH" ask for: the older of the
// ways in which scp copies, and the only one that IOS knows.
type copying struct {
	path string
	to   bool // to the router
}

// parseCopying reads a command as scp sends it; not ok if it is none.
func parseCopying(command string) (c copying, ok bool) {
	words := strings.Fields(command)
	if len(words) < 3 || words[0] != "scp" {
		return c, false
	}
	for words = words[1:]; len(words) > 1 && strings.HasPrefix(words[0], "-"); words = words[1:] {
		c.to = c.to || strings.Contains(words[0], "t")
		ok = ok || strings.ContainsAny(words[0], "tf")
	}
	c.path = strings.Trim(strings.Join(words, " "), `'"`)
	return c, ok
}

// errClient ends a copying that the client has given up, or does not know how
// to do.
var errClient = errors.New("not what scp says")

// A wire is the connection of a copying.
type wire struct {
	in  *bufio.Reader
	out io.Writer
}

// copy carries a copying out. What goes wrong is told to the client, as a line
// after an octet that says so.
func (v *visit) copy(c copying, out io.Writer) error {
	late := time.AfterFunc(door.Patience, func() { _ = v.raw.Close() })
	defer late.Stop()
	w := wire{bufio.NewReader(alive{v.channel, late}), out}
	files, err := v.options.Copy(v.visitor)
	if err == nil {
		defer files.Release()
		if c.to {
			err = w.receive(c.path, files)
		} else {
			err = w.send(c.path, files)
		}
	}
	if err != nil && !errors.Is(err, errClient) {
		_, _ = fmt.Fprintf(w.out, "\x01%s\n", err)
	}
	return err
}

// An alive reader puts an alarm off whenever something comes.
type alive struct {
	io.Reader
	alarm *time.Timer
}

// Read is part of io.Reader.
func (a alive) Read(b []byte) (int, error) {
	n, err := a.Reader.Read(b)
	a.alarm.Reset(door.Patience)
	return n, err
}

// yes tells the client to go on.
func (w wire) yes() error {
	_, err := w.out.Write([]byte{0})
	return err
}

// wait waits for the client to say so.
func (w wire) wait() error {
	b, err := w.in.ReadByte()
	if err != nil || b != 0 {
		return errClient
	}
	return nil
}

// receive takes what the client sends, one file after another.
func (w wire) receive(path string, files Files) error {
	for {
		if err := w.yes(); err != nil {
			return err
		}
		line, err := w.in.ReadSlice('\n')
		switch {
		case err == io.EOF && len(line) == 0:
			return nil
		case err != nil:
			return errClient
		case line[0] == 'T', line[0] == 'E': // times, which are the router's own; the end of a folder
			continue
		case line[0] != 'C':
			return errors.New("only files can be copied")
		}
		if err := w.file(string(line), path, files); err != nil {
			return err
		}
	}
}

// file takes one file, which the line announces: "C0644 12 name".
func (w wire) file(line, path string, files Files) error {
	fields := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 3)
	if len(fields) < 3 {
		return errClient
	}
	size, err := strconv.ParseUint(fields[1], 10, 63)
	switch {
	case err != nil:
		return errClient
	case size > copyMost:
		return errors.New("no space left on device")
	}
	if err := w.yes(); err != nil {
		return err
	}
	data, err := io.ReadAll(io.LimitReader(w.in, int64(size)))
	if err != nil || uint64(len(data)) < size {
		return errClient
	}
	if err := w.wait(); err != nil {
		return err
	}
	return files.Store(path, fields[2], data)
}

// send sends a file.
func (w wire) send(path string, files Files) error {
	if err := w.wait(); err != nil {
		return err
	}
	name, data, err := files.Send(path)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w.out, "C0644 %d %s\n", len(data), name); err != nil {
		return err
	}
	if err := w.wait(); err != nil {
		return err
	}
	for len(data) > 0 {
		n := min(len(data), 1<<15)
		if _, err := w.out.Write(data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	if err := w.yes(); err != nil {
		return err
	}
	return w.wait()
}
