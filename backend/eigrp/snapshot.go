package eigrp

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"time"
)

// A Snapshot is the state of the engine for display.
type Snapshot struct {
	Config     Config // with its defaults filled in
	Neighbors  []Neighbor
	Interfaces []InterfaceState
	Topology   []Destination // by prefix
	Traffic    Traffic
}

// A Neighbor is a row of "show ip eigrp neighbors".
type Neighbor struct {
	Handle    int
	Addr      netip.Addr
	Interface string
	Static    bool
	HoldUntil time.Time
	Since     time.Time
	SRTT, RTO time.Duration
	Queued    int    // packets that wait
	Seq       uint32 // of the last packet of it
	Version   Version
	Resent    uint64
	Retries   int // of the packet in flight
	Prefixes  int // it announces
	Stub      *Stub
	Updated   time.Time // when it last said something of routes; zero: never
}

// An InterfaceState is a row of "show ip eigrp interfaces".
type InterfaceState struct {
	Interface   Interface
	Peers       int
	Ready       int           // neighbours that wait for their turn
	Queued      int           // packets in the queues of neighbours
	MeanSRTT    time.Duration // of the neighbours
	Pacing      time.Duration // between full packets
	Pending     int           // changes that are to be told
	Hellos      uint64
	Unicasts    uint64 // reliable ones
	Multicasts  uint64 // reliable ones
	Conditional uint64 // with the CR flag
	Resent      uint64
}

// A Destination is a prefix of "show ip eigrp topology".
type Destination struct {
	Prefix     netip.Prefix
	Active     bool
	Origin     int // of an active one: the digit of its state
	Since      time.Time
	Feasible   uint32 // FD; 4294967295: inaccessible
	Successors int
	Tag        uint32
	Paths      []Path // the shortest first
	Waiting    []Waiting
}

// An Origin is where a path comes from.
type Origin uint8

// The origins.
const (
	Learned        = Origin(learned)
	Connected      = Origin(connected)
	Summarized     = Origin(summary)
	Redistribution = Origin(redistributed)
)

// A Path is one way to a destination.
type Path struct {
	Via       netip.Addr // invalid but of learned ones
	Neighbor  netip.Addr // who announces it
	Interface string
	Origin    Origin
	Distance  uint32
	Reported  uint32
	Feasible  bool // it meets the feasibility condition
	Metric    Metric
	External  *External
	Tag       uint32
}

// A Waiting is a neighbour that has not replied to a query.
type Waiting struct {
	Addr      netip.Addr
	Interface string
	Reminded  int
}

// Traffic counts the packets of the process.
type Traffic struct {
	Sent, Received [opcodes]uint64 // by Opcode; Hellos without acknowledgments
	AcksSent       uint64
	AcksReceived   uint64
	Malformed      uint64
	Refused        uint64 // not authentic, or not of the subnet
}

func (t *Traffic) sent(m *Message) {
	if m.acknowledgment() {
		t.AcksSent++
		return
	}
	t.Sent[m.Op]++
}

func (t *Traffic) received(m *Message) {
	if m.acknowledgment() {
		t.AcksReceived++
		return
	}
	t.Received[m.Op]++
}

// interfaceCounters count what went out on an interface.
type interfaceCounters struct {
	hellos, unicasts, multicasts, conditional, resent uint64
}

// Snapshot returns the state for display.
func (e *Engine) Snapshot() Snapshot {
	s := Snapshot{Config: e.cfg, Traffic: e.traffic}
	for _, i := range e.ifaces {
		s.Interfaces = append(s.Interfaces, i.show())
		for _, n := range i.neighbors {
			s.Neighbors = append(s.Neighbors, n.show())
		}
	}
	slices.SortFunc(s.Neighbors, func(a, b Neighbor) int { return cmp.Compare(a.Handle, b.Handle) })
	for _, r := range e.table.routes {
		if len(r.entries) > 0 || r.state != passive {
			s.Topology = append(s.Topology, r.show())
		}
	}
	return s
}

func (n *neighbor) show() Neighbor {
	return Neighbor{Handle: n.handle, Addr: n.addr, Interface: n.iface.cfg.Name, Static: len(n.iface.cfg.Neighbors) > 0,
		HoldUntil: n.hold.at, Since: n.since, SRTT: n.srtt, RTO: n.rto, Queued: len(n.queue), Seq: n.last,
		Version: n.version, Resent: n.resent, Retries: n.retries, Prefixes: n.prefixes, Stub: n.stub, Updated: n.told}
}

func (i *iface) show() InterfaceState {
	c := i.counters
	s := InterfaceState{Interface: i.cfg, Peers: len(i.neighbors), Ready: len(i.ready), Pending: len(i.changes),
		Pacing: i.interval(int(i.cfg.MTU)), Hellos: c.hellos, Unicasts: c.unicasts, Multicasts: c.multicasts,
		Conditional: c.conditional, Resent: c.resent}
	for _, n := range i.neighbors {
		s.Queued += len(n.queue)
		s.MeanSRTT += n.srtt / time.Duration(len(i.neighbors))
	}
	return s
}

func (r *route) show() Destination {
	d := Destination{Prefix: r.prefix, Active: r.state != passive, Since: r.since, Feasible: r.feasible,
		Successors: len(r.installed)}
	if d.Active {
		d.Origin = int(r.state - active0)
		for _, n := range slices.SortedFunc(maps.Keys(r.computing.asked), compareNeighbors) {
			if q := r.computing.asked[n]; !q.answered {
				d.Waiting = append(d.Waiting, Waiting{n.addr, n.iface.cfg.Name, q.sia})
			}
		}
	}
	if s := r.successor; s != nil {
		d.Tag = s.tag
		if s.from == nil {
			d.Successors = 1
		}
	}
	for _, n := range r.entries {
		d.Paths = append(d.Paths, r.path(n))
	}
	slices.SortStableFunc(d.Paths, func(a, b Path) int { return cmp.Compare(a.Distance, b.Distance) })
	return d
}

func (r *route) path(n *entry) Path {
	p := Path{Via: n.via, Origin: Origin(n.origin), Distance: n.distance, Reported: n.reported,
		Feasible: r.satisfies(n), Metric: n.metric, External: n.external, Tag: n.tag}
	if n.iface != nil {
		p.Interface = n.iface.cfg.Name
	}
	if n.from != nil {
		p.Neighbor = n.from.addr
	}
	return p
}
