package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// gresh runs the program and returns its exit status and what it wrote.
func gresh(in string, args ...string) (status int, out, log string) {
	var o, l bytes.Buffer
	status = run(args, strings.NewReader(in), &o, &l)
	return status, strings.ReplaceAll(o.String(), "\r\n", "\n"), l.String()
}

func TestScriptIsCarriedOutInOrder(t *testing.T) {
	status, out, log := gresh("", "lab", "dual-hub", "-node", "Spoke1", "-c", "enable", "-c", "show clock",
		"-after", "15m", "-c", "show clock", "-node", "Hub1", "-c", "show clock", "-node", "Spoke1", "-c", "show privilege")
	if status != 0 || log != "" {
		t.Fatalf("exit %d: %s", status, log)
	}
	var times []string
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "*0") { // and not the log
			times = append(times, line[:len("*00:00")])
		}
	}
	if strings.Join(times, " ") != "*00:00 *00:15 *00:15" {
		t.Errorf("the clocks say %q", times)
	}
	if !strings.HasPrefix(out, "Spoke1>enable\nSpoke1#show clock\n") || !strings.Contains(out, "\nHub1>show clock\n") ||
		!strings.Contains(out, "\nSpoke1#show privilege\nCurrent privilege level is 15\n") {
		t.Errorf("shown:\n%s", out)
	}
}

func TestPipedCommandsAreTyped(t *testing.T) {
	status, out, _ := gresh("enable\nping 10.0.0.12\nshow crypto socket | count Open\n", "lab", "dual-hub", "-node", "Spoke1", "-after", "1m")
	if status != 0 || !strings.Contains(out, "Success rate is 100 percent (5/5)") ||
		!strings.Contains(out, "Number of lines which match regexp = 3\nSpoke1#") {
		t.Errorf("exit %d:\n%s", status, out)
	}
}

func TestMistakesInCallingAreOneLine(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.clab.yml")
	if err := os.WriteFile(bad, []byte("topology:\n  nodes:\n    R1: {kind: linux}\n  links:\n    - endpoints: [\"R1:eth0\"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args string
		want string
	}{
		{"lab", "which topology?"},
		{"lab nowhere", `there is no topology "nowhere"`},
		{"lab " + filepath.Join(dir, "none.clab.yml"), "there is no topology"},
		{"lab " + bad, "bad.clab.yml:5: a link has two endpoints"},
		{"lab " + dir, "bad.clab.yml:5: a link has two endpoints"},
		{"lab dual-hub -node Nobody", `dual-hub has no node "Nobody"`},
		{"lab dual-hub -after soon", "not a duration"},
		{"lab dual-hub -after -1m", "not a duration"},
		{"lab dual-hub -pace -1", "time does not run backwards"},
		{"lab dual-hub -capture x", "not LINK=FILE"},
		{"lab dual-hub -capture x=y", `there is no link "x"`},
		{"lab dual-hub -frob", "not defined: -frob"},
		{"lab dual-hub more", `what is "more"?`},
		{"check", "which file?"},
		{"check " + filepath.Join(dir, "none"), "no such file"},
	} {
		status, out, log := gresh("", strings.Fields(test.args)...)
		if status != 2 || out != "" || !strings.Contains(log, test.want) || strings.Count(log, "\n") != 1 {
			t.Errorf("gresh %s: exit %d, out %q, log %q; want exit 2 and %q", test.args, status, out, log, test.want)
		}
	}
	if status, _, log := gresh("", "frob"); status != 2 || !strings.Contains(log, "usage:") {
		t.Errorf("gresh frob: exit %d, %q", status, log)
	}
}

func TestCheck(t *testing.T) {
	config := filepath.Join("..", "..", "testdata", "config")
	status, out, _ := gresh("", "check", filepath.Join(config, "guide-spoke1.txt"))
	if status != 0 || !strings.Contains(out, "0 refused") {
		t.Errorf("a sound file: exit %d\n%s", status, out)
	}
	status, out, _ = gresh("", "check", filepath.Join(config, "guide-spoke2.txt"))
	for _, want := range []string{"guide-spoke2.txt:20:\nip nhrp map multicast 172.170.1\n" + strings.Repeat(" ", 31) + "^\n",
		"guide-spoke2.txt:37:\nip nhrp map multicast 172.17.05\n" + strings.Repeat(" ", 31) + "^\n", "2 refused"} {
		if status != 1 || !strings.Contains(out, want) {
			t.Errorf("the misprints: exit %d, want %q in\n%s", status, want, out)
		}
	}
	broken := filepath.Join(t.TempDir(), "broken")
	text, err := os.ReadFile(filepath.Join(config, "guide-spoke1.txt"))
	if err != nil {
		t.Fatal(err)
	}
	spoilt := strings.Replace(string(text), "profile vpnprof shared", "profile vpnprof", 1) + "service timestamps log datetime\n"
	if err := os.WriteFile(broken, []byte(spoilt), 0o600); err != nil {
		t.Fatal(err)
	}
	status, out, _ = gresh("", "check", broken)
	for _, want := range []string{"must share one IPsec profile", "kept without effect"} {
		if status != 1 || !strings.Contains(out, want) {
			t.Errorf("a broken rule: exit %d, want %q in\n%s", status, want, out)
		}
	}
}

func TestStateOutlivesALab(t *testing.T) {
	dir := t.TempDir()
	first := []string{"lab", "dual-hub", "-state", dir, "-node", "Hub1"}
	if status, out, log := gresh("enable\nconfigure terminal\nhostname Centre\nend\nwrite memory\n", first...); status != 0 || !strings.Contains(out, "[OK]") {
		t.Fatalf("exit %d: %s%s", status, out, log)
	}
	if _, out, _ := gresh("show clock\n", first...); !strings.HasPrefix(out, "Centre>") {
		t.Errorf("the next lab begins with\n%s", out)
	}
}
