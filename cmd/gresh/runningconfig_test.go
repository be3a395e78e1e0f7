package main

import (
	"strings"
	"testing"
	"time"
)

// TestRunningConfigForms types the forms of "show running-config".
func TestRunningConfigForms(t *testing.T) {
	b := newBench(t, 1, nil)
	b.Run(time.Minute)
	b.configure("Spoke1", "clock timezone CET 1", "snmp-server location here", "logging host 192.168.1.9")
	whole := b.say("Spoke1", "show running-config")
	if want := "!\n! Last configuration change at 01:01:00 CET Fri Mar 1 2002\n!\nversion "; !strings.Contains(whole, want) {
		t.Errorf("%q is not in\n%s", want, whole)
	}
	_, counted, _ := strings.Cut(whole, " bytes\n")
	for _, form := range []string{"all", "brief", "full", "view full"} {
		if got := b.say("Spoke1", "show running-config "+form); got != whole {
			t.Errorf("%s shows\n%s", form, got)
		}
	}
	if got := b.say("Spoke1", "write terminal"); got != whole {
		t.Errorf("write terminal shows\n%s", got)
	}
	if saved := b.say("Spoke1", "write memory", "show running-config | include ^!.*(last|Last)"); saved !=
		"! Last configuration change at 01:01:00 CET Fri Mar 1 2002\n! NVRAM config last updated at 01:01:00 CET Fri Mar 1 2002\n" {
		t.Errorf("after it was saved: %q", saved)
	}
	// Every line is in one partition.
	var parts int
	for _, p := range []string{"access-list", "boot", "common", "interface", "ip-static-routes", "line", "router", "snmp"} {
		text := b.say("Spoke1", "show running-config partition "+p)
		_, lines, _ := strings.Cut(text, " bytes\n")
		for line := range strings.Lines(strings.TrimSuffix(lines, "end\n")) {
			if line != "!\n" {
				parts++
				if !strings.Contains(counted, line) {
					t.Errorf("partition %s has %q", p, line)
				}
			}
		}
	}
	lines := 0
	for line := range strings.Lines(counted) {
		if !strings.HasPrefix(line, "!") && line != "end\n" {
			lines++
		}
	}
	if parts != lines {
		t.Errorf("the partitions have %d lines, the whole has %d", parts, lines)
	}
	golden(t, "session/router/running-config.txt", typed(b, "Spoke1", []string{"enable\r",
		"show running-config partition interface\r", "show running-config interface tunnel 0 linenum\r",
		"show running-config interface tunnel 9\r", "show running-config linenum | include version|end\r", "show running-config ?", "\x15",
		"show running-config partition snmp\r"}))
}
