package commands

import (
	"errors"
	"path"
	"strings"
	"testing"

	"gresh/backend/nvram"
)

// FuzzLocation holds to it that no text leads out of a file system, that a
// location is read again as it is printed, and that what is said of one that is
// none does nothing to a terminal.
func FuzzLocation(f *testing.F) {
	for _, text := range []string{"flash:/a/b", "flash:", "../../etc/passwd", "/..//x/./", "nvram:startup-config", "running-config", "null:",
		"scp://carl@10.0.0.1:2222//etc/x", "sftp:x", "scp://a:b@c/d", "scp://[::1]:99999/x", "flash:\x1b[2J", "system:", ":", "a:b:c", "\xff", "flash:a b"} {
		f.Add(text, "logs/old")
		f.Add(text, "")
	}
	f.Fuzz(func(t *testing.T, text, folder string) {
		if path.Clean("/"+folder) != "/"+folder {
			folder = ""
		}
		l, err := parseLocation(text, location{fsFlash, folder})
		if err != nil {
			if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("%q: %q would be obeyed", text, err)
			}
			return
		}
		if !l.remote() && (strings.HasPrefix(l.path, "/") || l.path != "" && path.Clean("/"+l.path) != "/"+l.path) {
			t.Errorf("%q: %q leads out of %s", text, l.path, l.system)
		}
		if again, err := parseLocation(l.String(), location{fsNull, "elsewhere"}); err != nil || again != l {
			t.Errorf("%q is %q, and that is %+v, %v; want %+v", text, l, again, err, l)
		}
		u, err := parseURL(l.path)
		if l.remote() && (err != nil || strings.ContainsAny(u.host, "/@ ") || u.port == 0) {
			t.Errorf("%q: %+v, %v", text, u, err)
		}
	})
}

// TestLocations are the ways to say where a file is, from flash:/logs.
func TestLocations(t *testing.T) {
	for text, want := range map[string]string{
		"x": "flash:/logs/x", "/x": "flash:/x", "..": "flash:/", "../../../x": "flash:/x", "flash:x": "flash:/x", "flash:/x/": "flash:/x",
		"flash:": "flash:/", "nvram:startup-config": "nvram:startup-config", "startup-config": "nvram:startup-config",
		"running-config": "system:running-config", "system:/running-config": "system:running-config", "null:": "null:",
		"scp://a@b/c": "scp://a@b/c", "sftp:": "sftp:",
	} {
		if l, err := parseLocation(text, location{fsFlash, "logs"}); err != nil || l.String() != want {
			t.Errorf("%s is %v, %v; want %s", text, l, err, want)
		}
	}
	for _, text := range []string{"ftp://x/y", "tftp:x", "C:\\x", "bootflash:", "scp://a@b:x/c", "scp://a b/c"} {
		if _, err := parseLocation(text, location{}); !errors.Is(err, nvram.ErrName) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
