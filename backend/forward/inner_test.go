package forward

import (
	"testing"

	"gresh/backend/esp"
	"gresh/backend/gre"
	"gresh/backend/sadb"
)

// crooked is what a peer with sound keys puts into its SA, and what it has to
// look like.
type crooked struct {
	next   uint8
	inner  []byte
	reason Reason // reasons: it passes, or is discarded without a word
	passes bool
}

// crookedTunnel are IP packets in tunnel mode: only GRE between the ends of the
// SA was negotiated.
func crookedTunnel() map[string]crooked {
	h := header{ttl: 9, protocol: protoGRE, src: addr("172.17.0.1"), dst: addr("172.17.0.2")}
	body := gre.Header{Protocol: gre.IPv4, Key: 100000, HasKey: true}.AppendTo(nil, newPacket(
		header{ttl: 9, protocol: protoICMP, src: addr("10.0.0.1"), dst: addr("10.0.0.2")}, echo(8)))
	changed := func(change func(h *header)) []byte {
		h := h
		change(&h)
		return newPacket(h, body)
	}
	good := newPacket(h, body)
	return map[string]crooked{
		"as negotiated":      {protoIPIP, good, reasons, true},
		"another source":     {protoIPIP, changed(func(h *header) { h.src = addr("172.17.0.3") }), Mismatch, false},
		"another target":     {protoIPIP, changed(func(h *header) { h.dst = addr("10.0.0.2") }), Mismatch, false},
		"a first fragment":   {protoIPIP, changed(func(h *header) { h.more = true }), Mismatch, false},
		"another protocol":   {protoIPIP, changed(func(h *header) { h.protocol = protoUDP }), Mismatch, false},
		"cut short":          {protoIPIP, good[:30], Mismatch, false},
		"GRE without header": {protoGRE, body, Mismatch, false},
		"a dummy":            {59, good, reasons, false},
	}
}

func TestInnerPacketIsChecked(t *testing.T) {
	for name, v := range crookedTunnel() {
		sas := pair(shared, 0x1000, 1, 2)
		sas[0].Mode, sas[1].Mode = sadb.TunnelMode, sadb.TunnelMode
		b, r1, r2 := protected(t, sas...)
		r1.mustPing("10.0.0.2")
		state, err := esp.New(sas[0], r1.options.Rand)
		if err != nil {
			t.Fatal(err)
		}
		var sealed []byte
		for range 9 { // beyond what the ping has sent
			if sealed, err = state.Seal(nil, v.inner, v.next); err != nil {
				t.Fatal(err)
			}
		}
		b.wire = nil
		before := r2.Counters()
		r1.send(SendIP{Dst: addr("172.17.0.2"), TTL: 9, Protocol: protoESP, Payload: sealed})
		after := r2.Counters()
		if passed := after.Interfaces["Tunnel0"].InPackets > before.Interfaces["Tunnel0"].InPackets; passed != v.passes {
			t.Errorf("%s: passed is %v", name, passed)
		}
		for r := range reasons {
			want := before.Drops[r]
			if r == v.reason {
				want++
			}
			if got := after.Drops[r]; got != want {
				t.Errorf("%s: %d drops for %q, want %d", name, got, r, want)
			}
		}
	}
}

// TestBundleEndsWithItsAH: the AH around an ESP has carried all it may. ESP
// alone would prove nothing.
func TestBundleEndsWithItsAH(t *testing.T) {
	sas := append(bundle(0x1000, 1, 2), bundle(0x2000, 2, 1)...)
	sas[1].HardOctets = 1
	b, r1, _ := protected(t, sas...)
	r1.mustPing("10.0.0.2")
	b.wire = nil
	r1.mustNotPing("10.0.0.2")
	r1.dropped(NoSA, 1)
	if len(b.wire) != 0 {
		t.Errorf("%d frames left", len(b.wire))
	}
}

// TestDeepNesting: who wraps GRE in GRE in GRE does not make the path dig for
// ever.
func TestDeepNesting(t *testing.T) {
	for levels, want := range map[int]uint64{nestedMax: 0, nestedMax + 1: 1} {
		_, r1, r2 := twoRouters(t, guide(1, "", "", 2), guide(2, "", "", 1))
		r1.mustPing("10.0.0.2")
		packet := newPacket(header{ttl: 9, protocol: 99, src: addr("10.0.0.1"), dst: addr("10.0.0.2")}, nil)
		for range levels {
			body := gre.Header{Protocol: gre.IPv4, Key: 100000, HasKey: true}.AppendTo(nil, packet)
			packet = newPacket(header{ttl: 9, protocol: protoGRE, src: addr("172.17.0.1"), dst: addr("172.17.0.2")}, body)
		}
		_, outer, _ := parseIP(packet)
		r1.send(SendIP{Dst: addr("172.17.0.2"), TTL: 9, Protocol: protoGRE, Payload: outer[ipHeaderLen:]})
		r2.dropped(Recursion, want)
	}
}
