package forward

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// TestReceiveRefuses damages, one way at a time, a frame that H2 would get.
func TestReceiveRefuses(t *testing.T) {
	ip := func(f []byte, change func(packet []byte)) []byte {
		change(f[etherLen:])
		reseal(f[etherLen : etherLen+ipHeaderLen])
		return f
	}
	for _, v := range []struct {
		name   string
		damage func(f []byte) []byte
		reason Reason
		drops  uint64
		passes bool
	}{
		{"nothing", func(f []byte) []byte { return f }, BadPacket, 0, true},
		{"a neighbour's frame", func(f []byte) []byte { f[5]++; return f }, BadPacket, 0, false},
		{"a broadcast frame", func(f []byte) []byte { copy(f, broadcastMAC[:]); return f }, BadPacket, 1, false},
		{"another protocol", func(f []byte) []byte { f[12] = 0x86; return f }, BadPacket, 0, false},
		{"cut short", func(f []byte) []byte { return f[:13] }, BadPacket, 1, false},
		{"no header", func(f []byte) []byte { return f[:etherLen+19] }, BadPacket, 1, false},
		{"less than it says", func(f []byte) []byte { return f[:etherLen+21] }, BadPacket, 1, false},
		{"wrong checksum", func(f []byte) []byte { f[etherLen+10]++; return f }, BadPacket, 1, false},
		{"IPv6", func(f []byte) []byte { return ip(f, func(p []byte) { p[0] = 0x65 }) }, BadPacket, 1, false},
		{"header too short", func(f []byte) []byte { return ip(f, func(p []byte) { p[0] = 0x44 }) }, BadPacket, 1, false},
		{"padding", func(f []byte) []byte { return append(f, 0, 0, 0) }, BadPacket, 0, true},
	} {
		b, h1, r, h2 := threeNodes(t)
		h1.mustPing("10.2.0.1")
		h := header{ttl: 9, protocol: protoUDP, src: addr("10.1.0.1"), dst: addr("10.2.0.1")}
		frame := append(bytes.Clone(r.ports["Ethernet0"].mac[:]), 2, 0, 0, 0, 0, 1, 8, 0)
		frame = append(frame, newPacket(h, append(datagram(500), "IKE and so on, more than the least frame holds"...))...)
		binary.BigEndian.PutUint16(frame[etherLen+ipHeaderLen+4:], uint16(len(frame)-etherLen-ipHeaderLen))
		h2.up = nil
		r.carry(r.Receive(b.now, "Ethernet0", v.damage(frame)))
		if got := taken[UDP](h2); (len(got) == 1) != v.passes {
			t.Errorf("%s: H2 got %v", v.name, got)
		}
		if got := r.Counters().Drops[v.reason]; got != v.drops {
			t.Errorf("%s: dropped %d for %v, want %d", v.name, got, v.reason, v.drops)
		}
	}
}

// TestUDPIsChecked: what goes up to IKE and DHCP is what was sent.
func TestUDPIsChecked(t *testing.T) {
	for name, v := range map[string]struct {
		change func(b []byte)
		want   int
	}{
		"nothing":         {func([]byte) {}, 1},
		"no checksum":     {func(b []byte) { b[6], b[7] = 0, 0 }, 1},
		"a changed octet": {func(b []byte) { b[8]++ }, 0},
		"too long":        {func(b []byte) { b[5]++ }, 0},
		"too short":       {func(b []byte) { b[5] = 7 }, 0},
	} {
		_, h1, _, h2 := threeNodes(t)
		body := appendUDP(nil, addrPort("10.1.0.1:500"), addrPort("10.2.0.1:500"), []byte("IKE"))
		v.change(body)
		h1.send(SendIP{Dst: addr("10.2.0.1"), TTL: 9, Protocol: protoUDP, Payload: body})
		if got := taken[UDP](h2); len(got) != v.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestIdentifications: fragments of two packets must not be taken for one's.
func TestIdentifications(t *testing.T) {
	b, h1, _, _ := threeNodes(t)
	h1.mustPing("10.1.0.254")
	b.wire = nil
	seen := map[uint16]bool{}
	send := []Packet{
		SendIP{Dst: addr("10.1.0.254"), TTL: 9, Protocol: 99},
		SendIP{Dev: "Ethernet0", Dst: addr("10.1.0.254"), TTL: 9, Protocol: 99},
		SendUDP{Local: addrPort("10.1.0.1:500"), Remote: addrPort("10.1.0.254:500")},
		SendUDP{Dev: "Ethernet0", Local: addrPort("10.1.0.1:68"), Remote: addrPort("10.1.0.254:67")},
	}
	for _, packet := range append(send, send...) {
		h1.send(packet)
	}
	sent := 0
	for _, f := range b.wire {
		if f[11] == 1 { // from H1
			seen[binary.BigEndian.Uint16(f[etherLen+4:])] = true
			sent++
		}
	}
	if sent != 8 || len(seen) != 8 {
		t.Errorf("%d packets with %d identifications", sent, len(seen))
	}
}
