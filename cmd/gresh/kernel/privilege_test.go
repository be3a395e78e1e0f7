//go:build linux

package kernel

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gresh/backend/linux/uml"
)

// TestLeastPrivilege runs a router as the service does: a user of no rights but
// the three capabilities that the unit names. Without one of them it is said
// which.
func TestLeastPrivilege(t *testing.T) {
	capabilities := unitCapabilities(t)
	w := uml.NewNet(t)
	n := w.Node("R1", "")
	r := &router{Node: n, t: t}
	r.write(protectedSpoke)
	for _, path := range []string{n.Dir, r.config} {
		if err := os.Chown(path, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	for dir := filepath.Dir(n.Dir); dir != os.TempDir(); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	socket := filepath.Join(n.Dir, "console.sock")
	said, err := n.Run(as(capabilities[1:], r.program, "run", "-config", r.config, "-socket", socket)...)
	if err == nil || !strings.Contains(said, "lacks "+capabilities[0]) {
		t.Errorf("without %s: %s", capabilities[0], said)
	}
	r.Proc = n.Start(as(capabilities, r.program, "run", "-config", r.config, "-socket", socket, "-on-exit", "clean")...)
	uml.Wait(t, "the tunnel to come up", starting, func() bool {
		said, _ := n.Run(r.program, "console", "-socket", socket, "-c", "show ip interface brief")
		return strings.Contains(said, "Tunnel0                    10.0.0.11       YES NVRAM  up                    up")
	})
	if said := n.IP("xfrm policy"); strings.Count(said, "proto gre") != 2 {
		t.Errorf("the policies are\n%s", said)
	}
	if err := r.Stop(); err != nil {
		t.Error(err)
	}
	if said := standing(n); strings.Contains(said, "Tunnel0") {
		t.Errorf("it left\n%s", said)
	}
}

const nobody = 65534

// as runs a command as nobody, with these capabilities and no way to others.
func as(capabilities []string, command ...string) []string {
	set := "-all"
	for _, c := range capabilities {
		set += ",+" + strings.ToLower(strings.TrimPrefix(c, "CAP_"))
	}
	return append([]string{"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--no-new-privs",
		"--inh-caps", set, "--ambient-caps", set, "--bounding-set", set}, command...)
}

// unitCapabilities are those that the systemd unit gives.
func unitCapabilities(t *testing.T) []string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "dist", "gresh.service"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if list, ok := strings.CutPrefix(lines.Text(), "AmbientCapabilities="); ok {
			return strings.Fields(list)
		}
	}
	t.Fatal("the unit gives no capabilities")
	return nil
}
