// Package nvram keeps what survives a reload: the startup configuration and
// files beside it. It does not read what it keeps.
package nvram

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

// A Store keeps a router's startup configuration and files.
type Store interface {
	// Startup returns the startup configuration; empty if there is none.
	Startup() ([]byte, error)
	// SetStartup replaces it as a whole, or not at all; empty removes it.
	SetStartup([]byte) error
}

// Memory is a Store that is gone with the process.
type Memory struct{ startup []byte }

// NewMemory returns a Store that holds a startup configuration.
func NewMemory(startup []byte) *Memory { return &Memory{startup} }

// Startup is part of Store.
func (m *Memory) Startup() ([]byte, error) { return m.startup, nil }

// SetStartup is part of Store.
func (m *Memory) SetStartup(b []byte) error {
	m.startup = append([]byte(nil), b...)
	return nil
}

// startupName is the file of the startup configuration.
const startupName = "startup-config"

// Dir is a Store in a folder, which is made when something is first kept.
type Dir struct {
	path    string
	factory []byte // what there is before anything was kept
}

// ErrName is the answer to a name that would lead out of its folder.
var ErrName = errors.New("not a name for a file")

// NewDir returns a Store in the folder under root that a router's name names.
// Until something is kept there, the startup configuration is factory.
func NewDir(root, name string, factory []byte) (*Dir, error) {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00") {
		return nil, ErrName
	}
	return &Dir{filepath.Join(root, name), factory}, nil
}

// Startup is part of Store.
func (d *Dir) Startup() ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(d.path, startupName))
	if errors.Is(err, fs.ErrNotExist) {
		return d.factory, nil
	}
	return b, err
}

// SetStartup is part of Store. The file has all of b or what it had before,
// whenever the process or the machine stops.
func (d *Dir) SetStartup(b []byte) error {
	if err := os.MkdirAll(d.path, 0o700); err != nil {
		return err
	}
	if err := renameio.WriteFile(filepath.Join(d.path, startupName), b, 0o600); err != nil {
		return err
	}
	return syncDir(d.path)
}

// syncDir makes a renaming last.
func syncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
