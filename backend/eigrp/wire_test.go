package eigrp

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gresh/backend/inet"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func ip(s string) netip.Addr       { return netip.MustParseAddr(s) }
func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

var anyAddr = rapid.Custom(func(t *rapid.T) netip.Addr {
	return netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "octets")))
})

// anyRoute draws a route that can stand on the wire.
var anyRoute = rapid.Custom(func(t *rapid.T) Route {
	r := Route{
		Prefix: netip.PrefixFrom(anyAddr.Draw(t, "net"), rapid.IntRange(0, 32).Draw(t, "bits")).Masked(),
		Metric: Metric{
			Delay: rapid.Uint32().Draw(t, "delay"), Bandwidth: rapid.Uint32().Draw(t, "bandwidth"),
			MTU: rapid.Uint32Range(0, 1<<24-1).Draw(t, "mtu"), Hops: rapid.Byte().Draw(t, "hops"),
			Reliability: rapid.Byte().Draw(t, "reliability"), Load: rapid.Byte().Draw(t, "load"),
		},
		Flags: rapid.Byte().Draw(t, "flags"),
		Tag:   uint32(rapid.Byte().Draw(t, "tag")),
	}
	if hop := anyAddr.Draw(t, "hop"); !hop.IsUnspecified() {
		r.NextHop = hop
	}
	if rapid.Bool().Draw(t, "is external") {
		r.Tag = rapid.Uint32().Draw(t, "wide tag")
		r.External = &External{Router: anyAddr.Draw(t, "router"), AS: rapid.Uint32().Draw(t, "as"),
			Metric: rapid.Uint32().Draw(t, "metric"), Protocol: rapid.Byte().Draw(t, "protocol"),
			Flags: rapid.Byte().Draw(t, "external flags")}
	}
	return r
})

// anyMessage draws a packet that can stand on the wire.
var anyMessage = rapid.Custom(func(t *rapid.T) Message {
	m := Message{
		Op:    rapid.SampledFrom([]Opcode{Update, Request, Query, Reply, Hello, SIAQuery, SIAReply}).Draw(t, "op"),
		Flags: rapid.Uint32().Draw(t, "flags"), Seq: rapid.Uint32().Draw(t, "seq"), Ack: rapid.Uint32().Draw(t, "ack"),
		VRID: rapid.Uint16().Draw(t, "vrid"), AS: rapid.Uint16().Draw(t, "as"),
		NextMulticast: rapid.Uint32().Draw(t, "next"),
		Sequence:      rapid.SliceOfN(anyAddr, 0, 5).Draw(t, "sequence"),
		Terminated:    rapid.SliceOfN(anyAddr, 0, 5).Draw(t, "terminated"),
		Routes:        rapid.SliceOfN(anyRoute, 0, 5).Draw(t, "routes"),
	}
	if rapid.Bool().Draw(t, "has parameters") {
		m.Parameters = &Parameters{K: [6]uint8(rapid.SliceOfN(rapid.Byte(), 6, 6).Draw(t, "k")),
			Hold: rapid.Uint16().Draw(t, "hold")}
	}
	if rapid.Bool().Draw(t, "has version") {
		v := rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "version")
		m.Version = &Version{[2]uint8(v[:2]), [2]uint8(v[2:])}
	}
	if rapid.Bool().Draw(t, "has stub") {
		s := Stub(rapid.Uint16().Draw(t, "stub"))
		m.Stub = &s
	}
	return m
})

// equal compares packets; an empty slice is no slice.
func equal(a, b Message) bool {
	for _, m := range []*Message{&a, &b} {
		if len(m.Sequence) == 0 {
			m.Sequence = nil
		}
		if len(m.Terminated) == 0 {
			m.Terminated = nil
		}
		if len(m.Routes) == 0 {
			m.Routes = nil
		}
	}
	return reflect.DeepEqual(a, b)
}

func TestMessageLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyMessage.Draw(t, "message")
		var keys []Key
		if rapid.Bool().Draw(t, "signed") {
			keys = []Key{{rapid.Uint32().Draw(t, "id"), rapid.StringN(0, 30, 80).Draw(t, "secret")}}
		}
		var key *Key
		for i := range keys {
			key = &keys[i]
		}
		b := m.AppendTo([]byte("before"), key)
		if !bytes.HasPrefix(b, []byte("before")) {
			t.Fatalf("AppendTo spoilt what was there")
		}
		b = b[len("before"):]
		again, err := Parse(b)
		if err != nil || !equal(again, m) {
			t.Fatalf("Parse(AppendTo(m)) = %+v, %v; want %+v", again, err, m)
		}
		if !authentic(b, keys) {
			t.Fatalf("what was signed with %v is not authentic", keys)
		}
		for n := range b {
			if _, err := Parse(summed(b[:n])); err == nil && !boundary(b, n) {
				t.Fatalf("the first %d of %d octets are read", n, len(b))
			} else if err != nil && !errors.Is(err, errMalformed) {
				t.Fatalf("the first %d octets: %v", n, err)
			}
		}
	})
}

// boundary says whether a TLV ends at n.
func boundary(b []byte, n int) bool {
	at := headerOctets
	for at < n {
		at += int(binary.BigEndian.Uint16(b[at+2:]))
	}
	return at == n
}

// summed returns a copy with the right checksum.
func summed(b []byte) []byte {
	b = bytes.Clone(b)
	if len(b) >= headerOctets {
		b[2], b[3] = 0, 0
		binary.BigEndian.PutUint16(b[2:], inet.Checksum(0, b))
	}
	return b
}

func TestMalformed(t *testing.T) {
	good := Message{Op: Update, Seq: 1, AS: 1, Parameters: &Parameters{}, Sequence: []netip.Addr{ip("10.0.0.1")},
		Routes: []Route{{Prefix: prefix("10.1.0.0/16")}}}.AppendTo(nil, nil)
	const parameters = headerOctets
	const sequence = parameters + 12
	const route = sequence + 9
	for name, at := range map[string]struct {
		octet int
		value byte
		says  string
	}{
		"version":               {0, 1, "version 1"},
		"no opcode":             {1, 0, "opcode 0"},
		"opcode":                {1, 12, "opcode 12"},
		"TLV below its header":  {parameters + 3, 3, "TLV 0x0001 of 3 octets"},
		"TLV off the end":       {route + 2, 1, "cut short"},
		"parameters too short":  {parameters + 3, 11, "cut short in TLV 0x0001"},
		"address of 6":          {sequence + 4, 6, "address of 6 octets"},
		"prefix of 33 bits":     {route + 24, 33, "prefix of 33 bits"},
		"prefix without octets": {route + 24, 24, "cut short in TLV 0x0102"},
		"external cut short":    {route + 1, 3, "cut short in TLV 0x0103"},
	} {
		b := bytes.Clone(good)
		b[at.octet] = at.value
		if _, err := Parse(summed(b)); err == nil || !strings.Contains(err.Error(), at.says) {
			t.Errorf("%s: %v, want …%s…", name, err, at.says)
		}
	}
	good[3]++
	if _, err := Parse(good); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("a wrong checksum: %v", err)
	}
}

// TestUnknownTLVIsPassedOver: what newer releases say must not keep us from
// reading the rest.
func TestUnknownTLVIsPassedOver(t *testing.T) {
	b := Message{Op: Hello, AS: 1}.AppendTo(nil, nil)
	b = append(b, 0x00, 0xf5, 0, 10, 0, 0, 0, 4, 0, 0)
	b = (&Route{Prefix: prefix("10.0.0.0/8")}).appendTo(b)
	m, err := Parse(summed(b))
	if err != nil || len(m.Routes) != 1 {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestWideMetrics reads what a peer in wide mode sends: 1 Gbit/s and 10
// microseconds are 2560 and 256 in classic metrics.
func TestWideMetrics(t *testing.T) {
	internal := "0602 002e 0000 0001 01020304 01 00 ff 01 0005dc 02 000000989680 0000000f4240 0000 0002" +
		"abcd 0a000005 18 c0a801"
	external := "0603 0040 0000 0001 01020304 00 00 ff 01 0005dc 02 ffffffffffff 0000000f4240 0000 0000" +
		"0b0b0b0b 00000007 00000063 00000000 0000 03 00 00000000 10 ac10"
	b := Message{Op: Update, AS: 1}.AppendTo(nil, nil)
	for _, tlv := range []string{internal, external} {
		octets, err := hex.DecodeString(strings.ReplaceAll(tlv, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		binary.BigEndian.PutUint16(octets[2:], uint16(len(octets)))
		b = append(b, octets...)
	}
	m, err := Parse(summed(b))
	metric := Metric{Delay: 256, Bandwidth: 2560, MTU: 1500, Hops: 2, Reliability: 255, Load: 1}
	gone := metric
	gone.Delay = infinite
	want := []Route{
		{Prefix: prefix("192.168.1.0/24"), NextHop: ip("10.0.0.5"), Metric: metric, Flags: routeDefault},
		{Prefix: prefix("172.16.0.0/16"), Metric: gone, Tag: 99,
			External: &External{Router: ip("11.11.11.11"), AS: 7, Protocol: FromStatic}},
	}
	if err != nil || !reflect.DeepEqual(m.Routes, want) {
		t.Errorf("%v, %v, want %v", m.Routes, err, want)
	}
}

// recorded returns the EIGRP packets of the recorded exchange: two routers of
// another implementation meet, and one announces a network anew.
func recorded(t testing.TB) (all [][]byte) {
	t.Helper()
	b, err := os.ReadFile("../../testdata/capture/eigrp-frr103.pcap")
	if err != nil {
		t.Fatal(err)
	}
	for b = b[24:]; len(b) > 0; {
		n := int(binary.LittleEndian.Uint32(b[8:]))
		packet := b[16+14 : 16+n]
		b = b[16+n:]
		if packet[9] == Protocol {
			all = append(all, packet[int(packet[0]&15)*4:binary.BigEndian.Uint16(packet[2:])])
		}
	}
	return all
}

// golden compares got with a file under testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update, then read the diff)\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}

func TestRecordedPackets(t *testing.T) {
	var text strings.Builder
	packets := recorded(t)
	if len(packets) != 17 {
		t.Fatalf("%d packets recorded, want 17", len(packets))
	}
	for i, b := range packets {
		m, err := Parse(b)
		if err != nil {
			t.Fatalf("packet %d: %v\n%x", i+1, err, b)
		}
		if again := m.AppendTo(nil, nil); !bytes.Equal(again, b) {
			t.Errorf("packet %d is written back as\n%x, was\n%x", i+1, again, b)
		}
		fmt.Fprintf(&text, "%2d %s\n", i+1, describe(m))
	}
	golden(t, "recorded", text.String())
}

// describe says a packet in a line.
func describe(m Message) string {
	names := map[Opcode]string{Update: "update", Query: "query", Reply: "reply", Hello: "hello",
		SIAQuery: "sia-query", SIAReply: "sia-reply", Request: "request"}
	s := fmt.Sprintf("%s AS %d seq %d ack %d flags %d", names[m.Op], m.AS, m.Seq, m.Ack, m.Flags)
	if p := m.Parameters; p != nil {
		s += fmt.Sprintf(" K %v hold %d", p.K, p.Hold)
	}
	if v := m.Version; v != nil {
		s += fmt.Sprintf(" version %d.%d/%d.%d", v.Release[0], v.Release[1], v.TLV[0], v.TLV[1])
	}
	for _, r := range m.Routes {
		s += fmt.Sprintf(" [%v]", r)
	}
	return s
}

// TestDigest takes digests of Hellos of IOS, which cover no TLV but their own,
// and one that covers all.
func TestDigest(t *testing.T) {
	const begin = "020500000000000000000000000000000000002a000200280002001000000001000000000000000000000000"
	const rest = "0001000c010001000000000f000400080500030000f5000c0000000400"
	for _, test := range []struct{ secret, rest, digest string }{
		{"password12345", "", "1a42aaf8ebe2f766100ea1fa05a5fa55"},
		{"1234567812345", "", "f29e7d44351d37e6fc71e2aacca63d28"},
		{"123456789012345678901234567890", "", "61f237e29d28538a372f01121f2cd12f"},
		{"password12345", rest, "560c87396267310978883da92c0cff90"},
	} {
		packet, err := hex.DecodeString(begin + test.digest + rest)
		if err != nil {
			t.Fatal(err)
		}
		if !authentic(packet, []Key{{2, "other"}, {1, test.secret}}) {
			t.Errorf("%+v is not authentic", test)
		}
		for name, keys := range map[string][]Key{"another secret": {{1, "Password12345"}}, "another id": {{2, test.secret}}} {
			if authentic(packet, keys) {
				t.Errorf("%+v passes with %s", test, name)
			}
		}
		packet[1] = byte(Update)
		if authentic(packet, []Key{{1, test.secret}}) {
			t.Errorf("%+v passes as an update", test)
		}
	}
	if authentic(Message{Op: Hello}.AppendTo(nil, nil), []Key{{1, "x"}}) {
		t.Error("an unsigned packet passes")
	}
}

// TestLinkMetric: Cisco's own examples of the composite metric.
func TestLinkMetric(t *testing.T) {
	for _, test := range []struct {
		kbits, tens uint32
		k           Weights
		want        uint32
	}{
		{100000, 10, DefaultWeights, 28160},    // Fast Ethernet
		{10000, 100, DefaultWeights, 281600},   // Ethernet
		{1544, 2000, DefaultWeights, 2169856},  // T1
		{8000000, 500, DefaultWeights, 128256}, // loopback
		{1000, 1000, DefaultWeights, 2816000},  // the documented tunnels
		{9, 50000, DefaultWeights, 297244416},  // a tunnel left as it is
		{1000, 1000, Weights{0, 0, 1}, 256000}, // delay alone
		{1000, 1000, Weights{1, 1}, 2570039},   // bandwidth twice, weighed by an idle link
		{1000, 1000, Weights{1, 0, 1, 0, 1}, 11043},
		{0, 1, DefaultWeights, infinite},
	} {
		if got := test.k.Distance(LinkMetric(test.kbits, test.tens, 1500)); got != test.want {
			t.Errorf("%d kbit/s, %d×10 µs, K %v: %d, want %d", test.kbits, test.tens, test.k, got, test.want)
		}
	}
	if got := (Weights{0, 0, 0, 0, 1, 0}).Distance(Metric{}); got != 0 {
		t.Errorf("no reliability and no K4: %d", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, b := range recorded(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		b = summed(b) // let it past the checksum
		authentic(b, []Key{{1, "secret"}})
		m, err := Parse(b)
		if err != nil {
			return
		}
		if again, err := Parse(m.AppendTo(nil, nil)); err != nil || !equal(again, m) {
			t.Errorf("%+v is read back as %+v, %v", m, again, err)
		}
	})
}
