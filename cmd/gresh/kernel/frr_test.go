//go:build linux

package kernel

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gresh/backend/linux/uml"
	"gresh/backend/nhrp"
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
	return fmt.Sprintf(`interface Ethernet0
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

// nhs makes a spoke of our tunnel.
const nhs = " ip nhrp map " + hubIP + " " + hubNBMA + "\n ip nhrp nhs " + hubIP + "\n"

// ourSpoke starts us as a client of the hub.
func ourSpoke(t *testing.T, w *uml.Net) *router {
	t.Helper()
	return run(t, w.Node("spoke", ""), greshTunnel(spokeNBMA, spokeIP, nhs))
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

// frrSpoke starts FRRouting as a client of the hub, whose address others may
// hold for some seconds, when its node is ready. It reaches the rest of the
// world by the hub.
func frrSpoke(w *uml.Net, holdtime int, ready ...func(*uml.Node)) (*uml.Node, *uml.FRR) {
	n := w.Node("other", otherNBMA+"/24")
	for _, f := range ready {
		f(n)
	}
	n.MGRE("gre1", otherNBMA, "100000", otherIP, hubIP)
	n.IP("route add 192.168.0.0/16 via " + hubIP + " dev gre1 onlink")
	return n, n.FRR(fmt.Sprintf(`interface gre1
 ip nhrp network-id 100000
 ip nhrp holdtime %d
 ip nhrp nhs %s nbma %s
 ip nhrp shortcut
 ip nhrp registration no-unique
`, holdtime, hubIP, hubNBMA))
}

// knows waits until FRRouting has a mapping.
func knows(t *testing.T, f *uml.FRR, kind, addr, nbma string) {
	t.Helper()
	uml.Wait(t, fmt.Sprintf("FRR to have %s %s at %s", kind, addr, nbma), registering, func() bool {
		return f.Caches(kind, addr, nbma)
	})
}

// reaches waits until a node's ping is answered.
func reaches(t *testing.T, n *uml.Node, addr string) {
	t.Helper()
	uml.Wait(t, n.Name+" to reach "+addr, registering, func() bool { return n.Pings(addr) })
}

// direct checks that a ping from one station to another goes straight there.
func direct(t *testing.T, wire *uml.Capture, n *uml.Node, from, to, addr string) {
	t.Helper()
	is := func(p uml.Packet) bool {
		return (p.GRE() || p.ESP()) && p.Source() == netip.MustParseAddr(from) && p.Destination() == netip.MustParseAddr(to)
	}
	uml.Wait(t, n.Name+" to reach "+addr+" without the hub", registering, func() bool {
		before := wire.Count(is)
		return n.Pings(addr) && wire.Count(is) > before
	})
}

// TestFRRServer has our spoke register with FRRouting, and find a spoke of
// FRRouting's by it.
func TestFRRServer(t *testing.T) {
	w := uml.NewNet(t)
	wire := w.Capture("wan")
	hubNode, hub := frrHub(w)
	otherNode, other := frrSpoke(w, 300)
	spoke := ourSpoke(t, w)

	knows(t, hub, "dynamic", spokeIP, spokeNBMA)
	knows(t, hub, "dynamic", otherIP, otherNBMA)
	spoke.shows("show ip nhrp nhs", time.Second, hubIP+"  RE")
	reaches(t, hubNode, spokeIP)
	if said := spoke.say("ping " + hubIP); !strings.Contains(said, "!!!!!") {
		t.Errorf("our ping to the hub: %s", said)
	}

	spoke.say("ping " + otherIP)
	spoke.shows("show ip nhrp", registering, otherIP+"/32 via "+otherIP+", Tunnel0",
		"Type: dynamic, Flags: router", "NBMA address: "+otherNBMA)
	knows(t, other, "dynamic", spokeIP, spokeNBMA)
	direct(t, wire, spoke.Node, spokeNBMA, otherNBMA, otherIP)
	direct(t, wire, otherNode, otherNBMA, spokeNBMA, spokeIP)
}

// TestFRRServerForgets has FRRouting lose our registration, and us withdraw it.
func TestFRRServerForgets(t *testing.T) {
	w := uml.NewNet(t)
	wire := w.Capture("wan")
	_, hub := frrHub(w)
	spoke := ourSpoke(t, w)
	knows(t, hub, "dynamic", spokeIP, spokeNBMA)

	hub.VTY("clear ip nhrp cache")
	if hub.Caches("dynamic", spokeIP, spokeNBMA) {
		t.Fatal("FRR still has the entry that was cleared")
	}
	spoke.say("clear ip nhrp") // registers anew, not only when it is time
	knows(t, hub, "dynamic", spokeIP, spokeNBMA)

	// FRRouting has no ear for purge requests: it keeps the entry for its time,
	// and never answers. We go on asking, for a while.
	spoke.configure("interface Tunnel0", "no ip nhrp nhs "+hubIP)
	hub.NHRP.Says("Recv Purge-Request(5) "+spokeIP+" -> "+hubIP, registering)
	uml.Wait(t, "the purge to be repeated", registering, func() bool {
		return len(hear(t, wire, nhrp.PurgeRequest)) >= 3
	})
	for _, m := range hear(t, wire, nhrp.PurgeRequest) {
		if m.Flags != 0 || m.from.String() != spokeNBMA || m.to.String() != hubNBMA ||
			len(m.Clients) != 1 || m.Clients[0].Addr.String() != spokeIP {
			t.Errorf("asked to purge by %+v", m)
		}
	}

	spoke.configure("interface Tunnel0", "ip nhrp nhs "+hubIP)
	spoke.shows("show ip nhrp nhs", registering, hubIP+"  RE")
	before := len(hear(t, wire, nhrp.PurgeRequest))
	spoke.configure("interface Tunnel0", "shutdown")
	uml.Wait(t, "the goodbye", 5*time.Second, func() bool {
		all := hear(t, wire, nhrp.PurgeRequest)
		return len(all) == before+1 && all[before].Flags == 0x8000 // no answer is wanted
	})
}

// TestFRRClient has FRRouting register with our hub.
func TestFRRClient(t *testing.T) {
	w := uml.NewNet(t)
	wire := w.Capture("wan")
	hub := run(t, w.Node("hub", ""), greshTunnel(hubNBMA, hubIP, ""))
	otherNode, other := frrSpoke(w, 300)
	spoke := ourSpoke(t, w)

	hub.shows("show ip nhrp", registering, otherIP+"/32 via "+otherIP+", Tunnel0",
		"expire 00:04:", "Type: dynamic, Flags: registered", "NBMA address: "+otherNBMA)
	hub.shows("show ip nhrp", registering, "NBMA address: "+spokeNBMA)
	knows(t, other, "nhs", hubIP, hubNBMA)
	reaches(t, otherNode, hubIP)
	if said := hub.say("ping " + otherIP); !strings.Contains(said, "!!!!!") {
		t.Errorf("the hub's ping: %s", said)
	}

	redirect(t, hub.Node, "Tunnel0", otherNBMA, otherIP, spokeIP)
	knows(t, other, "dynamic", spokeIP, spokeNBMA)
	replies := hear(t, wire, nhrp.ResolutionReply)
	if len(replies) == 0 {
		t.Error("FRR knows our spoke, but not by its answer")
	}
	for _, m := range replies {
		if m.from.String() != spokeNBMA || m.to.String() != otherNBMA {
			t.Errorf("answered from %v to %v, want straight from our spoke", m.from, m.to)
		}
	}
	spoke.shows("show ip nhrp", registering, otherIP+"/32 via "+otherIP+", Tunnel0",
		"Type: dynamic, Flags: router", "NBMA address: "+otherNBMA)
	direct(t, wire, otherNode, otherNBMA, spokeNBMA, spokeIP)
	direct(t, wire, spoke.Node, spokeNBMA, otherNBMA, otherIP)
}

// TestFRRAsksInVain: the hub says no for what nobody has registered, and for a
// network, which it has no mappings of.
func TestFRRAsksInVain(t *testing.T) {
	w := uml.NewNet(t)
	wire := w.Capture("wan")
	hub := run(t, w.Node("hub", ""), greshTunnel(hubNBMA, hubIP, ""))
	_, other := frrSpoke(w, 300)
	knows(t, other, "nhs", hubIP, hubNBMA)
	for _, target := range []string{"10.0.0.77", "192.168.77.1"} {
		redirect(t, hub.Node, "Tunnel0", otherNBMA, otherIP, target)
		uml.Wait(t, "a no for "+target, registering, func() bool {
			for _, m := range hear(t, wire, nhrp.ResolutionReply) {
				if m.Dst.String() == target && m.to.String() == otherNBMA {
					return len(m.Clients) == 1 && m.Clients[0].Code == uint8(nhrp.NoBinding)
				}
			}
			return false
		})
	}
	if bad := hear(t, wire, nhrp.ErrorIndication); len(bad) > 0 {
		t.Errorf("errors: %+v", bad)
	}
}

// TestFRRClientEnds: a client that is no more is forgotten when its holdtime is
// over, and not before; until then it refreshes.
func TestFRRClientEnds(t *testing.T) {
	const holdtime = 6
	w := uml.NewNet(t)
	wire := w.Capture("wan")
	hub := run(t, w.Node("hub", ""), greshTunnel(hubNBMA, hubIP, ""))
	_, other := frrSpoke(w, holdtime)
	hub.shows("show ip nhrp", registering, "NBMA address: "+otherNBMA)
	uml.Wait(t, "FRR to refresh", 3*holdtime*time.Second, func() bool {
		return len(hear(t, wire, nhrp.RegistrationReply)) >= 3
	})
	hub.shows("show ip nhrp", time.Second, "NBMA address: "+otherNBMA)
	other.NHRP.Kill()
	uml.Wait(t, "the hub to forget", 2*holdtime*time.Second, func() bool {
		return !strings.Contains(hub.say("show ip nhrp"), otherNBMA)
	})
}
