//go:build linux

// Package uml is test support: it runs a package's tests on a kernel of their
// own. A TestMain that calls Main boots user-mode Linux with the same test
// binary inside, as root, where GRE, ESP and network namespaces are to be had
// whatever the machine has; Net then lays out routers and the wires between
// them. It is no part of the router and imports nothing of it.
//
// On the host the file system of the guest is the machine's own, below an
// overlay: the guest sees every file and changes none, but for the folder of
// the package under test, which stays writable for goldens.
//
// GRESH_UML=off leaves the kernel out; the tests that call Need are skipped.
package uml

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"testing"
	"time"
)

// The roles that one test binary plays, by the environment.
const (
	role      = "GRESH_UML"
	roleOff   = "off"   // on the host, and to stay there
	roleStub  = "stub"  // PID 1 of the namespace that holds the kernel
	roleInit  = "init"  // PID 1 of the guest
	roleGuest = "guest" // the tests, in the guest
)

// missing is why the tests run without the kernel; "" in the guest.
var missing = "TestMain does not call uml.Main"

// built are the programs that Main was asked to build, by import path.
var built = map[string]string{}

// Main runs the tests of m, in a kernel of their own where that is possible,
// and exits. The packages to build are programs that the tests start; they are
// built before the kernel boots, and Built tells where.
func Main(m *testing.M, build ...string) {
	flag.Parse()
	switch os.Getenv(role) {
	case roleStub:
		os.Exit(stub())
	case roleInit:
		initialize()
	case roleGuest:
		missing = enter()
		os.Exit(m.Run())
	}
	if missing = unable(); missing == "" && !idle() {
		code, err := boot(build)
		if err == nil {
			os.Exit(code)
		}
		missing = err.Error()
	}
	os.Exit(m.Run())
}

// unable says why this process cannot boot a kernel, or nothing.
func unable() string {
	const needed = "needs a kernel with GRE and ESP: apt-get install user-mode-linux, and root"
	switch _, err := exec.LookPath("linux.uml"); {
	case os.Getenv(role) == roleOff:
		return "needs a kernel with GRE and ESP: " + role + "=off leaves it out"
	case race:
		return "needs a kernel with GRE and ESP, in which the race detector does not run"
	case err != nil, os.Geteuid() != 0:
		return needed
	}
	return ""
}

// idle reports whether the flags ask for nothing that needs the guest.
func idle() bool {
	value := func(name string) string {
		if f := flag.Lookup("test." + name); f != nil {
			return f.Value.String()
		}
		return ""
	}
	return value("list") != "" || value("fuzz") != "" || value("run") == "^$" && value("bench") == ""
}

// Need skips the test where there is no kernel for it, and says why.
func Need(t testing.TB) {
	t.Helper()
	if missing != "" {
		t.Skip(missing)
	}
}

// Built returns the program of a package that Main was told to build.
func Built(t testing.TB, pkg string) string {
	t.Helper()
	if built[pkg] == "" {
		t.Fatalf("uml.Main was not asked to build %s", pkg)
	}
	return built[pkg]
}

// compile builds the programs into dir, without cgo so that they need nothing
// of the system they run on.
func compile(dir string, packages []string) (map[string]string, error) {
	programs := map[string]string{}
	for _, pkg := range packages {
		program := filepath.Join(dir, path.Base(pkg))
		c := exec.Command("go", "build", "-o", program, pkg)
		c.Env = append(os.Environ(), "CGO_ENABLED=0")
		if said, err := c.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("go build %s: %w\n%s", pkg, err, said)
		}
		programs[pkg] = program
	}
	return programs, nil
}

// Wait polls until the condition holds, and fails the test if it does not
// within the time: "waited 5s for the SA". What comes is said as "for …".
func Wait(t testing.TB, what string, within time.Duration, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(within); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v for %s", within, what)
		}
	}
}

// Guest says whether the tests run in the test kernel: it lacks some of what
// the host's may have.
func Guest() bool { return missing == "" }
