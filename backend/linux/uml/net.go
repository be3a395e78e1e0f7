//go:build linux

package uml

import (
	"fmt"
	"testing"
)

// A Net is a network of one test: nodes, and bridges that they are attached
// to. The bridges stand in a namespace that no node is in. All of it is gone
// when the test ends.
type Net struct {
	t       testing.TB
	provide *Node // where the bridges are
	bridges map[string]bool
}

// NewNet begins a network; the test is skipped where there is no kernel for it.
func NewNet(t testing.TB) *Net {
	t.Helper()
	Need(t)
	return &Net{t: t, provide: newNode(t, "provider"), bridges: map[string]bool{}}
}

// Wan makes a bridge, if it is not there yet.
func (w *Net) Wan(bridge string) {
	w.t.Helper()
	if !w.bridges[bridge] {
		w.bridges[bridge] = true
		w.provide.IP("link add " + bridge + " type bridge")
		w.provide.IP("link set " + bridge + " up")
	}
}

// Capture captures all that passes the bridge.
func (w *Net) Capture(bridge string) *Capture {
	w.t.Helper()
	w.Wan(bridge)
	return w.provide.Capture(bridge)
}

// Node makes a machine whose eth0 is on the bridge "wan". Without an address
// eth0 is left down and bare, for the router on it to configure.
func (w *Net) Node(name, cidr string) *Node {
	w.t.Helper()
	n := w.Bare(name)
	w.Attach(n, "wan", cidr)
	return n
}

// Bare makes a machine without interfaces; Attach gives it eth0 and more.
func (w *Net) Bare(name string) *Node {
	w.t.Helper()
	return newNode(w.t, name)
}

// Attach gives the node one more interface, eth0, eth1, …, on the bridge.
func (w *Net) Attach(n *Node, bridge, cidr string) {
	w.t.Helper()
	w.Wan(bridge)
	dev := fmt.Sprintf("eth%d", n.ports)
	n.ports++
	w.provide.IP("link add " + port(n, dev) + " type veth peer name " + dev + " netns " + w.pid(n))
	w.provide.IP("link set " + port(n, dev) + " master " + bridge + " up")
	if cidr != "" {
		n.IP("address add " + cidr + " dev " + dev)
		n.IP("link set " + dev + " up")
	}
}

// Cut pulls the cable of a node's interface; the node sees its carrier go.
func (w *Net) Cut(n *Node, dev string) {
	w.t.Helper()
	w.provide.IP("link set " + port(n, dev) + " down")
}

// Heal puts the cable back.
func (w *Net) Heal(n *Node, dev string) {
	w.t.Helper()
	w.provide.IP("link set " + port(n, dev) + " up")
}

// port is the far end of a node's interface, in the provider's namespace.
func port(n *Node, dev string) string { return n.Name + "-" + dev }

// pid is the number of the thread in the node, which names its namespace where
// its file under /run is out of sight.
func (w *Net) pid(n *Node) string {
	var tid int
	n.In(func() { tid = threadID() })
	return fmt.Sprint(tid)
}
