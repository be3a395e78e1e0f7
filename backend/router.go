package backend

import (
	"io"
	"time"

	"gresh/backend/config"
	"gresh/backend/dhcp"
	"gresh/backend/event"
	"gresh/backend/forward"
	"gresh/backend/ike"
	"gresh/backend/keypair"
	"gresh/backend/machine"
	"gresh/backend/nhrp"
	"gresh/backend/nvram"
	"gresh/backend/rib"
	"gresh/backend/sadb"
	"gresh/backend/syslog"
)

const (
	settleStepsMax = 1_000_000
)

// Options are what a router is made with, and keeps over its reloads.
type Options struct {
	Rand  io.Reader   // of all keys, nonces, SPIs and ids
	Store nvram.Store // startup-config and files
	Load  Load
	Text  func(*config.Config) string   // a configuration as it is kept
	Words Words                         // nil: nothing is logged in words
	Kept  func(*config.Config) []string // lines without effect; nil: there are none

	Machine func() machine.Machine // what it runs on, as it stands; nil: nobody knows
}

// A Load reads a startup configuration as far as it can be read, and says what
// could not be.
type Load func(text string) (*config.Config, []event.LineRefused)

// A Router is one router. Only one goroutine may use it: see Loop.
type Router struct {
	host     Host
	options  Options
	booted   time.Time
	reloaded bool // by a command
	reload   countdown
	history  history

	running *config.Config
	known   validated      // of running, as it was last asked for
	pairs   []keypair.Pair // as kept
	ports   []Port
	links   map[string]bool // carrier, by port
	derived

	sadb    *sadb.Engine
	ike     *ike.Engine
	nhrp    *nhrp.Engine
	eigrp   processes
	clients map[string]*dhcp.Client
	server  *dhcp.Server
	syslog  *syslog.Engine
	probes  []*Probe

	commands configLog

	archive   archive
	reversion *reversion
	probeID   uint16

	computing map[uint64]*computation // what the Host is at, by its number
	lastJob   uint64                  // of all lives: a reload does not begin again

	batched   bool                // more inputs come before the host is told
	rerouted  bool                // routes have changed that the table does not have yet
	dirty     bool                // the forwarding table is to be synchronised
	outbox    []sending           // packets to send after that
	nextUsage time.Time           // when the data path is asked what it carried
	carried   map[sadb.Key]uint64 // packets, by SA, when it was asked last
	panics    uint64
	isakmp    bool // IKE is needed
	cleared   map[forward.SocketKey]forward.PeerCounters
}

// derived is what follows from the running configuration, the carriers and the
// leases, before any engine hears of it.
type derived struct {
	interfaces map[string]*interfaceState
	risen      uint64 // how many interfaces have come up so far
	rib        rib.Table
	policies   sadb.Policies
}

// New makes a router without a configuration; Boot gives it one.
func New(host Host, options Options) *Router {
	r := &Router{host: host, options: options, syslog: syslog.New()}
	r.reset()
	return r
}

// reset forgets everything that a reload forgets.
func (r *Router) reset() {
	*r = Router{
		host: r.host, options: r.options, links: r.links, syslog: r.syslog, panics: r.panics,
		lastJob: r.lastJob, computing: map[uint64]*computation{},
		running: &config.Config{},
		derived: derived{interfaces: map[string]*interfaceState{}},
		sadb:    sadb.New(),
		ike:     ike.New(),
		nhrp:    nhrp.New(),
		server:  dhcp.NewServer(),
		clients: map[string]*dhcp.Client{},
	}
	if r.links == nil {
		r.links = map[string]bool{}
	}
	r.ports = r.host.Ports()
	for _, p := range r.ports {
		r.links[p.Name] = r.links[p.Name] || p.Up
	}
}

// Boot starts the router with its startup configuration. Every protected
// tunnel is closed before any interface opens: the first Sync carries the drop
// policies, and nothing has been sent before it.
func (r *Router) Boot(now time.Time) {
	r.reset()
	r.booted = now
	var refused []event.LineRefused
	text, err := r.options.Store.Startup()
	if err == nil && len(text) > 0 {
		r.running, refused = r.options.Load(string(text))
		if err := r.seal(r.running); err != nil {
			refused = append(refused, event.LineRefused{Message: err.Error()})
		}
	}
	r.addPorts()
	if len(text) > 0 {
		r.history.kept = r.running
	}
	r.configureLog(now)
	r.note(now, event.Restarted{Version: r.running.Version})
	r.loadPairs(now)
	for _, line := range refused {
		r.note(now, line)
	}
	r.noteKept(now)
	r.reconfigure(now)
	r.settle(now)
}

// noteKept logs that lines have no effect, if there are such.
func (r *Router) noteKept(now time.Time) {
	if r.options.Kept == nil {
		return
	}
	if len(r.options.Kept(r.running)) > 0 {
		r.note(now, event.LinesKept{})
	}
}

// addPorts gives every port an interface in the configuration.
func (r *Router) addPorts() {
	for _, p := range r.ports {
		if r.running.Interface(p.Name) == nil {
			r.running.AddInterface(p.Name).Shutdown = true
		}
	}
}

// Running is the running configuration; it must not be changed.
func (r *Router) Running() *config.Config { return r.running }

// Store is where the startup configuration and the files are.
func (r *Router) Store() nvram.Store { return r.options.Store }

// Next says when Advance will have work; zero: never.
func (r *Router) Next() time.Time {
	next := first(r.sadb.Next(), r.ike.Next(), r.nhrp.Next(), r.server.Next(), r.nextUsage, r.nextAppointment())
	for _, p := range r.eigrp {
		next = first(next, p.Next())
	}
	for _, c := range r.clients {
		next = first(next, c.Next())
	}
	for _, p := range r.probes {
		next = first(next, p.next())
	}
	return next
}

// first is the earliest of the times that are not zero.
func first(times ...time.Time) (earliest time.Time) {
	for _, t := range times {
		if !t.IsZero() && (earliest.IsZero() || t.Before(earliest)) {
			earliest = t
		}
	}
	return earliest
}
