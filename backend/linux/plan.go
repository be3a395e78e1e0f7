//go:build linux

package linux

import (
	"net/netip"
	"slices"

	"gresh/backend/forward"
	"gresh/backend/sadb"
)

// A step sets an object, in place of one of the same name if over, or deletes
// it.
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
	idle []any            // names of objects that nobody wanted at some moment
}

// A holding is an object that is there, and how many items want it.
type holding struct {
	object object
	wanted int
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
	for _, op := range ops {
		if op.Add {
			steps = append(steps, p.add(op.Item, objects(op.Item))...)
		}
	}
	var gone []object
	for _, op := range ops {
		if !op.Add {
			gone = append(gone, p.made[itemName(op.Item)]...)
			delete(p.made, itemName(op.Item))
		}
	}
	p.release(gone)
	return append(steps, p.rest()...)
}

// add wants the objects of an item in place of those it had.
func (p *plan) add(item any, objects []object) (steps []step) {
	name := itemName(item)
	old := p.made[name]
	p.made[name] = objects
	for _, o := range objects {
		h, there := p.have[o.name()]
		if !there {
			h = &holding{}
			p.have[o.name()] = h
		}
		if !there || !same(h.object, o) {
			steps = append(steps, step{set: true, over: there, object: o})
		}
		h.object = o
		h.wanted++
	}
	p.release(old)
	return steps
}

func (p *plan) release(objects []object) {
	for _, o := range objects {
		h := p.have[o.name()]
		if h.wanted--; h.wanted == 0 {
			p.idle = append(p.idle, o.name())
		}
	}
}

// rest deletes what nobody wants.
func (p *plan) rest() (steps []step) {
	for _, name := range p.idle {
		if h, there := p.have[name]; there && h.wanted == 0 {
			steps = append(steps, step{object: h.object})
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
	return steps
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
