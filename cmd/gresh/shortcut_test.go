package main

import (
	"testing"
	"time"
)

// phase3 makes of the guide's network one with shortcuts: the hubs announce
// themselves as the way to all, and redirect; the spokes take it to heart.
func phase3(more ...string) map[string][]string {
	hub := append([]string{"no ip next-hop-self eigrp 1", "ip nhrp redirect"}, more...)
	spoke := []string{"  ip nhrp authentication test", "  ip nhrp shortcut\n  ip nhrp authentication test"}
	return map[string][]string{"Hub1": hub, "Hub2": hub, "Spoke1": spoke, "Spoke2": spoke}
}

var summarized = []string{"no ip split-horizon eigrp 1", "ip summary-address eigrp 1 192.168.0.0 255.255.0.0"}

// TestShortcut lets a ping between the LANs of two spokes find its own way: not
// there before, there behind the first packets, gone with its cause.
func TestShortcut(t *testing.T) {
	b := newBench(t, 1, phase3(summarized...))
	b.Run(time.Minute)
	b.want("Spoke1", "show ip route", "D    192.168.0.0/16 [90/")
	b.lack("Spoke1", "show ip route", "\nH ")
	b.want("Spoke1", "ping 192.168.2.1 source Ethernet1 repeat 10", "Success rate is 100 percent")
	b.want("Spoke1", "show ip route", "H    192.168.2.0/24 [250/1] via 10.0.")
	b.want("Spoke2", "show ip route", "H    192.168.1.0/24 [250/1] via 10.0.")
	b.want("Spoke1", "traceroute 192.168.2.1 source 192.168.1.1", "  1 192.168.2.1 ") // one hop, and no hub
	b.lack("Spoke1", "traceroute 192.168.2.1 source 192.168.1.1", "\n  2 ")
	// The LAN of Spoke2 goes: it tells who believes in it.
	b.configure("Spoke2", "interface Ethernet1", "shutdown")
	b.Run(time.Second)
	b.lack("Spoke1", "show ip route", "\nH ")
	b.configure("Spoke2", "interface Ethernet1", "no shutdown")
	b.Run(10 * time.Second)
	b.want("Spoke1", "ping 192.168.2.1 source Ethernet1", "Success rate is 100 percent")
	b.want("Spoke1", "show ip route", "H    192.168.2.0/24 [250/1] via 10.0.")
	// Nobody uses it: it ends with its holding time.
	b.Run(6 * time.Minute)
	b.lack("Spoke1", "show ip route", "\nH ")
}

// TestShortcutOverrides has the route be there already, through the hub: the
// shortcut only takes its packets.
func TestShortcutOverrides(t *testing.T) {
	b := newBench(t, 1, phase3())
	b.Run(time.Minute)
	b.want("Spoke1", "show ip route", "D    192.168.2.0/24 [90/3097600] via 10.0.0.1,")
	b.want("Spoke1", "ping 192.168.2.1 source Ethernet1 repeat 10", "Success rate is 100 percent")
	b.want("Spoke1", "show ip route", "D  % 192.168.2.0/24 [90/3097600] via 10.0.0.1,")
	b.want("Spoke1", "show ip route", "[NHO][250/1] via 10.0.")
	b.lack("Spoke1", "traceroute 192.168.2.1 source 192.168.1.1", "\n  2 ")
}
