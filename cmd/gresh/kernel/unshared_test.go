//go:build linux

package kernel

import (
	"strings"
	"testing"

	"gresh/backend/linux/uml"
	"gresh/cmd/gresh/scenario"
)

// TestUnshared is the case of a provider: two customers on one source, each
// with an SADB of its own that the other's peers can't reach.
func TestUnshared(t *testing.T) {
	d := newDualHub(t)
	d.startWith(map[string]string{"Provider": "", "Hub1": scenario.ProviderHub,
		"Spoke1": scenario.Customer("Spoke1", "crimson", 0, 11), "Spoke2": scenario.Customer("Spoke2", "azure", 1, 12)})
	d.answers("Spoke1", "10.0.0.1")
	d.answers("Spoke2", "10.0.1.1")
	policies := d.routers["Hub1"].IP("xfrm policy")
	for _, key := range []string{"key 100000", "key 100001"} {
		if strings.Count(policies, "proto gre "+key) != 2 {
			t.Errorf("no policy pair for %s:\n%s", key, policies)
		}
	}
	t.Run("C", func(t *testing.T) { d.wrongSADB(t) })
	t.Run("D", func(t *testing.T) { d.clear(t) })
}

// wrongSADB has blue's spoke send with red's key: case C.
func (d *dualHub) wrongSADB(t *testing.T) {
	hub, spoke := d.routers["Hub1"], d.routers["Spoke2"]
	before := dropped(hub, "XfrmInTmplMismatch")
	spoke.configure("interface Tunnel0", "shutdown", "tunnel key 100000", "ip address 10.0.0.12 255.255.255.0",
		"ip nhrp map 10.0.0.1 172.17.0.1", "ip nhrp nhs 10.0.0.1", "no shutdown")
	uml.Wait(t, "packets of the wrong SADB to be dropped", comesUp, func() bool {
		spoke.Pings("10.0.0.1")
		return dropped(hub, "XfrmInTmplMismatch") >= before+3
	})
	if said := hub.say("show ip nhrp"); strings.Contains(said, "10.0.0.12") {
		t.Errorf("a registration under the wrong SADB was taken:\n%s", said)
	}
	if spoke.Pings("10.0.0.1") {
		t.Error("red's tunnel answers to blue")
	}
	d.ping("Spoke1", "10.0.0.1", 5)
}

// clear has a peer send without protection, with the right key: case D.
func (d *dualHub) clear(t *testing.T) {
	hub, spoke := d.routers["Hub1"], d.routers["Spoke2"]
	wire := d.Capture("hub1")
	spoke.configure("interface Tunnel0", "no tunnel protection ipsec profile mine")
	before := dropped(hub, "XfrmInTmplMismatch")
	uml.Wait(t, "packets in clear to be dropped", comesUp, func() bool {
		spoke.Pings("10.0.0.1")
		return dropped(hub, "XfrmInTmplMismatch") >= before+3
	})
	if wire.Count(uml.Packet.GRE) < 3 {
		t.Error("nothing came in clear: this shows nothing")
	}
	if spoke.Pings("10.0.0.1") {
		t.Error("red's tunnel answers in clear")
	}
	if said := hub.say("show ip nhrp"); strings.Contains(said, "10.0.0.12") {
		t.Errorf("a registration in clear was taken:\n%s", said)
	}
	d.ping("Spoke1", "10.0.0.1", 5)
}
