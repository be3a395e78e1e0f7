package forward

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"
	"time"
)

const (
	etherIPv4 = 0x0800
	etherARP  = 0x0806
	etherLen  = 14

	arpRequest = 1
	arpReply   = 2
	arpLen     = 28

	arpLife    = 4 * time.Hour
	arpRetry   = time.Second
	arpTries   = 3
	queueMax   = 8 // packets that wait for one address
	missLimit  = 3 // packets that wait for one NBMA address
	missLife   = 2 * time.Second
	tablesMax  = 65536
	etherFloor = 60 // the shortest frame without its check sequence
)

var broadcastMAC = [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// An arpEntry is a neighbour on Ethernet, or one that is being asked for.
type arpEntry struct {
	mac     [6]byte
	known   bool
	since   time.Time
	tries   int
	due     time.Time
	packets [][]byte
}

// A queue is packets that wait for a next hop's NBMA address.
type queue struct {
	packets [][]byte
	until   time.Time
}

// Receive takes a frame from a port. The frame is not kept.
func (p *Path) Receive(now time.Time, dev string, frame []byte) Result {
	p.begin(now)
	i, ok := p.ports[dev]
	switch {
	case !ok || !i.running() || i.Kind != Ethernet:
		p.drop(InterfaceDown)
	case len(frame) < etherLen:
		p.drop(BadPacket)
	default:
		to := [6]byte(frame[:6])
		if to != i.mac && to[0]&1 == 0 {
			break // not for us
		}
		i.counters.InPackets++
		i.counters.InOctets += uint64(len(frame))
		switch binary.BigEndian.Uint16(frame[12:]) {
		case etherARP:
			p.receiveARP(i, frame[etherLen:])
		case etherIPv4:
			p.receiveIP(i, append([]byte(nil), frame[etherLen:]...), "", to[0]&1 != 0)
		}
	}
	return p.end()
}

// frame sends a packet to a link-layer address.
func (p *Path) frame(i *port, to [6]byte, ethertype uint16, packet []byte) {
	data := make([]byte, 0, max(etherFloor, etherLen+len(packet)))
	data = append(data, to[:]...)
	data = append(data, i.mac[:]...)
	data = binary.BigEndian.AppendUint16(data, ethertype)
	data = append(data, packet...)
	for len(data) < etherFloor {
		data = append(data, 0)
	}
	i.counters.OutPackets++
	i.counters.OutOctets += uint64(len(data))
	p.result.Frames = append(p.result.Frames, Frame{i.Name, data})
}

// receiveARP answers requests for our addresses and learns from what concerns
// us (RFC 826).
func (p *Path) receiveARP(i *port, b []byte) {
	if len(b) < arpLen || [6]byte(b[:6]) != [6]byte{0, 1, 8, 0, 6, 4} {
		p.drop(BadPacket)
		return
	}
	from, mac := netip.AddrFrom4([4]byte(b[14:18])), [6]byte(b[8:14])
	target := netip.AddrFrom4([4]byte(b[24:28]))
	key := hopKey{i.Name, from}
	e := p.arp[key]
	ours := p.own[target] == i
	if from.IsUnspecified() || p.own[from] != nil {
		return
	}
	if e != nil || ours && i.onLink(from) {
		p.learn(i, key, mac)
	}
	if ours && binary.BigEndian.Uint16(b[6:]) == arpRequest {
		p.frame(i, mac, etherARP, arpMessage(arpReply, i.mac, target, mac, from))
	}
}

func (i *port) onLink(a netip.Addr) bool {
	return slices.ContainsFunc(i.Addresses, func(n netip.Prefix) bool { return n.Contains(a) })
}

func (p *Path) learn(i *port, key hopKey, mac [6]byte) {
	e := p.arp[key]
	if e == nil {
		if len(p.arp) >= tablesMax {
			return
		}
		e = new(arpEntry)
		p.arp[key] = e
	}
	e.mac, e.known, e.since, e.tries, e.due = mac, true, p.now, 0, p.now.Add(arpLife)
	waiting := e.packets
	e.packets = nil
	for _, packet := range waiting {
		p.frame(i, mac, etherIPv4, packet)
	}
}

// resolve sends a packet to a neighbour on Ethernet, asking for its address
// first if need be.
func (p *Path) resolve(i *port, to netip.Addr, packet []byte) {
	key := hopKey{i.Name, to}
	e := p.arp[key]
	switch {
	case e != nil && e.known:
		p.frame(i, e.mac, etherIPv4, packet)
		return
	case e == nil:
		if len(p.arp) >= tablesMax {
			p.drop(NoNeighbor)
			return
		}
		e = &arpEntry{since: p.now}
		p.arp[key] = e
	}
	if len(e.packets) >= queueMax {
		p.drop(NoNeighbor)
	} else {
		e.packets = append(e.packets, packet)
	}
	if e.due.IsZero() {
		p.ask(i, key, e)
	}
}

func (p *Path) ask(i *port, key hopKey, e *arpEntry) {
	e.tries++
	e.due = p.now.Add(arpRetry)
	p.frame(i, broadcastMAC, etherARP, arpMessage(arpRequest, i.mac, i.addressFor(key.addr), [6]byte{}, key.addr))
}

// addressFor is the address of ours that a neighbour can answer to.
func (i *port) addressFor(to netip.Addr) netip.Addr {
	for _, a := range i.Addresses {
		if a.Contains(to) {
			return a.Addr()
		}
	}
	if len(i.Addresses) > 0 {
		return i.Addresses[0].Addr()
	}
	return netip.IPv4Unspecified()
}

// announce tells the link that an address is ours (RFC 5227 section 3).
func (p *Path) announce(i *port, a netip.Addr) {
	p.frame(i, broadcastMAC, etherARP, arpMessage(arpRequest, i.mac, a, [6]byte{}, a))
}

func arpMessage(op uint16, from [6]byte, fromIP netip.Addr, to [6]byte, toIP netip.Addr) []byte {
	b := append(make([]byte, 0, arpLen), 0, 1, 8, 0, 6, 4)
	b = binary.BigEndian.AppendUint16(b, op)
	b = append(b, from[:]...)
	b = append(b, fromIP.AsSlice()...)
	b = append(b, to[:]...)
	return append(b, toIP.AsSlice()...)
}

// ClearARP forgets all neighbours on Ethernet.
func (p *Path) ClearARP() { clear(p.arp) }

func (p *Path) arpEntries() []ARPEntry {
	var all []ARPEntry
	for a, i := range p.own {
		if i.Kind == Ethernet {
			all = append(all, ARPEntry{Dev: i.Name, Addr: a, MAC: i.mac, Own: true})
		}
	}
	for k, e := range p.arp {
		all = append(all, ARPEntry{Dev: k.dev, Addr: k.addr, MAC: e.mac, Incomplete: !e.known, Since: e.since})
	}
	slices.SortFunc(all, func(a, b ARPEntry) int {
		return cmp.Or(a.Addr.Compare(b.Addr), cmp.Compare(a.Dev, b.Dev))
	})
	return all
}

// Next returns when Advance will have work; zero: never.
func (p *Path) Next() (next time.Time) {
	sooner := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, e := range p.arp {
		sooner(e.due)
	}
	for _, q := range p.waiting {
		sooner(q.until)
	}
	for _, f := range p.whole {
		sooner(f.until)
	}
	return next
}

// Advance does what is due: it asks again, and gives up.
func (p *Path) Advance(now time.Time) Result {
	p.begin(now)
	for _, key := range sortedHops(p.arp) {
		if e := p.arp[key]; !e.due.IsZero() && !now.Before(e.due) {
			p.advanceARP(key, e)
		}
	}
	for _, key := range sortedHops(p.waiting) {
		if q := p.waiting[key]; !now.Before(q.until) {
			delete(p.waiting, key)
			for range q.packets {
				p.drop(NoNeighbor)
			}
		}
	}
	for key, f := range p.whole {
		if !now.Before(f.until) {
			delete(p.whole, key)
			p.drop(Reassembly)
		}
	}
	return p.end()
}

func (p *Path) advanceARP(key hopKey, e *arpEntry) {
	i := p.ports[key.dev]
	if e.known || i == nil || !i.running() || e.tries >= arpTries {
		delete(p.arp, key)
		for _, packet := range e.packets {
			p.drop(NoNeighbor)
			p.unreachable(packet, icmpHostUnreachable)
		}
		return
	}
	p.ask(i, key, e)
}

// sortedHops are the keys in an order that does not depend on the map's.
func sortedHops[V any](m map[hopKey]V) []hopKey {
	keys := make([]hopKey, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b hopKey) int {
		return cmp.Or(cmp.Compare(a.dev, b.dev), a.addr.Compare(b.addr))
	})
	return keys
}
