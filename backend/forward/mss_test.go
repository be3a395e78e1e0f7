package forward

import (
	"encoding/binary"
	"slices"
	"testing"

	"gresh/backend/inet"
)

// segment is a TCP segment with options, in a packet.
func segment(flags byte, options ...byte) (header, []byte) {
	for len(options)%4 != 0 {
		options = append(options, 0)
	}
	tcp := []byte{0x80, 1, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, byte(20+len(options)) / 4 << 4, flags, 0x20, 0, 0, 0, 0, 0}
	tcp = append(append(tcp, options...), "data"...)
	h := header{ttl: 9, protocol: protoTCP, src: addr("10.1.0.1"), dst: addr("10.2.0.1")}
	binary.BigEndian.PutUint16(tcp[16:], inet.Checksum(pseudo(h.src, h.dst, protoTCP, len(tcp)), tcp))
	packet := newPacket(h, tcp)
	h, packet, _ = parseIP(packet)
	return h, packet
}

func TestAdjustMSS(t *testing.T) {
	for _, v := range []struct {
		name    string
		flags   byte
		options []byte
		at      int // of the MSS value in the options; -1: nothing may change
	}{
		{"SYN", 0x02, []byte{2, 4, 5, 0xb4}, 2},
		{"SYN ACK", 0x12, []byte{2, 4, 5, 0xb4}, 2},
		{"after others", 0x02, []byte{4, 2, 3, 3, 7, 1, 1, 2, 4, 5, 0xb4}, 9},
		{"at an odd octet", 0x02, []byte{1, 2, 4, 5, 0xb4}, 3},
		{"no SYN", 0x10, []byte{2, 4, 5, 0xb4}, -1},
		{"small already", 0x02, []byte{2, 4, 2, 0}, -1},
		{"no option", 0x02, nil, -1},
		{"behind the end", 0x02, []byte{0, 2, 4, 5, 0xb4}, -1},
		{"an option without length", 0x02, []byte{3, 0, 2, 4, 5, 0xb4}, -1},
		{"an option too long", 0x02, []byte{3, 99, 2, 4, 5, 0xb4}, -1},
		{"cut in half", 0x02, []byte{1, 1, 2, 4}, -1},
	} {
		h, packet := segment(v.flags, v.options...)
		before := slices.Clone(packet)
		adjustMSS(h, packet, 1360)
		if v.at < 0 {
			if !slices.Equal(before, packet) {
				t.Errorf("%s: changed", v.name)
			}
			continue
		}
		tcp := packet[h.length:]
		if got := binary.BigEndian.Uint16(tcp[20+v.at:]); got != 1360 {
			t.Errorf("%s: MSS %d", v.name, got)
		}
		if inet.Checksum(pseudo(h.src, h.dst, protoTCP, len(tcp)), tcp) != 0 {
			t.Errorf("%s: wrong checksum", v.name)
		}
	}
}

func TestAdjustMSSLeavesAlone(t *testing.T) {
	h, packet := segment(tcpSYN, 2, 4, 5, 0xb4)
	before := slices.Clone(packet)
	adjustMSS(h, packet, 0)
	for n := range len(packet) - h.length {
		adjustMSS(h, packet[:h.length+n:h.length+n], 1360)
		if n < 24 && !slices.Equal(before, packet) {
			t.Fatalf("%d octets: changed", n)
		}
		copy(packet, before)
	}
	later := h
	later.offset = 8
	adjustMSS(later, packet, 1360)
	if !slices.Equal(before, packet) {
		t.Error("a later fragment was changed")
	}
}

// TestAdjustMSSBothWays: what comes in by the interface, and what leaves by it.
func TestAdjustMSSBothWays(t *testing.T) {
	for _, dev := range []int{0, 1} {
		b, h1, r, _ := threeNodes(t)
		table := between()
		table.Interfaces[dev].AdjustMSS = 1360
		r.sync(table)
		_, packet := segment(tcpSYN, 2, 4, 5, 0xb4)
		h1.send(SendIP{Dst: addr("10.2.0.1"), TTL: 9, Protocol: protoTCP, Payload: packet[ipHeaderLen:]})
		for _, f := range b.wire {
			if f[etherLen+9] == protoTCP && [6]byte(f[6:]) == r.ports["Ethernet1"].mac {
				if got := binary.BigEndian.Uint16(f[etherLen+ipHeaderLen+22:]); got != 1360 {
					t.Errorf("adjusted on %s: MSS %d", table.Interfaces[dev].Name, got)
				}
				r = nil
				break
			}
		}
		if r != nil {
			t.Error("the segment did not pass")
		}
	}
}
