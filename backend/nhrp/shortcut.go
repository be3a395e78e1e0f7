package nhrp

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// A Route is where a router sends packets to an address: by a tunnel of NHRP's,
// to the next hop Via, or else out of the NBMA network.
type Route struct {
	Prefix netip.Prefix
	Dev    string
	Via    netip.Addr // not valid: the destination is on the link
}

// A Shortcut is a network behind a station of a tunnel, to which its packets go
// without passing a server.
type Shortcut struct {
	Tunnel string
	Prefix netip.Prefix
	Via    netip.Addr // the station
}

// A shortcut is one that has been resolved.
type shortcut struct {
	prefix  netip.Prefix
	via     netip.Addr
	asked   netip.Addr // an address in it
	created time.Time
	hold    time.Duration
	expires time.Time
	timer   timer
}

// A told is who was told that a network is behind us, and until when he
// believes it.
type told struct {
	to     Party
	prefix netip.Prefix
	until  time.Time
}

// toldMax bounds how many a tunnel remembers: the others find out by their
// holding time.
const toldMax = 4096

// Transit says that a packet came in by a tunnel from an NBMA address and leaves
// by another, or the same. Its sender could have sent it by a shorter way: if
// both are of one network, and redirects are wanted, he is told so.
func (e *Engine) Transit(now time.Time, in, to string, nbma netip.Addr, packet []byte) (out Output) {
	t, leaves := e.active(in), e.active(to)
	if t == nil || leaves == nil || !t.cfg.Redirect || t.cfg.NetworkID != leaves.cfg.NetworkID {
		return out
	}
	src, _, ok := ends(packet)
	if !ok || !t.errors.allow(now, t.maxErrors()) {
		return out
	}
	m := t.message(TrafficIndication, 0, 0, src)
	m.Hops = 1
	m.Payload = packet[:min(len(packet), errorOctetsMax)]
	t.send(now, nbma, m, &out)
	return out
}

// ends are the addresses of an IPv4 packet.
func ends(packet []byte) (src, dst netip.Addr, ok bool) {
	if len(packet) < 20 || packet[0]>>4 != 4 {
		return src, dst, false
	}
	return netip.AddrFrom4([4]byte(packet[12:16])), netip.AddrFrom4([4]byte(packet[16:20])), true
}

// indicated takes a traffic indication: where the packet went that it returns
// may be reached by a shorter way. Only who we sent it to can say so.
func (t *tunnel) indicated(now time.Time, p Packet, m Message, out *Output) {
	_, dst, ok := ends(m.Payload)
	switch {
	case !t.cfg.Shortcut || !ok:
	case !t.speaksTo(p.NBMA):
		t.refuse(p, m, m.Src, UnknownSource, out)
	default:
		t.resolve(now, dst, out)
	}
}

// speaksTo says whether data of ours goes to an NBMA address.
func (t *tunnel) speaksTo(nbma netip.Addr) bool {
	p := t.peers[nbma]
	return p != nil && len(p.entries) > 0
}

// beyond says whether an address is not of the tunnel's subnet, but may be that
// of a host behind one of its stations.
func (t *tunnel) beyond(addr netip.Addr) bool {
	return t.cfg.Multipoint && addr.Is4() && unicast(addr) && addr != t.addr() &&
		!t.cfg.Addr.IsSingleIP() && !t.cfg.Addr.Masked().Contains(addr)
}

// route is where packets to an address go, and the tunnel if they stay in the
// NBMA network; ok is false if there is no way.
func (t *tunnel) route(addr netip.Addr) (r Route, next *tunnel, ok bool) {
	if t.engine.cfg.Route == nil {
		return r, nil, false
	}
	if r, ok = t.engine.cfg.Route(addr); !ok {
		return r, nil, false
	}
	next = t.engine.active(r.Dev)
	if next != nil && next.cfg.NetworkID != t.cfg.NetworkID {
		next = nil
	}
	return r, next, true
}

// replyFor answers a request for an address behind us: with the network that it
// is in, if there is a route to no more than that.
func (t *tunnel) replyFor(now time.Time, p Packet, m Message, r Route, out *Output) {
	prefix := r.Prefix.Masked()
	if prefix.Bits() == 0 { // a default route says nothing of where others are
		prefix = netip.PrefixFrom(m.Dst, prefixHost)
	}
	c := t.self()
	c.Prefix = uint8(prefix.Bits())
	from := m.seen(m.Src, m.SrcNBMA)
	t.remember(told{Party{m.Src, from}, prefix, now.Add(t.holdtime())})
	t.replyWith(now, p, m, from, c, out)
}

func (t *tunnel) remember(n told) {
	t.told = slices.DeleteFunc(t.told, func(o told) bool { return o.to == n.to && o.prefix == n.prefix })
	if len(t.told) < toldMax {
		t.told = append(t.told, n)
	}
}

// shorten takes up a network that a reply put behind a station.
func (t *tunnel) shorten(now time.Time, asked netip.Addr, c Client, nbma netip.Addr, out *Output) {
	bits := int(c.Prefix)
	if bits == 0 || bits > prefixHost {
		bits = prefixHost
	}
	prefix := netip.PrefixFrom(asked, bits).Masked()
	if n := t.entries[asked]; n != nil {
		t.remove(n, NoReason, out)
	}
	via := t.entries[c.Addr]
	if via == nil {
		via = t.insert(now, c.Addr)
	}
	if via.kind == incomplete || via.kind == resolved {
		t.resolved(now, via, nbma, c.Hold, out)
	}
	s := t.shortcuts[prefix]
	if s == nil {
		s = &shortcut{prefix: prefix, created: now}
		s.timer.fire = func(now time.Time, out *Output) { t.dueShortcut(now, s, out) }
		t.shortcuts[prefix] = s
	}
	s.via, s.asked = c.Addr, asked
	s.hold = time.Duration(c.Hold) * time.Second
	s.expires = now.Add(s.hold)
	t.scheduleShortcut(now, s)
	out.Rerouted = true
}

// scheduleShortcut sets the timer to when the shortcut is to be asked for again,
// or ends.
func (t *tunnel) scheduleShortcut(now time.Time, s *shortcut) {
	at := s.expires.Add(-min(refreshMost, s.hold/3))
	if !now.Before(at) {
		at = s.expires
	}
	t.engine.timers.set(&s.timer, at)
}

// dueShortcut asks again for a shortcut that is in use, and ends one whose time
// is over.
func (t *tunnel) dueShortcut(now time.Time, s *shortcut, out *Output) {
	if !now.Before(s.expires) {
		t.endShortcut(s, out)
		return
	}
	if via := t.entries[s.via]; via != nil && inUse(via.dataAt, now) {
		t.resolve(now, s.asked, out)
	}
	t.scheduleShortcut(now, s)
}

func (t *tunnel) endShortcut(s *shortcut, out *Output) {
	t.engine.timers.set(&s.timer, time.Time{})
	delete(t.shortcuts, s.prefix)
	out.Rerouted = true
}

// endShortcuts ends those that match.
func (t *tunnel) endShortcuts(which func(s *shortcut) bool, out *Output) {
	for _, s := range t.sortedShortcuts() {
		if which(s) {
			t.endShortcut(s, out)
		}
	}
}

func (t *tunnel) sortedShortcuts() (all []*shortcut) {
	for _, s := range t.shortcuts {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *shortcut) int {
		return cmp.Or(a.prefix.Addr().Compare(b.prefix.Addr()), cmp.Compare(a.prefix.Bits(), b.prefix.Bits()))
	})
	return all
}

// usable says whether packets may go by a shortcut: its station is known, and
// protected if it must be. Until then they go as ever.
func (t *tunnel) usable(s *shortcut) bool {
	via := t.entries[s.via]
	return via != nil && via.peer != nil && via.peer.up && via.kind != incomplete
}

// Shortcuts returns those that can be used, tunnels as configured, prefixes
// ascending.
func (e *Engine) Shortcuts() (all []Shortcut) {
	for _, t := range e.tunnels {
		for _, s := range t.sortedShortcuts() {
			if t.running && t.usable(s) {
				all = append(all, Shortcut{t.cfg.Name, s.prefix, s.via})
			}
		}
	}
	return all
}

// RoutesChanged says that Route may answer otherwise. Who was told that a
// network is behind us, and it is not any more, is told to forget it (section
// 5.2.5).
func (e *Engine) RoutesChanged(now time.Time) (out Output) {
	for _, t := range e.tunnels {
		if !t.running || len(t.told) == 0 {
			continue
		}
		t.told = slices.DeleteFunc(t.told, func(n told) bool {
			if !now.Before(n.until) {
				return true
			}
			r, next, ok := t.route(n.prefix.Addr())
			still := ok && next == nil && (r.Prefix.Masked() == n.prefix || n.prefix.IsSingleIP())
			if !still {
				t.purgePrefix(now, n.to, n.prefix, &out)
			}
			return !still
		})
	}
	return out
}

// purgesNetwork ends the shortcut that its station withdraws.
func (t *tunnel) purgesNetwork(c Client, by netip.Addr, out *Output) {
	if c.Prefix == 0 || c.Prefix > prefixHost || !c.Addr.IsValid() {
		return
	}
	prefix := netip.PrefixFrom(c.Addr, int(c.Prefix)).Masked()
	t.endShortcuts(func(s *shortcut) bool {
		via := t.entries[s.via]
		return s.prefix == prefix && (via == nil || via.nbma == by || t.isServer(by))
	}, out)
}
