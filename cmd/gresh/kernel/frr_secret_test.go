//go:build linux

package kernel

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"gresh/backend/linux/uml"
	"gresh/backend/nhrp"
)

// TestFRRUnauthenticated: FRRouting without our string is not let in, is told
// so each time it asks, and nothing comes of that but a line in the log.
func TestFRRUnauthenticated(t *testing.T) {
	w := uml.NewNet(t)
	wire := w.Capture("wan")
	hub := run(t, w.Node("hub", ""), greshTunnel(hubNBMA, hubIP, " ip nhrp authentication test\n"))
	node, other := frrSpoke(w, 300)
	uml.Wait(t, "FRR to try twice", registering, func() bool {
		return len(hear(t, wire, nhrp.RegistrationRequest)) >= 2
	})
	other.NHRP.Says("Recv Error-Indication", registering)
	asked, told := len(hear(t, wire, nhrp.RegistrationRequest)), len(hear(t, wire, nhrp.ErrorIndication))
	if all := len(hear(t, wire, 0)); all > asked+told || told > asked+1 {
		t.Errorf("%d requests, %d errors, %d packets in all", asked, told, all)
	}
	if said := hub.say("show ip nhrp"); strings.Contains(said, otherNBMA) {
		t.Errorf("let in: %s", said)
	}
	// Who answers errors with errors finds that we do not.
	errors := nhrp.Message{Hops: 1, Type: nhrp.ErrorIndication, Code: nhrp.AuthenticationFailure,
		SrcNBMA: netip.MustParseAddr(otherNBMA), Src: netip.MustParseAddr(otherIP), Dst: netip.MustParseAddr(hubIP)}
	for range 100 {
		sendNHRP(t, node, "gre1", hubNBMA, errors)
	}
	hub.Says("wrong authentication string for  Error Indication", registering)
	for _, m := range hear(t, wire, nhrp.ErrorIndication)[told:] {
		if m.from.String() == hubNBMA && len(m.Payload) == 0 {
			t.Errorf("answered: %+v", m)
		}
	}
}

// protection is what a router of ours needs besides its tunnel, and the
// tunnel's last line.
func protection(s suite) (global, tunnel string) {
	global, _, _ = strings.Cut(s.startup(), "interface Ethernet0")
	return global, " tunnel protection ipsec profile vpnprof\n"
}

// TestFRRProtected has strongSwan protect FRRouting, which knows nothing of it:
// its client registers with our hub, and finds our spoke by it.
func TestFRRProtected(t *testing.T) {
	w := uml.NewNet(t)
	wire := w.Capture("wan")
	s := suites["aes"]
	global, tunnel := protection(s)
	hub := run(t, w.Node("hub", ""), global+greshTunnel(hubNBMA, hubIP, tunnel))
	otherNode, other := frrSpoke(w, 300, func(n *uml.Node) {
		n.Charon(uml.Connection{Local: otherNBMA, Remote: "172.17.0.0/24", Identity: "%any",
			IKE: s.ike, ESP: s.esp, Key: "cisco47", Start: "trap"})
	})
	spoke := run(t, w.Node("spoke", ""), global+greshTunnel(spokeNBMA, spokeIP, nhs+tunnel))

	hub.shows("show ip nhrp", registering, "NBMA address: "+otherNBMA, "NBMA address: "+spokeNBMA)
	knows(t, other, "nhs", hubIP, hubNBMA)
	reaches(t, otherNode, hubIP)
	redirect(t, hub.Node, "Tunnel0", otherNBMA, otherIP, spokeIP)
	knows(t, other, "dynamic", spokeIP, spokeNBMA)
	spoke.shows("show ip nhrp", registering, otherIP+"/32 via "+otherIP+", Tunnel0",
		"Type: dynamic, Flags: router", "NBMA address: "+otherNBMA)
	direct(t, wire, otherNode, otherNBMA, spokeNBMA, spokeIP)
	direct(t, wire, spoke.Node, spokeNBMA, otherNBMA, otherIP)
	if n := wire.Count(uml.Packet.GRE); n > 0 {
		t.Errorf("%d packets were sent in clear", n)
	}
}

// authenticate gives FRRouting's tunnel an authentication string, and skips the
// test if this FRRouting knows of none: it came after the one of Debian 12.
func authenticate(t *testing.T, f *uml.FRR, secret string) {
	t.Helper()
	if _, err := f.Try("configure terminal", "interface gre1", "ip nhrp authentication "+secret); err != nil {
		t.Skip("needs an FRRouting that knows ip nhrp authentication: GRESH_FRR_ROOT may name a folder with one")
	}
}

// TestFRRAuthenticated: with one string FRRouting and we are each other's
// servers; with another it is refused, and two who answer each other's errors
// do not fill the wire.
func TestFRRAuthenticated(t *testing.T) {
	t.Run("server", func(t *testing.T) {
		w := uml.NewNet(t)
		_, hub := frrHub(w)
		authenticate(t, hub, "test")
		run(t, w.Node("spoke", ""), greshTunnel(spokeNBMA, spokeIP, " ip nhrp authentication test\n"+nhs))
		knows(t, hub, "dynamic", spokeIP, spokeNBMA)
	})
	t.Run("client", func(t *testing.T) {
		w := uml.NewNet(t)
		wire := w.Capture("wan")
		hub := run(t, w.Node("hub", ""), greshTunnel(hubNBMA, hubIP, " ip nhrp authentication test\n"))
		_, other := frrSpoke(w, 6) // so that it refreshes every few seconds
		authenticate(t, other, "test")
		hub.shows("show ip nhrp", registering, "NBMA address: "+otherNBMA)

		authenticate(t, other, "wrong")
		asked := len(hear(t, wire, nhrp.RegistrationRequest))
		uml.Wait(t, "the hub to forget", time.Minute, func() bool {
			return !strings.Contains(hub.say("show ip nhrp"), otherNBMA)
		})
		uml.Wait(t, "FRR to try again", time.Minute, func() bool {
			return len(hear(t, wire, nhrp.RegistrationRequest)) > asked+2
		})
		asked = len(hear(t, wire, nhrp.RegistrationRequest)) - asked
		if told := len(hear(t, wire, nhrp.ErrorIndication)); told == 0 || told > 2*asked {
			t.Errorf("%d error indications about %d requests", told, asked)
		}
	})
}
