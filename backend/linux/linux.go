//go:build linux

package linux

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"time"

	"gresh/backend"
	"gresh/backend/forward"
	"gresh/backend/sadb"
)

// Options are what a Host is opened with.
type Options struct {
	Ports map[string]string   // the Linux device of each Ethernet interface, as configured
	Log   func(backend.Event) // every event, in the goroutine that owns the router
}

// A Host is this network namespace, as the backend.Host of a router. Its
// methods are for the goroutine of its Loop.
type Host struct {
	options Options
	kernel  kernel
	names   *names
	sockets *sockets
	clamps  clamps
	watch   *watch
	loop    *Loop

	table   forward.Table      // what was asked for last
	wanted  forward.Table      // what is being asked for
	plan    plan               // what is in the kernel on behalf of it
	reqids  map[string]uint32  // by SADB
	refused map[sadb.Key]error // SAs that the kernel would not take
	told    map[string]carrier // what the router knows of the ports
	first   error              // of the first Sync
	chosen  map[way]choice     // the youngest outbound SAs
	second  func() int64       // of the kernel's clock
	taken   bool               // what was there before has been taken over
	stale   bool               // the kernel may have lost some of it

	usage usage
	gone  map[forward.SocketKey]forward.PeerCounters // of SAs that are no more
	miss  map[forward.SocketKey]uint64               // packets that met no SA, as far as told
}

var _ backend.Host = (*Host)(nil)

// Open makes the namespace ready to be a router, and applies nothing yet. The
// loop starts with Run.
func Open(o Options) (*Host, error) {
	n := newNames(o.Ports)
	k, err := openNetlink(n)
	if err != nil {
		return nil, err
	}
	h := newHost(o, k, n)
	if err := errors.Join(n.refresh(), k.route()); err != nil {
		return nil, errors.Join(err, k.close())
	}
	if h.sockets, err = openSockets(n, h.loop.packet); err != nil {
		return nil, errors.Join(err, k.close())
	}
	if h.watch, err = startWatch(h.loop); err != nil {
		return nil, errors.Join(err, h.sockets.close(), k.close())
	}
	if err := h.listenDHCP(); err != nil {
		return nil, errors.Join(err, h.Close(false))
	}
	return h, nil
}

// listenDHCP has DHCP heard on the ports that there are.
func (h *Host) listenDHCP() error {
	var there []string
	for name, dev := range h.options.Ports {
		if h.names.present(dev) {
			there = append(there, name)
		}
	}
	slices.Sort(there)
	return h.sockets.listenDHCP(there)
}

func newHost(o Options, k kernel, n *names) *Host {
	h := &Host{options: o, kernel: k, names: n, reqids: map[string]uint32{},
		refused: map[sadb.Key]error{}, chosen: map[way]choice{},
		second: func() int64 { return time.Now().Unix() }, told: map[string]carrier{}, gone: map[forward.SocketKey]forward.PeerCounters{},
		miss: map[forward.SocketKey]uint64{}, usage: usage{}}
	h.loop = newLoop(h, runtime.GOMAXPROCS(0))
	return h
}

// Run boots a router on the host and starts its loop. The error is that of the
// first Sync: the namespace can't be this router, and nothing goes on.
func (h *Host) Run(r *backend.Router) (*Loop, error) {
	h.loop.start(r)
	return h.loop, h.first
}

// Close ends the loop. The network is left as it is: what carried packets goes
// on carrying them, and what had to be protected stays closed. With clean, all
// that is the router's is taken back, and the peers are told before.
func (h *Host) Close(clean bool) error {
	clean = clean && h.taken && h.first == nil
	if clean {
		h.loop.Do((*backend.Router).Farewell)
	}
	h.loop.stop()
	var err error
	if clean {
		_, err = h.reconcile(forward.Table{})
		err = errors.Join(err, h.kernel.restore())
	}
	return errors.Join(err, h.watch.close(), h.sockets.close(), h.kernel.close())
}

// Ports is part of backend.Host.
func (h *Host) Ports() []backend.Port {
	all := h.names.hostPorts()
	for _, p := range all {
		index, _ := h.names.index(p.Name)
		h.told[p.Name] = carrier{index, p.Up}
	}
	return all
}

// Send is part of backend.Host. What cannot be sent is lost, as on any wire.
func (h *Host) Send(_ time.Time, p forward.Packet) { _ = h.sockets.send(p) }

// Log is part of backend.Host.
func (h *Host) Log(e backend.Event) {
	if h.options.Log != nil {
		h.options.Log(e)
	}
}

// Compute is part of backend.Host.
func (h *Host) Compute(id uint64, run func() []byte) { h.loop.compute(id, run) }

// Sync is part of backend.Host. An SA that the kernel does not take is left
// out, and logged: one that fails must not hold up the others. Any other
// failure takes everything back.
func (h *Host) Sync(_ time.Time, t forward.Table) error {
	if err := h.checkNames(t); err != nil {
		if !h.taken {
			h.first = err
		}
		return err
	}
	was, first := h.table, !h.taken
	lost, err := h.apply(t)
	switch {
	case err != nil && first:
		h.first = err
		return err // what a predecessor left stays: its policies above all
	case err != nil:
		_, undo := h.reconcile(was)
		return errors.Join(err, undo)
	}
	if lost {
		_, err = h.reconcile(t)
	}
	return err
}

// apply carries out the difference; the first time, and when the kernel may
// have lost something, all of it.
func (h *Host) apply(t forward.Table) (lost bool, err error) {
	if !h.taken || h.stale {
		return h.reconcile(t)
	}
	h.wanted = t
	steps := h.plan.change(again(t.Policies, forward.Diff(h.table, t)), h.objects)
	h.table = t
	return h.carryOut(steps)
}

// again adds the policies to the steps that change an interface: what they let
// pass depends on the tunnels that are up.
func again(policies []forward.Policy, ops []forward.Op) []forward.Op {
	if !slices.ContainsFunc(ops, func(op forward.Op) bool { _, ok := op.Item.(forward.Interface); return ok }) {
		return ops
	}
	var all []forward.Op
	for _, p := range policies {
		all = append(all, forward.Op{Add: true, Item: p})
	}
	return append(all, ops...)
}

// reconcile compares what the table asks for with what the kernel has of ours.
func (h *Host) reconcile(t forward.Table) (lost bool, err error) {
	have, err := h.kernel.list()
	if err != nil {
		return false, err
	}
	h.taken, h.stale = true, false
	h.plan, h.wanted = newPlan(have), t
	steps := h.plan.change(forward.Diff(forward.Table{}, t), h.objects)
	h.table = t
	return h.carryOut(steps)
}

// Resync puts right what the kernel has lost by other hands.
func (h *Host) resync() {
	if !h.taken {
		return
	}
	for range 2 { // a device that is made anew loses what hangs on it
		if lost, err := h.reconcile(h.table); err != nil || !lost {
			return
		}
	}
}

// carryOut does the steps in order. Lost says that the kernel dropped other
// objects along with one that was replaced.
func (h *Host) carryOut(steps []step) (lost bool, err error) {
	for _, s := range steps {
		if sa, ok := s.object.(state); ok {
			h.carryOutState(s, sa)
			continue
		}
		dropped, err := h.kernel.do(s)
		if err != nil {
			h.stale = true // the plan is ahead of the kernel
			return lost, fmt.Errorf("%v: %w", s.object, err)
		}
		lost = lost || dropped
	}
	h.clamp()
	h.listenRouting()
	return lost, nil
}

// listenRouting has heard what the interfaces of the table listen to. A group
// that cannot be joined costs neighbours there, and so it is said.
func (h *Host) listenRouting() {
	if h.sockets == nil { // a host without a network
		return
	}
	if err := h.sockets.listenRouting(h.table); err != nil {
		h.loop.event(forward.Refused{What: "EIGRP", Reason: err.Error()})
	}
}

// clamp has the kernel clamp the MSS. One that can't carries packets none the
// worse, and so it is only said.
func (h *Host) clamp() {
	if err := h.clamps.set(h.clamped()); err != nil {
		h.loop.event(forward.Refused{What: "ip tcp adjust-mss", Reason: err.Error()})
	}
}

// clamped is the largest MSS by device, where there is one.
func (h *Host) clamped() map[string]int {
	out := map[string]int{}
	for _, i := range h.table.Interfaces {
		if dev, ok := h.names.linux(i.Name); ok && i.AdjustMSS != 0 {
			out[dev] = i.AdjustMSS
		}
	}
	return out
}

// carryOutState adds or deletes an SA. Before it goes its counters are kept. One
// that was not taken is not deleted: what has its name is somebody else's.
func (h *Host) carryOutState(s step, o state) {
	key := o.key()
	if !s.set {
		taken := h.refused[key] == nil
		delete(h.refused, key)
		if !taken {
			return
		}
		h.remember(o)
	}
	began := h.second()
	_, err := h.kernel.do(s)
	switch {
	case err == nil:
		delete(h.refused, key)
		if s.set && !s.over {
			h.preferred(o, began)
		}
	case !s.set, s.over:
		h.stale = true // it is as it was: the next Sync looks
	case h.refused[key] == nil:
		h.loop.event(forward.Refused{What: o.String(), Reason: err.Error()})
		h.refused[key] = err
	}
}

// A way is what the kernel chooses an SA for.
type way struct {
	proto    sadb.Protocol
	reqid    uint32
	src, dst netip.Addr
}

// A choice is the SA that was added last for a way, and in which second.
type choice struct {
	state  state
	second int64
}

// preferred has the kernel send under the SA that was just added. It takes the
// youngest by itself, but counts in seconds: of those that were added within
// one, the others have to go. It may be called with more than there is to do,
// when the second ended while an SA was added, but not with less.
func (h *Host) preferred(o state, began int64) {
	if _, out := h.socketOf(sadb.SA{SADB: o.sadb, Src: o.src, Dst: o.dst}); !out {
		return
	}
	w := way{o.proto, o.reqid, o.src, o.dst}
	if was, ok := h.chosen[w]; ok && was.second == began && was.state.spi != o.spi {
		h.remember(was.state)
		_, _ = h.kernel.do(step{object: was.state})
	}
	h.chosen[w] = choice{o, h.second()}
}

// reqidOf numbers the SADBs, in a range of ours.
func (h *Host) reqidOf(name string) uint32 {
	id, ok := h.reqids[name]
	if !ok {
		id = reqidFirst + uint32(len(h.reqids))
		h.reqids[name] = id
	}
	return id
}

// sadbOf is the SADB of a reqid.
func (h *Host) sadbOf(reqid uint32) (string, bool) {
	for name, id := range h.reqids {
		if id == reqid {
			return name, true
		}
	}
	return "", false
}

// tunnelOf is the tunnel that a packet with a GRE key is of.
func (h *Host) tunnelOf(name string, key uint32) string {
	first := ""
	for _, i := range h.table.Interfaces {
		if i.Kind != forward.GRE || i.Tunnel.SADB != name {
			continue
		}
		if i.Tunnel.HasKey && i.Tunnel.Key == key {
			return i.Name
		}
		if first == "" {
			first = i.Name
		}
	}
	return first
}

// acquired turns an acquire of the kernel into an upcall.
func (h *Host) acquired(reqid uint32, peer netip.Addr, key uint32) (forward.Upcall, bool) {
	name, ok := h.sadbOf(reqid)
	if !ok {
		return nil, false
	}
	h.miss[forward.SocketKey{SADB: name, Peer: peer}]++
	return forward.Acquire{SADB: name, Tunnel: h.tunnelOf(name, key), Peer: peer}, true
}
