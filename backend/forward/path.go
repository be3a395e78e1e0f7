package forward

import (
	"io"
	"net/netip"
	"time"

	"gresh/backend/gre"
	"gresh/backend/sadb"
)

// Options are what a Path is made with.
type Options struct {
	Rand io.Reader          // of initialisation vectors
	MACs map[string][6]byte // of the Ethernet ports there are, by name
}

// A Path is a data path in software: what a kernel does for a router, as a
// value. It obeys a Table, and keeps what is learnt and counted: ARP, replay
// windows, what waits for an address. It is told the time and the frames that
// arrive, and says which frames leave.
type Path struct {
	options   Options
	table     Table
	ports     map[string]*port
	own       map[netip.Addr]*port // our addresses that are up
	routes    fib
	demux     gre.Demux
	policies  map[netip.Addr][]Policy // by local address
	neighbors map[hopKey]*neighbor
	multicast map[string][]netip.Addr
	sas       map[sadb.Key]*association
	outbound  map[SocketKey][]*association // the newest last

	arp     map[hopKey]*arpEntry
	waiting map[hopKey]*queue // packets for next hops without NBMA address
	partial map[fragmentKey]*fragments
	held    int // octets in partial
	limits  limiter
	ident   uint16
	due     time.Time // what Next answers, unless stale
	stale   bool

	now     time.Time
	inside  []*port    // tunnels that the packet at hand is being put into
	depth   int        // tunnels it came out of
	from    netip.Addr // outer source of the last of them
	result  Result
	scratch struct{ gre, inner, sealed, head []byte }
	drops   [reasons]uint64
	peers   map[SocketKey]*PeerCounters
}

// A Result is what a Path wants done: frames sent in this order, then upcalls
// handed to the router in theirs. Both belong to the caller.
type Result struct {
	Frames []Frame
	Up     []Upcall
}

// A Frame is an Ethernet frame to leave by a port.
type Frame struct {
	Dev  string
	Data []byte
}

// A hopKey names a next hop.
type hopKey struct {
	dev  string
	addr netip.Addr
}

// NewPath makes a Path that obeys an empty Table.
func NewPath(o Options) *Path {
	return &Path{
		options: o, ports: map[string]*port{}, own: map[netip.Addr]*port{},
		routes: newFIB(), demux: gre.Demux{}, policies: map[netip.Addr][]Policy{},
		neighbors: map[hopKey]*neighbor{}, multicast: map[string][]netip.Addr{},
		sas: map[sadb.Key]*association{}, outbound: map[SocketKey][]*association{},
		arp: map[hopKey]*arpEntry{}, waiting: map[hopKey]*queue{},
		partial: map[fragmentKey]*fragments{}, limits: limiter{}, peers: map[SocketKey]*PeerCounters{},
	}
}

// begin and end bracket every call from outside.
func (p *Path) begin(now time.Time) {
	p.now, p.result, p.inside, p.depth = now, Result{}, p.inside[:0], 0
}

func (p *Path) end() Result {
	r := p.result
	p.result = Result{}
	return r
}

func (p *Path) up(u Upcall) { p.result.Up = append(p.result.Up, u) }

// tell hands up something that happens per packet, once a second at most.
func (p *Path) tell(u Upcall) {
	if p.limits.allow(p.now, u, time.Second, 1) {
		p.up(u)
	}
}

func (p *Path) drop(r Reason) { p.drops[r]++ }

// peer is what is counted of an SADB and a peer.
func (p *Path) peer(key SocketKey) *PeerCounters {
	c := p.peers[key]
	if c == nil {
		c = new(PeerCounters)
		p.peers[key] = c
	}
	return c
}

func (p *Path) nextID() uint16 {
	p.ident++
	return p.ident
}
