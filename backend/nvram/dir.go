package nvram

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"
)

// The layout of a folder. The files have one of their own, so that none can
// have the name of the startup configuration.
const (
	startupName = "startup-config"
	filesName   = "flash"
)

// Dir is a Store in a folder, which is made when something is first kept. What
// it keeps holds secrets: only their owner can read them.
type Dir struct {
	path    string
	startup string // the name of the startup configuration there
	factory []byte // what there is before anything was kept
}

var _ Store = (*Dir)(nil)

// NewDir returns a Store in the folder under root that a router's name names.
// Until something is kept there, the startup configuration is factory. It is
// for one process at a time: what a writer that was killed has left behind is
// removed.
func NewDir(root, name string, factory []byte) (*Dir, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	d := &Dir{filepath.Join(root, name), startupName, factory}
	return d, errors.Join(sweep(d.path, "."), sweep(filepath.Join(d.path, filesName), "."))
}

// NewFile returns a Store whose startup configuration is the file of that
// path, which need not be there, with the files in a folder beside it. Of what
// else is in the file's folder nothing is touched.
func NewFile(path string) (*Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	folder, name := filepath.Split(path)
	if err := checkName(name); err != nil {
		return nil, err
	}
	d := &Dir{filepath.Clean(folder), name, nil}
	return d, errors.Join(sweep(d.path, "."+name), sweep(filepath.Join(d.path, filesName), "."))
}

// Startup is part of Store.
func (d *Dir) Startup() ([]byte, error) {
	b, err := read(filepath.Join(d.path, d.startup))
	if errors.Is(err, fs.ErrNotExist) {
		return slices.Clone(d.factory), nil
	}
	return b, err
}

// SetStartup is part of Store. The file has all of b or what it had before,
// whenever the process or the machine stops. Removed is empty: the factory's
// does not come back.
func (d *Dir) SetStartup(b []byte) error { return replace(d.path, d.startup, b) }

// Files is part of Store.
func (d *Dir) Files() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(d.path, filesName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() && checkName(e.Name()) == nil {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// ReadFile is part of Store.
func (d *Dir) ReadFile(name string) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	return read(filepath.Join(d.path, filesName, name))
}

// WriteFile is part of Store.
func (d *Dir) WriteFile(name string, data []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	return replace(filepath.Join(d.path, filesName), name, data)
}

// RemoveFile is part of Store.
func (d *Dir) RemoveFile(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	folder := filepath.Join(d.path, filesName)
	if err := os.Remove(filepath.Join(folder, name)); err != nil {
		return err
	}
	return sync(folder)
}

// read reads a regular file. A link or a pipe in its place is refused: the one
// could lead anywhere, the other never end.
func read(name string) ([]byte, error) {
	info, err := os.Lstat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("not a regular file")}
	}
	return os.ReadFile(name)
}

// replace writes a file beside the one it replaces, and then takes its place.
// Both are on the disk, in this order, when it returns.
func replace(folder, name string, data []byte) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	err := renameio.WriteFile(filepath.Join(folder, name), data, 0o600,
		renameio.WithTempDir(folder), renameio.WithStaticPermissions(0o600))
	if err != nil {
		return err
	}
	return errors.Join(sync(folder), sync(filepath.Dir(folder)))
}

// sync makes it last which files a folder has.
func sync(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// sweep removes the files that were not finished: their names begin with the
// prefix.
func sweep(folder, prefix string) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasPrefix(e.Name(), prefix) {
			err = errors.Join(err, os.Remove(filepath.Join(folder, e.Name())))
		}
	}
	return err
}
