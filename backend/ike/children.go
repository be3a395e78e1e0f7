package ike

import (
	"net/netip"
	"slices"
	"time"

	"gresh/backend/sadb"
)

// A child is what is remembered of a pair: enough to understand a delete, and
// to know what a dead peer takes with it. Its life is sadb's.
type child struct {
	owner    owner
	sadb     string
	made     time.Time
	in, out  []sadb.Key
	protocol []uint8 // of in and out, as ISAKMP numbers them
}

// children are all pairs there are, by owner in order of birth, and by key.
type children struct {
	owned    map[owner][]*child
	ends     map[[2]netip.Addr][]*child // those between two addresses
	inbound  map[sadb.Key]*child
	outbound map[sadb.Key]*child
	spis     map[uint32]bool // inbound, in use or reserved
}

func newChildren() children {
	return children{
		owned:    map[owner][]*child{},
		ends:     map[[2]netip.Addr][]*child{},
		inbound:  map[sadb.Key]*child{},
		outbound: map[sadb.Key]*child{},
		spis:     map[uint32]bool{},
	}
}

func (c *children) add(now time.Time, who owner, p sadb.Pair) {
	n := &child{owner: who, sadb: p.SADB, made: now}
	for _, s := range p.In {
		n.in = append(n.in, s.Key())
		n.protocol = append(n.protocol, isakmpProtocol(s.Proto))
		c.inbound[s.Key()] = n
		c.spis[s.SPI] = true
	}
	for _, s := range p.Out {
		n.out = append(n.out, s.Key())
		c.outbound[s.Key()] = n
	}
	c.owned[who] = append(c.owned[who], n)
	ends := [2]netip.Addr{who.local, who.remote}
	c.ends[ends] = append(c.ends[ends], n)
}

// taken says whether a peer has chosen an SPI that another pair of its has:
// the two could not be told apart.
func (c *children) taken(remote netip.Addr, t terms) bool {
	return c.outbound[sadb.Key{Proto: sadb.ESP, Dst: remote, SPI: t.spis[protoESP]}] != nil ||
		c.outbound[sadb.Key{Proto: sadb.AH, Dst: remote, SPI: t.spis[protoAH]}] != nil
}

func isakmpProtocol(p sadb.Protocol) uint8 {
	if p == sadb.AH {
		return protoAH
	}
	return protoESP
}

func (c *children) remove(n *child) {
	for _, k := range n.in {
		delete(c.inbound, k)
		delete(c.spis, k.SPI)
	}
	for _, k := range n.out {
		if c.outbound[k] == n {
			delete(c.outbound, k)
		}
	}
	leave(c.owned, n.owner, n)
	leave(c.ends, [2]netip.Addr{n.owner.local, n.owner.remote}, n)
}

// leave takes an item out of the list of a key, and the key with the last.
func leave[K, V comparable](lists map[K][]V, key K, item V) {
	left := slices.DeleteFunc(lists[key], func(o V) bool { return o == item })
	if lists[key] = left; len(left) == 0 {
		delete(lists, key)
	}
}

// between says whether there is a pair between two addresses.
func (c *children) between(local, remote netip.Addr) bool {
	return len(c.ends[[2]netip.Addr{local, remote}]) > 0
}

// rival says whether somebody else at the peer's address has a pair of the
// SADB: a second peer behind the same NAT.
func (c *children) rival(who owner, db string) bool {
	return slices.ContainsFunc(c.ends[[2]netip.Addr{who.local, who.remote}],
		func(n *child) bool { return n.sadb == db && n.owner != who })
}

// drop ends a child that the peer no longer has.
func (e *Engine) drop(n *child) {
	e.children.remove(n)
	e.out.Deleted = append(append(e.out.Deleted, n.in...), n.out...)
}

// dropChildren ends the children of an owner that are older than a moment.
func (e *Engine) dropChildren(who owner, before time.Time) {
	for _, n := range slices.Clone(e.children.owned[who]) {
		if n.made.Before(before) {
			e.drop(n)
		}
	}
}

// deletePair forgets a pair that sadb has ended, and tells the peer by the
// SPIs that we chose (RFC 2408 section 3.15). A pair that the peer deleted, or
// that died with it, is not there any more, and of it nothing is said.
func (e *Engine) deletePair(now time.Time, p sadb.Pair) {
	if len(p.In) == 0 {
		return
	}
	n := e.children.inbound[p.In[0].Key()]
	if n == nil {
		return
	}
	e.children.remove(n)
	under := e.youngest(n.owner)
	if under == nil {
		return
	}
	e.touch(under)
	e.tell(under, n.deletions()...)
}

// deletions tell the peer that a child is gone, by the SPIs that we chose.
func (n *child) deletions() (chain []payload) {
	for i, k := range n.in {
		chain = append(chain, deletion{n.protocol[i], [][]byte{be32(k.SPI)}}.payload())
	}
	return chain
}
