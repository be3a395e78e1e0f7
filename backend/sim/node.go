package sim

import (
	"io"
	"slices"
	"time"

	"gresh/backend"
	"gresh/backend/forward"
)

// A NodeConfig is what a node is made of.
type NodeConfig struct {
	Name    string
	Ports   []string        // the Ethernet interfaces there are
	Options backend.Options // but for Rand, which is the world's
}

// A Node is a router in the world, and the Host it runs on.
type Node struct {
	world   *World
	name    string
	config  NodeConfig
	vectors io.Reader // random octets for the data path, over all its lives
	number  int
	ends    map[string]*End
	path    *forward.Path
	router  *backend.Router
	on      bool
	ups     []forward.Upcall
	sums    []computation
	wake    time.Time // when it is to be looked at; zero: not
	logs    []func(backend.Event)
}

// A computation is one that the router waits for.
type computation struct {
	id  uint64
	run func() []byte
}

// AddNode adds a node, switched off.
func (w *World) AddNode(c NodeConfig) *Node {
	c.Options.Rand = w.random("router " + c.Name)
	n := &Node{world: w, name: c.Name, config: c, vectors: w.random("path " + c.Name),
		number: len(w.nodes) + 1, ends: map[string]*End{}}
	w.nodes = append(w.nodes, n)
	n.forget()
	return n
}

// forget makes the node one that has never run: of what it knew, only its store
// is left. The dice roll on, or a node would come back with the keys, cookies
// and SPIs of its last life.
func (n *Node) forget() {
	if n.router != nil {
		n.router.StopProbes()
	}
	n.path = forward.NewPath(forward.Options{Rand: n.vectors, MACs: n.macs()})
	n.router = backend.New(n, n.config.Options)
	n.ups, n.sums, n.wake = nil, nil, time.Time{}
}

// Name is the node's.
func (n *Node) Name() string { return n.name }

// Version is the release that the node's configuration asks for.
func (n *Node) Version() string { return n.router.Running().Version }

// On says whether it is switched on.
func (n *Node) On() bool { return n.on }

// End is where a port goes to a link; for Connect.
func (n *Node) End(dev string, c Conditions) *End {
	return &End{node: n, dev: dev, cond: c, deliver: func(frame []byte) { n.receive(dev, frame) }}
}

// EndOf returns the end of a port, nil if it is on no link.
func (n *Node) EndOf(dev string) *End { return n.ends[dev] }

// OnLog has f see every event from now on.
func (n *Node) OnLog(f func(backend.Event)) { n.logs = append(n.logs, f) }

// PowerOn boots the node, as one that has never run.
func (n *Node) PowerOn() {
	if n.on {
		n.PowerOff()
	}
	n.on = true
	n.enter(func() {
		n.router.Boot(n.world.now)
		for _, dev := range n.config.Ports {
			if e := n.ends[dev]; e != nil {
				n.take(n.path.SetLink(n.world.now, dev, !e.cond.Cut))
			}
		}
	})
}

// PowerOff cuts the power: nothing is saved and nobody is told. All that was
// not stored is gone, the state of the data path with it.
func (n *Node) PowerOff() {
	n.on = false
	n.forget()
}

// With runs f with the node's router; it is how all that is not a packet or a
// timer gets at it.
func (n *Node) With(f func(r *backend.Router, now time.Time)) {
	n.enter(func() { f(n.router, n.world.now) })
}

// mac is the address of a port: aabb.cc, the node's number and the port's.
func (n *Node) mac(port int) [6]byte {
	return [6]byte{0xaa, 0xbb, 0xcc, byte(n.number >> 8), byte(n.number), byte(port)}
}

func (n *Node) macOf(dev string) [6]byte { return n.mac(slices.Index(n.config.Ports, dev)) }

func (n *Node) macs() map[string][6]byte {
	all := map[string][6]byte{}
	for i, dev := range n.config.Ports {
		all[dev] = n.mac(i)
	}
	return all
}

// enter is around all that a node does: computations and upcalls wait until the
// router is done with what it is at, and afterwards the node is looked at again
// when there will be work. Computing takes no time in the world.
func (n *Node) enter(f func()) {
	f()
	for len(n.sums) > 0 || len(n.ups) > 0 {
		if len(n.sums) > 0 {
			c := n.sums[0]
			n.sums = n.sums[1:]
			n.router.Computed(n.world.now, c.id, c.run())
			continue
		}
		up := n.ups[0]
		n.ups = n.ups[1:]
		n.router.Receive(n.world.now, up)
	}
	n.schedule()
}

// take carries out what the data path wants.
func (n *Node) take(r forward.Result) {
	n.ups = append(n.ups, r.Up...)
	for _, f := range r.Frames {
		if e := n.ends[f.Dev]; e != nil {
			e.send(f.Data)
		}
	}
}

func (n *Node) receive(dev string, frame []byte) {
	if n.on {
		n.enter(func() { n.take(n.path.Receive(n.world.now, dev, frame)) })
	}
}

func (n *Node) carrier(dev string, up bool) {
	if n.on {
		n.enter(func() { n.take(n.path.SetLink(n.world.now, dev, up)) })
	}
}

// schedule has the node looked at when its router or its data path will have
// work, unless that is so already.
func (n *Node) schedule() {
	next := earliest(n.router.Next(), n.path.Next())
	if next.IsZero() || !n.on {
		n.wake = time.Time{}
		return
	}
	if !n.wake.IsZero() && !next.Before(n.wake) {
		return // it will be, and looks again then
	}
	n.wake = later(next, n.world.now)
	at := n.wake
	n.world.at(at, func() { n.awake(at) })
}

func (n *Node) awake(at time.Time) {
	if !n.on || !n.wake.Equal(at) {
		return
	}
	n.wake = time.Time{}
	n.enter(func() {
		now := n.world.now
		if due(n.router.Next(), now) {
			n.router.Advance(now)
		}
		if due(n.path.Next(), now) {
			n.take(n.path.Advance(now))
		}
	})
}

func due(t, now time.Time) bool { return !t.IsZero() && !t.After(now) }

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Ports is part of backend.Host.
func (n *Node) Ports() (all []backend.Port) {
	for i, dev := range n.config.Ports {
		all = append(all, backend.Port{Name: dev, MAC: n.mac(i)})
	}
	return all
}

// Sync is part of backend.Host.
func (n *Node) Sync(now time.Time, t forward.Table) error {
	r, err := n.path.Sync(now, t)
	n.take(r)
	return err
}

// Send is part of backend.Host.
func (n *Node) Send(now time.Time, p forward.Packet) { n.take(n.path.Send(now, p)) }

// Compute is part of backend.Host.
func (n *Node) Compute(id uint64, run func() []byte) {
	n.sums = append(n.sums, computation{id, run})
}

// Counters is part of backend.Host.
func (n *Node) Counters() forward.Counters { return n.path.Counters() }

// Log is part of backend.Host.
func (n *Node) Log(e backend.Event) {
	for _, f := range n.logs {
		f(e)
	}
}
