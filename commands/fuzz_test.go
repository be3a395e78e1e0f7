package commands

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// places are where a line may be typed: exec mode, configuration mode and in
// an interface.
var places = sync.OnceValue(func() []modes.Stack[Exec, config.Config] {
	start := Tree().Start()
	step, err := start.Config().Parse("interface Tunnel0", 15)
	if err != nil {
		panic(err)
	}
	return []modes.Stack[Exec, config.Config]{start, start.Config(), step.Next}
})

// FuzzLine types any line anywhere. Whatever it is, an error points into the
// line, and what Tab makes of it says no less.
func FuzzLine(f *testing.F) {
	for _, c := range lawCases {
		for _, line := range lawLines(c) {
			f.Add(line)
		}
	}
	f.Add("show ip nhrp | include 10.0.0.1")
	f.Add("do sh run int tu0")
	f.Fuzz(func(t *testing.T, line string) {
		for _, at := range places() {
			for _, level := range []int{1, 15} {
				_, err := at.Parse(line, level)
				if e, ok := err.(*grammar.Error); err != nil && (!ok || e.Col < 0 || e.Col > len(line)) {
					t.Errorf("%q: %v", line, err)
				}
				at.Help(line, level)
				if longer, ok := at.Complete(line, level); ok && len(longer) < len(line) {
					t.Errorf("%q is completed to %q", line, longer)
				}
			}
		}
	})
}

// FuzzFile loads any file. What it becomes is written, and read as the same.
func FuzzFile(f *testing.F) {
	for _, name := range []string{"hub1", "hub2", "spoke1", "spoke2"} {
		f.Add(read(f, "guide-"+name+".txt"))
	}
	for _, c := range lawCases {
		f.Add(c)
	}
	f.Add(broken)
	f.Add("banner motd #\n^C one\n#\nbanner login ^Ctwo^C\nline vty 0 4\nline vty 0 15\n")
	f.Fuzz(checkFile)
}

// checkFile loads a file and holds what it becomes to being written and read
// as the same.
func checkFile(t *testing.T, file string) {
	c, _, _ := Load("a", file)
	written := text(c)
	again, _, _ := Load("b", written)
	if got := text(again); got != written {
		t.Fatalf("written:\n%s\nread and written again:\n%s", written, got)
	}
	if !reflect.DeepEqual(alike(c), alike(again)) {
		t.Errorf("%+v\nis read again as\n%+v", c, again)
	}
}

// TestShuffled loads files of lines that are right by themselves, in any order
// and with any of them negated.
func TestShuffled(t *testing.T) {
	var all []string
	for _, c := range append(lawCases, broken) {
		all = append(all, lawLines(c)...)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		var file strings.Builder
		for range 300 {
			line := all[random.IntN(len(all))]
			switch random.IntN(6) {
			case 0:
				line = "no " + line
			case 1:
				line = "default " + line
			}
			file.WriteString(line + "\n")
		}
		checkFile(t, file.String())
	}
}

// alike returns c with what does not matter made the same: empty lists are
// none, and kept lines have the order in which they are printed. That a
// protection was not understood is not written, but the shutdown is.
func alike(c *config.Config) *config.Config {
	c = c.Clone()
	slices.Sort(c.Kept)
	slices.SortFunc(c.KeptBlocks, func(a, b config.KeptBlock) int {
		return cmp.Or(strings.Compare(a.Word, b.Word), cmp.Compare(a.Number, b.Number))
	})
	for _, i := range c.Interfaces {
		if i.Shutdown && i.Tunnel.Protection.Profile == "" {
			i.Refused = ""
		}
	}
	nilEmpty(reflect.ValueOf(c).Elem())
	return c
}

func nilEmpty(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			nilEmpty(v.Elem())
		}
	case reflect.Slice:
		if v.Len() == 0 {
			v.SetZero()
		}
		for i := range v.Len() {
			nilEmpty(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); v.Type().Field(i).Name == "Kept" {
				slices.Sort(f.Interface().([]string))
				nilEmpty(f)
			} else if f.CanSet() {
				nilEmpty(f)
			}
		}
	}
}

// longFile is a file of at least so many lines: a hub of many customers.
func longFile(lines int) string {
	var b strings.Builder
	b.WriteString("hostname Hub1\ncrypto isakmp policy 1\n authentication pre-share\n" +
		"crypto isakmp key cisco47 address 0.0.0.0 0.0.0.0\n" +
		"crypto ipsec transform-set trans2 esp-des esp-md5-hmac\n mode transport\n" +
		"crypto ipsec profile vpnprof\n set transform-set trans2\n")
	for i := range lines / 20 {
		fmt.Fprintf(&b, `interface Tunnel%d
 description customer %d
 bandwidth 1000
 ip address 10.%d.%d.1 255.255.255.0
 no ip redirects
 ip mtu 1400
 no ip next-hop-self eigrp 1
 ip nhrp authentication test
 ip nhrp map multicast dynamic
 ip nhrp map 10.%[3]d.%[4]d.2 172.17.0.2
 ip nhrp network-id %[5]d
 ip nhrp holdtime 600
 no ip split-horizon eigrp 1
 ip tcp adjust-mss 1360
 delay 1000
 tunnel source Ethernet0
 tunnel mode gre multipoint
 tunnel key %[5]d
 tunnel protection ipsec profile vpnprof shared
ip route 192.0.2.0 255.255.255.0 Tunnel%[1]d 10.%[3]d.%[4]d.2
`, i, i, i/256, i%256, i+1)
	}
	return b.String()
}

// A long file must load, be validated and be written back within a second.
func BenchmarkLongFile(b *testing.B) {
	file := longFile(100_000)
	lines := strings.Count(file, "\n")
	for b.Loop() {
		c, refused, kept := Load("long", file)
		if len(refused)+len(kept) > 0 {
			b.Fatal(refused, kept)
		}
		if written := Write(c); len(written) < lines {
			b.Fatal(len(written))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*lines), "ns/line")
}

// The "?" of a mode with a thousand tunnels must not be noticed.
func BenchmarkHelp(b *testing.B) {
	at := places()[2]
	for b.Loop() {
		if !at.Help("ip nhrp ", 15).Found() {
			b.Fatal("no help")
		}
	}
}
