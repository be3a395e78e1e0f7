// Package nvram keeps what survives a reload: the startup configuration, files
// in folders beside it, and what no command shows, in memory or in a folder of
// the host. It does not read what it keeps.
package nvram

import (
	"errors"
	"io/fs"
	"strings"
	"time"
)

// A Store keeps a router's startup configuration and files. What it returns
// and what it is given are the caller's to change. It is for one goroutine.
//
// A file's path is names with slashes between; "" is the root, which is always
// there. The errors of what takes a path are fs.ErrNotExist if it is not there,
// fs.ErrExist if it must not be, and ErrName if it can't be a path.
type Store interface {
	// Startup returns the startup configuration; empty if there is none.
	Startup() ([]byte, error)
	// SetStartup replaces it as a whole, or not at all; empty removes it.
	SetStartup([]byte) error

	// List returns what is in a folder, by name.
	List(folder string) ([]Info, error)
	// Stat returns what there is to say about a file or folder.
	Stat(path string) (Info, error)
	// ReadFile returns what a file holds.
	ReadFile(path string) ([]byte, error)
	// WriteFile makes or replaces a file as a whole, or not at all.
	WriteFile(path string, data []byte, now time.Time) error
	// MakeFolder makes a folder in one that is there.
	MakeFolder(path string, now time.Time) error
	// Remove removes a file, or a folder that has nothing in it; else ErrNotEmpty.
	Remove(path string) error
	// Rename moves a file or folder to a path where there is nothing.
	Rename(from, to string) error

	// Private returns what is kept under a name that is no file; empty if there
	// is nothing.
	Private(name string) ([]byte, error)
	// SetPrivate replaces it as a whole, or not at all; empty removes it.
	SetPrivate(name string, data []byte) error
}

// An Info is a file or folder as a listing has it.
type Info struct {
	Name     string    // within its folder
	Size     int64     // octets; of a folder 0
	Modified time.Time // of a file; of a folder nothing is promised
	Folder   bool
}

// The errors of a Store, beside those of io/fs.
var (
	// ErrName is the answer to a path that would lead out of its folder, or that
	// has odd characters.
	ErrName = errors.New("not a name for a file")
	// ErrFull is the answer to a file that there is no room for.
	ErrFull = errors.New("no space left")
	// ErrNotEmpty is the answer to removing a folder that has something in it.
	ErrNotEmpty = errors.New("the folder is not empty")
	// ErrKind is the answer to a file where a folder must be, or the reverse.
	ErrKind = errors.New("a folder in place of a file, or a file in place of a folder")
)

// Capacity is how many octets the files of a Store may have together.
const Capacity = 64 << 20

const (
	nameMax  = 63
	depthMax = 8
)

// checkName lets through what is a name and no more: no path, no hidden file.
func checkName(name string) error {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
			strings.ContainsRune("._-+", c)
	}
	odd := func(c rune) bool { return !plain(c) }
	if name == "" || len(name) > nameMax || name[0] == '.' || strings.ContainsFunc(name, odd) {
		return fault("open", name, ErrName)
	}
	return nil
}

// checkPath lets through names with slashes between, and the root.
func checkPath(path string) error {
	if path == "" {
		return nil
	}
	names := strings.Split(path, "/")
	if len(names) > depthMax {
		return fault("open", path, ErrName)
	}
	for _, n := range names {
		if err := checkName(n); err != nil {
			return fault("open", path, ErrName)
		}
	}
	return nil
}

// checkFile is checkPath for what cannot be the root.
func checkFile(path string) error {
	if path == "" {
		return fault("open", path, ErrName)
	}
	return checkPath(path)
}

func fault(op, path string, err error) error { return &fs.PathError{Op: op, Path: path, Err: err} }

// Used is how many octets all files of a store have.
func Used(s Store) (octets int64, err error) { return usedIn(s, "") }

func usedIn(s Store, folder string) (octets int64, err error) {
	all, err := s.List(folder)
	for _, i := range all {
		octets += i.Size
		if i.Folder && err == nil {
			var within int64
			within, err = usedIn(s, Join(folder, i.Name))
			octets += within
		}
	}
	return octets, err
}

// roomFor says whether a file may have so many octets.
func roomFor(s Store, path string, size int) error {
	used, err := Used(s)
	if err != nil {
		return err
	}
	if old, err := s.Stat(path); err == nil {
		used -= old.Size
	}
	if used+int64(size) > Capacity {
		return fault("write", path, ErrFull)
	}
	return nil
}

// Join is the path of a name in a folder.
func Join(folder, name string) string {
	if folder == "" {
		return name
	}
	return folder + "/" + name
}
