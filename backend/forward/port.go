package forward

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"
)

// A port is an interface at work.
type port struct {
	Interface
	mac       [6]byte
	carrier   bool
	announced []netip.Prefix // told to the link since it came up
	counters  InterfaceCounters
}

const ethernetMTU = 1500

// SetLink tells the Path that the carrier of an Ethernet port came or went.
func (p *Path) SetLink(now time.Time, dev string, up bool) Result {
	p.begin(now)
	i := p.port(dev)
	if i.carrier != up {
		i.carrier = up
		p.readdress()
		p.up(Link{Dev: dev, Up: up, MAC: i.mac, MTU: ethernetMTU})
	}
	return p.end()
}

func (p *Path) port(name string) *port {
	i, ok := p.ports[name]
	if !ok {
		i = &port{mac: p.options.MACs[name]}
		i.Name = name
		p.ports[name] = i
	}
	return i
}

// running says whether packets may pass.
func (i *port) running() bool {
	switch i.Kind {
	case GRE:
		return i.Up && i.Tunnel.Local.IsValid()
	case Ethernet:
		return i.Up && i.carrier
	}
	return i.Up
}

// readdress finds out anew which addresses are ours and which tunnels there
// are, after interfaces have changed.
func (p *Path) readdress() {
	clear(p.own)
	clear(p.demux)
	for _, want := range p.table.Interfaces {
		i := p.port(want.Name)
		if !i.running() {
			i.announced = nil
			p.forgetARP(i)
			continue
		}
		for _, a := range i.Addresses {
			if p.own[a.Addr()] == nil {
				p.own[a.Addr()] = i
			}
		}
		if i.Kind == GRE {
			p.demux[i.Tunnel.endpoint()] = i.Name
		}
		if i.Kind == Ethernet {
			p.announceNew(i)
		}
	}
}

// announceNew tells the link of addresses that it has not heard of yet.
func (p *Path) announceNew(i *port) {
	for _, a := range i.Addresses {
		if !slices.Contains(i.announced, a) {
			p.announce(i, a.Addr())
		}
	}
	i.announced = i.Addresses
}

func (i *port) onLink(a netip.Addr) bool {
	return slices.ContainsFunc(i.Addresses, func(n netip.Prefix) bool { return n.Contains(a) })
}

// addressFor is the address of ours that a neighbour can answer to; not valid
// if there is none.
func (i *port) addressFor(to netip.Addr) netip.Addr {
	for _, a := range i.Addresses {
		if a.Contains(to) {
			return a.Addr()
		}
	}
	if len(i.Addresses) > 0 {
		return i.Addresses[0].Addr()
	}
	return netip.Addr{}
}

var limitedBroadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// isBroadcast says whether an address is everybody on the link.
func (i *port) isBroadcast(a netip.Addr) bool {
	if a == limitedBroadcast {
		return true
	}
	return slices.ContainsFunc(i.Addresses, func(n netip.Prefix) bool {
		return n.Bits() < 31 && n.Contains(a) && a == lastOf(n)
	})
}

// lastOf is the broadcast address of a network.
func lastOf(n netip.Prefix) netip.Addr {
	b := n.Addr().As4()
	v := binary.BigEndian.Uint32(b[:]) | ^uint32(0)>>n.Bits()
	binary.BigEndian.PutUint32(b[:], v)
	return netip.AddrFrom4(b)
}
