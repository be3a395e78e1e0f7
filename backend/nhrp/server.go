package nhrp

import (
	"net/netip"
	"slices"
	"time"
)

// registrationRequest serves a client that registers.
func (t *tunnel) registrationRequest(now time.Time, p Packet, m Message, out *Output) {
	if m.Dst != t.addr() {
		t.refuse(p, m, m.Dst, NotHere, out)
		t.complain(now, p, m, ProtocolUnreachable, out)
		return
	}
	// Behind a NAT the claimed address is not the one that packets come from;
	// then the entry gets the latter, so that the claim does no harm.
	if _, nat := m.extension(extNAT); m.SrcNBMA != p.NBMA && !nat {
		t.refuse(p, m, m.Src, Spoofed, out)
		t.complain(now, p, m, ProtocolError, out)
		return
	}
	if len(m.Clients) == 0 {
		t.complain(now, p, m, ProtocolError, out)
		return
	}
	reply := m
	reply.Type, reply.Hops = RegistrationReply, hopsFull
	reply.Clients = slices.Clone(m.Clients)
	for i, c := range m.Clients {
		reply.Clients[i].Code = uint8(t.register(now, p, m, c, out))
	}
	reply.setExtension(extResponder, true, appendClients(nil, []Client{t.self()}))
	if m.SrcNBMA != p.NBMA {
		seen := Client{Prefix: prefixHost, NBMA: p.NBMA, Addr: m.Src}
		reply.setExtension(extNAT, false, appendClients(nil, []Client{seen}))
	}
	t.send(now, p.NBMA, reply, out)
}

// register takes up one client, or says why not (section 5.2.4).
func (t *tunnel) register(now time.Time, p Packet, m Message, c Client, out *Output) Code {
	n := t.entries[m.Src]
	switch {
	case !t.mayRegister(m, c) || n != nil && n.kind == static:
		t.refuse(p, m, m.Src, BadAddress, out)
		return AdminProhibited
	case n != nil && n.kind == registered && n.unique && n.nbma != p.NBMA && now.Before(n.expires):
		t.traffic.UniqueRefused++
		t.warn(now, UniqueConflict{t.cfg.Name, m.Src, n.nbma, p.NBMA}, out)
		return UniqueAlreadyRegistered
	case n == nil && t.engine.full():
		t.refuse(p, m, m.Src, CacheFull, out)
		return InsufficientResources
	}
	if n == nil {
		n = t.insert(now, m.Src)
	}
	t.enter(now, n, p.NBMA, out)
	n.unique = m.Flags&flagUnique != 0
	n.expires = now.Add(time.Duration(c.Hold) * time.Second)
	n.schedule()
	return Success
}

// mayRegister says whether the address is the client's own, and a host's:
// nobody registers another station, a network, us, or what is off the subnet.
func (t *tunnel) mayRegister(m Message, c Client) bool {
	// No length is a host's too, and so is one that no address has.
	host := c.Prefix == 0 || c.Prefix >= prefixHost
	own := !c.Addr.IsValid() || c.Addr == m.Src
	return host && own && c.Hold > 0 && t.claimable(m.Src)
}

// enter makes an entry that of a client at an NBMA address.
func (t *tunnel) enter(now time.Time, n *entry, nbma netip.Addr, out *Output) {
	if n.kind == registered && n.nbma == nbma {
		return
	}
	if n.kind == registered {
		out.Log = append(out.Log, ClientDown{t.cfg.Name, Party{n.addr, n.nbma}, t.local(), Replaced})
	}
	n.become(registered)
	n.created, n.request = now, request{}
	t.bind(n, nbma, out)
	out.Log = append(out.Log, ClientUp{t.cfg.Name, Party{n.addr, nbma}, t.local()})
}

// purgeRequest forgets what its owner, or the server that told us, withdraws.
func (t *tunnel) purgeRequest(now time.Time, p Packet, m Message, out *Output) {
	for _, c := range m.Clients {
		t.purgesNetwork(c, p.NBMA, out)
		n := t.entries[c.Addr]
		switch {
		case n == nil:
		case t.mayPurge(n, p.NBMA):
			t.remove(n, Purged, out)
		default:
			t.refuse(p, m, c.Addr, Foreign, out)
		}
	}
	if m.Flags&flagNoReply != 0 {
		return
	}
	reply := m
	reply.Type, reply.Hops = PurgeReply, hopsFull
	t.send(now, p.NBMA, reply, out)
}

func (t *tunnel) mayPurge(n *entry, by netip.Addr) bool {
	switch n.kind {
	case registered:
		return n.nbma == by
	case resolved:
		return n.nbma == by || t.isServer(by)
	}
	return false
}
