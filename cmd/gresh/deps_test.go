package main

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// policy is the architecture of this tree: which package may import which of
// ours. "a: b c" lets a import b and c and nothing else of the module. It is a
// statement of intent, not a record: do not loosen it to make a change pass.
const policy = `
modes/grammar:
modes:            modes/grammar
modes/modestest:  modes modes/grammar
shell/editor:
shell/shelltest:
shell:            shell/editor modes modes/grammar
shell/door:       shell
shell/console:    shell shell/door modes
shell/sshd:       shell shell/door
shell/telnetd:    shell shell/door
shell/hints:      shell/console modes
shell/remote:

backend/config:
backend/event:
backend/machine:
backend/syslog:
backend/rib:
backend/sadb:
backend/inet:
backend/gre:      backend/inet
backend/nhrp:     backend/inet
backend/dhcp:
backend/keypair:
backend/eigrp:    backend/rib backend/inet
backend/probe:    backend/inet
backend/outward:
backend/nvram:
backend/password:
backend/esp:      backend/sadb
backend/ike:      backend/sadb
backend/forward:  backend/inet backend/gre backend/esp backend/sadb backend/rib
backend:          backend/eigrp backend/config backend/event backend/machine backend/syslog backend/ike backend/nhrp backend/sadb backend/gre backend/rib backend/forward backend/nvram backend/dhcp backend/probe backend/password backend/keypair
backend/sim:      backend backend/forward
backend/linux:    backend backend/forward backend/inet backend/sadb
backend/linux/uml:

show:             backend/eigrp backend/config backend/keypair backend/event backend/machine backend/syslog backend/ike backend/nhrp backend/sadb backend/rib backend/forward backend/dhcp backend/probe
show/showtest:
commands:         backend/eigrp modes modes/grammar show backend backend/config backend/event backend/machine backend/syslog backend/nvram backend/ike backend/nhrp backend/sadb backend/rib backend/forward backend/dhcp backend/probe backend/password backend/keypair backend/outward
testdata/labs:
cmd/gresh/scenario:

cmd/gresh/kernel: backend/linux/uml
cmd/gresh:        shell shell/hints shell/console shell/sshd shell/remote modes modes/grammar commands show backend backend/config backend/event backend/machine backend/syslog backend/nhrp backend/nvram backend/sim backend/linux backend/forward testdata/labs backend/keypair shell/door shell/telnetd
`

// pure are the packages that must be told the time and the world: they import
// none of impure, start no goroutine and use no channel.
var pure = []string{
	"modes/grammar", "modes", "shell/editor", "show",
	"backend/config", "backend/event", "backend/machine", "backend/syslog", "backend/inet", "backend/rib", "backend/sadb", "backend/gre", "backend/esp",
	"backend/ike", "backend/nhrp", "backend/eigrp", "backend/dhcp", "backend/probe", "backend/forward", "backend/password",
}

var impure = []string{"net", "os", "sync", "context", "log", "math/rand", "math/rand/v2", "crypto/rand"}

const (
	functionLinesMax = 70
	fileLinesMax     = 500
)

// A source is one Go file of the module.
type source struct {
	path string // from the module's root, slashes
	pkg  string // its folder
	test bool
	text []byte
	set  *token.FileSet
	file *ast.File
}

func sources(t *testing.T) []source {
	t.Helper()
	root := filepath.Join("..", "..")
	var all []source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, text, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		all = append(all, source{rel, filepath.ToSlash(filepath.Dir(rel)),
			strings.HasSuffix(rel, "_test.go"), text, set, file})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("found only %d Go files: looking in the wrong place", len(all))
	}
	return all
}

func allowed() map[string][]string {
	may := map[string][]string{}
	for line := range strings.Lines(policy) {
		if name, list, ok := strings.Cut(line, ":"); ok {
			may[name] = strings.Fields(list)
		}
	}
	return may
}

func TestImports(t *testing.T) {
	may := allowed()
	for _, s := range sources(t) {
		list, known := may[s.pkg]
		if !known {
			t.Errorf("%s: package %s is not in the policy", s.path, s.pkg)
		}
		if s.test {
			continue
		}
		for _, spec := range s.file.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			ours, is := strings.CutPrefix(path, "gresh/")
			if is && !slices.Contains(list, ours) {
				t.Errorf("%s imports %s: the policy does not allow it", s.path, ours)
			}
			if slices.Contains(pure, s.pkg) && slices.Contains(impure, path) {
				t.Errorf("%s imports %s: %s is a pure package", s.path, path, s.pkg)
			}
		}
	}
}

// TestPure holds the pure packages to a single thread and to the time they are
// told.
func TestPure(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || !slices.Contains(pure, s.pkg) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			said := ""
			switch n := n.(type) {
			case *ast.GoStmt:
				said = "go"
			case *ast.SelectStmt:
				said = "select"
			case *ast.ChanType:
				said = "chan"
			case *ast.SelectorExpr:
				if id, ok := n.X.(*ast.Ident); ok && id.Name == "time" &&
					slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "Tick"}, n.Sel.Name) {
					said = "time." + n.Sel.Name
				}
			}
			if said != "" {
				t.Errorf("%s: says %q in a pure package", s.set.Position(n.Pos()), said)
			}
			return true
		})
	}
}

// starters are the files that may start a goroutine: a reader for each session,
// here or at another host, and for standard input, two for a front end with hints, one for each way in and each connection that came
// through it, one for the log on its way to a terminal, one owner for a world whose time passes by the wall
// clock, the loop of a kernel's router with those who compute for it, a reader
// for each of its sockets, whoever waits for signals or reads a gauge, and test support for its
// machines.
var starters = []string{"shell/keys.go", "shell/console/console.go", "backend/sim/runner.go",
	"cmd/gresh/lab.go", "cmd/gresh/interactive.go", "cmd/gresh/labserve.go",
	"shell/console/server.go", "shell/door/door.go", "shell/door/backlog.go", "shell/sshd/session.go", "shell/hints/hints.go", "backend/outward/outward.go", "shell/telnetd/telnetd.go", "cmd/gresh/gate.go", "cmd/gresh/attach.go", "cmd/gresh/logger.go", "cmd/gresh/notify.go", "cmd/gresh/gauge.go",
	"backend/linux/loop.go", "backend/linux/socket.go", "backend/linux/watch.go",
	"backend/linux/uml/node.go", "backend/linux/uml/proc.go"}

func TestGoroutines(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || slices.Contains(starters, s.path) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if _, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s: starts a goroutine", s.set.Position(n.Pos()))
			}
			return true
		})
	}
}

func TestSizes(t *testing.T) {
	for _, s := range sources(t) {
		if n := bytes.Count(s.text, []byte("\n")); n > fileLinesMax && !s.test {
			t.Errorf("%s has %d lines, more than %d: it holds more than one idea", s.path, n, fileLinesMax)
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			from, to := s.set.Position(f.Pos()).Line, s.set.Position(f.End()).Line
			if to-from+1 > functionLinesMax {
				t.Errorf("%s:%d: %s has %d lines, more than %d", s.path, from, f.Name.Name, to-from+1, functionLinesMax)
			}
		}
	}
}

func TestFormat(t *testing.T) {
	for _, s := range sources(t) {
		if formatted, err := format.Source(s.text); err != nil || !bytes.Equal(formatted, s.text) {
			t.Errorf("%s is not formatted (%v): run gofmt", s.path, err)
		}
	}
}

// TestTopLevel holds the top level of the tree to the folders it is meant to
// have.
func TestTopLevel(t *testing.T) {
	fixed := []string{"shell", "modes", "commands", "backend", "show", "testdata", "cmd",
		"go.mod", "go.sum", "README.md", "LICENSE"}
	entries, err := os.ReadDir(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(fixed, e.Name()) {
			t.Errorf("%s stands at the top level", e.Name())
		}
	}
}
