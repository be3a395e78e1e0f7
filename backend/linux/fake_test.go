//go:build linux

package linux

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"gresh/backend/forward"
	"gresh/backend/sadb"
)

// A fakeKernel keeps objects as Linux does: it refuses what Linux refuses, and
// drops along with one object what Linux drops. It has no packets.
type fakeKernel struct {
	names     *names
	devices   map[string]*fakeDevice
	addresses []fakeAddress // of a subnet on a device the first is the primary
	neighbors map[any]neighbor
	routes    map[fakeRouteKey]fakeRoute
	policies  map[policy]fakePolicy // by selector
	states    map[sadb.Key]fakeState
	promote   bool // a secondary address outlives its primary
	indexes   int  // the last one given

	calls int        // of do
	fail  int        // the call that fails; 0: none
	after func(step) // told of each step that was done
}

type fakeDevice struct {
	link
	index int
	ours  bool
}

type fakeAddress struct {
	address
	ours bool
}

// Routes of one prefix differ by metric.
type fakeRouteKey struct {
	prefix netip.Prefix
	metric int
}

type fakeRoute struct {
	route
	ours bool
}

type fakePolicy struct {
	policy
	ours bool
}

type fakeState struct {
	state
	ours bool
}

var _ kernel = (*fakeKernel)(nil)

func newFakeKernel(ports ...string) *fakeKernel {
	k := &fakeKernel{devices: map[string]*fakeDevice{}, neighbors: map[any]neighbor{},
		routes: map[fakeRouteKey]fakeRoute{}, policies: map[policy]fakePolicy{}, states: map[sadb.Key]fakeState{}}
	for _, dev := range ports {
		k.make(link{dev: dev, kind: forward.Ethernet, up: true}, false)
	}
	return k
}

// make adds a device.
func (k *fakeKernel) make(l link, ours bool) {
	k.indexes++
	k.devices[l.dev] = &fakeDevice{l, k.indexes, ours}
}

var errInjected = errors.New("no buffer space available")

func (k *fakeKernel) do(s step) (lost bool, err error) {
	if k.calls++; k.calls == k.fail {
		return false, errInjected
	}
	switch o := s.object.(type) {
	case link:
		lost, err = k.doLink(s, o)
	case address:
		err = k.doAddress(s, o)
	case neighbor:
		err = k.doNeighbor(s, o)
	case route:
		err = k.doRoute(s, o)
	case policy:
		err = k.doPolicy(s, o)
	case state:
		err = k.doState(s, o)
	}
	if !s.set && gone(err) {
		err = nil
	}
	if err == nil && k.after != nil {
		k.after(s)
	}
	return lost, err
}

func (k *fakeKernel) doLink(s step, l link) (lost bool, err error) {
	d, there := k.devices[l.dev]
	switch {
	case l.kind == forward.Ethernet && s.set:
		if !there {
			return false, unix.ENODEV
		}
		k.turn(d, l.up)
		return false, nil
	case l.kind == forward.Ethernet:
		return false, nil
	case !s.set:
		if there && d.ours {
			k.remove(l.dev)
		}
		return s.over, nil
	case there && !d.ours, k.duplicates(l):
		return false, unix.EEXIST
	}
	if there && (d.kind != l.kind || d.remote.IsValid() != l.remote.IsValid()) {
		k.remove(l.dev)
		there, lost = false, true
	}
	if !there {
		k.make(link{dev: l.dev}, true)
		k.learn(l.dev)
	}
	d = k.devices[l.dev]
	lost = lost || there && d.up != l.up
	up := l.up
	l.up = d.up
	d.link = l
	k.turn(d, up)
	return lost, nil
}

// duplicates says whether another tunnel has the ends and the key of this one.
func (k *fakeKernel) duplicates(l link) bool {
	for dev, d := range k.devices {
		if l.kind == forward.GRE && dev != l.dev && d.kind == forward.GRE && d.local == l.local &&
			d.remote == l.remote && d.hasKey == l.hasKey && d.key == l.key {
			return true
		}
	}
	return false
}

// turn switches a device on or off. Off, it has neither routes nor neighbours.
func (k *fakeKernel) turn(d *fakeDevice, up bool) {
	if d.up && !up {
		k.dropRoutes(d.dev, false)
		k.dropNeighbors(d.dev)
	}
	d.up = up
	k.learn(d.dev)
}

// remove takes away a device and all that hangs on it.
func (k *fakeKernel) remove(dev string) {
	k.dropRoutes(dev, true)
	k.dropNeighbors(dev)
	k.addresses = slices.DeleteFunc(k.addresses, func(a fakeAddress) bool { return a.dev == dev })
	delete(k.devices, dev)
	k.names.forget(dev)
}

func (k *fakeKernel) dropNeighbors(dev string) {
	maps.DeleteFunc(k.neighbors, func(_ any, n neighbor) bool { return n.dev == dev })
}

// dropRoutes drops those by a device. One with several hops goes with the last
// of them, or when the device itself goes.
func (k *fakeKernel) dropRoutes(dev string, device bool) {
	maps.DeleteFunc(k.routes, func(_ fakeRouteKey, r fakeRoute) bool {
		devs := devsOf(r.route)
		alive := slices.ContainsFunc(devs, func(other string) bool { return other != dev && k.devices[other].up })
		return slices.Contains(devs, dev) && (device || !alive)
	})
}

func devsOf(r route) (devs []string) {
	for line := range strings.Lines(r.hops) {
		devs = append(devs, strings.Fields(line)[0])
	}
	return devs
}

func (k *fakeKernel) doAddress(s step, a address) error {
	if _, there := k.devices[a.dev]; !there {
		return unix.ENODEV
	}
	at := slices.IndexFunc(k.addresses, func(o fakeAddress) bool { return o.address == a })
	switch {
	case s.set && at >= 0:
		return nil // it stays whose it is
	case s.set:
		k.addresses = append(k.addresses, fakeAddress{a, true})
		return nil
	case at < 0:
		return unix.EADDRNOTAVAIL
	case !k.addresses[at].ours:
		return nil
	}
	same := func(o fakeAddress) bool { return o.dev == a.dev && o.prefix.Masked() == a.prefix.Masked() }
	primary := slices.IndexFunc(k.addresses, same) == at
	k.addresses = slices.Delete(k.addresses, at, at+1)
	if primary && !k.promote {
		k.addresses = slices.DeleteFunc(k.addresses, same)
	}
	if !slices.ContainsFunc(k.addresses, func(o fakeAddress) bool { return o.dev == a.dev }) {
		k.dropRoutes(a.dev, false)
	}
	return nil
}

func (k *fakeKernel) doNeighbor(s step, n neighbor) error {
	if _, there := k.devices[n.dev]; !there {
		return unix.ENODEV
	}
	_, there := k.neighbors[n.name()]
	switch {
	case s.set:
		k.neighbors[n.name()] = n
	case !there:
		return unix.ENOENT
	default:
		delete(k.neighbors, n.name())
	}
	return nil
}

func (k *fakeKernel) doRoute(s step, r route) error {
	key := fakeRouteKey{r.prefix, routeMetric}
	old, there := k.routes[key]
	if !s.set {
		if !there || !old.ours {
			return unix.ESRCH
		}
		delete(k.routes, key)
		return nil
	}
	for _, dev := range devsOf(r) {
		d, is := k.devices[dev]
		if !is {
			return unix.ENODEV
		}
		if !d.up {
			return unix.ENETDOWN
		}
	}
	if there && !s.over {
		return unix.EEXIST
	}
	k.routes[key] = fakeRoute{r, true}
	return nil
}

// selectorOf is what the kernel knows a policy by: there are no two with the
// same, whatever their priorities.
func selectorOf(p policy) policy {
	return policy{out: p.out, local: p.local, peer: p.peer, key: p.key, hasKey: p.hasKey}
}

func (k *fakeKernel) doPolicy(s step, p policy) error {
	_, there := k.policies[selectorOf(p)]
	switch {
	case !s.set && !there:
		return unix.ENOENT
	case !s.set:
		delete(k.policies, selectorOf(p))
		return nil
	case there && !s.over:
		return unix.EEXIST
	}
	k.policies[selectorOf(p)] = fakePolicy{p, true}
	return nil
}

// doState updates no more of an SA than Linux does.
func (k *fakeKernel) doState(s step, o state) error {
	old, there := k.states[o.key()]
	switch {
	case !s.set && !there:
		return unix.ESRCH
	case !s.set:
		delete(k.states, o.key())
		return nil
	case there && !s.over:
		return unix.EEXIST
	case there:
		old.encap, old.softOct, old.hardOct = o.encap, o.softOct, o.hardOct
		k.states[o.key()] = old
		return nil
	}
	k.states[o.key()] = fakeState{o, true}
	return nil
}

func (k *fakeKernel) list() (all []object, err error) {
	for _, p := range k.policies {
		if p.ours {
			all = append(all, p.policy)
		}
	}
	for _, s := range k.states {
		if s.ours {
			all = append(all, state{proto: s.proto, spi: s.spi, src: s.src, dst: s.dst, reqid: s.reqid,
				mode: s.mode, listed: true})
		}
	}
	for dev, d := range k.devices {
		k.learn(dev)
		if d.ours {
			all = append(all, d.link)
		}
	}
	for _, a := range k.addresses {
		if a.ours || k.devices[a.dev].ours {
			all = append(all, a.address)
		}
	}
	for _, n := range k.neighbors {
		if k.devices[n.dev].ours {
			all = append(all, n)
		}
	}
	for _, r := range k.routes {
		if r.ours {
			all = append(all, r.route)
		}
	}
	return all, nil
}

// learn has the names know a device as it is.
func (k *fakeKernel) learn(dev string) {
	d, _ := k.device(dev)
	k.names.set(dev, d)
}

func (k *fakeKernel) device(dev string) (device, bool) {
	d, ok := k.devices[dev]
	if !ok {
		return device{}, false
	}
	return device{index: d.index, up: d.up, carrier: d.up, mtu: d.mtu, ours: d.ours}, true
}

func (k *fakeKernel) stateOf(state) (stateCount, bool) { return stateCount{}, false }
func (k *fakeKernel) counters() (counted, error)       { return counted{}, nil }
func (k *fakeKernel) route() error                     { k.promote = true; return nil }
func (k *fakeKernel) restore() error                   { k.promote = false; return nil }
func (k *fakeKernel) close() error                     { return nil }

// text is all there is, a line for each object.
func (k *fakeKernel) text(sadbOf func(reqid uint32) (string, bool)) string {
	var lines []string
	line := func(o object, ours bool, more string) {
		lines = append(lines, named(o, sadbOf)+more+map[bool]string{true: "", false: " (foreign)"}[ours])
	}
	for _, d := range k.devices {
		line(d.link, d.ours || d.kind == forward.Ethernet, "")
	}
	for _, a := range k.addresses {
		line(a.address, a.ours, "")
	}
	for _, n := range k.neighbors {
		line(n, k.devices[n.dev].ours, "")
	}
	for key, r := range k.routes {
		line(r.route, r.ours, map[bool]string{true: "", false: fmt.Sprint(" metric ", key.metric)}[key.metric == routeMetric])
	}
	for _, p := range k.policies {
		line(p.policy, p.ours, "")
	}
	for _, s := range k.states {
		more := ""
		if s.encap != (sadb.Encap{}) {
			more = fmt.Sprintf(" udp %d %d", s.encap.SrcPort, s.encap.DstPort)
		}
		line(s.state, s.ours, more)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}

// named is an object as text, its reqid by name.
func named(o object, sadbOf func(reqid uint32) (string, bool)) string {
	reqid := uint32(0)
	switch o := o.(type) {
	case policy:
		reqid = o.reqid
	case state:
		reqid = o.reqid
	}
	if reqid == 0 {
		return o.String()
	}
	called := fmt.Sprintf("reqid %d", reqid) // others'
	if name, ok := sadbOf(reqid); ok {
		called = "sadb " + name
	} else if reqid >= reqidFirst {
		called = "sadb of a predecessor"
	}
	return strings.Replace(o.String(), fmt.Sprintf("reqid %d", reqid-reqidFirst), called, 1)
}
