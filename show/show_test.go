package show

import (
	"flag"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// noon is when the views are looked at.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// before and after are times seen from noon: "06:52".
func before(minutesSeconds string) time.Time { return noon.Add(-minutes(minutesSeconds)) }

func after(minutesSeconds string) time.Time { return noon.Add(minutes(minutesSeconds)) }

func minutes(s string) time.Duration {
	m, s, _ := strings.Cut(s, ":")
	d, err := time.ParseDuration(m + "m" + s + "s")
	if err != nil {
		panic(err)
	}
	return d
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// text is what a view writes.
func text(view func(w io.Writer)) string {
	var b strings.Builder
	view(&b)
	return b.String()
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "testdata", "show", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// golden compares what a view writes with a file of ../testdata/show.
func golden(t *testing.T, name string, view func(w io.Writer)) {
	t.Helper()
	got, file := text(view), name+".txt"
	if *update {
		if err := os.WriteFile(filepath.Join("..", "testdata", "show", file), []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := read(t, file); got != want {
		t.Errorf("%s differs (go test ./show -update, then read the diff)\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}

// releases are those that views differ in, by what their goldens are called.
var releases = map[string]Release{"": Release12, "-15": Release15}
