//go:build linux

package kernel

import (
	"testing"

	"gresh/backend/linux/uml"
)

// TestRun turns a bare node into a router.
func TestRun(t *testing.T) {
	w := uml.NewNet(t)
	n := w.Node("R1", "")
	peer := w.Node("peer", "172.17.0.2/24")
	r := run(t, n, "hostname R1\ninterface Ethernet0\n ip address 172.17.0.1 255.255.255.0\n")
	if !peer.Pings("172.17.0.1") {
		t.Errorf("no answer to a ping; %s", n.IP("address show"))
	}
	r.shows("show ip interface brief", starting, "Ethernet0")
}
