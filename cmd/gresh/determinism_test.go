package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gresh/backend"
	"gresh/backend/sadb"
	"gresh/backend/sim"
)

// captured runs a history with something of everything in it, from the power
// switch on, and returns what was on every link.
func captured(t *testing.T, seed uint64) (*bench, map[string][]byte) {
	t.Helper()
	b := newBench(t, seed, nil)
	for _, n := range b.Nodes() {
		n.PowerOff()
	}
	captures, buffers := map[string]*sim.Capture{}, map[string]*bytes.Buffer{}
	for _, l := range b.Links() {
		buffers[l.Name()] = new(bytes.Buffer)
		c, err := sim.NewCapture(l, buffers[l.Name()])
		if err != nil {
			t.Fatal(err)
		}
		captures[l.Name()] = c
	}
	for _, n := range b.Nodes() {
		n.PowerOn()
	}
	b.history()
	out := map[string][]byte{}
	for name, c := range captures {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		out[name] = buffers[name].Bytes()
	}
	return b, out
}

func (b *bench) history() {
	b.Run(20 * time.Second)
	b.say("Spoke1", "ping 10.0.0.12")
	b.say("Spoke2", "traceroute 10.0.1.11")
	b.configure("Spoke1", "interface Tunnel0", "shutdown")
	b.Link("access").SetAll(func(c *sim.Conditions) { c.Loss, c.Duplicate, c.Reorder, c.Jitter = 0.1, 0.1, 0.1, time.Millisecond })
	b.configure("Spoke1", "interface Tunnel0", "no shutdown")
	b.say("Hub1", "ping 10.0.0.12 size 1400 repeat 20")
	b.Run(10 * time.Second)
}

// The same seed makes the same history, to the byte; another seed makes
// another.
func TestSameSeedSameCapture(t *testing.T) {
	_, first := captured(t, 7)
	_, again := captured(t, 7)
	_, other := captured(t, 8)
	for _, name := range slices.Sorted(maps.Keys(first)) {
		if !bytes.Equal(first[name], again[name]) {
			t.Errorf("%s: %d and %d octets that differ", name, len(first[name]), len(again[name]))
		}
	}
	for _, name := range []string{"access", "Hub1-Provider", "Hub2-Provider"} {
		if bytes.Equal(first[name], other[name]) || len(first[name]) < 4000 {
			t.Errorf("%s: %d octets, the same for another seed: %v", name, len(first[name]),
				bytes.Equal(first[name], other[name]))
		}
	}
}

// tshark reads a capture, and returns its lines. The test is skipped where
// there is no tshark.
func tshark(t *testing.T, file string, options ...string) []string {
	t.Helper()
	program, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("there is no tshark to read the captures")
	}
	out, err := exec.Command(program, append([]string{"-r", file}, options...)...).Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
}

// Another program reads every capture, and finds nothing wrong with it.
func TestCapturesAreWellFormed(t *testing.T) {
	_, all := captured(t, 1)
	for name, data := range all {
		file := filepath.Join(t.TempDir(), name+".pcapng")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if bad := tshark(t, file, "-Y", "_ws.malformed"); len(bad) > 0 {
			t.Errorf("%s: malformed:\n%s", name, strings.Join(bad, "\n"))
		}
		if name != "access" {
			continue
		}
		if n := len(tshark(t, file, "-Y", "isakmp || esp")); n < 50 {
			t.Errorf("%s: %d packets of IKE and ESP", name, n)
		}
	}
}

// Another program decrypts the tunnels' packets with the routers' keys, finds
// their ICVs good, and GRE with NHRP and ICMP in them.
func TestCapturesDecrypt(t *testing.T) {
	b := newBench(t, 1, nil)
	var data bytes.Buffer
	c, err := sim.NewCapture(b.Link("access"), &data)
	if err != nil {
		t.Fatal(err)
	}
	b.Run(20 * time.Second)
	b.say("Spoke1", "ping 10.0.0.12 repeat 20")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "access.pcapng")
	if err := os.WriteFile(file, data.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	options := append(b.keysForTshark(), "-o", "esp.enable_encryption_decode:TRUE",
		"-o", "esp.enable_authentication_check:TRUE", "-T", "fields",
		"-e", "frame.protocols", "-e", "esp.icv_good", "-e", "gre.key")
	nhrps, icmps := 0, 0
	for _, line := range tshark(t, file, options...) {
		fields := strings.Split(line, "\t")
		switch layers := fields[0]; {
		case !strings.Contains(layers, ":esp"):
			if strings.Contains(layers, ":gre") || strings.Contains(layers, ":nhrp") {
				t.Errorf("not under ESP: %s", line)
			}
		case fields[1] != "1" || !strings.Contains(layers, ":gre:") || fields[2] != "0x000186a0" && fields[2] != "0x000186a1":
			t.Errorf("not what it should be: %s", line)
		case strings.HasSuffix(layers, ":gre:nhrp"):
			nhrps++
		case strings.HasSuffix(layers, ":gre:ip:icmp:data"):
			icmps++
		}
	}
	if nhrps < 8 || icmps < 40 {
		t.Errorf("%d packets of NHRP and %d of ICMP", nhrps, icmps)
	}
}

// keysForTshark are the SAs of all nodes as tshark wants to be told them.
func (b *bench) keysForTshark() (options []string) {
	for _, n := range b.Nodes() {
		n.With(func(r *backend.Router, _ time.Time) {
			for _, db := range r.SADB().SADBs {
				for _, i := range db.Instances {
					for _, p := range i.Pairs {
						options = append(options, "-o", "uat:esp_sa:"+tsharkSA(p.In[0]))
					}
				}
			}
		})
	}
	return options
}

func tsharkSA(s sadb.SA) string {
	return fmt.Sprintf(`"IPv4","%v","%v","0x%08x","DES-CBC [RFC2405]","0x%x","HMAC-MD5-96 [RFC2403]","0x%x"`,
		s.Src, s.Dst, s.SPI, s.EncKey, s.AuthKey)
}
