//go:build linux

package linux

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"

	"gresh/backend/forward"
	"gresh/backend/inet"
)

// icmpMessage is a message with its checksum.
func icmpMessage(kind, code byte, rest ...byte) []byte {
	m := append([]byte{kind, code, 0, 0}, rest...)
	binary.BigEndian.PutUint16(m[2:], inet.Checksum(0, m))
	return m
}

func echo(kind byte, size int) []byte {
	return icmpMessage(kind, 0, bytes.Repeat([]byte{0xab}, size-4)...)
}

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

func TestPing(t *testing.T) {
	r, _ := withPeer(t)
	for _, p := range []forward.SendIP{
		{Dst: ip("10.1.0.2")},
		{Dst: ip("10.1.0.2"), Src: ip("10.1.0.3"), TOS: 0xb8, DF: true},
		{Dst: ip("10.1.0.2"), Dev: "ETH0"},
		{Dst: ip("10.1.0.1")},
	} {
		p.Protocol, p.TTL, p.Payload = protoICMP, 7, echo(8, 64)
		r.mustSend(p)
		equal(t, "reply", next[forward.ICMP](r), forward.ICMP{From: p.Dst, TTL: 64, Message: echo(icmpEchoReply, 64)})
		equal(t, "heard by the sender", r.raw[rawKey{protoICMP, p.DF}].pending(), 0)
	}
}

// What is sent is what was asked for, to the bit.
func TestSendIPHeader(t *testing.T) {
	r, peer := withPeer(t)
	tests := []struct {
		send   forward.SendIP
		tos    byte
		flags  uint16
		source string
	}{
		{forward.SendIP{Dst: ip("10.1.0.2"), TTL: 255}, 0, 0, "10.1.0.1"},
		{forward.SendIP{Dst: ip("10.1.0.2"), TTL: 1, TOS: 0xc0, DF: true}, 0xc0, flagDF, "10.1.0.1"},
		{forward.SendIP{Dst: ip("10.1.0.2"), TTL: 9, Src: ip("10.1.0.3"), Dev: "ETH0"}, 0, 0, "10.1.0.3"},
		{forward.SendIP{Dst: ip("224.0.0.10"), TTL: 2, Dev: "ETH0"}, 0, 0, "10.1.0.1"},
		{forward.SendIP{Dst: ip("255.255.255.255"), TTL: 3, Dev: "ETH0"}, 0, 0, "10.1.0.1"},
	}
	c := peer.socket(unix.AF_PACKET, unix.SOCK_DGRAM, 0, bound(&unix.SockaddrLinklayer{Protocol: networkOrder(etherIPv4)}))
	own := r.socket(unix.AF_INET, unix.SOCK_RAW, 88, member(r.space, "eth0"))
	for _, test := range tests {
		test.send.Protocol, test.send.Payload = 88, []byte("hello")
		r.mustSend(test.send)
		b, _ := peer.get(c)
		want := appendHeader(nil, header{tos: test.tos, ttl: test.send.TTL, protocol: 88,
			src: ip(test.source), dst: test.send.Dst}, len("hello"))
		copy(want[4:6], b[4:6]) // the kernel counts packets
		binary.BigEndian.PutUint16(want[6:], test.flags)
		want[10], want[11] = 0, 0
		binary.BigEndian.PutUint16(want[10:], inet.Checksum(0, want))
		equal(t, "packet", b, append(want, "hello"...))
		if test.send.Dst.IsMulticast() {
			equal(t, "octets for the router's own member of the group", own.pending(), 0)
		}
	}
}

func TestPingLarge(t *testing.T) {
	r, _ := withPeer(t)
	p := forward.SendIP{Dst: ip("10.1.0.2"), Src: ip("10.1.0.3"), Protocol: protoICMP, TTL: 255, Payload: echo(8, 3000)}
	r.mustSend(p)
	if m := next[forward.ICMP](r).Message; !bytes.Equal(m, echo(icmpEchoReply, 3000)) {
		t.Errorf("%d octets of %d came back", len(m), 3000)
	}
	p.DF = true
	if err := r.try(p); err != unix.EMSGSIZE {
		t.Errorf("too large, and DF: %v", err)
	}
	u := next[forward.ICMP](r)
	equal(t, "from", u.From, p.Src)
	equal(t, "kind", u.Message[:2], []byte{icmpUnreachable, icmpNeedsFragment})
	equal(t, "checksum", inet.Checksum(0, u.Message), uint16(0))
	equal(t, "quoted", u.Message[28:], p.Payload[:8])
	equal(t, "quoted destination", u.Message[24:28], []byte{10, 1, 0, 2})
}

// A traceroute hears of the port that nobody listens on.
func TestTracerouteEnds(t *testing.T) {
	r, _ := withPeer(t)
	r.mustSend(forward.SendIP{Dst: ip("10.1.0.2"), Protocol: protoUDP, TTL: 30, Payload: []byte{0xc0, 0, 0x82, 0x9a, 0, 8, 0, 0}})
	u := next[forward.ICMP](r)
	equal(t, "from", u.From, ip("10.1.0.2"))
	equal(t, "port unreachable", u.Message[:2], []byte{icmpUnreachable, 3})
	equal(t, "quoted", u.Message[28:32], []byte{0xc0, 0, 0x82, 0x9a})
}

// What is not for a prober is the kernel's, and what is broken is nobody's.
func TestICMPTaken(t *testing.T) {
	r, peer := withPeer(t)
	r.do(func() { r.must(r.listenICMP()) })
	c := peer.socket(unix.AF_INET, unix.SOCK_RAW, protoICMP)
	for kind := range 256 {
		peer.put(c, icmpMessage(byte(kind), 0, 0, 0, 0, 0), inet4("10.1.0.1:0"))
	}
	broken := echo(icmpEchoReply, 8)
	broken[7]++
	peer.put(c, broken, inet4("10.1.0.1:0"))
	peer.put(c, echo(icmpEchoReply, 16), inet4("10.1.0.1:0"))
	var kinds []byte
	for {
		m := next[forward.ICMP](r).Message
		if len(m) == 16 {
			break
		}
		kinds = append(kinds, m[0])
	}
	equal(t, "types taken", kinds, []byte{0, 3, 4, 11, 12})
	// The kernel's own filter knows 32 types, and keeps those to itself.
	equal(t, "foreign", r.counters().Foreign, uint64(256-32+1))
}

// A raw socket could bring what no prober can read.
func TestTakeICMP(t *testing.T) {
	packet := func(m []byte) []byte {
		return append(appendHeader(nil, header{ttl: 9, protocol: protoICMP, src: ip("10.1.0.2")}, len(m)), m...)
	}
	sound := packet(echo(icmpEchoReply, 8))
	if _, ok := new(sockets).takeICMP(message{data: sound}); !ok {
		t.Error("refused a reply")
	}
	short := bytes.Clone(sound)
	short[0] = 0x44 // makes the header's end part of the message, whose sum stays zero
	copy(short[16:], []byte{0, 0, 0, 0})
	for what, b := range map[string][]byte{"header cut off": sound[:19], "cut off": sound[:27], "a request": packet(echo(8, 8)),
		"redirect": packet(icmpMessage(5, 0, 1, 2, 3, 4)), "header shorter than one": short, "no type": packet(icmpMessage(200, 0, 1, 2, 3, 4))} {
		if u, ok := new(sockets).takeICMP(message{data: b}); ok {
			t.Errorf("%s: %+v", what, u)
		}
	}
}

func FuzzTakeICMP(f *testing.F) {
	f.Add(append(appendHeader(nil, header{ttl: 1, protocol: protoICMP}, 8), echo(0, 8)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if u, ok := new(sockets).takeICMP(message{data: b}); ok && len(u.(forward.ICMP).Message) < 8 {
			t.Error("too short for a prober")
		}
	})
}
