package main

import (
	"flag"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"gresh/backend"
	"gresh/backend/nhrp"
	"gresh/backend/sim"
	"gresh/commands"
	"gresh/shell"
)

// BenchmarkBoot is a whole lab, from nothing to three sockets open on Spoke 1:
// the hubs', and the other spoke's.
func BenchmarkBoot(b *testing.B) {
	topology, err := readTopology("dual-hub")
	if err != nil {
		b.Fatal(err)
	}
	for seed := uint64(1); b.Loop(); seed++ {
		w, err := newNetwork(topology, seed, "")
		if err != nil {
			b.Fatal(err)
		}
		boot(w, func(time.Duration) {})
		spoke := w.Node("Spoke1")
		loop := sim.Stepped{World: w}.Loop(spoke)
		i := atConsole(loop, commands.Script)
		if err := i.Run("ping 10.0.0.12", quiet{}); err != nil {
			b.Fatal(err)
		}
		open := 0
		spoke.With(func(r *backend.Router, _ time.Time) {
			for _, s := range r.SADB().SADBs[0].Instances {
				if s.Open() {
					open++
				}
			}
		})
		if open != 3 {
			b.Fatalf("%d sockets are open", open)
		}
	}
}

var spokes = flag.Int("spokes", 250, "how many spokes BenchmarkHub has")

// star is a hub with so many spokes, 250 on a segment, behind one provider.
func star(n int) sim.Topology {
	const perSegment = 250
	provider := sim.TopologyNode{Name: "Provider", Ports: []string{"Ethernet0"},
		Startup: "interface Ethernet0\n ip address 172.16.0.2 255.255.255.252\n no shutdown\n"}
	t := sim.Topology{Links: []sim.TopologyLink{{Name: "hub", Ends: []sim.TopologyEnd{{Node: "Hub", Dev: "Ethernet0"}, {Node: "Provider", Dev: "Ethernet0"}}}}}
	t.Nodes = append(t.Nodes, sim.TopologyNode{Name: "Hub", Ports: []string{"Ethernet0"}, Startup: starConfig("10.0.0.1", true) +
		"interface Ethernet0\n ip address 172.16.0.1 255.255.255.252\nip route 0.0.0.0 0.0.0.0 172.16.0.2\n"})
	tunnel := netip.MustParseAddr("10.0.0.1")
	for i := range n {
		tunnel = tunnel.Next()
		segment := i / perSegment
		port := fmt.Sprintf("Ethernet%d", segment+1)
		if i%perSegment == 0 {
			provider.Ports = append(provider.Ports, port)
			provider.Startup += fmt.Sprintf("interface %s\n ip address 172.17.%d.254 255.255.255.0\n no shutdown\n", port, segment)
			t.Links = append(t.Links, sim.TopologyLink{Name: port, Ends: []sim.TopologyEnd{{Node: "Provider", Dev: port}}})
		}
		name := fmt.Sprintf("Spoke%d", i)
		link := &t.Links[len(t.Links)-1]
		link.Ends = append(link.Ends, sim.TopologyEnd{Node: name, Dev: "Ethernet0"})
		t.Nodes = append(t.Nodes, sim.TopologyNode{Name: name, Ports: []string{"Ethernet0"}, Startup: starConfig(tunnel.String(), false) +
			fmt.Sprintf("interface Ethernet0\n ip address 172.17.%d.%d 255.255.255.0\nip route 0.0.0.0 0.0.0.0 172.17.%d.254\n",
				segment, i%perSegment+1, segment)})
	}
	t.Nodes = append(t.Nodes, provider)
	return t
}

func starConfig(address string, hub bool) string {
	s := `crypto isakmp policy 1
 encryption aes
 group 2
 authentication pre-share
crypto isakmp key cisco47 address 0.0.0.0 0.0.0.0
crypto ipsec transform-set t esp-aes esp-sha-hmac
 mode transport
crypto ipsec profile p
 set transform-set t
interface Tunnel0
 ip address ` + address + ` 255.255.0.0
 ip nhrp network-id 1
 ip nhrp holdtime 3600
 tunnel source Ethernet0
 tunnel mode gre multipoint
 tunnel key 1
 tunnel protection ipsec profile p shared
`
	if hub {
		return s + " ip nhrp map multicast dynamic\n ip nhrp max-send 65535 every 10\n"
	}
	return s + " ip nhrp map 10.0.0.1 172.16.0.1\n ip nhrp map multicast 172.16.0.1\n ip nhrp nhs 10.0.0.1\n"
}

// BenchmarkHub is a hub with -spokes spokes, from nothing to all of them
// registered under protection.
func BenchmarkHub(b *testing.B) {
	topology := star(*spokes)
	for b.Loop() {
		w, err := newNetwork(topology, 1, "")
		if err != nil {
			b.Fatal(err)
		}
		registered := 0
		for registered < *spokes && w.Now().Sub(labStart) < time.Hour {
			w.Run(10 * time.Second)
			registered = 0
			w.Node("Hub").With(func(r *backend.Router, _ time.Time) {
				for _, e := range r.NHRP().Entries {
					if e.Flags&nhrp.Registered != 0 {
						registered++
					}
				}
			})
		}
		if registered < *spokes {
			b.Fatalf("only %d spokes are registered", registered)
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.Sys)/float64(*spokes)/1024, "KiB/spoke")
		b.ReportMetric(w.Now().Sub(labStart).Seconds(), "virtual-s")
		runtime.KeepAlive(w)
	}
}

// BenchmarkHelp is "?" on a router with 1,000 tunnels.
func BenchmarkHelp(b *testing.B) {
	var config strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&config, "interface Tunnel%d\n ip address 10.%d.%d.1 255.255.255.0\n", i, i/256, i%256)
	}
	topology := sim.Topology{Nodes: []sim.TopologyNode{{Name: "R1", Startup: config.String()}}}
	w, err := newNetwork(topology, 1, "")
	if err != nil {
		b.Fatal(err)
	}
	i := atConsole(sim.Stepped{World: w}.Loop(w.Node("R1")), commands.Script)
	for _, line := range []string{"enable", "configure terminal", "interface Tunnel500"} {
		if err := i.Run(line, quiet{}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if !strings.Contains(i.Help("tunnel "), "protection") {
			b.Fatal("no help")
		}
	}
}

// BenchmarkPaste has 10,000 lines pasted at a console: routes, and tunnels.
func BenchmarkPaste(b *testing.B) {
	const lines = 10000
	pasted := map[string]func(n int) string{
		"routes": func(n int) string {
			return fmt.Sprintf("ip route 10.%d.%d.0 255.255.255.0 172.17.0.2\n", n/256, n%256)
		},
		"tunnels": func(n int) string {
			t := n / 10
			line := []string{"interface TunnelN", "description of N", "bandwidth N000", "ip address 10.X.1 255.255.255.0", "no ip redirects",
				"ip mtu 1400", "tunnel source Ethernet0", "tunnel destination 172.17.X", "tunnel key N", "no shutdown"}[n%10]
			return strings.NewReplacer("N", fmt.Sprint(t+100), "X", fmt.Sprintf("%d.%d", t/256+1, t%256)).Replace(line) + "\n"
		},
	}
	for name, line := range pasted {
		var text strings.Builder
		text.WriteString("enable\nconfigure terminal\n")
		for n := range lines {
			text.WriteString(line(n))
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				topology, err := readTopology("dual-hub")
				if err != nil {
					b.Fatal(err)
				}
				w, err := newNetwork(topology, 1, "")
				if err != nil {
					b.Fatal(err)
				}
				s := shell.New(shell.Options{Out: io.Discard, Interpreter: atConsole(sim.Stepped{World: w}.Loop(w.Node("Spoke1")), commands.Script)})
				go func() { _ = s.Run() }()
				s.Type(text.String())
				s.Hangup()
				w.Node("Spoke1").With(func(r *backend.Router, _ time.Time) {
					if c := r.Running(); len(c.Routes)+10*len(c.Interfaces) < lines {
						b.Fatalf("%d routes, %d interfaces", len(c.Routes), len(c.Interfaces))
					}
				})
			}
		})
	}
}
