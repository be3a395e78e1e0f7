package sim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

const topologyText = `name: two
topology:
  nodes:
    R1:
      kind: linux
      image: gresh
      startup-config: r1.cfg
      labels: {gresh.interface.eth1: Ethernet0/1}
    R2: {kind: linux}
    R3: {kind: linux}
    lan: {kind: bridge}
  links:
    - endpoints: ["R1:eth0", "R2:eth0"]
      labels: {gresh.delay: 5ms, gresh.loss: 2.5%, other: x}
    - endpoints: ["R1:eth1", "lan:a"]
    - {endpoints: ["lan:b", "R2:eth1"], labels: {gresh.loss: 5%}}
    - endpoints: ["lan:c", "R3:eth0"]
    - endpoints: ["R2:eth2", "R1:eth2"]
    - endpoints: ["R2:eth3", "R1:eth3"]
`

func readText(text string) (Topology, error) {
	return ReadTopology(fstest.MapFS{
		"lab/two.clab.yml": {Data: []byte(text)},
		"lab/r1.cfg":       {Data: []byte("hostname R1\n")},
	}, "lab/two.clab.yml")
}

func TestReadTopology(t *testing.T) {
	got, err := readText(topologyText)
	if err != nil {
		t.Fatal(err)
	}
	var s strings.Builder
	for _, n := range got.Nodes {
		s.WriteString(n.Name + " " + strings.Join(n.Ports, ",") + " " + strings.TrimSpace(n.Startup) + "\n")
	}
	for _, l := range got.Links {
		s.WriteString(l.Name)
		for _, e := range l.Ends {
			s.WriteString(" " + e.Node + "/" + e.Dev + " (" + e.Conditions.String() + ")")
		}
		s.WriteString("\n")
	}
	want := `R1 Ethernet0,Ethernet0/1,Ethernet2,Ethernet3 hostname R1
R2 Ethernet0,Ethernet1,Ethernet2,Ethernet3 
R3 Ethernet0 
R1-R2 R1/Ethernet0 (delay 5ms, loss 2.5%) R2/Ethernet0 (delay 5ms, loss 2.5%)
R2-R1 R2/Ethernet2 (delay 0s) R1/Ethernet2 (delay 0s)
R2-R1-2 R2/Ethernet3 (delay 0s) R1/Ethernet3 (delay 0s)
lan R1/Ethernet0/1 (delay 0s) R2/Ethernet1 (delay 0s, loss 5%) R3/Ethernet0 (delay 0s)
`
	if s.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", s.String(), want)
	}
	w := New(1, time.Unix(0, 0))
	if err := got.Build(w, func(TopologyNode) (NodeConfig, error) { return NodeConfig{}, nil }); err != nil {
		t.Fatal(err)
	}
	if c := w.Link("lan").Ends()[0].Conditions(); c.Delay != delayDefault {
		t.Errorf("a link that says nothing has %v", c)
	}
}

func TestTopologyErrorsSayWhere(t *testing.T) {
	for _, test := range []struct{ from, to, line, reason string }{
		{"kind: linux\n      image", "kind: [linux\n      image", "", "did not find"},
		{"R2: {kind: linux}", "R1: {kind: linux}", "9", `there are two nodes "R1"`},
		{"R2: {kind: linux}", `"R 2": {kind: linux}`, "9", `"R 2" is not a name`},
		{"r1.cfg", "r9.cfg", "7", `startup-config "r9.cfg"`},
		{`"R1:eth0", "R2:eth0"`, `"R1:eth0"`, "13", "a link has two endpoints"},
		{`"R1:eth0", "R2:eth0"`, `"R1:eth0", "R9:eth0"`, "13", `there is no node "R9"`},
		{`"R1:eth0", "R2:eth0"`, `"R1:eth0", "R2"`, "13", `endpoint "R2" is not NODE:INTERFACE`},
		{`"R1:eth0", "R2:eth0"`, `"R1:eth0", "R2:wan"`, "13", `interface "wan" of R2 has no name`},
		{`"R2:eth2", "R1:eth2"`, `"R2:eth0", "R1:eth2"`, "18", "Ethernet0 of R2 has two links"},
		{"gresh.delay: 5ms", "gresh.delay: soon", "14", `delay: "soon" is none`},
		{"gresh.loss: 2.5%", "gresh.loss: 101%", "14", `loss: "101%" is none`},
		{"gresh.delay: 5ms", "gresh.dealy: 5ms", "14", `there is no condition "dealy"`},
		{"gresh.interface.eth1", "gresh.interfaces.eth1", "8", `label "gresh.interfaces.eth1" is not known`},
		{"nodes:", "node:", "4", "topology: node: is not known"},
		{"links:", "link:", "13", "topology: link: is not known"},
		{"topology:", "topolgy:", "1", "topology: nodes: must be there"},
		{"name: two", "name: [two]", "1", "name: must be a single value"},
		{"name: two", "name: two\nname: three", "2", `"name" already defined`},
		{"R2: {kind: linux}", "R2: {kind: [linux]}", "9", "kind: must be a single value"},
		{"R2: {kind: linux}", "R2: {kind: linux, kind: bridge}", "9", `"kind" already defined`},
		{"R2: {kind: linux}", "R2: linux", "9", "a node must have fields"},
		{"R2: {kind: linux}", "R2: &n {<<: *n}", "", "contains itself"},
		{"startup-config:", "startup-confg:", "7", "startup-confg: is not known: startup-config?"},
		{"startup-config: r1.cfg", "startup-config: [r1.cfg]", "7", "startup-config: must be a single value"},
		{"r1.cfg", "../../r1.cfg", "7", `startup-config "../../r1.cfg"`},
		{"kind: linux}", "kind: linux, gresh: {delay: 5ms}}", "9", "gresh: is not known here"},
		{"labels: {gresh.i", "labels: [gresh.i", "", "did not find"},
		{"{gresh.interface.eth1: Ethernet0/1}", "[x]", "8", "labels: must have fields"},
		{"Ethernet0/1", "eth one", "8", `"eth one" is not a name for an interface`},
		{"gresh.delay: 5ms", "gresh.delay: [5ms]", "14", "gresh.delay must be a single value"},
		{`endpoints: ["R1:eth0"`, `endpoint: ["R1:eth0"`, "13", "a link has two endpoints"},
		{`["R1:eth0", "R2:eth0"]`, "7", "13", "endpoints: must be a list"},
		{`["R1:eth0", "R2:eth0"]`, `["R1:eth0", ]`, "13", "a link has two endpoints"},
		{`["R1:eth0", "R2:eth0"]`, `["R1:eth0", ~]`, "13", "endpoints: has an empty place"},
		{`["R1:eth0", "R2:eth0"]`, `["lan:x", "lan:y"]`, "13", "two bridges can't be linked"},
		{`"R1:eth0", "R2:eth0"`, `"R1:eth0", "R2:eth00"`, "13", `interface "eth00" of R2 has no name`},
		{`"R1:eth0", "R2:eth0"`, `"R1:eth0", ":eth0"`, "13", `endpoint ":eth0" is not NODE:INTERFACE`},
		{topologyText, "", "1", "the file is empty"},
		{topologyText, "7", "1", "a topology file must have fields"},
		{topologyText, "topology: {nodes: {a: {}}, links: 7}", "1", "links: must be a list"},
		{topologyText, "topology: {nodes: {a: {}}, links: [7]}", "1", "a link must have fields"},
		{topologyText, "topology:\n  nodes: [a]", "2", "topology: nodes: must be there"},
		{topologyText, "topology:\n  kinds: {linux: 7}\n  nodes: {a: {}}", "2", "linux must have fields"},
	} {
		text := strings.Replace(topologyText, test.from, test.to, 1)
		_, err := readText(text)
		var wrong *TopologyError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), test.reason) ||
			test.line != "" && !strings.HasPrefix(err.Error(), "lab/two.clab.yml:"+test.line+": ") {
			t.Errorf("%s instead of %s: %v, want line %s: %s", test.to, test.from, err, test.line, test.reason)
		}
	}
	if _, err := ReadTopology(fstest.MapFS{}, "none.clab.yml"); err == nil || !strings.HasPrefix(err.Error(), "none.clab.yml: ") {
		t.Errorf("a file that is not there: %v", err)
	}
}

// What containerlab reads from elsewhere than the node, gresh does too.
func TestTopologyInherits(t *testing.T) {
	got, err := ReadTopology(fstest.MapFS{
		"t.yml": {Data: []byte(`
topology:
  defaults: {kind: plain, startup-config: all.cfg}
  kinds:
    plain: {labels: {gresh.interface.eth0: Ethernet3}}
    router: {startup-config: __clabNodeName__.cfg, labels: {gresh.interface.eth0: Ethernet0/0}}
  groups:
    core: {kind: router, startup-delay: 5}
  nodes:
    a:
    b: {kind: router, labels: {gresh.interface.eth1: Ethernet0/1}}
    c: &c {group: core, labels: &l {gresh.interface.eth0: Ethernet7}}
    d: *c
    e: {<<: *c, startup-config: all.cfg}
    f: {startup-config: "hostname inline\nend\n"}
    g: {startup-config: none.cfg}
    s: {kind: bridge}
  links:
    - {endpoints: ["a:eth0", "b:eth0"], labels: &slow {gresh.delay: 1s}}
    - {endpoints: ["b:eth1", "s:x"], labels: *slow}
    - type: veth
      endpoints: [{node: c, interface: eth0}, {node: d, interface: eth0}]
    - endpoints: ["e:eth0", "f:eth0"]
`)},
		"all.cfg": {Data: []byte("all")}, "none.cfg": {}, "b.cfg": {Data: []byte("of b")},
		"c.cfg": {Data: []byte("of c")}, "d.cfg": {Data: []byte("of d")},
	}, "t.yml")
	if err != nil {
		t.Fatal(err)
	}
	var s strings.Builder
	for _, n := range got.Nodes {
		fmt.Fprintf(&s, "%s %v %q\n", n.Name, n.Ports, n.Startup)
	}
	for _, l := range got.Links {
		fmt.Fprintf(&s, "%s %v\n", l.Name, l.Ends)
	}
	want := `a [Ethernet3] "all"
b [Ethernet0/0 Ethernet0/1] "of b"
c [Ethernet7] "of c"
d [Ethernet7] "of d"
e [Ethernet7] "all"
f [Ethernet3] "hostname inline\nend\n"
g [] ""
a-b [{a Ethernet3 delay 1s} {b Ethernet0/0 delay 1s}]
c-d [{c Ethernet7 delay 0s} {d Ethernet7 delay 0s}]
e-f [{e Ethernet7 delay 0s} {f Ethernet3 delay 0s}]
s [{b Ethernet0/1 delay 1s}]
`
	if s.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", s.String(), want)
	}
}

func TestPortsAreOrderedByNumber(t *testing.T) {
	ports := []string{"Ethernet10", "Ethernet0/10", "Ethernet1/0", "Serial0", "Ethernet2", "Ethernet0/9", "FastEthernet0"}
	slices.SortFunc(ports, comparePorts)
	want := "Ethernet0/9 Ethernet0/10 Ethernet1/0 Ethernet2 Ethernet10 FastEthernet0 Serial0"
	if got := strings.Join(ports, " "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func FuzzTopology(f *testing.F) {
	f.Add(topologyText)
	f.Add("topology: {defaults: &d {kind: linux}, nodes: {a: {<<: *d}, b: *d}, links: [{endpoints: [a:eth0, {node: b, interface: eth0}]}]}")
	f.Add("topology: {nodes: {a: {kind: bridge}}, links: [{endpoints: [a:b, a:c]}]}")
	f.Fuzz(func(t *testing.T, text string) {
		topology, err := readText(text)
		if err != nil {
			return
		}
		w := New(1, time.Unix(0, 0))
		if err := topology.Build(w, func(TopologyNode) (NodeConfig, error) { return NodeConfig{}, nil }); err != nil {
			t.Error(err)
		}
	})
}
