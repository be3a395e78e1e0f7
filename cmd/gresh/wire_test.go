package main

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"gresh/backend"
	"gresh/backend/sadb"
	"gresh/backend/sim"
)

// The IP protocols that tests look for.
const (
	protocolUDP = 17
	protocolGRE = 47
	protocolESP = 50
)

// A packet is an IPv4 packet on a link.
type packet struct {
	link     string
	at       time.Time
	src, dst netip.Addr
	protocol byte
	body     []byte // after the IP header
}

// watch has f see every IPv4 packet that is put on any link from now on.
func (b *bench) watch(f func(packet)) {
	for _, l := range b.Links() {
		watchLink(l, f)
	}
}

func watchLink(l *sim.Link, f func(packet)) {
	l.Tap(func(at time.Time, frame []byte) {
		if p, ok := parseFrame(frame); ok {
			p.link, p.at = l.Name(), at
			f(p)
		}
	})
}

// parseFrame reads an Ethernet frame as far as it is IPv4. It owes nothing to
// the data path whose frames it judges.
func parseFrame(frame []byte) (packet, bool) {
	if len(frame) < 14+20 || binary.BigEndian.Uint16(frame[12:]) != 0x0800 {
		return packet{}, false
	}
	ip := frame[14:]
	size, total := int(ip[0]&15)*4, int(binary.BigEndian.Uint16(ip[2:]))
	if size > total || total > len(ip) {
		return packet{}, false
	}
	return packet{src: netip.AddrFrom4([4]byte(ip[12:])), dst: netip.AddrFrom4([4]byte(ip[16:])),
		protocol: ip[9], body: slices.Clone(ip[size:total])}, true
}

// The exchanges of IKEv1, by their numbers in its header.
const (
	exchangeMain          = 2
	exchangeInformational = 5
	exchangeQuick         = 32
)

// An ikeHead is the header of an IKE message.
type ikeHead struct {
	initiator, responder [8]byte // cookies
	exchange             byte
	message              uint32
}

// ike reads the header of the IKE message on port 500 that a packet is.
func (p packet) ike() (ikeHead, bool) {
	if p.protocol != protocolUDP || len(p.body) < 8+28 || binary.BigEndian.Uint16(p.body[2:]) != 500 {
		return ikeHead{}, false
	}
	m := p.body[8:]
	return ikeHead{[8]byte(m), [8]byte(m[8:]), m[18], binary.BigEndian.Uint32(m[20:])}, true
}

// A route is who sends to whom.
type route struct{ from, to netip.Addr }

// exchanges counts the IKE exchanges of one type by who began them.
type exchanges struct {
	kind  byte
	seen  map[ikeHead]bool
	begun map[route]int
}

func newExchanges(kind byte) *exchanges {
	return &exchanges{kind, map[ikeHead]bool{}, map[route]int{}}
}

func (e *exchanges) take(p packet) {
	if h, ok := p.ike(); ok && h.exchange == e.kind && !e.seen[h] {
		e.seen[h] = true
		e.begun[route{p.src, p.dst}]++
	}
}

// The addresses of the lab that comes with gresh.
var (
	hub1Addr   = netip.MustParseAddr("172.17.0.1")
	hub2Addr   = netip.MustParseAddr("172.17.0.5")
	spoke1Addr = netip.MustParseAddr("172.17.0.11")
	spoke2Addr = netip.MustParseAddr("172.17.0.12")
)

// pairs are the SA pairs of a node with a peer, oldest first, of all SADBs.
func (b *bench) pairs(node string, peer netip.Addr) (all []sadb.PairStatus) {
	b.router(node, func(r *backend.Router) {
		for _, db := range r.SADB().SADBs {
			for _, i := range db.Instances {
				if i.Peer == peer {
					all = append(all, i.Pairs...)
				}
			}
		}
	})
	return all
}

// spis are the SPIs of the pairs of a node with a peer, inbound and outbound.
func (b *bench) spis(node string, peer netip.Addr) (in, out []uint32) {
	for _, p := range b.pairs(node, peer) {
		in, out = append(in, p.In[0].SPI), append(out, p.Out[0].SPI)
	}
	slices.Sort(in)
	slices.Sort(out)
	return in, out
}

// onePair holds two nodes to have one SA pair with each other, and the same.
func (b *bench) onePair(a string, addrA netip.Addr, z string, addrZ netip.Addr) {
	b.t.Helper()
	inA, outA := b.spis(a, addrZ)
	inZ, outZ := b.spis(z, addrA)
	if len(inA) != 1 || !slices.Equal(inA, outZ) || !slices.Equal(outA, inZ) {
		b.t.Errorf("%s has inbound %x, outbound %x with %s, which has inbound %x, outbound %x", a, inA, outA, z, inZ, outZ)
	}
}
