package eigrp

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// warnEvery is how often an interface may complain of what others send.
const warnEvery = 15 * time.Second

// An iface is an interface on which EIGRP is spoken.
type iface struct {
	engine    *Engine
	cfg       Interface
	slot      int // of what is told on it, in every route
	link      Metric
	running   bool // hellos are sent
	neighbors []*neighbor
	byAddr    map[netip.Addr]*neighbor
	hello     timer
	warned    time.Time
	transmitter
	counters interfaceCounters
}

func newIface(e *Engine, cfg Interface) *iface {
	i := &iface{engine: e, cfg: cfg, slot: e.freeSlot(), byAddr: map[netip.Addr]*neighbor{}}
	i.link = LinkMetric(cfg.Bandwidth, cfg.Delay, cfg.MTU)
	i.hello.fire = func() {
		i.sayHello()
		i.engine.timers.set(&i.hello, i.engine.now.Add(i.cfg.Hello))
	}
	i.pace.fire = func() {} // what waited goes out at the end of the call
	return i
}

// freeSlot is the lowest that no interface has.
func (e *Engine) freeSlot() (slot int) {
	for slices.ContainsFunc(e.ifaces, func(i *iface) bool { return i.slot == slot }) {
		slot++
	}
	return slot
}

// local is our address.
func (i *iface) local() netip.Addr { return i.cfg.Addr.Addr() }

// usable says whether an interface has neighbours to look for.
func (c *Interface) usable() bool { return c.Up && !c.Passive && c.Addr.IsValid() }

// dropInterfaces leaves those that are not in the configuration any more.
func (e *Engine) dropInterfaces(cfg Config) {
	e.ifaces = slices.DeleteFunc(e.ifaces, func(i *iface) bool {
		gone := !slices.ContainsFunc(cfg.Interfaces, func(c Interface) bool { return c.Name == i.cfg.Name })
		if gone {
			i.stop(InterfaceDown)
		}
		return gone
	})
}

func (e *Engine) configureInterfaces(cfg Config) {
	for _, c := range cfg.Interfaces {
		i := e.iface(c.Name)
		if i == nil {
			i = newIface(e, c)
			e.ifaces = append(e.ifaces, i)
		}
		i.configure(c)
	}
	slices.SortStableFunc(e.ifaces, func(a, b *iface) int { return cmp.Compare(cfg.place(a), cfg.place(b)) })
}

func (c *Config) place(i *iface) int {
	return slices.IndexFunc(c.Interfaces, func(o Interface) bool { return o.Name == i.cfg.Name })
}

// configure gives the interface its configuration, and does what the change
// asks for.
func (i *iface) configure(c Interface) {
	old := i.cfg
	i.cfg = c
	switch {
	case !c.Up || !c.Addr.IsValid():
		i.stop(InterfaceDown)
	case c.Passive:
		i.stop(InterfacePassive)
	case c.Addr != old.Addr || !slices.Equal(c.Neighbors, old.Neighbors):
		i.stop(ConfigurationChanged)
	}
	if link := LinkMetric(c.Bandwidth, c.Delay, c.MTU); link != i.link {
		i.link = link
		i.relink()
	}
	if c.NoSplitHorizon != old.NoSplitHorizon || c.NoNextHopSelf != old.NoNextHopSelf ||
		!slices.Equal(c.Summaries, old.Summaries) {
		i.engine.resum = true
		i.engine.readvertise(i)
	}
	if c.usable() && !i.running {
		i.start()
	} else if i.running && c.Hello != old.Hello {
		i.hello.fire()
	}
}

func (i *iface) start() {
	i.running = true
	i.hello.fire()
}

// stop leaves the interface. Those who can still hear it are told.
func (i *iface) stop(why Reason) {
	if !i.running {
		return
	}
	i.running = false
	if why != InterfaceDown || i.cfg.Up {
		i.goodbye()
	}
	for _, n := range slices.Clone(i.neighbors) {
		n.drop(why)
	}
	i.engine.timers.set(&i.hello, time.Time{})
	i.engine.timers.set(&i.pace, time.Time{})
	i.transmitter.clear()
	i.engine.table.forget(i)
}

func seconds(d time.Duration) uint16 { return uint16(min(d/time.Second, 65535)) }

func (i *iface) parameters() *Parameters {
	return &Parameters{K: i.engine.cfg.Weights, Hold: seconds(i.cfg.Hold)}
}

// ours is the release that we say we are: the first digits are those of IOS,
// the second those of classic metrics.
var ours = Version{Release: [2]uint8{12, 4}, TLV: [2]uint8{1, 2}}

// greeting is what a Hello says.
func (i *iface) greeting() Message {
	m := Message{Op: Hello, Parameters: i.parameters(), Version: &ours}
	if s := i.engine.cfg.Stub; s != 0 {
		m.Stub = &s
	}
	return m
}

func (i *iface) sayHello() {
	i.counters.hellos++
	i.announce(i.greeting())
}

// announce sends to everyone: static neighbours get a copy each.
func (i *iface) announce(m Message) {
	if len(i.cfg.Neighbors) == 0 {
		i.send(Group, m)
		return
	}
	for _, a := range i.cfg.Neighbors {
		i.send(a, m)
	}
}

// send puts a packet on the interface.
func (i *iface) send(to netip.Addr, m Message) (octets int) {
	e := i.engine
	m.AS = e.cfg.AS
	var key *Key
	if len(i.cfg.Keys) > 0 {
		key = &i.cfg.Keys[0]
	}
	payload := m.AppendTo(nil, key)
	e.out.Send = append(e.out.Send, Packet{Interface: i.cfg.Name, Addr: to, Payload: payload})
	e.traffic.sent(&m)
	return len(payload) + ipv4HeaderOctets
}

// warn logs what somebody did wrong, now and then.
func (i *iface) warn(event Event) {
	if now := i.engine.now; i.warned.IsZero() || now.Sub(i.warned) >= warnEvery {
		i.warned = now
		i.engine.out.Log = append(i.engine.out.Log, event)
	}
}
