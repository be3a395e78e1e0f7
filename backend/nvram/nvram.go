// Package nvram keeps what survives a reload: the startup configuration and
// files beside it, in memory or in a folder. It does not read what it keeps.
package nvram

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// A Store keeps a router's startup configuration and files. What it returns
// and what it is given are the caller's to change. It is for one goroutine.
type Store interface {
	// Startup returns the startup configuration; empty if there is none.
	Startup() ([]byte, error)
	// SetStartup replaces it as a whole, or not at all; empty removes it.
	SetStartup([]byte) error

	// Files returns the names of the files, sorted.
	Files() ([]string, error)
	// ReadFile returns what a file holds. The error is fs.ErrNotExist if there
	// is none of that name, and ErrName if there can't be.
	ReadFile(name string) ([]byte, error)
	// WriteFile makes or replaces a file as a whole, or not at all.
	WriteFile(name string, data []byte) error
	// RemoveFile removes a file. The errors are those of ReadFile.
	RemoveFile(name string) error
}

// ErrName is the answer to a name that would lead out of its folder.
var ErrName = errors.New("not a name for a file")

const nameMax = 63

// checkName lets through what is a name and no more: no path, no hidden file.
func checkName(name string) error {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
			strings.ContainsRune("._-+", c)
	}
	odd := func(c rune) bool { return !plain(c) }
	if name == "" || len(name) > nameMax || name[0] == '.' || strings.ContainsFunc(name, odd) {
		return &fs.PathError{Op: "open", Path: name, Err: ErrName}
	}
	return nil
}

// Memory is a Store that is gone with the process. The zero value is empty.
type Memory struct {
	startup []byte
	files   map[string][]byte
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

// Files is part of Store.
func (m *Memory) Files() ([]string, error) { return slices.Sorted(maps.Keys(m.files)), nil }

// ReadFile is part of Store.
func (m *Memory) ReadFile(name string) ([]byte, error) {
	if err := m.find(name); err != nil {
		return nil, err
	}
	return slices.Clone(m.files[name]), nil
}

// WriteFile is part of Store.
func (m *Memory) WriteFile(name string, data []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	if m.files == nil {
		m.files = map[string][]byte{}
	}
	m.files[name] = slices.Clone(data)
	return nil
}

// RemoveFile is part of Store.
func (m *Memory) RemoveFile(name string) error {
	if err := m.find(name); err != nil {
		return err
	}
	delete(m.files, name)
	return nil
}

func (m *Memory) find(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if _, ok := m.files[name]; !ok {
		return &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return nil
}
