package nhrp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gresh/backend/inet"
)

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

// anyMessage draws a message that can stand on the wire.
var anyMessage = rapid.Custom(func(t *rapid.T) Message {
	addr := rapid.Custom(func(t *rapid.T) netip.Addr {
		if rapid.Bool().Draw(t, "none") {
			return netip.Addr{}
		}
		return netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "addr")))
	})
	client := rapid.Custom(func(t *rapid.T) Client {
		return Client{
			Code: rapid.Byte().Draw(t, "code"), Prefix: rapid.Byte().Draw(t, "prefix"),
			MTU: rapid.Uint16().Draw(t, "mtu"), Hold: rapid.Uint16().Draw(t, "hold"),
			NBMA: addr.Draw(t, "nbma"), Addr: addr.Draw(t, "client"),
			Preference: rapid.Byte().Draw(t, "preference"),
		}
	})
	m := Message{
		Hops: rapid.Byte().Draw(t, "hops"), Type: Type(rapid.IntRange(1, TypeCount-1).Draw(t, "type")),
		Flags: rapid.Uint16().Draw(t, "flags"), SrcNBMA: addr.Draw(t, "srcnbma"),
		Src: addr.Draw(t, "src"), Dst: addr.Draw(t, "dst"),
	}
	if m.Type.indication() {
		m.Code, m.Offset = Code(rapid.Uint16().Draw(t, "error")), rapid.Uint16().Draw(t, "offset")
		m.Payload = rapid.SliceOf(rapid.Byte()).Draw(t, "payload")
	} else {
		m.ID = rapid.Uint32().Draw(t, "id")
		m.Clients = rapid.SliceOf(client).Draw(t, "clients")
	}
	for range rapid.IntRange(0, 4).Draw(t, "extensions") {
		x := Extension{Type: uint16(rapid.IntRange(1, 0x3fff).Draw(t, "kind")),
			Compulsory: rapid.Bool().Draw(t, "compulsory")}
		if x.holdsClients() {
			x.Value = appendClients(nil, rapid.SliceOf(client).Draw(t, "record"))
		} else {
			x.Value = rapid.SliceOf(rapid.Byte()).Draw(t, "value")
		}
		m.Extensions = append(m.Extensions, x)
	}
	return m
})

// equal compares messages; an empty slice is no slice.
func equal(a, b Message) bool {
	return bytes.Equal(a.AppendTo(nil), b.AppendTo(nil)) && a.Type == b.Type && a.ID == b.ID &&
		a.Code == b.Code && len(a.Clients) == len(b.Clients) && len(a.Extensions) == len(b.Extensions) &&
		(len(a.Clients) == 0 || reflect.DeepEqual(a.Clients, b.Clients))
}

func TestMessageLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyMessage.Draw(t, "message")
		b := m.AppendTo([]byte("before"))
		if !bytes.HasPrefix(b, []byte("before")) {
			t.Fatalf("AppendTo spoilt what was there")
		}
		b = b[len("before"):]
		again, err := Parse(b)
		if err != nil || !equal(again, m) {
			t.Fatalf("Parse(AppendTo(m)) = %+v, %v; want %+v", again, err, m)
		}
		if longer, err := Parse(append(bytes.Clone(b), 0, 0)); err != nil || !equal(longer, m) {
			t.Fatalf("octets after the packet: %v", err)
		}
		for n := range b {
			if _, err := Parse(b[:n]); !errors.Is(err, errMalformed) {
				t.Fatalf("the first %d of %d octets: %v, want them refused", n, len(b), err)
			}
		}
	})
}

// TestSetExtensionLeavesTheOriginal: a message that is passed on is a copy.
func TestSetExtensionLeavesTheOriginal(t *testing.T) {
	m := Message{Extensions: []Extension{{extForwardTransit, true, []byte{1}}}}
	copied := m
	copied.setExtension(extForwardTransit, true, []byte{2})
	copied.dropExtension(extForwardTransit)
	if m.Extensions[0].Type != extForwardTransit || m.Extensions[0].Value[0] != 1 {
		t.Errorf("the original is now %+v", m.Extensions)
	}
}

// resized returns a packet cut to n octets that says so itself, checksum and
// all: what Parse must see by looking inside.
func resized(b []byte, n int) []byte {
	b = bytes.Clone(b[:n])
	if n >= fixedOctets {
		binary.BigEndian.PutUint16(b[10:], uint16(n))
		summed(b)
	}
	return b
}

// summed puts the right checksum.
func summed(b []byte) []byte {
	b[12], b[13] = 0, 0
	binary.BigEndian.PutUint16(b[12:], inet.Checksum(0, b))
	return b
}

func TestEveryCutInsideIsRefused(t *testing.T) {
	tn := newTunnel(New(), "Tunnel0")
	tn.cfg = Interface{Addr: netip.MustParsePrefix("10.0.0.11/24"), NBMA: ip("172.17.0.11")}
	m := (&registration{tunnel: tn, addr: ip("10.0.0.1"), nbma: ip("172.17.0.1")}).message()
	m.sign("test")
	b := m.AppendTo(nil)
	for n := range b {
		if _, err := Parse(resized(b, n)); err == nil {
			t.Errorf("a registration request cut to %d of %d octets, sizes adjusted, is accepted", n, len(b))
		}
	}
}

func TestMalformed(t *testing.T) {
	good := Message{Hops: 64, Type: ResolutionRequest, SrcNBMA: ip("172.17.0.11"), Src: ip("10.0.0.11"),
		Dst: ip("10.0.0.12"), Clients: []Client{{Hold: 300, NBMA: ip("1.2.3.4"), Addr: ip("5.6.7.8")}},
		Extensions: []Extension{{extForwardTransit, true, appendClients(nil, []Client{{Addr: ip("10.0.0.1")}})}},
	}.AppendTo(nil)
	const mandatory, entry = fixedOctets, fixedOctets + 20
	extensions := int(binary.BigEndian.Uint16(good[14:]))
	for name, at := range map[string]struct {
		octet int
		value byte
		says  string
	}{
		"address family":            {1, 2, "ar$afn 2"},
		"protocol":                  {2, 0x86, "ar$pro.type"},
		"size below the header":     {11, 19, "ar$pktsz"},
		"size beyond the packet":    {10, 1, "ar$pktsz"},
		"extensions in the header":  {15, fixedOctets - 1, "ar$extoff"},
		"extensions off the end":    {14, 1, "ar$extoff"},
		"extensions within entries": {15, entry + 3, "cut short"},
		"version":                   {16, 2, "ar$op.version 2"},
		"no type":                   {17, 0, "ar$op.type"},
		"unknown type":              {17, TypeCount, "ar$op.type"},
		"source subaddress":         {19, 1, "ar$sstl 1"},
		"E.164 source address":      {18, 0x44, "address of 68 octets"},
		"source address of 5":       {18, 5, "address of 5 octets"},
		"protocol address of 16":    {mandatory, 16, "address of 16 octets"},
		"destination of 255":        {mandatory + 1, 255, "address of 255 octets"},
		"client address of 255":     {entry + 8, 255, "address of 255 octets"},
		"client subaddress":         {entry + 9, 4, "Cli SAddr T/L 4"},
		"client protocol of 6":      {entry + 10, 6, "address of 6 octets"},
		"extension too long":        {extensions + 3, 200, "cut short"},
		"record cut short":          {extensions + 4 + 10, 0, "cut short"},
		"early end":                 {extensions + 1, extEnd, "after the end"},
	} {
		b := bytes.Clone(good)
		b[at.octet] = at.value
		if _, err := Parse(summed(b)); err == nil || !strings.Contains(err.Error(), at.says) {
			t.Errorf("%s: %v, want …%s…", name, err, at.says)
		}
		b[at.octet]++
		if _, err := Parse(b); err == nil {
			t.Errorf("%s: a wrong checksum is accepted", name)
		}
	}
}

// TestChecksumOddTail: the last octet of an odd packet counts as if a zero
// followed it.
func TestChecksumOddTail(t *testing.T) {
	odd, even := []byte{0x12, 0x34, 0x56}, []byte{0x12, 0x34, 0x56, 0x00}
	if inet.Checksum(0, odd) != inet.Checksum(0, even) || inet.Checksum(0, odd) != 0x97cb {
		t.Errorf("checksum %#x, padded %#x, want 0x97cb", inet.Checksum(0, odd), inet.Checksum(0, even))
	}
}

// recorded returns the NHRP packets of the recorded exchanges: a hub and two
// spokes of another implementation, which register, resolve and redirect.
func recorded(t testing.TB) (all [][]byte) {
	t.Helper()
	files, _ := filepath.Glob("../../testdata/capture/nhrp-*.pcap")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for b = b[24:]; len(b) > 0; {
			n := int(binary.LittleEndian.Uint32(b[8:]))
			frame := b[16 : 16+n]
			b = b[16+n:]
			if p, ok := nhrpIn(frame); ok {
				all = append(all, p)
			}
		}
	}
	if len(all) == 0 {
		t.Fatal("no recorded packets")
	}
	return all
}

// nhrpIn takes an NHRP packet out of an Ethernet frame with IPv4 and GRE.
func nhrpIn(frame []byte) ([]byte, bool) {
	packet := frame[14:]
	if packet[0]>>4 != 4 || packet[9] != 47 {
		return nil, false
	}
	gre := packet[int(packet[0]&15)*4 : binary.BigEndian.Uint16(packet[2:])]
	if binary.BigEndian.Uint16(gre[2:]) != 0x2001 {
		return nil, false
	}
	if gre[0]&0x20 != 0 { // a key
		return gre[8:], true
	}
	return gre[4:], true
}

func TestRecordedPackets(t *testing.T) {
	seen := map[Type]int{}
	for i, b := range recorded(t) {
		m, err := Parse(b)
		if err != nil {
			t.Errorf("packet %d: %v\n%x", i, err, b)
			continue
		}
		if again := m.AppendTo(nil); !bytes.Equal(again, b) {
			t.Errorf("packet %d is written back as\n%x, was\n%x", i, again, b)
		}
		if !m.authentic("test") || m.authentic("tset") {
			t.Errorf("packet %d: its authentication string is not read as \"test\"", i)
		}
		seen[m.Type]++
	}
	want := map[Type]int{RegistrationRequest: 2, RegistrationReply: 2, ResolutionRequest: 20,
		ResolutionReply: 16, TrafficIndication: 24}
	for kind, n := range want {
		if seen[kind] != n {
			t.Errorf("%d packets of type %d, want %d", seen[kind], kind, n)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, b := range recorded(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) >= fixedOctets { // let it past the sizes and the checksum
			b = resized(b, len(b))
		}
		m, err := Parse(b)
		if err != nil {
			return
		}
		if again, err := Parse(m.AppendTo(nil)); err != nil || !equal(again, m) {
			t.Errorf("%+v is read back as %+v, %v", m, again, err)
		}
	})
}
