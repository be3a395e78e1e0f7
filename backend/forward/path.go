package forward

import (
	"fmt"
	"io"
	"maps"
	"net/netip"
	"slices"
	"time"

	"gresh/backend/esp"
	"gresh/backend/gre"
	"gresh/backend/sadb"
)

// Options are what a Path is made with.
type Options struct {
	Rand io.Reader          // of initialisation vectors
	MACs map[string][6]byte // of the Ethernet ports there are, by name
}

// A Path is a data path in software: what a kernel does for a router, as a
// value. It obeys a Table and keeps what is learnt: ARP, replay windows, counters.
type Path struct {
	options   Options
	table     Table
	ports     map[string]*port
	own       map[netip.Addr]*port
	routes    fib
	demux     gre.Demux
	neighbors map[hopKey]*neighbor
	multicast map[string][]netip.Addr
	inbound   map[sadb.Key]*saState
	outbound  map[SocketKey][]*saState // the newest pair: ESP, then AH around it
	arp       map[hopKey]*arpEntry
	waiting   map[hopKey]*queue // packets for next hops without NBMA address
	whole     map[fragmentKey]*fragments
	limits    map[any]time.Time // when an upcall of a kind may be made again
	ident     uint16

	now        time.Time
	depth      int // tunnels within tunnels
	result     Result
	drops      [Discarded + 1]uint64
	sendErrors map[SocketKey]uint64
}

// A Result is what a Path wants done.
type Result struct {
	Frames []Frame
	Up     []Upcall
}

// A Frame is an Ethernet frame to leave by a port.
type Frame struct {
	Dev  string
	Data []byte
}

// A port is an interface at work.
type port struct {
	Interface
	mac      [6]byte
	carrier  bool
	counters InterfaceCounters
}

// A hopKey names a next hop.
type hopKey struct {
	dev  string
	addr netip.Addr
}

type neighbor struct {
	nbma    netip.Addr
	packets uint64
	used    time.Time
}

// An saState is an SA at work.
type saState struct {
	sa       sadb.SA
	esp      *esp.State
	counters SACounters
	told     uint64 // octets at the last Volume
}

// NewPath makes a Path that obeys an empty Table.
func NewPath(o Options) *Path {
	return &Path{
		options: o, ports: map[string]*port{}, own: map[netip.Addr]*port{}, demux: gre.Demux{},
		neighbors: map[hopKey]*neighbor{}, multicast: map[string][]netip.Addr{},
		inbound: map[sadb.Key]*saState{}, outbound: map[SocketKey][]*saState{},
		arp: map[hopKey]*arpEntry{}, waiting: map[hopKey]*queue{},
		whole: map[fragmentKey]*fragments{}, limits: map[any]time.Time{}, sendErrors: map[SocketKey]uint64{},
	}
}

// begin and end bracket every call from outside.
func (p *Path) begin(now time.Time) { p.now, p.result, p.depth = now, Result{}, 0 }

func (p *Path) end() Result {
	r := p.result
	p.result = Result{}
	return r
}

func (p *Path) up(u Upcall) { p.result.Up = append(p.result.Up, u) }

func (p *Path) drop(r Reason) { p.drops[r]++ }

// limited says whether something that happens per packet may be told now: once
// a second for each what.
func (p *Path) limited(what any) bool {
	if p.now.Before(p.limits[what]) {
		return true
	}
	if len(p.limits) > limitsMax {
		clear(p.limits)
	}
	p.limits[what] = p.now.Add(time.Second)
	return false
}

const limitsMax = 4096

// SetLink tells the Path that the carrier of a port came or went.
func (p *Path) SetLink(now time.Time, dev string, up bool) Result {
	p.begin(now)
	i := p.port(dev)
	if i.carrier != up {
		i.carrier = up
		p.up(Link{Dev: dev, Up: up, MAC: i.mac, MTU: 1500})
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

// Sync makes t the table to obey. What is learnt, and the state of SAs that
// stay, is kept. If an SA cannot be made nothing changes.
func (p *Path) Sync(now time.Time, t Table) (Result, error) {
	p.begin(now)
	inbound, outbound, err := p.makeSAs(t)
	if err != nil {
		return p.end(), err
	}
	p.inbound, p.outbound, p.table = inbound, outbound, t
	p.syncInterfaces(t)
	p.routes = newFIB(t.Routes)
	p.syncNeighbors(t)
	clear(p.multicast)
	for _, m := range t.Multicast {
		p.multicast[m.Dev] = append(p.multicast[m.Dev], m.NBMA)
	}
	return p.end(), nil
}

// makeSAs prepares the SAs of a table, taking over the state of those that stay.
func (p *Path) makeSAs(t Table) (map[sadb.Key]*saState, map[SocketKey][]*saState, error) {
	inbound, outbound := map[sadb.Key]*saState{}, map[SocketKey][]*saState{}
	running := map[sadb.Key]*saState{}
	maps.Copy(running, p.inbound)
	for _, b := range p.outbound {
		for _, s := range b {
			running[s.sa.Key()] = s
		}
	}
	local := map[netip.Addr]bool{}
	for _, i := range t.Interfaces {
		for _, a := range i.Addresses {
			local[a.Addr()] = true
		}
	}
	for _, sa := range t.SAs {
		s, ok := running[sa.Key()]
		if !ok {
			state, err := esp.New(sa, p.options.Rand)
			if err != nil {
				return nil, nil, fmt.Errorf("SA %#x: %w", sa.SPI, err)
			}
			s = &saState{sa: sa, esp: state}
		}
		if local[sa.Dst] {
			inbound[sa.Key()] = s
			continue
		}
		to := SocketKey{sa.SADB, sa.Dst}
		outbound[to] = newest(outbound[to], s)
	}
	return inbound, outbound, nil
}

// newest adds an outbound SA: a second one of the same protocol replaces all
// there are, another protocol completes a bundle.
func newest(have []*saState, s *saState) []*saState {
	if len(have) > 0 && s.sa.Proto == sadb.AH && have[len(have)-1].sa.Proto == sadb.ESP {
		return append(have, s)
	}
	return []*saState{s}
}

func (p *Path) syncInterfaces(t Table) {
	clear(p.own)
	p.demux = gre.Demux{}
	for _, i := range p.ports {
		i.Interface = Interface{Name: i.Name}
	}
	for _, want := range t.Interfaces {
		i := p.port(want.Name)
		before := i.Interface
		i.Interface = want
		for _, a := range want.Addresses {
			if i.running() {
				p.own[a.Addr()] = i
			}
			if want.Kind == Ethernet && i.running() && !slices.Contains(before.Addresses, a) {
				p.announce(i, a.Addr())
			}
		}
		if want.Kind == GRE && want.Up && want.Tunnel.Local.IsValid() {
			u := want.Tunnel
			p.demux[gre.Endpoint{Local: u.Local, Remote: u.Remote, Key: u.Key, HasKey: u.HasKey}] = want.Name
		}
	}
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

// syncNeighbors takes over the mappings and sends what has waited for one.
func (p *Path) syncNeighbors(t Table) {
	old := p.neighbors
	p.neighbors = make(map[hopKey]*neighbor, len(t.Neighbors))
	for _, n := range t.Neighbors {
		key := hopKey{n.Dev, n.Addr}
		have, ok := old[key]
		if !ok {
			have = new(neighbor)
		}
		have.nbma = n.NBMA
		p.neighbors[key] = have
		if q, ok := p.waiting[key]; ok {
			delete(p.waiting, key)
			for _, packet := range q.packets {
				p.transmit(p.port(n.Dev), n.Addr, packet)
			}
		}
	}
}
