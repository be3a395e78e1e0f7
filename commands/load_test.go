package commands

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gresh/backend/config"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func read(t testing.TB, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{"..", "testdata", "config"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// golden compares got with a file under testdata/config.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(filepath.Join("..", "testdata", "config", name), []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := read(t, name); got != want {
		t.Errorf("%s differs (-update, then read the diff)\ngot:\n%s\nwant:\n%s", name, got, want)
	}
}

func text(c *config.Config) string { return strings.Join(Write(c), "\n") + "\n" }

// TestGuide reads the four configurations as they are printed in the feature
// guide. Two addresses are misprints there; all else is accepted.
func TestGuide(t *testing.T) {
	misprints := []string{
		"guide-spoke2.txt:20:\nip nhrp map multicast 172.170.1\n                               ^\n% Invalid input detected at '^' marker.",
		"guide-spoke2.txt:37:\nip nhrp map multicast 172.17.05\n                               ^\n% Invalid input detected at '^' marker.",
	}
	for _, name := range []string{"hub1", "hub2", "spoke1", "spoke2"} {
		file := "guide-" + name + ".txt"
		c, refused, kept := Load(file, read(t, file))
		var got []string
		for _, r := range refused {
			got = append(got, r.String())
		}
		var want []string
		if name == "spoke2" {
			want = misprints
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: refused %q, want %q", file, got, want)
		}
		if len(kept) > 0 {
			t.Errorf("%s: kept without effect: %v", file, kept)
		}
		if problems := config.Validate(c); len(problems) > 0 {
			t.Errorf("%s: %v", file, problems)
		}
		golden(t, name+"-written.txt", text(c))
	}
}
