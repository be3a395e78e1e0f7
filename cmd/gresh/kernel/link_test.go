//go:build linux

package kernel

import (
	"testing"
	"time"
)

// atOnce is how soon a router must know what others do to its links.
const atOnce = 3 * time.Second

// TestLinksOfOthers pulls a cable, and switches a port and a tunnel off behind
// the router's back. It shows at once; what was switched is put right, but for
// what is not the router's to switch; and traffic goes on afterwards.
func TestLinksOfOthers(t *testing.T) {
	d := up(t, nil)
	s := d.routers["Spoke1"]
	const port, tunnel = "Ethernet0                  172.17.0.11     YES DHCP   ",
		"Tunnel0                    10.0.0.11       YES NVRAM  up                    "
	d.Cut(s.Node, "eth0")
	s.shows("show ip interface brief", atOnce, port+"down                  down", tunnel+"down")
	d.Heal(s.Node, "eth0")
	s.shows("show ip interface brief", atOnce, port+"up                    up")
	d.answers("Spoke1", "10.0.0.1")
	s.IP("link set eth0 down")
	s.shows("show logging", atOnce, "Line protocol on Interface Ethernet0, changed state to down")
	s.IP("link set eth0 up")
	d.answers("Spoke1", "10.0.0.1")
	s.IP("link delete Tunnel0")
	d.answers("Spoke1", "10.0.0.1")
	s.IP("xfrm policy flush")
	s.IP("link set Tunnel0 down")
	d.answers("Spoke1", "10.0.0.1")
}
