package main

import (
	"strings"
	"testing"
	"time"
)

// TestConfigLog: who entered what is kept and told, as a running configuration
// would have it, and nothing that is secret is in it.
func TestConfigLog(t *testing.T) {
	b := newBench(t, 1, map[string][]string{"Spoke1": {"!\n hostname Spoke1", "!\nversion 15.7\n hostname Spoke1"}})
	b.Run(time.Minute)
	var said strings.Builder
	say := func(lines ...string) {
		for _, l := range lines {
			said.WriteString("Spoke1#" + l + "\n" + b.say("Spoke1", l))
		}
	}
	b.configure("Spoke1", "interface Loopback1", "archive", "log config", "logging enable", "logging size 12", "notify syslog", "hidekeys")
	b.configure("Spoke1", "int lo2", "descr of the operators", "desc", "no desc", "username bob privilege 15 secret TOPSECRET1",
		"enable secret TOPSECRET2", "crypto isakmp key TOPSECRET3 address 192.0.2.7", "crypto keyring K", "pre-shared-key address 192.0.2.8 key TOPSECRET4",
		"interface Tunnel0", "ip nhrp authentication TOPSEC5", "line vty 0 4", "password TOPSECRET6",
		"username eve password 7 0822455D0A16", "no username eve password 7 0822455D0A16", "nonsense", "snmp-server community TOPSEC7 RO", "no crypto isakmp key TOPSECRET3 address 192.0.2.7")
	say("show archive log config all", "show archive log config 14 16", "show archive log config all provisioning",
		"show archive log config statistics", "show logging | include PARSER", "show running-config | section archive")
	golden(t, "show/lab-configlog-15.txt", said.String())
	for _, secret := range []string{"TOPSEC", "0822455D0A16"} {
		if strings.Contains(said.String(), secret) {
			t.Errorf("%s can be read in\n%s", secret, said.String())
		}
	}
}
