package main

import (
	"strings"
	"testing"
)

// TestKept: lines that mean nothing here are printed where IOS prints them, are
// told of at boot, and can be listed; those that mean something are not among
// them.
func TestKept(t *testing.T) {
	lines := "!\nservice timestamps debug uptime\nservice timestamps log datetime msec\nno service pad\nmmi polling-interval 60\nip cef\n" +
		"no ip http server\nip forward-protocol nd\nvoice-card 0\n no dspfarm\n!\nspanning-tree mode pvst\nsnmp-server community hush RO\n" +
		"ntp server 192.0.2.1\nlogging console warnings\n hostname Spoke1"
	b := newBench(t, 1, map[string][]string{"Spoke1": {"!\n hostname Spoke1", lines}})
	var said strings.Builder
	for _, l := range []string{"show logging | include KEPT", "show configuration kept", "show running-config | begin version"} {
		said.WriteString("Spoke1#" + l + "\n" + b.say("Spoke1", l))
	}
	golden(t, "show/lab-kept.txt", said.String())
	b.configure("Hub1", "ip cef")
	b.want("Hub1", "show configuration kept", "ip cef")
	b.configure("Hub1", "default ip cef")
	if got := b.say("Hub1", "show configuration kept"); strings.Contains(got, "ip cef") {
		t.Errorf("a line that is gone is listed:\n%s", got)
	}
}
