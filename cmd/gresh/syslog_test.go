package main

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/leodido/go-syslog/v4/rfc3164"
)

// syslogs are what passes the links to port 514.
func (b *bench) syslogs(link string) *[]string {
	var all []string
	b.watch(func(p packet) {
		if p.protocol == protocolUDP && binary.BigEndian.Uint16(p.body[2:]) == 514 && p.link == link {
			all = append(all, string(p.body[8:]))
		}
	})
	return &all
}

// TestSyslog: a host is sent the log in packets that cross the network, and a
// parser that is not ours reads them. That nobody listens there starts no storm.
func TestSyslog(t *testing.T) {
	b := newBench(t, 1, nil)
	b.Run(time.Minute)
	sent := b.syslogs(b.World.Node("Spoke1").EndOf("Ethernet0").Link().Name())
	b.configure("Spoke1", "logging trap notifications", "logging origin-id hostname", "service timestamps log datetime msec",
		"logging host 172.17.0.1", "interface Loopback9")
	b.Run(time.Minute)
	b.configure("Spoke1", "interface Loopback9", "shutdown")
	b.Run(time.Minute)
	var texts []string
	for _, payload := range *sent {
		m, err := rfc3164.NewParser(rfc3164.WithYear(rfc3164.Year{YYYY: 2002}), rfc3164.WithSecondFractions(),
			rfc3164.WithCiscoIOSComponents(2)).Parse([]byte(payload))
		if err != nil {
			t.Fatalf("%q: %v", payload, err)
		}
		s := m.(*rfc3164.SyslogMessage)
		if *s.Facility != 23 || *s.Severity > 5 || *s.Hostname != "Spoke1" {
			t.Errorf("%q is of facility %d, severity %d, host %s", payload, *s.Facility, *s.Severity, *s.Hostname)
		}
		_, text, _ := strings.Cut(payload, ": %")
		texts = append(texts, text)
	}
	for _, want := range []string{"SYS-5-CONFIG_I: Configured from console by console",
		"LINK-5-CHANGED: Interface Loopback9, changed state to administratively down"} {
		if !strings.Contains(strings.Join(texts, "\n"), want) {
			t.Errorf("%q is not among %q", want, texts)
		}
	}
	if len(texts) > 20 {
		t.Errorf("%d messages for two changes of the configuration", len(texts))
	}
}

// TestSyslogThroughTunnel: a host behind a tunnel is sent the log under the
// tunnel's protection, and in nothing else.
func TestSyslogThroughTunnel(t *testing.T) {
	b := newBench(t, 1, nil)
	b.Run(time.Minute)
	clear := b.syslogs(b.World.Node("Spoke1").EndOf("Ethernet0").Link().Name())
	before := b.traffic("Spoke1", "vpnprof-head-1", netip.MustParseAddr("172.17.0.1")).OutPackets
	b.configure("Spoke1", "logging host 10.0.0.1")
	b.Run(time.Second)
	if after := b.traffic("Spoke1", "vpnprof-head-1", netip.MustParseAddr("172.17.0.1")).OutPackets; after == before {
		t.Error("nothing was sent through the tunnel")
	}
	if len(*clear) > 0 {
		t.Errorf("sent in clear: %q", *clear)
	}
	b.want("Spoke1", "show logging", "Logging to 10.0.0.1")
}

// TestLogging: a session about the log, in the words of both releases.
func TestLogging(t *testing.T) {
	for release, changes := range map[string]map[string][]string{
		"12": nil, "15": {"Spoke1": {"!\n hostname Spoke1", "!\nversion 15.7\n hostname Spoke1"}}} {
		b := newBench(t, 1, changes)
		b.Run(time.Minute)
		var said strings.Builder
		say := func(lines ...string) {
			for _, l := range lines {
				said.WriteString("Spoke1#" + l + "\n" + b.say("Spoke1", l))
			}
		}
		b.configure("Spoke1", "logging buffered 8192 informational", "logging console warnings", "no logging monitor",
			"logging host 172.17.0.1", "service sequence-numbers", "clock timezone CET 1",
			"service timestamps log datetime localtime show-timezone")
		say("send log 4 hands off", "show logging", "clear logging\n", "show logging | begin Log Buffer", "show running-config | include logging|service|clock")
		b.configure("Spoke1", "service timestamps log uptime", "no service sequence-numbers", "logging console")
		say("send log 6 up for a while")
		b.configure("Spoke1", "no service timestamps", "no logging host 172.17.0.1", "logging facility local1")
		say("send log bare", "show logging | begin Log Buffer", "clock set 12:00:00 1 March 2026", "show running-config | include logging|service|clock")
		golden(t, "show/lab-logging-"+release+".txt", said.String())
	}
}
