package modes_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gresh/modes"
)

// Each row is a file, what must be in the configuration afterwards and the
// notes: number, line and reason, the first word of it.
var loadTests = map[string]struct {
	file, want string
	notes      []string
}{
	"as written": {
		"hostname R1\n!\ninterface Tunnel5\n ip mtu 1400\n!\nip route here\nend\n",
		"hostname R1|!|interface Tunnel5| ip mtu 1400|!|ip route here", nil,
	},
	"sloppy": {
		"\r\n  HOST R1\r\n !\r\n  int tu 5\r\nip mtu 1400\r\n\tshut\r\nexit\r\nip route here",
		"hostname R1|!|interface Tunnel5| ip mtu 1400| shutdown|!|ip route here", nil,
	},
	"said twice, and taken back": {
		"ip route a\nip route a\nip route b\nno ip route b\ninterface Tunnel5\n cdp x\n cdp x\n cdp y\n speed 1\n no cdp y\n no speed\n",
		"interface Tunnel5| cdp x|!|ip route a",
		[]string{"6  cdp x: kept", "7  cdp x: kept", "8  cdp y: kept", "9  speed 1: kept", "10  no cdp y: kept", "11  no speed: kept"},
	},
	"a refused line in a block, the rest stays in the block": {
		" interface Tunnel5\nip address 172.17.05\n  ip mtu 1400\nip address 172.170.1\n  shutdown\n",
		"interface Tunnel5| ip mtu 1400| shutdown|!",
		[]string{"2 ip address 172.17.05: 20", "4 ip address 172.170.1: 20"},
	},
	"an unknown block does not spill into the one before": {
		"interface Tunnel5\n ip mtu 1400\nroute-map x\n description for the map\ninterface Tunnel6\n shutdown\n",
		"interface Tunnel5| ip mtu 1400|!|interface Tunnel6| shutdown|!",
		[]string{"3 route-map x: 0", "4  description for the map: 3"},
	},
	"nor does a block that can't be": {
		"interface Tunnel5\ninterface Foo1\n shutdown\ninterface Tunnel6\n interface Ethernet9\n ip mtu 1400\n",
		"interface Tunnel5|!|interface Tunnel6|!",
		[]string{"2 interface Foo1: 10", "3  shutdown: 2", "5  interface Ethernet9: % No such port", "6  ip mtu 1400: 4"},
	},
	"an unknown line of a block": {
		"interface Tunnel5\n foo bar\n shutdown\n",
		"interface Tunnel5| shutdown|!", []string{"2  foo bar: 1"},
	},
	"a refused header leaves no block": {
		"crypto ipsec transform-set b esp-des esp-des esp-des\n mode transport\n",
		"", []string{"1 crypto ipsec transform-set b esp-des esp-des esp-des: % Three are too many", "2  mode transport: 1"},
	},
	"a refused header leaves a block that was there": {
		"crypto ipsec transform-set b esp-des\ncrypto ipsec transform-set b esp-des esp-des esp-des\n",
		"crypto ipsec transform-set b esp-des|!",
		[]string{"2 crypto ipsec transform-set b esp-des esp-des esp-des: % Three are too many"},
	},
	"text of several lines": {
		"banner motd #\nhostname R9\n#\nhostname R1\n",
		"hostname R1|!|banner motd ^C|hostname R9|^C", nil,
	},
	"text that never ends": {
		"banner motd #\nhostname R1\n",
		"hostname R1|!", []string{"1 banner motd #: % Incomplete command."},
	},
	"kept": {
		"service pad to-xot\ninterface Tunnel5\n cdp enable\n",
		"interface Tunnel5| cdp enable|!|service pad to-xot",
		[]string{"1 service pad to-xot: kept", "3  cdp enable: kept"},
	},
	"not for a file": {
		"show clock\ndo show clock\nend\nhostname R1\n", "hostname R1|!",
		[]string{"1 show clock: 1", "2 do show clock: % Not a configuration command"},
	},
}

func TestLoad(t *testing.T) {
	for name, r := range loadTests {
		c := new(router)
		var notes []string
		for _, n := range tree.Start().Load(c, r.file) {
			notes = append(notes, fmt.Sprintf("%d %s: %s", n.Number, n.Line, reason(n)))
		}
		if got := strings.Join(configMode().Write(c), "|"); got != r.want {
			t.Errorf("%s:\n%s, want\n%s", name, got, r.want)
		}
		if !slices.Equal(notes, r.notes) {
			t.Errorf("%s: notes %q, want %q", name, notes, r.notes)
		}
	}
}

// long is a configuration of n lines.
func long(n int) string {
	var b strings.Builder
	for i := range n / 10 {
		fmt.Fprintf(&b, "interface Tunnel%d\n description the tunnel number %d\n ip address 10.0.%d.%d\n"+
			" no ip redirects\n ip mtu 1400\n no ip split-horizon eigrp 1\n queue length 9\n"+
			" tunnel protection ipsec profile vpnprof shared\n shutdown\n!\n", i, i, i/256%256, i%256)
	}
	return b.String()
}

func TestLongConfiguration(t *testing.T) {
	c, text := new(router), long(2000)
	if notes := tree.Start().Load(c, text); len(notes) > 0 {
		t.Fatalf("%+v", notes[0])
	}
	if got := strings.Join(configMode().Write(c), "\n") + "\n"; got != text {
		t.Error("what was written is not what was read")
	}
}

// FuzzLoad: no file panics, and what is written of it is read back whole.
func FuzzLoad(f *testing.F) {
	for _, r := range loadTests {
		f.Add(r.file)
	}
	f.Add(long(20) + "key chain a\n key 1\n  key-string b\ncdp\n no ip address\nip address dhcp\n")
	start, mode := tree.Start(), configMode()
	f.Fuzz(func(t *testing.T, text string) {
		c, again := new(router), new(router)
		start.Load(c, text)
		written := mode.Write(c)
		for _, n := range start.Load(again, strings.Join(written, "\n")) {
			if n.Err != nil {
				t.Errorf("%q is written but not read: %v", n.Line, n.Err)
			}
		}
		if twice := mode.Write(again); !slices.Equal(written, twice) {
			t.Errorf("written %q, then %q", written, twice)
		}
	})
}

func BenchmarkLoad100000(b *testing.B) {
	text, start := long(100_000), tree.Start()
	for b.Loop() {
		c := new(router)
		if notes := start.Load(c, text); len(notes) > 0 {
			b.Fatal(notes[0])
		}
	}
}

func BenchmarkWrite100000(b *testing.B) {
	c := new(router)
	tree.Start().Load(c, long(100_000))
	mode := configMode()
	for b.Loop() {
		mode.Write(c)
	}
}

func BenchmarkStep(b *testing.B) {
	at := tree.Start().Config()
	for b.Loop() {
		step, err := at.Parse("interface tunnel 5", 15)
		if err != nil {
			b.Fatal(err)
		}
		if _, err = step.Next.Parse("ip address 10.0.0.1", 15); err != nil {
			b.Fatal(err)
		}
	}
}

// reason is why a line was refused: the column of the caret or the message.
func reason(n modes.Note) string {
	switch e, wrong := invalid(n.Err); {
	case n.Err == nil:
		return "kept"
	case wrong:
		return fmt.Sprint(e.Col)
	}
	return n.Err.Error()
}
