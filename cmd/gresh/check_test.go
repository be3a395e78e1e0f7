package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ruleBreaker is a configuration that breaks a rule in every tunnel but the
// first, and has a line without effect.
const ruleBreaker = `hostname R1
crypto ipsec transform-set trans2 esp-des esp-md5-hmac
 mode transport
crypto ipsec profile vpnprof
 set transform-set trans2
interface Ethernet0
 ip address 192.0.2.1 255.255.255.0
interface Tunnel0
 tunnel source Ethernet0
 tunnel mode gre multipoint
 tunnel key 1
 tunnel protection ipsec profile vpnprof
interface Tunnel1
 tunnel source Ethernet0
 tunnel mode gre multipoint
 tunnel key 2
 tunnel protection ipsec profile vpnprof
interface Tunnel2
 tunnel source 192.0.2.1
 tunnel mode gre multipoint
 tunnel key 3
 tunnel protection ipsec profile vpnprof shared
interface Tunnel3
 tunnel source Ethernet0
 tunnel mode gre multipoint
 tunnel key 1
interface Tunnel4
 tunnel source Ethernet0
 tunnel protection ipsec profile nowhere
interface Tunnel5
 tunnel destination 198.51.100.1
 tunnel mode ipsec ipv4
 tunnel source Ethernet0
 tunnel protection ipsec profile vpnprof shared
interface Tunnel6
 tunnel source Ethernet0
 tunnel protecton ipsec profile vpnprof
ip classless
`

// What check prints is what is wrong, where it stands, and why; the exit status
// is 1 only if something was refused.
func TestCheckPrints(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "rules.txt"), []byte(ruleBreaker), 0o600); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join("..", "..", "testdata", "config")
	for _, c := range []struct {
		folder, file string
		status       int
	}{
		{config, "guide-spoke2.txt", 1}, // with the misprints of the documentation
		{config, "guide-hub1.txt", 0},
		{dir, "rules.txt", 1},
	} {
		t.Run(c.file, func(t *testing.T) {
			status, out, log := gresh("", "check", filepath.Join(c.folder, c.file))
			if status != c.status || log != "" {
				t.Errorf("exit %d, log %q", status, log)
			}
			golden(t, "check/"+c.file, strings.ReplaceAll(out, c.folder+string(filepath.Separator), ""))
		})
	}
}

// One file that is refused spoils the exit status of all, and one that cannot
// be read even more so.
func TestCheckSeveralFiles(t *testing.T) {
	good := filepath.Join("..", "..", "testdata", "config", "guide-hub1.txt")
	bad := filepath.Join("..", "..", "testdata", "config", "guide-spoke2.txt")
	for want, files := range map[int][]string{0: {good, good}, 1: {bad, good}, 2: {bad, filepath.Join(t.TempDir(), "none")}} {
		if status, _, _ := gresh("", append([]string{"check"}, files...)...); status != want {
			t.Errorf("check %v: exit %d, not %d", files, status, want)
		}
	}
}
