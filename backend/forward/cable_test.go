package forward

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"gresh/backend/inet"
	"gresh/backend/sadb"
)

var (
	addr     = netip.MustParseAddr
	prefix   = netip.MustParsePrefix
	addrPort = netip.MustParseAddrPort
	noon     = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

// A bench is paths with cables between them. Whatever one sends arrives at
// once; time passes when a test says so.
type bench struct {
	t     *testing.T
	now   time.Time
	nodes map[string]*node
	order []string
	ends  map[string]string              // "R1 Ethernet0" to "R2 Ethernet0"
	wire  [][]byte                       // every frame that was on a cable
	lose  func(at string, f []byte) bool // a fault on the cables
}

type node struct {
	*Path
	b    *bench
	name string
	up   []Upcall
}

func newBench(t *testing.T) *bench {
	return &bench{t: t, now: noon, nodes: map[string]*node{}, ends: map[string]string{}}
}

// node adds a path with Ethernet ports.
func (b *bench) node(name string, ports ...string) *node {
	macs := map[string][6]byte{}
	for i, port := range ports {
		macs[port] = [6]byte{2, 0, 0, byte(i), 0, byte(len(b.order) + 1)}
	}
	n := &node{NewPath(Options{Rand: rand.NewChaCha8([32]byte{byte(len(b.order))}), MACs: macs}), b, name, nil}
	b.nodes[name] = n
	b.order = append(b.order, name)
	return n
}

// cable connects two ports, "R1 Ethernet0" and "R2 Ethernet0", and gives them
// carrier.
func (b *bench) cable(one, other string) {
	b.ends[one], b.ends[other] = other, one
	for _, end := range []string{one, other} {
		n, dev := b.end(end)
		n.carry(n.SetLink(b.now, dev, true))
	}
}

func (b *bench) end(end string) (*node, string) {
	var name, dev string
	fmt.Sscan(end, &name, &dev)
	return b.nodes[name], dev
}

// carry takes a result's frames to where they go, and what that causes.
func (n *node) carry(r Result) {
	n.up = append(n.up, r.Up...)
	for _, f := range r.Frames {
		at := n.name + " " + f.Dev
		other, ok := n.b.ends[at]
		if !ok || n.b.lose != nil && n.b.lose(at, f.Data) {
			continue
		}
		n.b.wire = append(n.b.wire, f.Data)
		peer, dev := n.b.end(other)
		peer.carry(peer.Receive(n.b.now, dev, f.Data))
	}
}

func (n *node) sync(t Table) {
	n.b.t.Helper()
	r, err := n.Sync(n.b.now, t)
	if err != nil {
		n.b.t.Fatalf("%s: %v", n.name, err)
	}
	n.carry(r)
}

func (n *node) send(packet Packet) { n.carry(n.Send(n.b.now, packet)) }

// pass lets time pass, deadline by deadline.
func (b *bench) pass(d time.Duration) {
	until := b.now.Add(d)
	for {
		next := until
		for _, name := range b.order {
			if t := b.nodes[name].Next(); !t.IsZero() && t.Before(next) {
				next = t
			}
		}
		b.now = next
		for _, name := range b.order {
			n := b.nodes[name]
			n.carry(n.Advance(b.now))
		}
		if b.now == until {
			return
		}
	}
}

// taken returns the upcalls of one kind, and forgets them all.
func taken[U Upcall](n *node) (all []U) {
	for _, u := range n.up {
		if u, ok := u.(U); ok {
			all = append(all, u)
		}
	}
	n.up = nil
	return all
}

// ping sends an echo request and says whether its reply came.
func (n *node) ping(to string) bool { return n.pingWith(SendIP{Dst: addr(to), TTL: 255}, 72) }

func (n *node) pingWith(s SendIP, size int) bool {
	n.up = nil
	s.Protocol, s.Payload = protoICMP, echo(size)
	n.send(s)
	return slices.ContainsFunc(taken[ICMP](n), func(m ICMP) bool {
		return m.Message[0] == icmpEchoReply && len(m.Message) == 8+size && m.From == s.Dst
	})
}

func echo(size int) []byte {
	message := append([]byte{icmpEchoRequest, 0, 0, 0, 0, 7, 0, 1}, make([]byte, size)...)
	for i := range size {
		message[8+i] = byte(i)
	}
	binary.BigEndian.PutUint16(message[2:], inet.Checksum(0, message))
	return message
}

// mustPing and mustNotPing also say why not.
func (n *node) mustPing(to ...string) {
	n.b.t.Helper()
	for _, a := range to {
		if !n.ping(a) {
			n.b.t.Errorf("%s: no reply from %s; drops here: %v", n.name, a, n.Counters().Drops)
		}
	}
}

func (n *node) mustNotPing(to string) {
	n.b.t.Helper()
	if n.ping(to) {
		n.b.t.Errorf("%s: a reply from %s", n.name, to)
	}
}

// dropped checks how often a path has dropped for a reason.
func (n *node) dropped(r Reason, want uint64) {
	n.b.t.Helper()
	if got := n.Counters().Drops[r]; got != want {
		n.b.t.Errorf("%s dropped %d for %q, want %d; all drops: %v", n.name, got, r, want, n.Counters().Drops)
	}
}

// protocols counts the IP packets on the cables by protocol, and forgets them.
func (b *bench) protocols() map[uint8]int {
	count := map[uint8]int{}
	for _, f := range b.wire {
		if binary.BigEndian.Uint16(f[12:]) == etherIPv4 {
			count[f[etherLen+9]]++
		}
	}
	b.wire = nil
	return count
}

// guide is the table of router n of the feature guide's kind: two multipoint
// tunnels on one source, told apart by their keys, open or under an SADB each.
func guide(n int, sadb0, sadb1 string, peers ...int) Table {
	outside := fmt.Sprintf("172.17.0.%d", n)
	tunnel := func(i int, sadb string) Interface {
		return Interface{Name: fmt.Sprintf("Tunnel%d", i), Kind: GRE, Up: true, MTU: 1400, AdjustMSS: 1360,
			Addresses: []netip.Prefix{prefix(fmt.Sprintf("10.0.%d.%d/24", i, n))},
			Tunnel:    Tunnel{Local: addr(outside), Key: uint32(100000 + i), HasKey: true, TTL: 255, SADB: sadb}}
	}
	t := Table{
		Interfaces: []Interface{
			{Name: "Ethernet0", Up: true, MTU: 1500, Addresses: []netip.Prefix{prefix(outside + "/24")}},
			tunnel(0, sadb0), tunnel(1, sadb1),
		},
		Routes: []Route{
			{prefix("172.17.0.0/24"), []Hop{{Dev: "Ethernet0"}}},
			{prefix("10.0.0.0/24"), []Hop{{Dev: "Tunnel0"}}},
			{prefix("10.0.1.0/24"), []Hop{{Dev: "Tunnel1"}}},
		},
	}
	for _, peer := range peers {
		for i := range 2 {
			t.Neighbors = append(t.Neighbors, Neighbor{fmt.Sprintf("Tunnel%d", i),
				addr(fmt.Sprintf("10.0.%d.%d", i, peer)), addr(fmt.Sprintf("172.17.0.%d", peer))})
		}
	}
	if sadb0 != "" && sadb0 == sadb1 {
		t.Policies = []Policy{{SADB: sadb0, Local: addr(outside)}}
		return t
	}
	for i, name := range []string{sadb0, sadb1} {
		if name != "" {
			t.Policies = append(t.Policies, Policy{SADB: name, Local: addr(outside), Key: uint32(100000 + i), HasKey: true})
		}
	}
	return t
}

// sa is an SA from one router to another: the guide's esp-des esp-md5-hmac.
func sa(name string, spi uint32, from, to int) sadb.SA {
	return sadb.SA{Proto: sadb.ESP, SPI: spi, SADB: name, Mode: sadb.TransportMode,
		Src: addr(fmt.Sprintf("172.17.0.%d", from)), Dst: addr(fmt.Sprintf("172.17.0.%d", to)),
		Cipher: sadb.DES, EncKey: key(8, spi), Integrity: sadb.MD5, AuthKey: key(16, spi), Replay: 64}
}

func key(n int, spi uint32) []byte {
	k := make([]byte, n)
	for i := range k {
		k[i] = byte(int(spi)*31 + i*7)
	}
	return k
}

// pair is an SA each way.
func pair(name string, spi uint32, a, b int) []sadb.SA {
	return []sadb.SA{sa(name, spi, a, b), sa(name, spi+1, b, a)}
}

// twoRouters are R1 and R2 on one cable.
func twoRouters(t *testing.T, t1, t2 Table) (*bench, *node, *node) {
	b := newBench(t)
	r1, r2 := b.node("R1", "Ethernet0"), b.node("R2", "Ethernet0")
	b.cable("R1 Ethernet0", "R2 Ethernet0")
	r1.sync(t1)
	r2.sync(t2)
	b.wire, r1.up, r2.up = nil, nil, nil
	return b, r1, r2
}
