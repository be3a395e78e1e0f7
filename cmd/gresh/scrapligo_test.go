package main

import (
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scrapli/scrapligo/channel"
	"github.com/scrapli/scrapligo/driver/network"
	"github.com/scrapli/scrapligo/driver/options"
	"github.com/scrapli/scrapligo/platform"
)

// manned is what a router has that a client of a network's automation logs in
// to.
const manned = "hostname Hub1\nenable secret enable-me\nusername admin privilege 15 secret adm1n\n" +
	"username guest secret gu3st\nline vty 0 15\n login local\n"

// scrapli is the client as it comes, that will log in to Hub1 of a lab.
func (v *village) scrapli(user, password string) *network.Driver {
	v.t.Helper()
	address, _ := v.access.addresses("Hub1")
	host, port, _ := net.SplitHostPort(address)
	number, err := strconv.Atoi(port)
	if err != nil {
		v.t.Fatal(err)
	}
	p, err := platform.NewPlatform("cisco_iosxe", host, options.WithPort(number), options.WithAuthNoStrictKey(),
		options.WithAuthUsername(user), options.WithAuthPassword(password), options.WithAuthSecondary("enable-me"),
		options.WithTransportType("standard"), options.WithTimeoutOps(10*time.Second))
	if err != nil {
		v.t.Fatal(err)
	}
	d, err := p.GetNetworkDriver()
	if err != nil {
		v.t.Fatal(err)
	}
	return d
}

// scrapligo types a command without its end, and goes on when it has come back:
// what it does here in an instant takes forever where the echo waits for a line.
func TestScrapligo(t *testing.T) {
	for _, who := range []struct{ user, password string }{{"admin", "adm1n"}, {"guest", "gu3st"}} {
		t.Run(who.user, func(t *testing.T) {
			v := newVillage(t, map[string][]string{"Hub1": {"hostname Hub1", manned}}, labOptions{ssh: 1})
			d := v.scrapli(who.user, who.password)
			if err := d.Open(); err != nil {
				t.Fatal(err)
			}
			defer func() { // it says "exit", and may find the channel closed already
				if err := d.Close(); err != nil && !errors.Is(err, io.EOF) {
					t.Error(err)
				}
			}()
			if prompt, err := d.GetPrompt(); err != nil || prompt != "Hub1#" {
				t.Fatalf("prompt %q, %v", prompt, err)
			}
			for command, want := range map[string]string{
				"show version":                            "Hub1 uptime is",
				"show ip interface brief":                 "Tunnel0                    10.0.0.1",
				"show running-config | include ^hostname": "hostname Hub1",
			} {
				r, err := d.SendCommand(command)
				if err != nil || r.Failed != nil || !strings.Contains(r.Result, want) {
					t.Errorf("%s: %+v, %v", command, r, err)
				}
			}
			answers(t, d)
			levels(t, d)
			configures(t, d)
		})
	}
}

// answers has the client be asked something.
func answers(t *testing.T, d *network.Driver) {
	t.Helper()
	r, err := d.SendInteractive([]*channel.SendInteractiveEvent{
		{ChannelInput: "clear logging", ChannelResponse: "[confirm]"},
		{ChannelInput: "", ChannelResponse: "Hub1#"},
	})
	if err != nil || r.Failed != nil {
		t.Errorf("%+v, %v", r, err)
	}
}

// levels goes up and down the privilege levels, and in and out of configuration
// mode.
func levels(t *testing.T, d *network.Driver) {
	t.Helper()
	for _, level := range []string{"exec", "configuration", "privilege-exec"} {
		if err := d.AcquirePriv(level); err != nil {
			t.Errorf("%s: %v", level, err)
		}
	}
}

// configures sends lines of which one is wrong: only that one fails.
func configures(t *testing.T, d *network.Driver) {
	t.Helper()
	r, err := d.SendConfigs([]string{"interface Loopback8", "description of scrapligo", "ip adress 192.0.2.8 255.255.255.255",
		"ip address 192.0.2.8 255.255.255.255"})
	if err != nil {
		t.Fatal(err)
	}
	for n, one := range r.Responses {
		if (one.Failed != nil) != (n == 2) {
			t.Errorf("%s: %v", one.Input, one.Failed)
		}
	}
	shown, err := d.SendCommand("show running-config interface Loopback8")
	if err != nil || !strings.Contains(shown.Result, "interface Loopback8\n description of scrapligo\n ip address 192.0.2.8 255.255.255.255") {
		t.Errorf("%q, %v", shown.Result, err)
	}
}

// A wrong password is told to the client, and no time is lost.
func TestScrapligoRefused(t *testing.T) {
	v := newVillage(t, map[string][]string{"Hub1": {"hostname Hub1", manned}}, labOptions{ssh: 1})
	if err := v.scrapli("admin", "wrong").Open(); err == nil {
		t.Error("let in")
	}
}
