//go:build linux

package kernel

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"gresh/backend/linux/uml"
)

// quick are changes that have a router find out soon that a peer was reborn.
func quick(names ...string) map[string][]string {
	changes := map[string][]string{}
	for _, n := range names {
		changes[n] = []string{"hostname " + n, "hostname " + n + "\n crypto isakmp keepalive 10 2",
			"ip nhrp holdtime 300", "ip nhrp holdtime 30", "ip nhrp holdtime 600", "ip nhrp holdtime 30"}
	}
	return changes
}

// noticed is how long a peer may take to find out that a router was reborn:
// the keepalive, its retries, a new negotiation and a registration.
const noticed = 45 * time.Second

// traffic has a node of a router send to an address all the time, whatever
// becomes of it.
func (d *dualHub) traffic(name, to string) {
	d.routers[name].Node.Start("sh", "-c", "while :; do ping -n -q -c 20 -i 0.05 -W 1 "+to+"; sleep 0.05; done")
}

// TestFailClosed holds a capture to every packet of a life with traffic: boot,
// shutdown, cleared SAs, routers that are killed and come back. Nothing that
// had to be protected is in it in clear.
func TestFailClosed(t *testing.T) {
	d := newDualHub(t)
	wire := d.Capture("access")
	for _, spoke := range []string{"Spoke1", "Spoke2"} {
		d.traffic(spoke, "10.0.0.1")
		d.traffic(spoke, "10.0.1.1")
	}
	d.switchOn(quick("Hub1", "Hub2", "Spoke1", "Spoke2"))
	d.open("Spoke1", 2)
	spoke := d.routers["Spoke1"]
	for range 3 {
		spoke.configure("interface Tunnel0", "shutdown")
		spoke.configure("interface Tunnel0", "no shutdown")
		spoke.say("clear crypto sa")
		d.routers["Hub1"].say("clear crypto sa", "clear crypto isakmp")
	}
	d.open("Spoke1", 2)
	d.killed(t, spoke, "Spoke1")
	d.killed(t, d.routers["Hub1"], "Spoke1")
	if n := wire.Count(uml.Packet.GRE); n != 0 {
		t.Errorf("%d packets of GRE in clear", n)
	}
	if wire.Count(uml.Packet.ESP) == 0 {
		t.Error("no packet of ESP either: the capture saw nothing")
	}
}

// killed kills a router as it stands. Its kernel stays closed; it comes back,
// and its peer finds it.
func (d *dualHub) killed(t *testing.T, r *router, peer string) {
	t.Helper()
	r.Kill()
	if n := strings.Count(r.IP("xfrm policy"), "proto gre"); n < 2 {
		t.Errorf("%s is dead, and %d policies are left:\n%s", r.Name, n, r.IP("xfrm policy"))
	}
	r.start()
	uml.Wait(t, "traffic after "+r.Name+" was killed", noticed, func() bool {
		return d.routers[peer].Pings("10.0.0.1")
	})
	d.open(peer, 2)
}

// TestFailClosedControl is the same without protection: there the capture does
// see GRE in clear.
func TestFailClosedControl(t *testing.T) {
	d := newDualHub(t)
	wire := d.Capture("access")
	open := []string{"tunnel protection IPsec profile vpnprof", "! ", "tunnel protection ipsec profile vpnprof", "! "}
	d.switchOn(map[string][]string{"Hub1": open, "Hub2": open, "Spoke1": open, "Spoke2": open})
	uml.Wait(t, "an answer of the hub", comesUp, func() bool { return d.routers["Spoke1"].Pings("10.0.0.1") })
	if wire.Count(uml.Packet.GRE) == 0 {
		t.Error("no packet of GRE was seen")
	}
}

// TestRefusedProtectionStaysClosed boots a router whose tunnel names a profile
// that is not there: the tunnel stays down and says why, and what is sent to
// it goes nowhere.
func TestRefusedProtectionStaysClosed(t *testing.T) {
	d := newDualHub(t)
	wire := d.Capture("access")
	d.traffic("Spoke1", "10.0.0.1")
	d.switchOn(map[string][]string{"Spoke1": {"profile vpnprof shared", "profile nosuch shared"}})
	d.open("Spoke2", 2)
	spoke := d.routers["Spoke1"]
	spoke.shows("show ip interface brief", starting, "Tunnel0                    10.0.0.11       YES NVRAM  up                    down")
	if said := spoke.say("show interfaces Tunnel0"); !strings.Contains(said, "nosuch") {
		t.Errorf("the tunnel does not say why it is down:\n%s", said)
	}
	if spoke.Pings("10.0.0.1") {
		t.Error("the hub answers through a tunnel without protection")
	}
	if n := wire.Count(uml.Packet.GRE); n != 0 {
		t.Errorf("%d packets of GRE in clear", n)
	}
}

// TestOnExit ends a router in the two ways there are.
func TestOnExit(t *testing.T) {
	w := uml.NewNet(t)
	ends := func(how string, keeps bool) {
		n := w.Node("R"+how, "")
		n.IP("route add blackhole 203.0.113.0/24")
		n.IP("xfrm policy add src 192.0.2.1 dst 192.0.2.2 dir out action block")
		before := standing(n)
		r := run(t, n, protectedSpoke, "-on-exit", how)
		r.shows("show ip interface brief", starting, "Tunnel0                    10.0.0.11       YES NVRAM  up")
		r.Signal(syscall.SIGTERM)
		uml.Wait(t, "gresh to end", starting, r.Exited)
		after := standing(n)
		if keeps != strings.Contains(after, "Tunnel0") || keeps != strings.Contains(after, "proto gre") {
			t.Errorf("-on-exit %s leaves\n%s", how, after)
		}
		if !keeps && after != before {
			t.Errorf("before:\n%s\nafter:\n%s", before, after)
		}
		if !strings.Contains(after, "203.0.113.0/24") || !strings.Contains(after, "192.0.2.2") {
			t.Errorf("what others had is gone:\n%s", after)
		}
	}
	ends("keep", true)
	ends("clean", false)
}

// protectedSpoke is a router with one protected tunnel.
const protectedSpoke = `hostname R
crypto isakmp policy 1
 authentication pre-share
crypto isakmp key cisco47 address 0.0.0.0 0.0.0.0
crypto ipsec transform-set t esp-aes esp-sha-hmac
 mode transport
crypto ipsec profile p
 set transform-set t
interface Tunnel0
 ip address 10.0.0.11 255.255.255.0
 ip nhrp map 10.0.0.1 172.17.0.1
 ip nhrp network-id 1
 ip nhrp nhs 10.0.0.1
 tunnel source Ethernet0
 tunnel mode gre multipoint
 tunnel key 100000
 tunnel protection ipsec profile p
interface Ethernet0
 ip address 172.17.0.11 255.255.255.0
ip route 198.51.100.0 255.255.255.0 172.17.0.1
`

// standing is all of a namespace that a router could have a hand in.
func standing(n *uml.Node) string {
	said, _ := n.Run("sh", "-c", `ip -o link | grep -v -e gre0 -e gretap0 -e erspan0 | sed 's/ qdisc .*//; s/<[^>]*>//'
ip -o -4 address; ip route; ip xfrm policy; ip xfrm state; sysctl net.ipv4.ip_forward net.ipv4.conf.all.send_redirects`)
	return said
}

// TestForeignDevice finds a device of the tunnel's name that is not gresh's.
func TestForeignDevice(t *testing.T) {
	w := uml.NewNet(t)
	n := w.Node("R1", "")
	n.IP("link add Tunnel0 type dummy")
	r := &router{Node: n, t: t}
	r.write(protectedSpoke)
	said, err := n.Run(r.program, "run", "-config", r.config)
	if err == nil || !strings.Contains(said, "Tunnel0") || !strings.Contains(said, "not gresh's") {
		t.Errorf("gresh run said %q, %v", said, err)
	}
	if said := standing(n); strings.Contains(said, "proto gre") || !strings.Contains(said, "Tunnel0") {
		t.Errorf("it left\n%s", said)
	}
}
