package forward

import (
	"fmt"
	"slices"
	"time"

	"gresh/backend/gre"
	"gresh/backend/sadb"
)

// Sync makes t the table to obey, by the steps of Diff: the work is in what
// changed, not in what there is. What is learnt, and the state of SAs that
// stay, is kept. If an SA cannot be made nothing changes. The Path keeps t.
func (p *Path) Sync(now time.Time, t Table) (Result, error) {
	p.begin(now)
	ops := Diff(p.table, t)
	fresh, err := p.prepare(ops)
	if err != nil {
		return p.end(), err
	}
	p.table = t
	readdress := false
	for _, op := range ops {
		switch item := op.Item.(type) {
		case Policy:
			p.setPolicy(item, op.Add)
		case sadb.SA:
			p.setSA(item, op.Add, fresh[item.Key()])
		case Interface:
			p.setInterface(item, op.Add)
			readdress = true
		case Neighbor:
			p.setNeighbor(item, op.Add)
		case Multicast:
			p.setMulticast(item, op.Add)
		case Route:
			p.routes.set(item, op.Add)
		}
	}
	if readdress {
		p.readdress()
	}
	p.sendResolved(ops)
	return p.end(), nil
}

// prepare makes the states of new SAs, before anything is changed.
func (p *Path) prepare(ops []Op) (map[sadb.Key]*association, error) {
	fresh := map[sadb.Key]*association{}
	for _, op := range ops {
		sa, ok := op.Item.(sadb.SA)
		if !ok || !op.Add {
			continue
		}
		if have := p.sas[sa.Key()]; have != nil && sameKeys(have.sa, sa) {
			continue
		}
		made, err := newAssociation(sa, p.options.Rand)
		if err != nil {
			return nil, fmt.Errorf("SA %#x: %w", sa.SPI, err)
		}
		fresh[sa.Key()] = made
	}
	return fresh, nil
}

func (p *Path) setPolicy(c Policy, add bool) {
	rest := slices.DeleteFunc(p.policies[c.Local], func(o Policy) bool { return o == c })
	if add {
		rest = append(rest, c)
	}
	if p.policies[c.Local] = rest; len(rest) == 0 {
		delete(p.policies, c.Local)
	}
}

// setInterface keeps a port that is more than the table's: one with a cable.
func (p *Path) setInterface(want Interface, add bool) {
	i := p.port(want.Name)
	if add {
		i.Interface = want
		return
	}
	i.Interface = Interface{Name: want.Name}
	i.announced = nil
	p.forgetARP(i)
	if _, physical := p.options.MACs[want.Name]; !physical && !i.carrier {
		delete(p.ports, want.Name)
	}
}

func (p *Path) setNeighbor(n Neighbor, add bool) {
	key := hopKey{n.Dev, n.Addr}
	switch have := p.neighbors[key]; {
	case !add:
		delete(p.neighbors, key)
	case have == nil:
		p.neighbors[key] = &neighbor{nbma: n.NBMA}
	default:
		have.nbma = n.NBMA
	}
}

func (p *Path) setMulticast(m Multicast, add bool) {
	rest := p.multicast[m.Dev]
	if add {
		rest = append(rest, m.NBMA)
	} else if at := slices.Index(rest, m.NBMA); at >= 0 {
		rest = slices.Delete(rest, at, at+1)
	}
	if p.multicast[m.Dev] = rest; len(rest) == 0 {
		delete(p.multicast, m.Dev)
	}
}

// sendResolved sends what has waited for the neighbours that came.
func (p *Path) sendResolved(ops []Op) {
	for _, op := range ops {
		n, ok := op.Item.(Neighbor)
		if !ok || !op.Add {
			continue
		}
		key := hopKey{n.Dev, n.Addr}
		q, out := p.waiting[key], p.ports[n.Dev]
		if q == nil || out == nil || !out.running() {
			continue
		}
		delete(p.waiting, key)
		p.stale = true
		for _, packet := range q.packets {
			p.toNeighbor(out, n.Addr, packet)
		}
	}
}

func (t Tunnel) endpoint() gre.Endpoint {
	return gre.Endpoint{Local: t.Local, Remote: t.Remote, Key: t.Key, HasKey: t.HasKey}
}
