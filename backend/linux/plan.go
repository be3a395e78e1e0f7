//go:build linux

package linux

import (
	"net/netip"
	"slices"

	"gresh/backend/forward"
	"gresh/backend/sadb"
)

// A step sets an object, in place of one of the same name if over, or deletes
// it: a device, if over, to make room for another.
type step struct {
	set    bool
	over   bool
	object object
}

// A plan is what the kernel has of ours, and which items of the table want it.
// It is arithmetic; nothing in it talks to a kernel.
type plan struct {
	have map[any]*holding
	made map[any][]object // by item
	idle []any            // names of objects that fewer want than before
}

// A holding is an object that is there, or nil if it had to make room, and what
// the items want that want one of its name.
type holding struct {
	object object
	wants  []object
}

func newPlan(have []object) plan {
	p := plan{have: make(map[any]*holding, len(have)), made: map[any][]object{}}
	for _, o := range have {
		p.have[o.name()] = &holding{object: o}
		p.idle = append(p.idle, o.name())
	}
	return p
}

// change returns the steps that carry out ops: what is new first, in the order
// of the ops, then what is gone, last made first gone: no policy goes before
// the device that it closes.
func (p *plan) change(ops []forward.Op, objects func(item any) []object) (steps []step) {
	var wanted, gone []object
	for _, op := range ops {
		name := itemName(op.Item)
		gone = append(gone, p.made[name]...)
		delete(p.made, name)
		if op.Add {
			p.made[name] = objects(op.Item)
			p.want(p.made[name])
			wanted = append(wanted, p.made[name]...)
		}
	}
	for _, o := range wanted {
		steps = append(steps, p.set(p.have[o.name()])...)
	}
	p.release(gone)
	sets, deletes := p.rest()
	return slices.Concat(steps, sets, deletes)
}

// want notes what is wanted. Only when all is noted is it told what prevails.
func (p *plan) want(objects []object) {
	for _, o := range objects {
		h, there := p.have[o.name()]
		if !there {
			h = &holding{}
			p.have[o.name()] = h
		}
		h.wants = append(h.wants, o)
	}
}

// set has what prevails of what is wanted be there.
func (p *plan) set(h *holding) (steps []step) {
	want := prevailing(h.wants)
	if h.object == nil || !same(h.object, want) {
		if l, ok := want.(link); ok {
			steps = p.room(l)
		}
		steps = append(steps, step{set: true, over: h.object != nil, object: want})
	}
	h.object = want
	return steps
}

// prevailing is the last that is wanted; but a policy that lets something pass
// prevails over one that lets nothing pass.
func prevailing(wants []object) object {
	for _, o := range slices.Backward(wants) {
		if p, ok := o.(policy); !ok || p.reqid != 0 {
			return o
		}
	}
	return wants[len(wants)-1]
}

// room deletes the tunnels that have the ends and the key that another is to
// have: the kernel has no two such at a time.
func (p *plan) room(l link) (steps []step) {
	if l.kind != forward.GRE {
		return nil
	}
	for name, h := range p.have {
		if o, ok := h.object.(link); ok && o.dev != l.dev && o.ends() == l.ends() {
			steps = append(steps, step{over: true, object: o})
			h.object = nil
			p.idle = append(p.idle, name) // whoever wants it gets it again
		}
	}
	return steps
}

func (p *plan) release(objects []object) {
	for _, o := range objects {
		h := p.have[o.name()]
		at := slices.Index(h.wants, o)
		h.wants = slices.Delete(h.wants, at, at+1)
		p.idle = append(p.idle, o.name())
	}
}

// rest deletes what nobody wants, and puts in its place what is still wanted.
func (p *plan) rest() (sets, steps []step) {
	for _, name := range p.idle {
		h, there := p.have[name]
		switch {
		case !there:
		case len(h.wants) > 0:
			sets = append(sets, p.set(h)...)
		default:
			if h.object != nil {
				steps = append(steps, step{object: h.object})
			}
			delete(p.have, name)
		}
	}
	p.idle = nil
	slices.SortFunc(steps, func(a, b step) int {
		if n := int(b.object.class()) - int(a.object.class()); n != 0 {
			return n
		}
		return compareText(a.object, b.object)
	})
	return sets, steps
}

func compareText(a, b object) int {
	switch x, y := a.String(), b.String(); {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// same says whether there is nothing to do to have want instead of have. Of an
// SA that was listed nothing but its name is known, which nobody gives twice.
func same(have, want object) bool {
	if s, ok := have.(state); ok && s.listed {
		return true
	}
	return have == want
}

// itemName is what an item of a table replaces others by.
func itemName(item any) any {
	type hop struct {
		dev  string
		addr netip.Addr
	}
	switch i := item.(type) {
	case forward.Interface:
		return i.Name
	case forward.Route:
		return i.Prefix
	case forward.Neighbor:
		return hop{i.Dev, i.Addr}
	case sadb.SA:
		return i.Key()
	}
	return item
}
