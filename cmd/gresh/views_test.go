package main

import (
	"strings"
	"testing"
	"time"
)

// labViews are the views that are held to what they show in a running lab, by
// the node they are looked at.
var labViews = map[string][]string{
	"Spoke1": {
		"show crypto socket", "show crypto map", "show crypto ipsec sa peer 172.17.0.1", "show crypto isakmp sa",
		"show crypto isakmp sa detail", "show crypto isakmp policy", "show crypto ipsec transform-set",
		"show crypto ipsec profile", "show crypto session", "show ip nhrp", "show ip nhrp brief", "show ip nhrp nhs",
		"show dmvpn", "show ip route", "show ip interface brief", "show interfaces", "show interfaces description", "show arp",
		"show clock", "show clock detail", "show version", "show inventory", "show ip interface", "show interfaces summary",
		"show hosts", "show hosts summary", "show protocols", "show ip protocols",
		"show ip eigrp neighbors", "show ip eigrp neighbors detail", "show ip eigrp interfaces", "show ip eigrp topology all-links", "show ip eigrp traffic 1", "show processes cpu", "show processes memory sorted",
		"show memory statistics", "show cdp neighbors detail", "show lldp neighbors", "show ntp status", "show bgp all summary",
		"show ipv6 interface", "show vlan", "show switch virtual", "show environment all", "show users", "show privilege", "show logging", "show dhcp lease",
		"show running-config", "show running-config interface tunnel 1", "show startup-config", "show ip traffic",
	},
	"Hub1":     {"show crypto socket", "show crypto map", "show ip nhrp", "show ip route", "show crypto session"},
	"Provider": {"show ip dhcp binding", "show ip arp", "show ip route", "show crypto socket", "show crypto map"},
}

// TestViews compares every view with what it showed when it was last read. The
// lab's seed makes everything repeat, SPIs and counters too.
func TestViews(t *testing.T) {
	for release, change := range map[string]map[string][]string{
		"12": nil,
		"15": {"Spoke1": {"!\n hostname Spoke1", "!\nversion 15.7\n hostname Spoke1"}, "Hub1": {"hostname Hub1", "version 15.7\nhostname Hub1"}},
	} {
		b := newBench(t, 1, change)
		b.Run(2 * time.Minute)
		b.say("Spoke1", "ping 10.0.0.12")
		b.configure("Spoke1", "interface Loopback0", "ip address 192.0.2.1 255.255.255.255", "description a loopback")
		b.Run(30 * time.Second)
		for node, views := range labViews {
			var shown strings.Builder
			for _, v := range views {
				shown.WriteString(node + "#" + v + "\n" + b.say(node, v))
			}
			golden(t, "show/lab-"+strings.ToLower(node)+"-"+release+".txt", shown.String())
		}
	}
}
