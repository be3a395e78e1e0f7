package show

import (
	"io"
	"time"
)

// A File is a file or folder in a listing.
type File struct {
	Name     string
	Size     int64 // octets
	Modified time.Time
	Folder   bool
}

// A Directory is what "dir" lists.
type Directory struct {
	At          string // "flash:/"
	Files       []File
	Total, Free int64 // octets of the file system
}

// Dir renders "dir".
func Dir(w io.Writer, d Directory) {
	printf(w, "Directory of %s\n\n", d.At)
	if len(d.Files) == 0 {
		printf(w, "No files in directory\n")
	}
	for n, f := range d.Files {
		mode := "-rw-"
		if f.Folder {
			mode = "drw-"
		}
		printf(w, "%5d  %s  %10d  %s  %s\n", n+1, mode, f.Size, fileTime(f.Modified), f.Name)
	}
	printf(w, "\n%d bytes total (%d bytes free)\n", d.Total, d.Free)
}

// fileTime is when a file was written; what has no time shows none.
func fileTime(t time.Time) string {
	if t.IsZero() {
		return "              <no date>   "
	}
	return t.UTC().Format("Jan _2 2006 15:04:05 -07:00")
}

// A FileSystem is one as "show file systems" lists it.
type FileSystem struct {
	Prefix, Type string
	Total, Free  int64 // octets; 0: not bounded
}

// FileSystems renders "show file systems"; the current one has a star.
func FileSystems(w io.Writer, all []FileSystem, current string) {
	printf(w, "File Systems:\n\n       Size(b)       Free(b)      Type  Flags  Prefixes\n")
	for _, f := range all {
		star := " "
		if f.Prefix == current {
			star = "*"
		}
		if f.Total == 0 {
			printf(w, "%s %12s  %12s  %8s  %5s   %s\n", star, "-", "-", f.Type, "rw", f.Prefix)
			continue
		}
		printf(w, "%s %12d  %12d  %8s  %5s   %s\n", star, f.Total, f.Free, f.Type, "rw", f.Prefix)
	}
}
