package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gresh/backend"
	"gresh/backend/sadb"
	"gresh/backend/sim"
)

// capturedHistory is the captures of all links over a short history, by link.
func capturedHistory(t *testing.T, seed uint64) (*bench, map[string][]byte) {
	b := newBench(t, seed, nil)
	files := map[string]*bytes.Buffer{}
	var captures []*sim.Capture
	for _, l := range b.Links() {
		files[l.Name()] = new(bytes.Buffer)
		c, err := sim.NewCapture(l, files[l.Name()])
		if err != nil {
			t.Fatal(err)
		}
		captures = append(captures, c)
		l.SetAll(func(c *sim.Conditions) { c.Loss, c.Jitter, c.Reorder = .05, 3*time.Millisecond, .05 })
	}
	b.Run(time.Minute)
	b.say("Spoke1", "ping 10.0.0.12", "ping 10.0.1.12")
	b.Run(time.Minute)
	all := map[string][]byte{}
	for i, l := range b.Links() {
		if err := captures[i].Close(); err != nil {
			t.Fatal(err)
		}
		all[l.Name()] = files[l.Name()].Bytes()
	}
	return b, all
}

func TestSameSeedSameHistory(t *testing.T) {
	_, once := capturedHistory(t, 7)
	_, again := capturedHistory(t, 7)
	_, other := capturedHistory(t, 8)
	for link, b := range once {
		if !bytes.Equal(b, again[link]) {
			t.Errorf("%s: the same seed makes another capture", link)
		}
	}
	if n := len(once["access"]); n < 10000 {
		t.Errorf("only %d octets were captured where all the spokes' traffic passes", n)
	}
	if bytes.Equal(once["access"], other["access"]) {
		t.Error("another seed makes the same capture")
	}
}

// TestCapturesAreRead has tshark read what passes the spokes' segment: nothing
// malformed, and with the keys NHRP and ICMP inside ESP.
func TestCapturesAreRead(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	b, captures := capturedHistory(t, 3)
	dir := t.TempDir()
	read := func(link string, more ...string) string {
		t.Helper()
		file := filepath.Join(dir, link+".pcapng")
		if err := os.WriteFile(file, captures[link], 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(tshark, append([]string{"-r", file}, more...)...)
		var out, log bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &log
		if err := cmd.Run(); err != nil {
			t.Fatalf("tshark: %v\n%s", err, log.String())
		}
		return out.String()
	}
	for link := range captures {
		if bad := read(link, "-Y", "_ws.malformed"); bad != "" {
			t.Errorf("%s: malformed:\n%s", link, bad)
		}
	}
	if seen := read("access", "-Y", "isakmp && esp || isakmp"); !strings.Contains(seen, "ISAKMP") {
		t.Error("no ISAKMP in the capture of the spokes")
	}
	args := []string{"-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_null_encryption_decode_heuristic:FALSE"}
	for _, sa := range espKeys(b) {
		args = append(args, "-o", "uat:esp_sa:"+sa)
	}
	for _, inside := range []string{"nhrp", "icmp"} {
		if seen := read("access", append(args, "-Y", "esp && gre && "+inside)...); seen == "" {
			t.Errorf("no %s inside ESP, with the keys of Spoke1", inside)
		}
	}
}

// espKeys are the SAs of Spoke1 as tshark takes them.
func espKeys(b *bench) (all []string) {
	b.router("Spoke1", func(r *backend.Router) {
		for _, db := range r.SADB().SADBs {
			for _, i := range db.Instances {
				for _, p := range i.Pairs {
					for _, sa := range append(append([]sadb.SA(nil), p.In...), p.Out...) {
						all = append(all, fmt.Sprintf(`"IPv4","%v","%v","0x%08x","DES-CBC [RFC2405]","0x%x","HMAC-MD5-96 [RFC2403]","0x%x"`,
							sa.Src, sa.Dst, sa.SPI, sa.EncKey, sa.AuthKey))
					}
				}
			}
		}
	})
	return all
}
