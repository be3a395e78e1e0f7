package nvram

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// Memory is a Store that is gone with the process. The zero value is empty.
type Memory struct {
	startup []byte
	files   map[string]*memoryFile // by path
	private map[string][]byte
}

// A memoryFile is a file or a folder.
type memoryFile struct {
	data     []byte
	modified time.Time
	folder   bool
}

var _ Store = (*Memory)(nil)

// NewMemory returns a Store that holds a startup configuration.
func NewMemory(startup []byte) *Memory { return &Memory{startup: slices.Clone(startup)} }

// Startup is part of Store.
func (m *Memory) Startup() ([]byte, error) { return slices.Clone(m.startup), nil }

// SetStartup is part of Store.
func (m *Memory) SetStartup(b []byte) error {
	m.startup = slices.Clone(b)
	return nil
}

// Private is part of Store.
func (m *Memory) Private(name string) ([]byte, error) {
	return slices.Clone(m.private[name]), checkName(name)
}

// SetPrivate is part of Store.
func (m *Memory) SetPrivate(name string, data []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	if m.private == nil {
		m.private = map[string][]byte{}
	}
	m.private[name] = slices.Clone(data)
	return nil
}

// List is part of Store.
func (m *Memory) List(folder string) (all []Info, err error) {
	if err := m.inFolder(Join(folder, "x")); err != nil {
		return nil, err
	}
	for _, p := range slices.Sorted(maps.Keys(m.files)) {
		if parent(p) == folder {
			all = append(all, m.files[p].info(p))
		}
	}
	return all, nil
}

// Stat is part of Store.
func (m *Memory) Stat(path string) (Info, error) {
	if path == "" {
		return Info{Folder: true}, nil
	}
	f, err := m.find(path)
	if err != nil {
		return Info{}, err
	}
	return f.info(path), nil
}

// ReadFile is part of Store.
func (m *Memory) ReadFile(path string) ([]byte, error) {
	f, err := m.find(path)
	switch {
	case err != nil:
		return nil, err
	case f.folder:
		return nil, fault("read", path, ErrKind)
	}
	return slices.Clone(f.data), nil
}

// WriteFile is part of Store.
func (m *Memory) WriteFile(path string, data []byte, now time.Time) error {
	if err := m.inFolder(path); err != nil {
		return err
	}
	if f := m.files[path]; f != nil && f.folder {
		return fault("write", path, ErrKind)
	}
	if err := roomFor(m, path, len(data)); err != nil {
		return err
	}
	m.put(path, &memoryFile{data: slices.Clone(data), modified: now})
	return nil
}

// MakeFolder is part of Store.
func (m *Memory) MakeFolder(path string, now time.Time) error {
	if err := m.inFolder(path); err != nil {
		return err
	}
	if m.files[path] != nil {
		return fault("mkdir", path, fs.ErrExist)
	}
	m.put(path, &memoryFile{modified: now, folder: true})
	return nil
}

// Remove is part of Store.
func (m *Memory) Remove(path string) error {
	f, err := m.find(path)
	if err != nil {
		return err
	}
	if f.folder && len(m.under(path)) > 0 {
		return fault("remove", path, ErrNotEmpty)
	}
	delete(m.files, path)
	return nil
}

// Rename is part of Store.
func (m *Memory) Rename(from, to string) error {
	f, err := m.find(from)
	if err != nil {
		return err
	}
	if err := m.inFolder(to); err != nil {
		return err
	}
	switch {
	case m.files[to] != nil:
		return fault("rename", to, fs.ErrExist)
	case f.folder && strings.HasPrefix(to, from+"/"):
		return fault("rename", to, ErrName)
	}
	for _, p := range append(m.under(from), from) {
		m.files[to+strings.TrimPrefix(p, from)] = m.files[p]
		delete(m.files, p)
	}
	return nil
}

func (m *Memory) put(path string, f *memoryFile) {
	if m.files == nil {
		m.files = map[string]*memoryFile{}
	}
	m.files[path] = f
}

// find finds a file or folder that is not the root.
func (m *Memory) find(path string) (*memoryFile, error) {
	if err := checkFile(path); err != nil {
		return nil, err
	}
	f := m.files[path]
	if f == nil {
		return nil, fault("open", path, fs.ErrNotExist)
	}
	return f, nil
}

// inFolder says whether a path can be made: in a folder that is there.
func (m *Memory) inFolder(path string) error {
	if err := checkFile(path); err != nil {
		return err
	}
	folder := parent(path)
	if folder == "" {
		return nil
	}
	f, err := m.find(folder)
	if err == nil && !f.folder {
		err = fault("open", path, ErrKind)
	}
	return err
}

// under are the paths of all that is in a folder, and in those in it.
func (m *Memory) under(folder string) (all []string) {
	for p := range m.files {
		if strings.HasPrefix(p, folder+"/") {
			all = append(all, p)
		}
	}
	return all
}

func (f *memoryFile) info(p string) Info {
	return Info{Name: path.Base(p), Size: int64(len(f.data)), Modified: f.modified, Folder: f.folder}
}

// parent is the folder that a path is in.
func parent(p string) string {
	if d := path.Dir(p); d != "." {
		return d
	}
	return ""
}
