package esp

import (
	"bytes"
	"errors"
	"testing"

	"gresh/backend/sadb"
)

func ahSA(i sadb.Integrity) sadb.SA {
	return sadb.SA{Proto: sadb.AH, SPI: 0x2002, Integrity: i, AuthKey: pattern(algorithms[i].keyLen), Replay: 64}
}

// ipHeader is an IPv4 header with options: record route, router alert, padding.
func ipHeader(total int) []byte {
	h := []byte{0x49, 0xb8, byte(total >> 8), byte(total), 0x12, 0x34, 0x40, 0, 64, 51, 0xab, 0xcd,
		172, 17, 0, 11, 172, 17, 0, 1}
	h = append(h, 7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0)
	return append(h, 148, 4, 0, 0, 0)
}

// TestAHWireFormat: RFC 4302 section 2, computed by hand.
func TestAHWireFormat(t *testing.T) {
	s := newState(t, ahSA(sadb.SHA256))
	packet, err := s.SealAH([]byte("kept"), ipHeader(100)[:20], []byte("payload!"), 47)
	if err != nil {
		t.Fatal(err)
	}
	want := "kept\x2f\x05\x00\x00\x00\x00\x20\x02\x00\x00\x00\x01"
	if !bytes.HasPrefix(packet, []byte(want)) || len(packet) != len(want)+16+8 {
		t.Errorf("%q", packet)
	}
}

// TestAHMutableFields changes every octet of the IP header in turn: what
// routers may change does not matter, all else does.
func TestAHMutableFields(t *testing.T) {
	mutable := map[int]bool{1: true, 6: true, 7: true, 8: true, 10: true, 11: true}
	for i := 20; i < 31; i++ {
		mutable[i] = true // record route
	}
	mutable[35] = true // the end of the list, changed into an option nobody knows
	for _, integrity := range []sadb.Integrity{sadb.MD5, sadb.SHA1, sadb.SHA256} {
		out := newState(t, ahSA(integrity))
		header := ipHeader(36 + out.AHLen() + 8)
		packet, err := out.SealAH(nil, header, []byte("payload!"), 47)
		if err != nil {
			t.Fatal(err)
		}
		for i := range header {
			if i == 20 || i == 21 {
				continue // another kind or length would make it another option
			}
			h := bytes.Clone(header)
			h[i] ^= 0x11
			before := bytes.Clone(packet)
			_, _, err := newState(t, ahSA(integrity)).OpenAH(h, packet)
			if ok := err == nil; ok != mutable[i] {
				t.Errorf("octet %d changed: %v", i, err)
			}
			if !bytes.Equal(before, packet) {
				t.Fatal("the packet was changed")
			}
		}
	}
}

func TestAHLaws(t *testing.T) {
	for integrity := range algorithms {
		out, in := newState(t, ahSA(integrity)), newState(t, ahSA(integrity))
		header := ipHeader(100)
		packet, _ := out.SealAH(nil, header, []byte("payload!"), 47)
		for n := range packet {
			if _, _, err := in.OpenAH(header, packet[:n]); err == nil {
				t.Fatalf("a prefix of %d was accepted", n)
			}
			wrong := bytes.Clone(packet)
			wrong[n] ^= 1
			if _, _, err := in.OpenAH(header, wrong); err == nil {
				t.Fatalf("octet %d was changed unseen", n)
			}
		}
		payload, next, err := in.OpenAH(header, packet)
		if err != nil || next != 47 || string(payload) != "payload!" {
			t.Fatalf("%q, %d, %v", payload, next, err)
		}
		if _, _, err := in.OpenAH(header, packet); !errors.Is(err, ErrReplay) {
			t.Errorf("replayed: %v", err)
		}
	}
}

// TestAHAroundESP is the bundle of "ah-sha-hmac esp-des".
func TestAHAroundESP(t *testing.T) {
	inner := sadb.SA{Proto: sadb.ESP, SPI: 1, Cipher: sadb.DES, EncKey: pattern(8), Replay: 64}
	out1, out2 := newState(t, inner), newState(t, ahSA(sadb.SHA1))
	sealed, _ := out1.Seal(nil, []byte("payload!"), 47)
	header := ipHeader(36 + out2.AHLen() + len(sealed))
	packet, _ := out2.SealAH(nil, header, sealed, 50)

	within, next, err := newState(t, ahSA(sadb.SHA1)).OpenAH(header, packet)
	if err != nil || next != 50 {
		t.Fatalf("next %d, %v", next, err)
	}
	if payload, next, err := newState(t, inner).Open(within); string(payload) != "payload!" || next != 47 || err != nil {
		t.Errorf("%q, %d, %v", payload, next, err)
	}
}

func FuzzOpenAH(f *testing.F) {
	b, _ := newState(f, ahSA(sadb.SHA1)).SealAH(nil, ipHeader(100), pattern(20), 47)
	f.Add(ipHeader(100), b)
	f.Fuzz(func(t *testing.T, header, b []byte) {
		if len(header) < 20 {
			return // whoever calls has read a whole header
		}
		if _, _, err := newState(t, ahSA(sadb.SHA1)).OpenAH(header, b); err == nil && len(b) < 24 {
			t.Error("accepted without an ICV")
		}
	})
}

func TestUDP(t *testing.T) {
	got := AppendUDP([]byte("kept"), sadb.Encap{SrcPort: 4500, DstPort: 31337}, 100)
	if want := "kept\x11\x94\x7a\x69\x00\x6c\x00\x00"; string(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
	for payload, want := range map[string]bool{
		"\xff":                 false, // keepalive
		"\x00\x00\x00\x00IKE":  false,
		"\x00\x00\x10\x01ESP":  true,
		"\x00\x00\x10\x01":     false,
		"":                     false,
		"\x00\x00\x00\x01\x00": true,
	} {
		if InUDP([]byte(payload)) != want {
			t.Errorf("%q: want %v", payload, want)
		}
	}
}
