package nvram

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2"
)

// The layout of a folder. The files have one of their own, so that none can
// have the name of the startup configuration, and so has what is no file.
const (
	startupName = "startup-config"
	filesName   = "flash"
	privateName = "private"
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
	return d, errors.Join(sweep(d.path, "."), d.sweepFiles())
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
	return d, errors.Join(sweep(d.path, "."+name), d.sweepFiles())
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

// Private is part of Store.
func (d *Dir) Private(name string) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	b, err := read(filepath.Join(d.path, privateName, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// SetPrivate is part of Store.
func (d *Dir) SetPrivate(name string, data []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	return replace(filepath.Join(d.path, privateName), name, data)
}

// List is part of Store.
func (d *Dir) List(folder string) (all []Info, err error) {
	if err := checkPath(folder); err != nil {
		return nil, err
	}
	if folder != "" {
		if err := d.mustBe(folder, true); err != nil {
			return nil, err
		}
	}
	entries, err := os.ReadDir(d.file(folder))
	if folder == "" && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || checkName(e.Name()) != nil || !info.IsDir() && !info.Mode().IsRegular() {
			continue // gone meanwhile, or nothing that was put here
		}
		all = append(all, infoOf(info))
	}
	return all, err
}

// Stat is part of Store.
func (d *Dir) Stat(path string) (Info, error) {
	if path == "" {
		return Info{Folder: true}, nil
	}
	info, err := d.lstat(path)
	if err != nil {
		return Info{}, err
	}
	return infoOf(info), nil
}

// ReadFile is part of Store.
func (d *Dir) ReadFile(path string) ([]byte, error) {
	if err := d.mustBe(path, false); err != nil {
		return nil, err
	}
	return read(d.file(path))
}

// WriteFile is part of Store.
func (d *Dir) WriteFile(path string, data []byte, now time.Time) error {
	if err := d.inFolder(path); err != nil {
		return err
	}
	if info, err := d.lstat(path); err == nil && info.IsDir() {
		return fault("write", path, ErrKind)
	}
	if err := roomFor(d, path, len(data)); err != nil {
		return err
	}
	file := d.file(path)
	if err := replace(filepath.Dir(file), filepath.Base(file), data); err != nil {
		return err
	}
	return os.Chtimes(file, now, now)
}

// MakeFolder is part of Store.
func (d *Dir) MakeFolder(path string, now time.Time) error {
	if err := d.inFolder(path); err != nil {
		return err
	}
	if _, err := d.lstat(path); err == nil {
		return fault("mkdir", path, fs.ErrExist)
	}
	if err := os.MkdirAll(d.file(path), 0o700); err != nil {
		return err
	}
	return errors.Join(os.Chtimes(d.file(path), now, now), sync(d.file(parent(path))))
}

// Remove is part of Store.
func (d *Dir) Remove(path string) error {
	info, err := d.lstat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		if within, err := d.List(path); err != nil || len(within) > 0 {
			return errors.Join(err, fault("remove", path, ErrNotEmpty))
		}
	}
	if err := os.Remove(d.file(path)); err != nil {
		return err
	}
	return sync(d.file(parent(path)))
}

// Rename is part of Store.
func (d *Dir) Rename(from, to string) error {
	info, err := d.lstat(from)
	if err != nil {
		return err
	}
	if err := d.inFolder(to); err != nil {
		return err
	}
	_, taken := d.lstat(to)
	switch {
	case taken == nil:
		return fault("rename", to, fs.ErrExist)
	case info.IsDir() && strings.HasPrefix(to, from+"/"):
		return fault("rename", to, ErrName)
	}
	if err := os.Rename(d.file(from), d.file(to)); err != nil {
		return err
	}
	return errors.Join(sync(d.file(parent(to))), sync(d.file(parent(from))))
}

// file is where the host has a path.
func (d *Dir) file(path string) string {
	return filepath.Join(d.path, filesName, filepath.FromSlash(path))
}

// lstat finds a file or folder that is not the root. A link on the way to it
// is none of ours.
func (d *Dir) lstat(path string) (fs.FileInfo, error) {
	if err := checkFile(path); err != nil {
		return nil, err
	}
	if folder := parent(path); folder != "" {
		if err := d.mustBe(folder, true); err != nil {
			return nil, err
		}
	}
	info, err := os.Lstat(d.file(path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault("open", path, fs.ErrNotExist)
	case err == nil && !info.IsDir() && !info.Mode().IsRegular():
		return nil, fault("open", path, ErrKind)
	}
	return info, err
}

// mustBe says whether there is a folder, or a file.
func (d *Dir) mustBe(path string, folder bool) error {
	info, err := d.lstat(path)
	if err == nil && info.IsDir() != folder {
		err = fault("open", path, ErrKind)
	}
	return err
}

// inFolder says whether a path can be made: in a folder that is there.
func (d *Dir) inFolder(path string) error {
	if err := checkFile(path); err != nil {
		return err
	}
	if folder := parent(path); folder != "" {
		return d.mustBe(folder, true)
	}
	return nil
}

func infoOf(i fs.FileInfo) Info {
	info := Info{Name: i.Name(), Size: i.Size(), Modified: i.ModTime(), Folder: i.IsDir()}
	if info.Folder {
		info.Size = 0
	}
	return info
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

// sweepFiles is sweep for all folders but that of the startup configuration.
func (d *Dir) sweepFiles() error {
	err := sweep(filepath.Join(d.path, privateName), ".")
	fault := filepath.WalkDir(d.file(""), func(path string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err == nil && e.IsDir():
			return sweep(path, ".")
		}
		return err
	})
	return errors.Join(err, fault)
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
