package forward

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// whole is a packet of so many octets of payload, with options: one that goes
// with every fragment, one that does not.
func whole(size int) (header, []byte) {
	h := header{ttl: 9, protocol: protoUDP, id: 77, src: addr("10.1.0.1"), dst: addr("10.1.0.254")}
	packet := newPacket(h, make([]byte, size))
	for i := range size {
		packet[ipHeaderLen+i] = byte(i * 7)
	}
	options := []byte{0x94, 4, 0, 0, 7, 7, 4, 0, 0, 0, 0, 0}
	packet = slices.Insert(packet, ipHeaderLen, options...)
	packet[0] = 0x48
	binary.BigEndian.PutUint16(packet[2:], uint16(len(packet)))
	reseal(packet)
	h, packet, _ = parseIP(packet)
	return h, packet
}

// TestSplitJoin: cut to any size, fragments come together in any order, with
// any of them twice, and in two cuts.
func TestSplitJoin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, packet := whole(rapid.IntRange(1, 3000).Draw(t, "size"))
		first := rapid.IntRange(mtuFloor, 3200).Draw(t, "mtu")
		var pieces [][]byte
		for _, piece := range split(h, packet, first) {
			again := rapid.IntRange(mtuFloor, 3200).Draw(t, "narrower")
			ph, piece, ok := parseIP(piece)
			if !ok || len(piece) > first {
				t.Fatalf("a piece of %d for %d: %x", len(piece), first, piece)
			}
			if len(piece) > again {
				pieces = append(pieces, split(ph, piece, again)...)
			} else {
				pieces = append(pieces, piece)
			}
		}
		if len(pieces) > reassemblyParts || len(pieces) < 2 {
			return
		}
		for _, piece := range pieces {
			if h, _, ok := parseIP(piece); !ok || h.offset > 0 && h.length != ipHeaderLen+4 {
				t.Fatalf("options of a later fragment: %x", piece)
			}
		}
		order := rand.New(rand.NewPCG(uint64(rapid.IntRange(0, 1000).Draw(t, "seed")), 0))
		order.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
		p := NewPath(Options{})
		p.begin(noon)
		for n, piece := range pieces {
			h, piece, _ := parseIP(piece)
			if n < len(pieces)-1 {
				p.reassemble(h, piece) // and again: a duplicate
			}
			_, joined, ok := p.reassemble(h, piece)
			if ok != (n == len(pieces)-1) {
				t.Fatalf("whole after %d of %d: %v", n+1, len(pieces), ok)
			}
			if ok && !bytes.Equal(joined, packet) {
				t.Fatalf("%x\nwant %x", joined, packet)
			}
		}
		if len(p.partial) != 0 || p.held != 0 || p.drops[Reassembly] != 0 {
			t.Fatalf("left behind: %d packets, %d octets, %d drops", len(p.partial), p.held, p.drops[Reassembly])
		}
	})
}

// fragmentOf is a piece of H1's packet to R.
func fragmentOf(id uint16, offset, size int, more bool) []byte {
	h := header{ttl: 9, protocol: protoUDP, id: id, offset: offset, more: more,
		src: addr("10.1.0.1"), dst: addr("10.1.0.254")}
	return newPacket(h, make([]byte, size))
}

// crumbs are the smallest fragments there can be, without the first.
func crumbs(n int) (pieces [][]byte) {
	for i := range n {
		pieces = append(pieces, fragmentOf(1, 8*(i+1), 8, true))
	}
	return pieces
}

func TestReassemblyRefuses(t *testing.T) {
	for name, pieces := range map[string][][]byte{
		"overlap":              {fragmentOf(1, 0, 16, true), fragmentOf(1, 8, 16, true)},
		"beyond the last":      {fragmentOf(1, 16, 8, false), fragmentOf(1, 24, 8, true)},
		"two last ones":        {fragmentOf(1, 16, 8, false), fragmentOf(1, 24, 8, false)},
		"the last comes early": {fragmentOf(1, 24, 8, true), fragmentOf(1, 16, 8, false)},
		"odd length":           {fragmentOf(1, 0, 13, true)},
		"nothing in it":        {fragmentOf(1, 8, 0, true)},
		"too long":             {fragmentOf(1, 65528, 8, false)},
		"too many":             crumbs(reassemblyParts + 1),
	} {
		p := NewPath(Options{})
		p.begin(noon)
		for _, piece := range pieces {
			h, piece, ok := parseIP(piece)
			if !ok {
				t.Fatal("no packet")
			}
			p.reassemble(h, piece)
		}
		if p.drops[Reassembly] != 1 || len(p.partial) != 0 || p.held != 0 {
			t.Errorf("%s: %d drops, %d packets, %d octets kept", name, p.drops[Reassembly], len(p.partial), p.held)
		}
	}
}

// TestReassemblyBounds: neither many packets nor large ones fill the memory,
// and time frees it. Who sent a first fragment is told.
func TestReassemblyBounds(t *testing.T) {
	b, h1, r, _ := threeNodes(t)
	h1.mustPing("10.1.0.254")
	arrive := func(packet []byte) {
		frame := append(append(append([]byte{}, r.ports["Ethernet0"].mac[:]...), 2, 0, 0, 0, 0, 1, 8, 0), packet...)
		r.carry(r.Receive(b.now, "Ethernet0", frame))
	}
	for id := range uint16(1000) {
		arrive(fragmentOf(id, 0, 1480, true))
	}
	if len(r.partial) != reassemblyMax {
		t.Errorf("%d packets under way", len(r.partial))
	}
	for n := range 40 {
		arrive(fragmentOf(5, 8*(n*1000+500), 8000, true))
	}
	for n := range 60 {
		arrive(fragmentOf(uint16(6+n), 16000, 40000, true))
	}
	if r.held > reassemblyOctets {
		t.Errorf("%d octets held", r.held)
	}
	if r.Next() != b.now.Add(reassemblyLife) {
		t.Errorf("next at %v", r.Next().Sub(b.now))
	}
	h1.up = nil
	b.pass(reassemblyLife)
	if len(r.partial) != 0 || r.held != 0 {
		t.Errorf("%d packets, %d octets left", len(r.partial), r.held)
	}
	got := taken[ICMP](h1)
	if len(got) != 10 || got[0].Message[0] != icmpTimeExceeded || got[0].Message[1] != icmpReassembly {
		t.Errorf("told %d times: %v", len(got), got)
	}
	if b.pass(time.Second); !h1.pingWith(SendIP{Dst: addr("10.1.0.254"), TTL: 9}, 4000) {
		t.Error("honest fragments are refused")
	}
}
