package ike

import (
	"net/netip"
	"testing"
	"time"
)

// TestAdmission is a hub that takes two ISAKMP SAs: the third peer is turned
// away before anything is computed, the two are served whatever they begin, and
// who goes makes room.
func TestAdmission(t *testing.T) {
	third, fourth := netip.MustParseAddr("172.17.0.13"), netip.MustParseAddr("172.17.0.14")
	w := newWorld(t, 1, hub, spoke, netip.MustParseAddr("172.17.0.12"), third, fourth)
	w.configure(0, func(c *Config) { c.Admission = Admission{SAs: 2} })
	w.initiate(1, 0)
	w.initiate(2, 0)
	w.run(time.Second)
	w.initiate(3, 0)
	w.run(time.Second)
	w.wantSAs("with the limit reached", 0, 2)
	w.wantEvent("with the limit reached", 0, "AdmissionDenied{Initiator:false Local:172.17.0.1 Peer:172.17.0.13 Negotiating:false}")
	w.initiate(0, 4)
	w.run(time.Second)
	if f := w.nodes[0].failed; len(f) != 1 || f[0].Peer != fourth {
		t.Errorf("failures %v, want one for %v", f, fourth)
	}
	n := w.nodes[1]
	n.Clear(w.now, Selector{}) // and the hub does not hear of it: he is known there
	n.pairs = nil
	w.initiate(1, 0)
	w.run(time.Second)
	w.wantPairs("a known peer again", 1, hub)
	w.wantSAs("a known peer again", 0, 3)
	w.carry(w.nodes[0], w.nodes[0].Clear(w.now, Selector{Peer: spoke}))
	w.run(10 * time.Second) // the third asks again
	w.wantSAs("with room again", 0, 2)
	a := w.nodes[0].Snapshot().Admissions
	want := Admissions{Limits: Admission{SAs: 2}, Active: 2, In: Requests{4, a.In.Denied}, Out: Requests{0, 1},
		DeniedSAs: a.In.Denied + 1}
	if a != want || a.In.Denied == 0 {
		t.Errorf("%+v, want %+v and some denied", a, want)
	}
}

// TestAdmissionOfNegotiations has more come at once than may be on their way.
func TestAdmissionOfNegotiations(t *testing.T) {
	w := newWorld(t, 1, hub, spoke, netip.MustParseAddr("172.17.0.12"), netip.MustParseAddr("172.17.0.13"))
	w.configure(0, func(c *Config) { c.Admission = Admission{Negotiating: 2} })
	for i := 1; i <= 3; i++ {
		w.initiate(i, 0)
	}
	w.run(500 * time.Millisecond)
	w.wantSAs("at once", 0, 2)
	w.wantEvent("at once", 0, "Negotiating:true}")
	w.run(2 * time.Second)
	w.wantSAs("a little later", 0, 3)
}

// TestHalfOpenOfTheReachable has a flood of first messages meet a peer that has
// sent our cookie back: it is not he who makes room.
func TestHalfOpenOfTheReachable(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	w.configure(0, func(c *Config) { c.HalfOpenTotal = 4 })
	flood := false
	w.drop = func(d Datagram) bool {
		if flood = flood || d.Remote.Addr() == hub && len(w.nodes[0].halfOpen) == 1 &&
			w.nodes[0].halfOpen[0].state() == MMKeyExchange; flood {
			for i := range 8 {
				from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), 500)
				w.nodes[0].Receive(w.now, Datagram{netip.AddrPortFrom(hub, 500), from, firstMessage(byte(i))})
			}
		}
		return false
	}
	w.initiate(1, 0)
	w.run(time.Second)
	if !flood {
		t.Fatal("there was no flood")
	}
	w.wantPairs("under the flood", 0, spoke)
}
