//go:build linux

package linux

import (
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"gresh/backend/linux/uml"
	"gresh/backend/sadb"
)

// everySet is a transform set for every algorithm.
func everySet() (all []sadb.TransformSet) {
	for _, c := range []sadb.TransformSet{{Cipher: sadb.Null}, {Cipher: sadb.DES}, {Cipher: sadb.TripleDES},
		{Cipher: sadb.AES, KeyBits: 128}, {Cipher: sadb.AES, KeyBits: 256}} {
		for _, i := range []sadb.Integrity{sadb.MD5, sadb.SHA1, sadb.SHA256, sadb.SHA384, sadb.SHA512} {
			set := c
			set.Auth, set.AH = i, i
			all = append(all, set)
		}
	}
	return append(all, sadb.TransformSet{Cipher: sadb.GCM, KeyBits: 128}, sadb.TransformSet{Cipher: sadb.GCM, KeyBits: 256})
}

func TestProbe(t *testing.T) {
	uml.Need(t)
	s := newSpace(t)
	s.do(func() {
		before := standing(s)
		s.must(Probe(Needs{Tunnels: true, Keys: true, Sets: everySet()}))
		if after := standing(s); after != before {
			t.Errorf("left behind:\n%s\nwas:\n%s", after, before)
		}
	})
}

// standing is all that a space has.
func standing(s *space) string {
	out, err := exec.Command("sh", "-c", "ip -o link | grep -v gre0 | grep -v gretap0 | grep -v erspan0; ip xfrm state; ip xfrm policy").Output()
	s.must(err)
	return string(out)
}

// A kernel without GRE and ESP is refused in words that say what to do.
func TestProbeNamesWhatIsMissing(t *testing.T) {
	if uml.Guest() {
		t.Skip("nothing is missing in the test kernel")
	}
	s := newSpace(t)
	s.do(func() {
		err := Probe(Needs{Tunnels: true, Sets: everySet()})
		if err == nil {
			t.Skip("nothing is missing in this kernel")
		}
		for line := range strings.Lines(err.Error()) {
			if !strings.Contains(line, "modprobe") {
				t.Errorf("%q does not say what to do", line)
			}
			if strings.Contains(line, " or ") {
				t.Errorf("%q does not tell which is missing", line)
			}
		}
		t.Log(err)
	})
}

// Each capability that is missing has a line, and no other; the port of IKE
// may be free for all.
func TestProbeNamesCapabilities(t *testing.T) {
	s := newSpace(t)
	for port, want := range map[string][]string{
		"1024": {"CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_NET_BIND_SERVICE"},
		"500":  {"CAP_NET_ADMIN", "CAP_NET_RAW"},
	} {
		s.do(func() { s.sysctl("net/ipv4/ip_unprivileged_port_start", port) })
		s.may(func() {
			err := Probe(Needs{Tunnels: true, Keys: true, Sets: everySet()})
			if err == nil {
				t.Error("nothing is missing")
				return
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(want) {
				t.Errorf("ports from %s: %d lines: %v", port, len(lines), err)
				return
			}
			for i, name := range want {
				if !strings.HasPrefix(lines[i], "this process lacks "+name) {
					t.Errorf("ports from %s: %q is not about %s", port, lines[i], name)
				}
			}
		})
	}
	s.may(func() { equal(t, "missing", missingCapabilities(), nil) },
		unix.CAP_NET_ADMIN, unix.CAP_NET_RAW, unix.CAP_NET_BIND_SERVICE)
}
