//go:build linux

package linux

import (
	"time"

	"gresh/backend"
	"gresh/backend/forward"
)

// handle takes what the kernel told, in the loop.
func (h *Host) handle(r *backend.Router, e any) {
	now := time.Now()
	switch e := e.(type) {
	case deviceTold:
		h.lookAt(r, now, e.dev)
	case missTold:
		if name, ok := h.names.name(e.index); ok {
			r.Receive(now, forward.Miss{Tunnel: name, Dest: e.addr})
		}
	case acquireTold:
		if up, ok := h.acquired(e.reqid, e.peer, e.key); ok {
			r.Receive(now, up)
		}
	case expireTold:
		r.Receive(now, forward.Volume{SA: e.key, Octets: e.octets})
	case forward.Upcall:
		r.Receive(now, e)
	}
}

// lookAt learns how a device stands now, and tells the router of a port's
// carrier. Whoever switched a device of ours, or a port, took routes with it.
func (h *Host) lookAt(r *backend.Router, now time.Time, dev string) {
	was, _ := h.names.device(dev)
	is, there := h.kernel.device(dev)
	if there {
		h.names.set(dev, is)
	} else {
		h.names.forget(dev)
	}
	name, ours := h.names.configured(dev)
	if !ours && !was.ours {
		return
	}
	h.stale = h.stale || h.differs(dev, is, there)
	up := is.up && is.carrier
	if _, port := h.options.Ports[name]; port && h.told[name] != (carrier{is.index, up}) {
		h.told[name] = carrier{is.index, up}
		if err := h.listenDHCP(); err != nil {
			h.loop.event(forward.Refused{What: "DHCP", Reason: err.Error()})
		}
		h.stale = h.stale || up
		r.Receive(now, forward.Link{Dev: name, Up: up, MAC: is.mac, MTU: is.mtu})
	}
	if h.stale {
		h.resync()
	}
}

// differs says whether a device is not as it was made: others had a hand in it,
// and the kernel may have dropped what hangs on it.
func (h *Host) differs(dev string, is device, there bool) bool {
	have, ok := h.plan.have[link{dev: dev}.name()]
	if !ok {
		return false
	}
	l := have.object.(link)
	return !there || is.up != l.up
}

// A carrier is what a router was last told of a port's.
type carrier struct {
	index int
	up    bool
}

// relearn looks at everything again: the kernel told more than could wait.
func (h *Host) relearn(r *backend.Router) {
	before := h.names.all()
	if err := h.names.refresh(); err != nil {
		return
	}
	for dev := range before {
		h.lookAt(r, time.Now(), dev)
	}
	h.resync()
}
