package forward

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// host is the table of a node with one port and a way out.
func host(address, gateway string) Table {
	a := prefix(address)
	return Table{
		Interfaces: []Interface{{Name: "Ethernet0", Up: true, MTU: 1500, Addresses: []netip.Prefix{a}}},
		Routes: []Route{{a.Masked(), []Hop{{Dev: "Ethernet0"}}},
			{prefix("0.0.0.0/0"), []Hop{{"Ethernet0", addr(gateway)}}}},
	}
}

// between is the table of the router between two hosts.
func between() Table {
	return Table{
		Interfaces: []Interface{
			{Name: "Ethernet0", Up: true, MTU: 1500, Addresses: []netip.Prefix{prefix("10.1.0.254/24")}},
			{Name: "Ethernet1", Up: true, MTU: 1500, Addresses: []netip.Prefix{prefix("10.2.0.254/24")}},
			{Name: "Loopback0", Kind: Loopback, Up: true,
				Addresses: []netip.Prefix{prefix("10.9.9.9/32"), prefix("10.9.8.1/24")}},
		},
		Routes: []Route{
			{prefix("10.1.0.0/24"), []Hop{{Dev: "Ethernet0"}}},
			{prefix("10.2.0.0/24"), []Hop{{Dev: "Ethernet1"}}},
			{prefix("10.9.8.0/24"), []Hop{{Dev: "Loopback0"}}},
			{prefix("10.66.0.0/16"), nil},
		},
	}
}

// threeNodes are H1, R and H2 in a row.
func threeNodes(t *testing.T) (b *bench, h1, r, h2 *node) {
	b = newBench(t)
	h1, r, h2 = b.node("H1", "Ethernet0"), b.node("R", "Ethernet0", "Ethernet1"), b.node("H2", "Ethernet0")
	b.cable("H1 Ethernet0", "R Ethernet0")
	b.cable("R Ethernet1", "H2 Ethernet0")
	h1.sync(host("10.1.0.1/24", "10.1.0.254"))
	r.sync(between())
	h2.sync(host("10.2.0.1/24", "10.2.0.254"))
	h1.up, r.up, h2.up = nil, nil, nil
	return b, h1, r, h2
}

func TestForward(t *testing.T) {
	b, h1, r, h2 := threeNodes(t)
	h1.mustPing("10.2.0.1", "10.1.0.254", "10.2.0.254", "10.9.9.9", "10.1.0.1")
	h2.mustPing("10.1.0.1")
	h1.up = nil
	h1.send(SendIP{Dst: addr("10.2.0.1"), TTL: 64, TOS: 0xb8, Protocol: protoICMP, Payload: echo(8)})
	if got := taken[ICMP](h1); len(got) != 1 || got[0].TTL != 254 {
		t.Errorf("the reply through one router: %+v", got)
	}
	last := b.wire[len(b.wire)-1]
	if h, _, ok := parseIP(last[etherLen:]); !ok || h.tos != 0xb8 || h.ttl != 254 {
		t.Errorf("the reply on the wire: %+v", h)
	}
	if c := r.Counters().Interfaces["Ethernet1"]; c.OutPackets != 5 || c.InPackets < 4 {
		t.Errorf("Ethernet1 counts %+v", c) // announcement, request, reply … and three of echo
	}
}

// An errorTest is a packet from H1 and the ICMP error that comes back.
var errorTests = []struct {
	name       string
	packet     SendIP
	from       string // "": none
	kind, code byte
	reason     Reason
}{
	{"TTL 1", SendIP{Dst: addr("10.2.0.1"), TTL: 1, Protocol: protoUDP, Payload: make([]byte, 20)},
		"10.1.0.254", icmpTimeExceeded, 0, TTLExpired},
	{"no route", SendIP{Dst: addr("192.0.2.1"), TTL: 9, Protocol: protoUDP, Payload: make([]byte, 20)},
		"10.1.0.254", icmpUnreachable, icmpHostUnreachable, NoRoute},
	{"Null0", SendIP{Dst: addr("10.66.0.1"), TTL: 9, Protocol: protoUDP, Payload: make([]byte, 20)},
		"10.1.0.254", icmpUnreachable, icmpHostUnreachable, Discarded},
	{"nobody listens", SendIP{Dst: addr("10.9.9.9"), TTL: 9, Protocol: protoUDP, Payload: datagram(33434)},
		"10.9.9.9", icmpUnreachable, icmpPortUnreachable, NoPort},
	{"unknown protocol", SendIP{Dst: addr("10.9.9.9"), TTL: 9, Protocol: 99, Payload: make([]byte, 20)},
		"10.9.9.9", icmpUnreachable, icmpProtocolUnreachable, NoPort},
	{"nobody on a loopback", SendIP{Dst: addr("10.9.8.7"), TTL: 9, Protocol: protoUDP, Payload: make([]byte, 20)},
		"", 0, 0, NoNeighbor},
	{"an error is not complained of", SendIP{Dst: addr("192.0.2.1"), TTL: 9, Protocol: protoICMP,
		Payload: []byte{icmpUnreachable, 1, 0xfc, 0xfe, 0, 0, 0, 0}}, "", 0, 0, NoRoute},
	{"nor what goes to many", SendIP{Dev: "Ethernet0", Dst: addr("224.0.0.9"), TTL: 1, Protocol: protoUDP,
		Payload: datagram(520)}, "", 0, 0, NoPort},
	{"nor what is broadcast", SendIP{Dst: addr("10.1.0.255"), TTL: 1, Protocol: protoUDP,
		Payload: datagram(520)}, "", 0, 0, NoPort},
	{"no directed broadcast", SendIP{Dst: addr("10.2.0.255"), TTL: 9, Protocol: protoUDP,
		Payload: datagram(520)}, "", 0, 0, NoRoute},
	{"a source that cannot be", SendIP{Src: addr("127.0.0.1"), Dst: addr("10.2.0.1"), TTL: 9, Protocol: protoUDP},
		"", 0, 0, Martian},
	{"the router's own source", SendIP{Src: addr("10.9.9.9"), Dst: addr("10.2.0.1"), TTL: 9, Protocol: protoUDP},
		"", 0, 0, Martian},
	{"no source", SendIP{Src: addr("0.0.0.0"), Dst: addr("10.2.0.1"), TTL: 9, Protocol: protoUDP},
		"", 0, 0, Martian},
}

// datagram is an empty one to a port, without checksum.
func datagram(port int) []byte {
	return []byte{0x80, 0, byte(port >> 8), byte(port), 0, 8, 0, 0}
}

func TestICMPErrors(t *testing.T) {
	for _, v := range errorTests {
		_, h1, r, h2 := threeNodes(t)
		h1.send(v.packet)
		got := taken[ICMP](h1)
		switch {
		case v.from == "" && len(got) == 0:
		case v.from == "" || len(got) != 1:
			t.Errorf("%s: %v", v.name, got)
		default:
			m := got[0]
			if m.From != addr(v.from) || m.Message[0] != v.kind || m.Message[1] != v.code {
				t.Errorf("%s: from %v: % x", v.name, m.From, m.Message[:8])
			}
			quote := append(slices.Clone(m.Message[8:]), make([]byte, 2000)...)
			if q, _, ok := parseIP(quote); !ok || q.dst != v.packet.Dst {
				t.Errorf("%s: quotes % x", v.name, m.Message[8:])
			}
		}
		if r.dropped(v.reason, 1); len(h2.up) > 0 {
			t.Errorf("%s: H2 got %v", v.name, h2.up)
		}
	}
}

// TestErrorsAreLimited: one unreachable in half a second for each host, ten
// of time exceeded at once.
func TestErrorsAreLimited(t *testing.T) {
	b, h1, _, _ := threeNodes(t)
	count := func(s SendIP) int {
		for range 30 {
			h1.send(s)
		}
		return len(taken[ICMP](h1))
	}
	lost := SendIP{Dst: addr("192.0.2.1"), TTL: 9, Protocol: protoUDP}
	short := SendIP{Dst: addr("10.2.0.1"), TTL: 1, Protocol: protoUDP}
	if n, m := count(lost), count(short); n != 1 || m != 10 {
		t.Errorf("at once: %d unreachable, %d time exceeded", n, m)
	}
	if b.pass(499 * time.Millisecond); count(lost) != 0 {
		t.Error("unreachable again before half a second")
	}
	if b.pass(time.Millisecond); count(lost) != 1 || count(short) != 5 {
		t.Error("not unreachable again after half a second, or another number of time exceeded than 5")
	}
}

func TestHostThatIsNotThere(t *testing.T) {
	b, h1, r, _ := threeNodes(t)
	h1.ping("10.2.0.99")
	b.pass(3 * time.Second)
	if got := taken[ICMP](h1); len(got) != 1 || got[0].Message[1] != icmpHostUnreachable {
		t.Errorf("told %v", got)
	}
	r.dropped(NoNeighbor, 1)
}

// TestECMP: a flow keeps its way, many flows use both, and all use the one
// that is left.
func TestECMP(t *testing.T) {
	b := newBench(t)
	r := b.node("R", "Ethernet0", "Ethernet1")
	b.cable("R Ethernet0", "R Ethernet1")
	r.sync(between())
	ways := []Hop{{"Ethernet0", addr("10.1.0.1")}, {"Ethernet1", addr("10.2.0.1")}}
	by := map[string]map[byte]bool{}
	send := func() map[string]int {
		count := map[string]int{}
		for d := range byte(64) {
			dst := netip.AddrFrom4([4]byte{192, 0, 2, d})
			hop, out := r.choose(ways, header{src: addr("10.1.0.1"), dst: dst})
			if out == nil {
				t.Fatal("no way")
			}
			if by[hop.Dev] == nil {
				by[hop.Dev] = map[byte]bool{}
			}
			by[hop.Dev][d] = true
			count[hop.Dev]++
		}
		return count
	}
	first := send()
	if first["Ethernet0"] < 16 || first["Ethernet1"] < 16 {
		t.Errorf("64 flows went %v", first)
	}
	if send(); len(by["Ethernet0"])+len(by["Ethernet1"]) != 64 {
		t.Error("a flow changed its way")
	}
	r.carry(r.SetLink(b.now, "Ethernet1", false))
	if got := send(); got["Ethernet0"] != 64 {
		t.Errorf("with one way left: %v", got)
	}
}

func TestDownInterfaces(t *testing.T) {
	b, h1, r, _ := threeNodes(t)
	h1.mustPing("10.2.0.1")
	r.carry(r.SetLink(b.now, "Ethernet1", false))
	if got := taken[Link](r); len(got) != 1 || got[0].Up || got[0].Dev != "Ethernet1" {
		t.Errorf("told %v", got)
	}
	h1.mustNotPing("10.2.0.1")
	h1.mustNotPing("10.2.0.254") // an address that is down is nobody's
	r.carry(r.SetLink(b.now, "Ethernet1", true))
	h1.mustPing("10.2.0.1")
	table := between()
	table.Interfaces[0].Up = false
	r.sync(table)
	h1.mustNotPing("10.1.0.254")
	r.sync(Table{})
	if r.Counters().Interfaces["Ethernet0"].InPackets == 0 {
		t.Error("a port with a cable lost its counters")
	}
}

// TestPathMTU: a narrow link fragments, and with DF it is told.
func TestPathMTU(t *testing.T) {
	b, h1, r, h2 := threeNodes(t)
	narrow := between()
	narrow.Interfaces[1].MTU = 576
	r.sync(narrow)
	if !h1.pingWith(SendIP{Dst: addr("10.2.0.1"), TTL: 64}, 1472) {
		t.Errorf("no reply of 1500; %v %v", r.Counters().Drops, h2.Counters().Drops)
	}
	for _, f := range b.wire {
		if h, _, ok := parseIP(f[etherLen:]); ok && h.total > 576 && [6]byte(f[6:]) == r.ports["Ethernet1"].mac {
			t.Errorf("%d octets left by the narrow link", h.total)
		}
	}
	h1.pingWith(SendIP{Dst: addr("10.2.0.1"), TTL: 64, DF: true}, 1472)
	h1.send(SendIP{Dst: addr("10.2.0.1"), TTL: 64, DF: true, Protocol: protoICMP, Payload: echo(1472)})
	got := taken[ICMP](h1)
	if len(got) != 1 || !bytes.HasPrefix(got[0].Message[4:], []byte{0, 0, 576 >> 8, 576 & 0xff}) {
		t.Errorf("told %v", got)
	}
	r.dropped(NeedsFragment, 2)
	h1.send(SendIP{Dst: addr("10.2.0.1"), TTL: 64, DF: true, Protocol: protoICMP, Payload: echo(2000)})
	got = taken[ICMP](h1)
	if len(got) != 1 || got[0].From != addr("10.1.0.1") || got[0].Message[1] != icmpNeedsFragment {
		t.Errorf("of its own interface it was told %v", got)
	}
}

// TestDHCP: a client without an address sends and hears.
func TestDHCP(t *testing.T) {
	b := newBench(t)
	client, server := b.node("C", "Ethernet0"), b.node("S", "Ethernet0")
	b.cable("C Ethernet0", "S Ethernet0")
	client.sync(Table{Interfaces: []Interface{{Name: "Ethernet0", Up: true}}})
	server.sync(host("10.1.0.254/24", "10.1.0.1"))
	client.send(SendUDP{Dev: "Ethernet0", Local: addrPort("0.0.0.0:68"),
		Remote: addrPort("255.255.255.255:67"), Payload: []byte("discover")})
	got := taken[UDP](server)
	if len(got) != 1 || string(got[0].Payload) != "discover" || got[0].Dev != "Ethernet0" {
		t.Fatalf("the server got %v", got)
	}
	for _, offer := range []SendUDP{
		{Remote: addrPort("255.255.255.255:68")},
		{Remote: addrPort("10.1.0.7:68"), LinkDst: client.options.MACs["Ethernet0"]},
	} {
		offer.Dev, offer.Local, offer.Payload = "Ethernet0", addrPort("10.1.0.254:67"), []byte("offer")
		server.send(offer)
		if got := taken[UDP](client); len(got) != 1 || string(got[0].Payload) != "offer" {
			t.Errorf("to %v: the client got %v", offer.Remote, got)
		}
	}
	client.sync(host("10.1.0.7/24", "10.1.0.254"))
	server.send(SendUDP{Dev: "Ethernet0", Local: addrPort("10.1.0.254:67"), Remote: addrPort("10.1.0.8:68"),
		LinkDst: client.options.MACs["Ethernet0"]})
	if got := taken[UDP](client); len(got) != 0 {
		t.Errorf("with an address it takes another's offer: %v", got)
	}
}

func TestSendNeverPanics(t *testing.T) {
	_, r1, _ := sharing(t)
	for _, packet := range []Packet{
		SendUDP{}, SendTunnel{}, SendIP{}, nil,
		SendIP{Dst: addr("::1")}, SendIP{Src: addr("::1"), Dst: addr("10.0.0.2")},
		SendIP{Dev: "Ethernet0"}, SendIP{Dev: "Ethernet0", Dst: addr("::1")}, SendIP{Dev: "Nowhere0", Dst: addr("10.0.0.2")},
		SendIP{Dst: addr("10.0.0.2"), Payload: make([]byte, 70000)},
		SendIP{Dev: "Tunnel0", Dst: addr("10.0.0.2"), Payload: make([]byte, 70000)},
		SendTunnel{"Tunnel0", netip.Addr{}, 0x800, nil}, SendTunnel{"Tunnel0", addr("::1"), 0x800, nil},
		SendTunnel{"Ethernet0", addr("172.17.0.2"), 0x800, nil},
		SendTunnel{"Tunnel0", addr("172.17.0.2"), 0x800, make([]byte, 66000)},
		SendUDP{Local: netip.AddrPortFrom(netip.Addr{}, 500), Remote: addrPort("172.17.0.2:500")},
		SendUDP{Remote: addrPort("10.0.0.2:500"), Payload: make([]byte, 70000)},
		SendUDP{Dev: "Ethernet0", Remote: addrPort("10.0.0.2:500"), Payload: make([]byte, 70000)},
	} {
		r1.send(packet)
	}
}

// TestOneErrorForAllFragments: only the first has what an error quotes.
func TestOneErrorForAllFragments(t *testing.T) {
	_, h1, r, _ := threeNodes(t)
	h1.send(SendIP{Dst: addr("10.2.0.1"), TTL: 1, Protocol: protoUDP, Payload: make([]byte, 3000)})
	if got := taken[ICMP](h1); len(got) != 1 || got[0].Message[0] != icmpTimeExceeded {
		t.Errorf("told %v", got)
	}
	r.dropped(TTLExpired, 3)
}

// TestDamagedEcho is not answered.
func TestDamagedEcho(t *testing.T) {
	_, h1, r, _ := threeNodes(t)
	damaged := echo(8)
	damaged[9] ^= 1
	h1.send(SendIP{Dst: addr("10.1.0.254"), TTL: 9, Protocol: protoICMP, Payload: damaged})
	if got := taken[ICMP](h1); len(got) != 0 {
		t.Errorf("answered %v", got)
	}
	r.dropped(BadPacket, 1)
}

// TestNetworkOfTwo: neither address of a /31 is its broadcast (RFC 3021).
func TestNetworkOfTwo(t *testing.T) {
	table := func(n int) Table { return host([]string{"10.3.0.0/31", "10.3.0.1/31"}[n], "10.3.0.0") }
	_, r1, r2 := twoRouters(t, table(0), table(1))
	r1.mustPing("10.3.0.1")
	r2.mustPing("10.3.0.0")
}
