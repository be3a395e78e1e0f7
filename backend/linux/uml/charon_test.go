//go:build linux

package uml

import (
	"testing"
	"time"
)

// TestCharon lets two charons protect a tunnel made by hand, which is what the
// tests of our own IKE compare with.
func TestCharon(t *testing.T) {
	w := NewNet(t)
	a, b := w.Node("a", "172.17.0.1/24"), w.Node("b", "172.17.0.2/24")
	tunnel(a, "172.17.0.1", "10.0.0.1", "10.0.0.2", "172.17.0.2")
	tunnel(b, "172.17.0.2", "10.0.0.2", "10.0.0.1", "172.17.0.1")
	c := Connection{Local: "172.17.0.1", Remote: "%any", IKE: "aes128-sha1-modp1024", ESP: "aes128-sha1", Key: "cisco47"}
	responder := a.Charon(c)
	c.Local, c.Remote = "172.17.0.2", "172.17.0.1"
	initiator := b.Charon(c)
	wire := w.Capture("wan")
	if err := initiator.Initiate(); err != nil {
		t.Fatal(err)
	}
	if !a.Pings("10.0.0.2") || wire.Count(Packet.ESP) != 2 || wire.Count(Packet.IKE) < 9 {
		t.Errorf("%d packets of ESP and %d of IKE, want 2, and 9 or more", wire.Count(Packet.ESP), wire.Count(Packet.IKE))
	}
	Wait(t, "both to have the same SA", 5*time.Second, func() bool {
		theirs, ours := responder.Installed(), initiator.Installed()
		return len(theirs) == 1 && len(ours) == 1 && theirs[0].SPIIn == ours[0].SPIOut
	})
	if err := initiator.Rekey(); err != nil {
		t.Error(err)
	}
	if err := initiator.Terminate(); err != nil {
		t.Error(err)
	}
	Wait(t, "the responder to have no SA", 5*time.Second, func() bool { return len(responder.SAs()) == 0 })
	c.IKE = "aes256-sha256-modp2048"
	if initiator.Load(c); initiator.Initiate() == nil {
		t.Error("a proposal that the responder does not have was accepted")
	}
}
