package backend

import (
	"net/netip"
	"slices"
	"testing"

	"gresh/backend/event"
	"gresh/backend/forward"
	"gresh/backend/ike"
)

func newHub(t *testing.T) (*Router, *recorder) {
	t.Helper()
	c := spoke()
	c.Interface("Ethernet0").Address = netip.MustParsePrefix("172.17.0.1/24")
	c.Interface("Tunnel0").NHRP.NextHops, c.Interface("Tunnel0").NHRP.Maps = nil, nil
	return newRouter(t, c)
}

// meet has a spoke begin with the hub, up to where the hub has to compute: the
// spoke's public value has come, in the datagram that is returned.
func meet(t *testing.T, hub *Router, h *recorder) (third forward.UDP) {
	t.Helper()
	far, f := newRouter(t, spoke())
	hub.Receive(boot, received(t, f))
	far.Receive(boot, received(t, h))
	far.Computed(boot, f.sums[0].id, f.sums[0].run())
	third = received(t, f)
	hub.Receive(boot, third)
	return third
}

// received is the last that a Host was told to send, as its receiver sees it.
func received(t *testing.T, from *recorder) forward.UDP {
	t.Helper()
	if len(from.sent) == 0 {
		t.Fatalf("nothing was sent: %q", from.said)
	}
	d, ok := from.sent[len(from.sent)-1].(forward.SendUDP)
	if !ok {
		t.Fatalf("the last that was sent is %T", from.sent[len(from.sent)-1])
	}
	return forward.UDP{Local: d.Remote, Remote: d.Local, Payload: d.Payload}
}

// wantSent says how many packets a Host was told to send.
func wantSent(t *testing.T, sentence string, h *recorder, want int) {
	t.Helper()
	if len(h.sent) != want {
		t.Errorf("%s: %d packets sent, want %d", sentence, len(h.sent), want)
	}
}

func TestComputingIsTheHosts(t *testing.T) {
	hub, h := newHub(t)
	third := meet(t, hub, h)
	before := len(h.sent)
	hub.Receive(boot, third)
	if len(h.sums) != 1 {
		t.Fatalf("%d computations for a message that came twice, want one", len(h.sums))
	}
	wantSent(t, "while it is computed", h, before)
	result := h.sums[0].run()
	hub.Computed(boot, h.sums[0].id, result)
	wantSent(t, "with the result", h, before+1)
	hub.Computed(boot, h.sums[0].id, result)
	wantSent(t, "with the result again", h, before+1)
}

// A reload has IKE begin anew, and count its computations from the first: a
// result that was on its way must not be taken for one of the new life.
func TestAResultOfTheLastLifeIsIgnored(t *testing.T) {
	hub, h := newHub(t)
	meet(t, hub, h)
	hub.Reload(boot)
	meet(t, hub, h)
	before := len(h.sent)
	hub.Computed(boot, h.sums[0].id, h.sums[0].run())
	wantSent(t, "with the result of the last life", h, before)
	hub.Computed(boot, h.sums[1].id, h.sums[1].run())
	wantSent(t, "with the result of this life", h, before+1)
}

func TestAFaultInAComputationCostsItsExchangeAndNoMore(t *testing.T) {
	hub, h := newHub(t)
	hub.compute(ike.Job{Run: func() []byte { panic("a fault") }})
	hub.Computed(boot, h.sums[0].id, h.sums[0].run())
	if !h.logged(event.InputPanicked{}) {
		t.Error("nothing is said of the fault")
	}
	meet(t, hub, h)
	before := len(h.sent)
	hub.Computed(boot, h.sums[1].id, h.sums[1].run())
	wantSent(t, "with the next result", h, before+1)
}

// Inputs that come together are told to the Host once: first what it must
// have, then what it must send.
func TestTogether(t *testing.T) {
	hub, h := newHub(t)
	_, f := newRouter(t, spoke())
	before := len(h.said)
	hub.Together(boot, func() {
		hub.Receive(boot, received(t, f))
		hub.Receive(boot, forward.Link{Dev: "Ethernet1", Up: true})
		hub.Receive(boot, forward.Link{Dev: "Ethernet1"})
		if len(h.said) != before {
			t.Errorf("told too early: %q", h.said[before:])
		}
	})
	if said := h.said[before:]; !slices.Equal(said, []string{"sync", "send forward.SendUDP"}) {
		t.Errorf("the Host is told %q, want one sync and the answer", said)
	}
	hub.Together(boot, func() { panic("a fault") })
	before = len(h.said)
	hub.Receive(boot, forward.Link{Dev: "Ethernet1", Up: true})
	if len(h.said) == before {
		t.Error("after a fault the Host is told nothing any more")
	}
}
