package forward

import (
	"cmp"
	"encoding/binary"
	"maps"
	"net/netip"
	"slices"
	"time"
)

const (
	arpRequest = 1
	arpReply   = 2
	arpLen     = 28

	arpLife    = 4 * time.Hour
	arpRetry   = time.Second
	arpTries   = 3
	arpQueue   = 8     // packets that wait for one address
	entriesMax = 65536 // of each table that packets fill
)

// An arpEntry is a neighbour on Ethernet, or one that is being asked for.
type arpEntry struct {
	mac     [6]byte
	known   bool
	since   time.Time
	tries   int
	due     time.Time // to ask again, or to be forgotten
	packets [][]byte
}

// receiveARP answers requests for our addresses and learns from what concerns
// us (RFC 826). A sender without an address probes (RFC 5227 section 2.1.1):
// it is answered, and taught nothing from.
func (p *Path) receiveARP(i *port, b []byte) {
	if len(b) < arpLen || [6]byte(b[:6]) != [6]byte{0, 1, 8, 0, 6, 4} {
		i.counters.InDrops++
		p.drop(BadPacket)
		return
	}
	request := binary.BigEndian.Uint16(b[6:]) == arpRequest
	mac, from := [6]byte(b[8:14]), netip.AddrFrom4([4]byte(b[14:18]))
	target := netip.AddrFrom4([4]byte(b[24:28]))
	ours, key := p.own[target] == i, hopKey{i.Name, from}
	if p.own[from] != nil {
		return // another claims our address
	}
	if p.arp[key] != nil || ours && i.onLink(from) {
		p.learn(i, key, mac)
	}
	if ours && request {
		p.frame(i, mac, etherARP, arpMessage(arpReply, i.mac, target, mac, from))
	}
}

func (p *Path) learn(i *port, key hopKey, mac [6]byte) {
	e := p.arp[key]
	if e == nil {
		if len(p.arp) >= entriesMax {
			return
		}
		e = new(arpEntry)
		p.arp[key] = e
	}
	e.mac, e.known, e.since, e.tries, e.due = mac, true, p.now, 0, p.now.Add(arpLife)
	p.stale = true
	waiting := e.packets
	e.packets = nil
	for _, packet := range waiting {
		p.frame(i, mac, etherIPv4, packet)
	}
}

// resolve sends a packet to a neighbour on Ethernet, asking for its address
// first if need be.
func (p *Path) resolve(out *port, to netip.Addr, packet []byte) {
	key := hopKey{out.Name, to}
	e := p.arp[key]
	if e != nil && e.known {
		p.frame(out, e.mac, etherIPv4, packet)
		return
	}
	if e == nil {
		if len(p.arp) >= entriesMax {
			p.drop(NoNeighbor)
			return
		}
		e = &arpEntry{since: p.now}
		p.arp[key] = e
		p.ask(out, key, e)
	}
	if len(e.packets) >= arpQueue {
		out.counters.OutDrops++
		p.drop(NoNeighbor)
		return
	}
	e.packets = append(e.packets, packet)
}

func (p *Path) ask(out *port, key hopKey, e *arpEntry) {
	e.tries++
	e.due = p.now.Add(arpRetry)
	p.stale = true
	from := out.addressFor(key.addr)
	if !from.IsValid() {
		from = netip.IPv4Unspecified()
	}
	p.frame(out, broadcastMAC, etherARP, arpMessage(arpRequest, out.mac, from, [6]byte{}, key.addr))
}

// announce tells the link that an address is ours (RFC 5227 section 2.3).
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

// advanceARP asks again for who has not answered, and gives up in the end. A
// neighbour that is known is asked for anew when a packet needs it.
func (p *Path) advanceARP(key hopKey, e *arpEntry) {
	out := p.ports[key.dev]
	if !e.known && e.tries < arpTries && out != nil && out.running() {
		p.ask(out, key, e)
		return
	}
	delete(p.arp, key)
	p.stale = true
	for _, packet := range e.packets {
		p.drop(NoNeighbor)
		if h, packet, ok := parseIP(packet); ok {
			p.unreachable(h, packet, icmpHostUnreachable)
		}
	}
}

// ClearARP forgets all neighbours on Ethernet.
func (p *Path) ClearARP() {
	for _, e := range p.arp {
		p.drops[NoNeighbor] += uint64(len(e.packets))
	}
	clear(p.arp)
	p.stale = true
}

// forgetARP forgets the neighbours on a port that went down.
func (p *Path) forgetARP(i *port) {
	if i.Kind != Ethernet {
		return
	}
	maps.DeleteFunc(p.arp, func(key hopKey, e *arpEntry) bool {
		if key.dev == i.Name {
			p.drops[NoNeighbor] += uint64(len(e.packets))
		}
		return key.dev == i.Name
	})
	p.stale = true
}

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
