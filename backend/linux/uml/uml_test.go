//go:build linux

package uml

import (
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) { Main(m, "cmd/gofmt") }

// tunnel makes a mGRE device on a node by hand, with one neighbour. The kernel
// loads ip_gre for it by itself.
func tunnel(n *Node, local, inner, peerInner, peer string) {
	n.IP("link add tun0 type gre local " + local + " key 100000 ttl 64")
	n.IP("address add " + inner + "/24 dev tun0")
	n.IP("link set tun0 up")
	n.IP("neigh add " + peerInner + " lladdr " + peer + " dev tun0 nud permanent")
}

// protect installs one SA with fixed keys, and the policy of the direction.
func protect(n *Node, direction, from, to, spi string) {
	n.IP("xfrm state add src " + from + " dst " + to + " proto esp spi " + spi + " reqid 1 mode transport" +
		" auth-trunc hmac(md5) 0x00112233445566778899aabbccddeeff 96 enc cbc(des3_ede) 0x0123456789abcdef0123456789abcdef0123456789abcdee")
	n.IP("xfrm policy add src " + from + " dst " + to + " proto gre dir " + direction +
		" tmpl src " + from + " dst " + to + " proto esp reqid 1 mode transport")
}

// TestTunnel puts two machines on a wire, with a tunnel first in clear, which
// is the control, and then under ESP.
func TestTunnel(t *testing.T) {
	w := NewNet(t)
	a, b := w.Node("a", "172.17.0.1/24"), w.Node("b", "172.17.0.2/24")
	tunnel(a, "172.17.0.1", "10.0.0.1", "10.0.0.2", "172.17.0.2")
	tunnel(b, "172.17.0.2", "10.0.0.2", "10.0.0.1", "172.17.0.1")

	clear := w.Capture("wan")
	if a.Must("ping", "-c", "1", "-W", "2", "10.0.0.2"); clear.Count(Packet.GRE) != 2 || clear.Count(Packet.ESP) != 0 {
		t.Errorf("a ping in clear: %d GRE and %d ESP packets, want 2 and 0", clear.Count(Packet.GRE), clear.Count(Packet.ESP))
	}
	for _, n := range []*Node{a, b} {
		there, back := "out", "in"
		if n == b {
			there, back = back, there
		}
		protect(n, there, "172.17.0.1", "172.17.0.2", "0x1001")
		protect(n, back, "172.17.0.2", "172.17.0.1", "0x1002")
	}
	wire, eth0 := w.Capture("wan"), b.Capture("eth0")
	if a.Must("ping", "-c", "1", "-W", "2", "10.0.0.2"); wire.Count(Packet.GRE) != 0 || wire.Count(Packet.ESP) != 2 {
		t.Errorf("a ping protected: %d GRE and %d ESP packets, want 0 and 2", wire.Count(Packet.GRE), wire.Count(Packet.ESP))
	}
	sent := eth0.Count(func(p Packet) bool { return p.Sent && p.SPI() == 0x1002 && p.Source().String() == "172.17.0.2" })
	if sent != 1 || eth0.Count(Packet.GRE) != 0 {
		t.Errorf("b sent %d packets under its SA, want 1; %d in clear, want 0", sent, eth0.Count(Packet.GRE))
	}
}

// TestCut pulls a cable: the node sees it, and traffic stops.
func TestCut(t *testing.T) {
	w := NewNet(t)
	a, b := w.Node("a", "172.17.0.1/24"), w.Node("b", "172.17.0.2/24")
	if !a.Pings("172.17.0.2") {
		t.Error("the wire does not carry a ping")
	}
	w.Cut(b, "eth0")
	if a.Pings("172.17.0.2") || !strings.Contains(b.IP("link show eth0"), "NO-CARRIER") {
		t.Errorf("a wire that was cut still carries, or b does not see it: %s", b.IP("link show eth0"))
	}
	w.Heal(b, "eth0")
	Wait(t, "the wire to carry again", 5*time.Second, func() bool { return a.Pings("172.17.0.2") })
}

// TestProc runs a process in a node, which has a /run of its own.
func TestProc(t *testing.T) {
	w := NewNet(t)
	a, b := w.Node("a", ""), w.Node("b", "")
	p := a.Start("sh", "-c", "touch /run/here; trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.1; done")
	p.Says("up", 5*time.Second)
	a.Must("test", "-e", "/run/here")
	if _, err := b.Run("test", "-e", "/run/here"); err == nil {
		t.Error("two nodes share one /run")
	}
	if err := p.Stop(); err == nil || err.Error() != "exit status 3" || !strings.Contains(p.Log(), "bye") {
		t.Errorf("ended with %v, having said %q", err, p.Log())
	}
}

// TestBuilt runs a program that was built on the host.
func TestBuilt(t *testing.T) {
	n := NewNet(t).Node("a", "")
	if _, err := n.Run(Built(t, "cmd/gofmt"), "-h"); err != nil {
		t.Error(err)
	}
	if _, err := n.Run(Built(t, "cmd/gofmt"), "no-such-file"); err == nil {
		t.Error("a program that fails does not")
	}
}
