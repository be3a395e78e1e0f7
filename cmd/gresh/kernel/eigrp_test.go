//go:build linux

package kernel

import (
	"strings"
	"testing"
	"time"

	"gresh/backend/linux/uml"
)

const (
	eigrpMeets = 20 * time.Second // two Hellos, and a busy machine
	eigrpHold  = 30 * time.Second // 15 seconds, and a busy machine
)

// TestFRREIGRP has FRRouting's EIGRP for a neighbour: routes both ways, a
// goodbye, and a neighbour that dies. That FRRouting gives up a route is not
// asked for: it answers a query for what cannot be reached any more and keeps
// it, and when its last neighbour has gone it keeps it too.
func TestFRREIGRP(t *testing.T) {
	w := uml.NewNet(t)
	n := w.Node("frr", "172.17.0.2/24")
	n.IP("link add lan type dummy")
	n.IP("address add 192.168.2.1/24 dev lan")
	n.IP("link set lan up")
	f := n.FRREIGRP("router eigrp 5\n network 172.17.0.0/24\n network 192.168.2.0/24\n")
	r := run(t, w.Node("router", ""), `interface Loopback0
 ip address 192.168.1.1 255.255.255.0
interface Ethernet0
 ip address 172.17.0.1 255.255.255.0
router eigrp 5
 network 172.17.0.0 0.0.0.255
 network 192.168.1.0
 no auto-summary
`)
	has := func(what, command, text string, is bool, within time.Duration) {
		t.Helper()
		uml.Wait(t, what, within, func() bool { return strings.Contains(f.VTY(command), text) == is })
	}
	const ours, route = "172.17.0.1", "192.168.1.0/24"
	r.shows("show ip eigrp neighbors", eigrpMeets, "172.17.0.2")
	r.shows("show ip route", eigrpMeets, "D    192.168.2.0/24 [90/", "via 172.17.0.2")
	has("FRR to have our route", "show ip route", "E>* "+route, true, eigrpMeets)
	reaches(t, n, "192.168.1.1")
	if said := r.say("ping 192.168.2.1 source Loopback0"); !strings.Contains(said, "!!!!!") {
		t.Errorf("our ping by the route: %s", said)
	}

	r.configure("no router eigrp 5")
	has("FRR to hear our goodbye", "show ip eigrp neighbor", ours, false, 5*time.Second)
	r.configure("router eigrp 5", "network 172.17.0.0 0.0.0.255", "network 192.168.1.0")
	r.shows("show ip route", eigrpMeets, "D    192.168.2.0/24 [90/")
	f.EIGRP.Kill()
	uml.Wait(t, "us to give up FRR", eigrpHold, func() bool {
		return !strings.Contains(r.say("show ip route"), "192.168.2.0/24")
	})
	r.shows("show logging", time.Second, "Neighbor 172.17.0.2 (Ethernet0) is down: holding time expired")
}
