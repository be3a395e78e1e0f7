// Package eigrp is EIGRP (RFC 7868) for IPv4 with classic metrics as a pure
// engine: its packets, neighbours, reliable transport and DUAL. It is told the
// time and what came in, and says which routes to use, what to log and what to
// send.
//
// It is not a routing table: its routes are candidates for one, and what of a
// table is redistributed it must be told. It knows no interface but those it
// is given, and leaves it to others to replicate multicast.
package eigrp

import (
	"net/netip"
	"slices"
	"time"
)

// Defaults of zero fields.
const (
	DefaultHello      = 5 * time.Second
	DefaultHold       = 3 * DefaultHello
	DefaultActive     = 3 * time.Minute
	DefaultPaths      = 4
	DefaultHops       = 100
	DefaultInternal   = 90
	DefaultExternal   = 170
	DefaultPercent    = 50
	summaryDistance   = 5
	defaultMTU        = 1500
	ipv4HeaderOctets  = 20
	bandwidthFallback = 100_000 // kbit/s, where none is known
)

// Config is what one autonomous system is to do. Without an AS it does nothing.
type Config struct {
	AS            uint16
	RouterID      netip.Addr
	Weights       Weights     // zero: K1 and K3
	Interfaces    []Interface // that its network statements cover
	Redistributed []Redistributed
	Stub          Stub // zero: not a stub router
	MaximumPaths  int
	Variance      int
	MaximumHops   int
	Internal      uint8 // administrative distances
	External      uint8
	Active        time.Duration // until who does not reply is dropped; negative: never
	NoDefaultIn   bool          // default-information
	NoDefaultOut  bool
}

// An Interface is one on which EIGRP is spoken.
type Interface struct {
	Name             string
	Addr             netip.Prefix // its host bits are our address
	Up               bool
	Passive          bool
	Multipoint       bool   // multicast is replicated: pacing counts each neighbour
	Bandwidth        uint32 // kbit/s
	Delay            uint32 // tens of microseconds
	MTU              uint32
	Hello, Hold      time.Duration
	BandwidthPercent uint32
	NoSplitHorizon   bool
	NoNextHopSelf    bool
	Summaries        []Summary
	Neighbors        []netip.Addr // static: then there is no multicast
	Keys             []Key        // the first signs, any is accepted; none: no authentication
}

// A Summary is announced instead of what it covers. Distance zero is 5; 255
// keeps its discard route out of the table.
type Summary struct {
	Prefix   netip.Prefix
	Distance uint8
}

// A Redistributed route comes from another protocol.
type Redistributed struct {
	Prefix         netip.Prefix
	Metric         Metric
	Protocol       uint8 // FromStatic, …
	AS             uint32
	ProtocolMetric uint32
	Tag            uint32
	Default        bool // a candidate default
}

// A Packet is an EIGRP packet without its IP header. Addr is who sent it or, of
// one to be sent, who gets it: Group stands for everyone on the interface.
type Packet struct {
	Interface string
	Addr      netip.Addr
	Multicast bool // it came to Group
	Payload   []byte
}

// An Engine is one autonomous system on one router.
type Engine struct {
	cfg    Config
	ifaces []*iface // in the order of the configuration
	table  topology
	timers schedule
	seq    uint32 // of the last reliable packet
	born   int    // neighbours so far

	summarized []netip.Prefix // that there are parts of

	// Of the call that is running.
	now     time.Time
	out     Output
	acks    []*neighbor // that have not been acknowledged yet
	dirty   []*route    // whose forwarding may have changed
	resum   bool        // summaries may have changed
	traffic Traffic
}

// New returns an engine that does nothing yet.
func New() *Engine { return &Engine{table: newTopology()} }

// begin opens a call. Sequence numbers start at some number that differs from
// the one before a restart, so that a neighbour can tell a new Init from an
// old one.
func (e *Engine) begin(now time.Time) {
	if e.seq == 0 {
		e.seq = uint32(now.UnixMilli()/100)%(1<<15) + 1
	}
	e.now = now
}

// end closes a call: it settles what follows from what happened, and returns
// what to do about it.
func (e *Engine) end() Output {
	e.summarize()
	e.install()
	for _, i := range e.ifaces {
		i.transmit()
	}
	e.acknowledge()
	out := e.out
	e.out = Output{}
	return out
}

// Configure makes cfg the configuration. What did not change is left alone.
func (e *Engine) Configure(now time.Time, cfg Config) Output {
	e.begin(now)
	cfg = cfg.filled()
	old := e.cfg
	if old.AS != cfg.AS || old.Weights != cfg.Weights || old.Stub != cfg.Stub || old.RouterID != cfg.RouterID {
		e.stopAll(ConfigurationChanged)
	}
	e.dropInterfaces(cfg)
	e.cfg = cfg
	if cfg.AS != 0 {
		e.configureInterfaces(cfg)
		e.configureLocal()
	}
	if old.MaximumPaths != cfg.MaximumPaths || old.Variance != cfg.Variance ||
		old.Internal != cfg.Internal || old.External != cfg.External {
		e.dirty = append(e.dirty, e.table.routes...)
	}
	return e.end()
}

// filled is the configuration with its defaults.
func (c Config) filled() Config {
	fill(&c.Weights, DefaultWeights)
	fill(&c.MaximumPaths, DefaultPaths)
	fill(&c.MaximumHops, DefaultHops)
	fill(&c.Variance, 1)
	fill(&c.Internal, DefaultInternal)
	fill(&c.External, DefaultExternal)
	fill(&c.Active, DefaultActive)
	c.Interfaces = slices.Clone(c.Interfaces)
	for n := range c.Interfaces {
		i := &c.Interfaces[n]
		fill(&i.Hello, DefaultHello)
		fill(&i.Hold, DefaultHold)
		fill(&i.BandwidthPercent, DefaultPercent)
		fill(&i.MTU, defaultMTU)
		fill(&i.Bandwidth, bandwidthFallback)
		fill(&i.Delay, 1)
	}
	return c
}

// fill gives a field that says nothing its default.
func fill[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// stopAll leaves every interface, and forgets everything.
func (e *Engine) stopAll(why Reason) {
	for _, i := range e.ifaces {
		i.stop(why)
	}
	for _, r := range e.table.routes {
		if len(r.installed) > 0 {
			e.out.Routes = append(e.out.Routes, Change{Prefix: r.prefix})
		}
	}
	e.ifaces, e.dirty, e.summarized, e.table = nil, nil, nil, newTopology()
}

// Receive takes a packet. One that is wrong leaves no trace but a reason.
func (e *Engine) Receive(now time.Time, p Packet) Output {
	e.begin(now)
	if i := e.iface(p.Interface); i != nil && i.running {
		i.receive(p)
	}
	return e.end()
}

// Advance does what is due at now. It does nothing if called early.
func (e *Engine) Advance(now time.Time) Output {
	e.begin(now)
	for t := e.timers.due(now); t != nil; t = e.timers.due(now) {
		t.fire()
	}
	return e.end()
}

// Next returns when Advance will have work; zero: never. Any call may change it.
func (e *Engine) Next() time.Time { return e.timers.next() }

// Clear drops the neighbours of an interface ("": any) with an address
// (invalid: any), and tells them so.
func (e *Engine) Clear(now time.Time, name string, addr netip.Addr) Output {
	e.begin(now)
	for _, i := range e.ifaces {
		if name != "" && name != i.cfg.Name {
			continue
		}
		for _, n := range slices.Clone(i.neighbors) {
			if !addr.IsValid() || addr == n.addr {
				n.send(Message{Op: Hello, Parameters: i.parameters(), Terminated: []netip.Addr{n.addr}})
				n.drop(ManuallyCleared)
			}
		}
	}
	return e.end()
}

// iface returns an interface by name; nil: there is no EIGRP on it.
func (e *Engine) iface(name string) *iface {
	for _, i := range e.ifaces {
		if i.cfg.Name == name {
			return i
		}
	}
	return nil
}

// nextSeq numbers a reliable packet. Zero says that one is not reliable.
func (e *Engine) nextSeq() uint32 {
	if e.seq++; e.seq == 0 {
		e.seq = 1
	}
	return e.seq
}
