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

// A broken is a file that breaks rules as a whole.
const broken = `hostname R1
crypto ipsec transform-set trans2 esp-des esp-md5-hmac
crypto ipsec profile vpnprof
 set transform-set trans2
crypto ipsec profile half
 set transform-set nowhere
interface Tunnel0
 ip address 10.0.0.1 255.255.255.0
 tunnel source Ethernet0
 tunnel mode gre multipoint
 tunnel key 1
 tunnel protection ipsec profile vpnprof
interface Tunnel1
 ip address 10.0.1.1 255.255.255.0
 tunnel protection ipsec profile vpnprof shared
 tunnel key 2
 tunnel mode gre multipoint
 tunnel source Ethernet0
interface Foo1
 ip address 10.0.2.1 255.255.255.0
interface Tunnel2
 tunnel source Ethernet1
 tunnel mode gre multipoint
 tunnel protection ipsec profile half
interface Tunnel3
 tunnel source Ethernet0
 tunnel mode gre multipoint
 tunnel key 1
interface Ethernet0
 ip address 172.17.0.1 255.255.255.0
interface Ethernet1
 ip address 172.17.0.129 255.255.255.128
no ip http server
`

// TestLoadBroken loads what it can. The tunnels at fault keep their lines and
// say why they stay down; an address that overlaps is not taken.
func TestLoadBroken(t *testing.T) {
	r := Check("broken.txt", broken)
	var got strings.Builder
	for what, remarks := range [][]Remark{r.Refused, r.Held, r.Kept} {
		for _, remark := range remarks {
			got.WriteString([]string{"refused ", "held ", "kept "}[what] + remark.String() + "\n")
		}
	}
	golden(t, "broken-remarks.txt", got.String())
	c, _, _ := Load("broken.txt", broken)
	golden(t, "broken-written.txt", text(c))
	for name, wrong := range map[string]bool{"Tunnel0": false, "Tunnel1": true, "Tunnel2": true, "Tunnel3": false} {
		if i := c.Interface(name); (i.Refused != "") != wrong {
			t.Errorf("%s is refused because of %q", name, i.Refused)
		}
	}
	if p := c.Interface("Tunnel1").Tunnel.Protection; p.Profile != "vpnprof" || !p.Shared {
		t.Errorf("a refused tunnel lost its protection: %+v", p)
	}
}

// A refused tunnel is judged anew by each of its tunnel lines, and is right
// when what was wrong is.
func TestRefusedIsMended(t *testing.T) {
	p := newTypist()
	p.c, _, _ = Load("broken.txt", broken)
	again := "tunnel protection ipsec profile vpnprof shared"
	for _, line := range []string{"interface Tunnel1", again, "tunnel key 2"} {
		said := p.types(line)
		if refused := line != "interface Tunnel1"; strings.HasPrefix(said, "% Tunnel0 (vpnprof not shared)") != refused {
			t.Errorf("%s: %q", line, said)
		}
	}
	if p.c.Interface("Tunnel1").Refused == "" {
		t.Error("a refused line has mended the tunnel")
	}
	for _, line := range []string{"interface Tunnel0", again, "interface Tunnel1", again} {
		if said := p.types(line); said != "" {
			t.Errorf("%s: %q", line, said)
		}
	}
	if why := p.c.Interface("Tunnel1").Refused; why != "" {
		t.Errorf("still refused: %s", why)
	}
}
