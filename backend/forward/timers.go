package forward

import (
	"cmp"
	"slices"
	"time"
)

// Next returns when Advance will have work; zero: never. Any call may change
// it.
func (p *Path) Next() time.Time {
	if !p.stale {
		return p.due
	}
	p.due, p.stale = time.Time{}, false
	for _, e := range p.arp {
		p.sooner(e.due)
	}
	for _, q := range p.waiting {
		p.sooner(q.until)
	}
	for _, f := range p.partial {
		p.sooner(f.until)
	}
	return p.due
}

func (p *Path) sooner(t time.Time) {
	if p.due.IsZero() || t.Before(p.due) {
		p.due = t
	}
}

// Advance does what is due: it asks again, and gives up. It does nothing if
// called early.
func (p *Path) Advance(now time.Time) Result {
	p.begin(now)
	if next := p.Next(); next.IsZero() || now.Before(next) {
		return p.end()
	}
	for _, key := range dueKeys(p.arp, func(e *arpEntry) bool { return !now.Before(e.due) }) {
		p.advanceARP(key, p.arp[key])
	}
	for _, key := range dueKeys(p.waiting, func(q *queue) bool { return !now.Before(q.until) }) {
		p.drops[NoNeighbor] += uint64(len(p.waiting[key].packets))
		delete(p.waiting, key)
		p.stale = true
	}
	p.expireFragments()
	return p.end()
}

// dueKeys are the keys of what is due, in an order that does not depend on the
// map's.
func dueKeys[V any](m map[hopKey]V, due func(V) bool) (keys []hopKey) {
	for k, v := range m {
		if due(v) {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b hopKey) int {
		return cmp.Or(cmp.Compare(a.dev, b.dev), a.addr.Compare(b.addr))
	})
	return keys
}
