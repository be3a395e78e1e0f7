package forward

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"gresh/backend/gre"
)

func TestOpenTunnels(t *testing.T) {
	b, r1, r2 := twoRouters(t, guide(1, "", "", 2), guide(2, "", "", 1))
	r1.mustPing("10.0.0.2", "10.0.1.2")
	keys := map[uint32]int{}
	for _, f := range b.wire {
		if f[13] == 0 && f[etherLen+9] == protoGRE {
			keys[binary.BigEndian.Uint32(f[etherLen+ipHeaderLen+4:])]++
		}
	}
	if keys[100000] != 2 || keys[100001] != 2 {
		t.Errorf("keys on the wire: %v", keys)
	}
	got := r1.Counters().Neighbors
	want := []NeighborCounters{{"Tunnel0", addr("10.0.0.2"), 1, noon}, {"Tunnel1", addr("10.0.1.2"), 1, noon}}
	if !slices.Equal(got, want) {
		t.Errorf("neighbours in use: %v", got)
	}
	r1.send(SendTunnel{"Tunnel1", addr("172.17.0.2"), gre.NHRP, []byte("registration")})
	up := taken[TunnelPacket](r2)
	from := addr("172.17.0.1")
	if len(up) != 1 || up[0].Tunnel != "Tunnel1" || up[0].NBMA != from || string(up[0].Payload) != "registration" {
		t.Errorf("handed up %+v", up)
	}
}

// TestOuterHeader: TOS is copied, DF is not, the TTL is the tunnel's.
func TestOuterHeader(t *testing.T) {
	b, r1, _ := twoRouters(t, guide(1, "", "", 2), guide(2, "", "", 1))
	r1.send(SendIP{Dst: addr("10.0.0.2"), TTL: 7, TOS: 0xb8, DF: true, Protocol: protoICMP, Payload: echo(8)})
	h, packet, ok := parseIP(b.wire[2][etherLen:])
	if !ok || h.protocol != protoGRE || h.tos != 0xb8 || h.df || h.ttl != 255 {
		t.Errorf("outer header %+v", h)
	}
	if h, _, ok := parseIP(packet[ipHeaderLen+8:]); !ok || !h.df || h.ttl != 7 {
		t.Errorf("inner header %+v", h)
	}
}

// TestTunnelMTU: "ip mtu 1400" cuts before encapsulation, and what is too
// large outside is cut after it.
func TestTunnelMTU(t *testing.T) {
	sas := pair(shared, 0x1000, 1, 2)
	b, r1, _ := protected(t, sas...)
	if !r1.pingWith(SendIP{Dst: addr("10.0.0.2"), TTL: 9}, 3000) {
		t.Error("no reply of 3000")
	}
	for _, f := range b.wire {
		if h, _, _ := parseIP(f[etherLen:]); h.fragment() {
			t.Errorf("a fragment outside: %+v", h)
		}
	}
	wide := func(n, peer int) Table {
		table := with(guide(n, shared, shared, peer), sas...)
		table.Interfaces[1].MTU = 1500
		return table
	}
	b, r1, _ = twoRouters(t, wide(1, 2), wide(2, 1))
	if !r1.pingWith(SendIP{Dst: addr("10.0.0.2"), TTL: 9, DF: true}, 1472) {
		t.Error("no reply of 1500")
	}
	if got := b.protocols(); got[protoESP] != 4 {
		t.Errorf("on the wire: %v, want two fragments each way", got)
	}
}

// TestUnresolvedNextHop: a few packets wait, the router is told, and a
// neighbour that comes in time gets them.
func TestUnresolvedNextHop(t *testing.T) {
	b, r1, r2 := twoRouters(t, guide(1, "", ""), guide(2, "", "", 1))
	want := Miss{"Tunnel0", addr("10.0.0.2")}
	for range 5 {
		r1.send(SendIP{Dst: addr("10.0.0.2"), TTL: 9, Protocol: protoICMP, Payload: echo(8)})
	}
	if got := taken[Miss](r1); len(got) != 1 || got[0] != want || len(b.wire) != 0 {
		t.Errorf("told %v, %d frames", got, len(b.wire))
	}
	r1.dropped(NoNeighbor, 2)
	if b.pass(time.Second); r1.Next() != b.now.Add(time.Second) {
		t.Errorf("next at %v", r1.Next().Sub(b.now))
	}
	r1.sync(guide(1, "", "", 2))
	if got := taken[ICMP](r1); len(got) != missQueue {
		t.Errorf("%d replies to what waited", len(got))
	}
	if !r1.Next().Equal(b.now.Add(arpLife)) {
		t.Errorf("still waiting: %v", r1.Next().Sub(b.now))
	}
	r2.sync(guide(2, "", ""))
	r2.send(SendIP{Dst: addr("10.0.0.1"), TTL: 9, Protocol: protoICMP, Payload: echo(8)})
	b.pass(missLife)
	r2.dropped(NoNeighbor, 1)
	r2.up = nil
	r2.send(SendIP{Dst: addr("10.0.0.1"), TTL: 9, Protocol: protoICMP, Payload: echo(8)})
	if got := taken[Miss](r2); len(got) != 1 {
		t.Errorf("told %v when it is asked for again", got)
	}
}

// TestMulticast: a copy for each NBMA address of the tunnel.
func TestMulticast(t *testing.T) {
	table := guide(1, "", "", 2)
	for i, nbma := range []string{"172.17.0.2", "172.17.0.3", "172.17.0.4"} {
		table.Multicast = append(table.Multicast, Multicast{fmt.Sprintf("Tunnel%d", i/2), addr(nbma)})
	}
	_, r1, r2 := twoRouters(t, table, guide(2, "", "", 1))
	to := func() (all []string) {
		for _, dst := range []string{"224.0.0.10", "10.0.0.255"} {
			r := r1.Send(noon, SendIP{Dev: "Tunnel0", Dst: addr(dst), TTL: 1, Protocol: 88, Payload: []byte("hello")})
			for _, f := range r.Frames {
				if f.Data[13] == 6 {
					all = append(all, netip.AddrFrom4([4]byte(f.Data[38:42])).String())
				} else {
					all = append(all, netip.AddrFrom4([4]byte(f.Data[30:34])).String())
				}
			}
			r1.carry(r)
		}
		return all
	}
	r1.mustPing("10.0.0.2")
	if got := fmt.Sprint(to()); got != "[172.17.0.2 172.17.0.3 172.17.0.2]" { // .3 has been asked for
		t.Errorf("sent to %s", got)
	}
	if got := r2.Counters().Interfaces["Tunnel0"].InPackets; got != 3 {
		t.Errorf("%d arrived", got)
	}
	r1.sync(guide(1, "", "", 2))
	if got := to(); got != nil {
		t.Errorf("sent to %v", got)
	}
	r1.dropped(NoNeighbor, 2)
}

// TestPointToPoint: a tunnel with a destination needs no neighbour, and comes
// before the multipoint one of the same key.
func TestPointToPoint(t *testing.T) {
	point := func(n, peer int) Table {
		table := guide(n, "", "")
		p := table.Interfaces[1]
		p.Name, p.Addresses = "Tunnel9", []netip.Prefix{prefix(fmt.Sprintf("10.0.9.%d/30", n))}
		p.Tunnel.Remote = addr(fmt.Sprintf("172.17.0.%d", peer))
		table.Interfaces = append(table.Interfaces, p)
		table.Routes = append(table.Routes, Route{prefix("10.0.9.0/30"), []Hop{{Dev: "Tunnel9"}}})
		return table
	}
	_, r1, r2 := twoRouters(t, point(1, 2), point(2, 1))
	r1.mustPing("10.0.9.2")
	if c := r2.Counters().Interfaces; c["Tunnel9"].InPackets != 1 || c["Tunnel0"].InPackets != 0 {
		t.Errorf("%+v", c)
	}
	alone := point(2, 1)
	alone.Interfaces = alone.Interfaces[:1]
	r2.sync(alone)
	r1.mustNotPing("10.0.9.2")
	r2.dropped(NoTunnel, 1)
	if _, ok := r2.Counters().Interfaces["Tunnel9"]; ok {
		t.Error("a tunnel that is gone still counts")
	}
}

// TestRecursion: a route to the tunnel's far end that leads into the tunnel.
func TestRecursion(t *testing.T) {
	loop := guide(1, "", "", 2)
	loop.Routes = append(loop.Routes, Route{prefix("172.17.0.2/32"), []Hop{{"Tunnel0", addr("10.0.0.2")}}})
	b, r1, _ := twoRouters(t, loop, guide(2, "", "", 1))
	r1.mustNotPing("10.0.0.2")
	r1.dropped(Recursion, 1)
	if got := r1.Counters().Interfaces["Tunnel0"].OutPackets; got != 1 {
		t.Errorf("the packet went %d times into the tunnel", got)
	}
	loop.Routes[3].Hops = []Hop{{"Tunnel1", addr("10.0.1.2")}}
	r1.sync(loop)
	r1.mustNotPing("10.0.0.2")
	r1.dropped(Recursion, 2)
	if len(b.wire) != 0 {
		t.Errorf("%d frames", len(b.wire))
	}
}

// TestTunnelInTunnel is no recursion: Tunnel0's far end is behind Tunnel1.
func TestTunnelInTunnel(t *testing.T) {
	nested := func(n, peer int) Table {
		table := guide(n, "", "", peer)
		table.Interfaces = append(table.Interfaces, Interface{Name: "Loopback0", Kind: Loopback, Up: true,
			Addresses: []netip.Prefix{prefix(fmt.Sprintf("10.9.0.%d/32", n))}})
		table.Interfaces[1].Tunnel.Local = addr(fmt.Sprintf("10.9.0.%d", n))
		table.Neighbors[0].NBMA = addr(fmt.Sprintf("10.9.0.%d", peer))
		table.Routes = append(table.Routes, Route{prefix(fmt.Sprintf("10.9.0.%d/32", peer)),
			[]Hop{{"Tunnel1", addr(fmt.Sprintf("10.0.1.%d", peer))}}})
		return table
	}
	_, r1, r2 := twoRouters(t, nested(1, 2), nested(2, 1))
	r1.mustPing("10.0.0.2")
	if c := r2.Counters().Interfaces; c["Tunnel0"].InPackets != 1 || c["Tunnel1"].InPackets != 1 {
		t.Errorf("%+v", c)
	}
}

// TestForwardedThroughTunnel: TTL and ICMP errors of what is inside.
func TestForwardedThroughTunnel(t *testing.T) {
	far := guide(2, "", "", 1)
	far.Interfaces = append(far.Interfaces, Interface{Name: "Loopback0", Kind: Loopback, Up: true,
		Addresses: []netip.Prefix{prefix("192.168.2.1/24")}})
	near := guide(1, "", "", 2)
	near.Routes = append(near.Routes, Route{prefix("192.168.0.0/16"), []Hop{{"Tunnel0", addr("10.0.0.2")}}})
	_, r1, _ := twoRouters(t, near, far)
	r1.mustPing("192.168.2.1")
	r1.up = nil
	r1.send(SendIP{Dst: addr("192.168.7.7"), TTL: 9, Protocol: protoUDP, Payload: datagram(9)})
	got := taken[ICMP](r1)
	if len(got) != 1 || got[0].From != addr("10.0.0.2") || got[0].Message[1] != icmpHostUnreachable {
		t.Errorf("told %v", got)
	}
}

// TestNeighborMoves: a mapping that changes is obeyed, and goes on counting. One
// that is not used is not listed.
func TestNeighborMoves(t *testing.T) {
	astray := guide(1, "", "", 2)
	astray.Neighbors[0].NBMA = addr("172.17.0.77")
	_, r1, _ := twoRouters(t, astray, guide(2, "", "", 1))
	if got := r1.Counters().Neighbors; len(got) != 0 {
		t.Errorf("in use before any packet: %v", got)
	}
	r1.mustNotPing("10.0.0.2")
	r1.sync(guide(1, "", "", 2))
	r1.mustPing("10.0.0.2")
	if got := r1.Counters().Neighbors; len(got) != 1 || got[0].Packets != 2 {
		t.Errorf("in use: %v", got)
	}
}

// TestNeighborOfATunnelThatIsDown: what waits does not leave by a tunnel that
// went down meanwhile.
func TestNeighborOfATunnelThatIsDown(t *testing.T) {
	b, r1, _ := twoRouters(t, guide(1, "", ""), guide(2, "", "", 1))
	r1.mustNotPing("10.0.0.2")
	down := guide(1, "", "", 2)
	down.Interfaces[1].Up = false
	r1.sync(down)
	if len(b.wire) != 0 {
		t.Errorf("%d frames left", len(b.wire))
	}
	b.pass(missLife)
	r1.dropped(NoNeighbor, 1)
}
