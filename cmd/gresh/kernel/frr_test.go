//go:build linux

package kernel

import (
	"fmt"
	"testing"
	"time"

	"gresh/backend/linux/uml"
)

// registering is how long a client may take, from its start, to be registered.
const registering = 20 * time.Second

// The hub and the spokes of these tests, whichever of them is FRRouting's.
const (
	hubNBMA, hubIP     = "172.17.0.1", "10.0.0.1"
	spokeNBMA, spokeIP = "172.17.0.11", "10.0.0.11"
	otherNBMA, otherIP = "172.17.0.12", "10.0.0.12"
)

// greshTunnel is our tunnel with a station's addresses, and more lines for it.
func greshTunnel(nbma, addr, more string) string {
	return fmt.Sprintf(`hostname R1
interface Ethernet0
 ip address %s 255.255.255.0
interface Tunnel0
 ip address %s 255.255.255.0
 ip mtu 1400
 ip nhrp network-id 100000
 ip nhrp holdtime 300
 tunnel source Ethernet0
 tunnel mode gre multipoint
 tunnel key 100000
%s`, nbma, addr, more)
}

// ourSpoke is the tunnel of a spoke of the hub.
func ourSpoke() string {
	return greshTunnel(spokeNBMA, spokeIP, " ip nhrp map "+hubIP+" "+hubNBMA+"\n ip nhrp nhs "+hubIP+"\n")
}

// frrHub starts FRRouting as the next-hop server.
func frrHub(w *uml.Net) (*uml.Node, *uml.FRR) {
	n := w.Node("hub", hubNBMA+"/24")
	n.MGRE("gre1", hubNBMA, "100000", hubIP, "")
	return n, n.FRR(`interface gre1
 ip nhrp network-id 100000
 ip nhrp holdtime 600
 ip nhrp registration no-unique
`)
}

// frrSpoke starts FRRouting as a client of the hub.
func frrSpoke(w *uml.Net) (*uml.Node, *uml.FRR) {
	n := w.Node("other", otherNBMA+"/24")
	n.MGRE("gre1", otherNBMA, "100000", otherIP, hubIP)
	return n, n.FRR(`interface gre1
 ip nhrp network-id 100000
 ip nhrp holdtime 300
 ip nhrp nhs ` + hubIP + ` nbma ` + hubNBMA + `
 ip nhrp shortcut
 ip nhrp registration no-unique
`)
}

// TestFRRServer has our spoke register with FRRouting.
func TestFRRServer(t *testing.T) {
	w := uml.NewNet(t)
	node, frr := frrHub(w)
	spoke := run(t, w.Node("spoke", ""), ourSpoke())
	uml.Wait(t, "FRR to have our registration", registering, func() bool {
		return frr.Caches("dynamic", spokeIP, spokeNBMA)
	})
	spoke.shows("show ip nhrp nhs", time.Second, hubIP+"  RE")
	t.Log(frr.VTY("show ip nhrp cache"), spoke.say("show ip nhrp"), spoke.say("show ip nhrp nhs"), node.IP("route"))
	uml.Wait(t, "the hub to reach our spoke", registering, func() bool { return node.Pings(spokeIP) })
}

// TestFRRClient has FRRouting register with our hub.
func TestFRRClient(t *testing.T) {
	w := uml.NewNet(t)
	hub := run(t, w.Node("hub", ""), greshTunnel(hubNBMA, hubIP, ""))
	node, frr := frrSpoke(w)
	hub.shows("show ip nhrp", registering, otherIP+"/32 via "+otherIP, otherNBMA)
	t.Log(frr.VTY("show ip nhrp cache"), frr.VTY("show ip nhrp nhs"), hub.say("show ip nhrp"))
	uml.Wait(t, "the spoke to reach our hub", registering, func() bool { return node.Pings(hubIP) })
}
