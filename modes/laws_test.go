package modes_test

import (
	"slices"
	"testing"

	"gresh/modes"
	"gresh/modes/modestest"
)

func TestLaws(t *testing.T) {
	modestest.Laws(t, configMode(), []string{
		"hostname R1",
		"no ip domain-lookup",
		"key chain one",
		" key 1",
		"  key-string secret one",
		" key 2",
		"key chain two",
		"crypto ipsec transform-set trans2 esp-des esp-md5-hmac",
		" mode transport",
		"crypto ipsec transform-set bare esp-des",
		"interface Ethernet0/1",
		" description to the  provider ",
		" ip address dhcp",
		" no ip redirects",
		" cdp",
		" cdp enable",
		" speed auto",
		" mop enabled",
		"interface Tunnel5",
		" ip address 10.0.0.1",
		" ip mtu 1400",
		" no ip split-horizon eigrp 1",
		" no ip split-horizon eigrp 7",
		" queue length 0",
		" tunnel protection ipsec profile vpnprof shared",
		" shutdown",
		"interface Tunnel6",
		" no ip address",
		" tunnel protection ipsec profile vpnprof",
		"ip route here",
		"ip route there",
		"banner motd ^C\nKeep out.\nReally.\n^C",
		"service timestamps debug datetime msec",
	})
	alone := slices.DeleteFunc(slices.Clone(portMode), func(c modes.Command[port]) bool {
		return c.Line.Format(nil) == "tunnel protection ipsec profile" // it wants a tunnel
	})
	modestest.Laws(t, alone, []string{
		"description x", "ip address 10.0.0.1", "no ip redirects", "ip mtu 68", "no ip split-horizon eigrp 1",
		"queue length 9", "cdp", "speed 10", "mop enabled", "shutdown",
	}, []string{"ip address dhcp", "shutdown"})
}
