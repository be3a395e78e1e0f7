package sim

import (
	"errors"
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
    - endpoints: ["lan:b", "R2:eth1"]
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
			s.WriteString(" " + e.Node + "/" + e.Dev)
		}
		s.WriteString(" " + l.Conditions.String() + "\n")
	}
	want := `R1 Ethernet0,Ethernet2,Ethernet3,Ethernet0/1 hostname R1
R2 Ethernet0,Ethernet1,Ethernet2,Ethernet3 
R3 Ethernet0 
R1-R2 R1/Ethernet0 R2/Ethernet0 delay 5ms, loss 2.5%
R2-R1 R2/Ethernet2 R1/Ethernet2 delay 0s
R2-R1-2 R2/Ethernet3 R1/Ethernet3 delay 0s
lan R1/Ethernet0/1 R2/Ethernet1 R3/Ethernet0 delay 0s
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
		{"nodes:", "node:", "", "topology: nodes: must be there"},
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

func FuzzTopology(f *testing.F) {
	f.Add(topologyText)
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
