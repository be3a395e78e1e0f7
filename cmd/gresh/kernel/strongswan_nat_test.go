//go:build linux

package kernel

import (
	"strings"
	"testing"

	"gresh/backend/linux/uml"
)

// TestStrongSwanNAT has charon behind a NAT: ESP goes in UDP, and the tunnel's
// NBMA address is that of the NAT.
func TestStrongSwanNAT(t *testing.T) {
	const inside = "192.168.50.2"
	w := uml.NewNet(t)
	p := &pair{Net: w, wire: w.Capture("wan")}
	nat := w.Node("nat", theirNBMA+"/24")
	w.Attach(nat, "inside", "192.168.50.1/24")
	nat.Must("sysctl", "-qw", "net.ipv4.ip_forward=1")
	nat.Must("iptables-legacy", "-t", "nat", "-A", "POSTROUTING", "-o", "eth0", "-j", "MASQUERADE")
	p.theirs = w.Bare("peer")
	w.Attach(p.theirs, "inside", inside+"/24")
	p.theirs.IP("route add default via 192.168.50.1")
	device(p.theirs, "gre0x", inside, theirIP, "100000", ourIP, ourNBMA)
	s := suites["aes"]
	p.offer = uml.Connection{Local: inside, Remote: ourNBMA, IKE: s.ike, ESP: s.esp, Key: "cisco47"}
	p.charon = p.theirs.Charon(p.offer)
	p.ours = run(t, w.Node("R1", ""), s.startup())
	p.ours.configure(toPeer...)
	must(t, p.charon.Initiate())
	p.agreed(t)
	p.carries(t)
	if said := p.ours.IP("xfrm state"); strings.Count(said, "encap type espinudp") != 2 {
		t.Errorf("the SAs are not in UDP:\n%s", said)
	}
	p.ours.shows("show crypto ipsec sa", negotiating, "current_peer "+theirNBMA+" port 4500")
}

// TestStrongSwanSharing has two tunnels with keys of their own over the one SA
// that charon knows of.
func TestStrongSwanSharing(t *testing.T) {
	p := newPair(t, suites["gcm"], nil)
	device(p.theirs, "gre1x", theirNBMA, "10.0.1.2", "100001", "10.0.1.1", ourNBMA)
	must(t, p.charon.Initiate())
	p.ours.configure(append([]string{"interface Tunnel1", "ip address 10.0.1.1 255.255.255.0", "ip mtu 1400",
		"ip nhrp network-id 100001", "ip nhrp map 10.0.1.2 " + theirNBMA, "tunnel source Ethernet0",
		"tunnel mode gre multipoint", "tunnel key 100001", "tunnel protection ipsec profile vpnprof shared"}, toPeer...)...)
	p.agreed(t)
	p.carries(t)
	for range 3 {
		uml.Wait(t, "the second tunnel to carry a ping", negotiating, func() bool { return p.theirs.Pings("10.0.1.1") })
		if said := p.ours.say("ping 10.0.1.2"); !strings.Contains(said, "!!!!!") {
			t.Errorf("by the second tunnel: %s", said)
		}
		p.carries(t)
	}
	if all := p.charon.Installed(); len(all) != 1 {
		t.Errorf("charon has %d pairs of SAs", len(all))
	}
	p.ours.shows("show crypto socket", negotiating, "Number of Crypto Socket connections 1", "Flags: shared")
}
