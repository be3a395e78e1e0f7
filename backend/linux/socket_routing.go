//go:build linux

package linux

import (
	"errors"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"

	"gresh/backend/forward"
)

const protoEIGRP = 88 // RFC 7868 section 6.1

// routing is where EIGRP comes in: one raw socket for all interfaces, which is
// a member of the groups that are listened to, interface by interface. On
// tunnels it hears what met their inbound policies, as NHRP does.
type routing struct {
	conn   *conn
	joined map[membership]bool
	copies map[string][]netip.Addr // NBMA addresses that get a multipoint tunnel's multicast
	source map[string]netip.Addr   // the primary address of a multipoint tunnel
}

// A membership is of a group on an interface, by its index: a device that was
// made anew has lost it.
type membership struct {
	index int
	group netip.Addr
}

// openRouting opens the socket. It hears no group that it has not joined
// itself: others of this host may have.
func openRouting() (*conn, error) {
	c, err := openConn(unix.AF_INET, unix.SOCK_RAW, protoEIGRP, patient,
		number(unix.IPPROTO_IP, unix.IP_PKTINFO, 1),
		number(unix.IPPROTO_IP, unix.IP_MULTICAST_ALL, 0))
	if err != nil {
		return nil, forbidden(err, "raw EIGRP socket", "CAP_NET_RAW")
	}
	return c, nil
}

// listenRouting has heard what the table's interfaces listen to, and learns
// where the multicast of multipoint tunnels goes. A group that cannot be joined
// is reported, and does not keep the others from it.
func (s *sockets) listenRouting(t forward.Table) error {
	r := &s.routing
	r.copies, r.source = map[string][]netip.Addr{}, map[string]netip.Addr{}
	wanted := map[membership]bool{}
	for _, i := range t.Interfaces {
		if i.Kind == forward.GRE && !i.Tunnel.Remote.IsValid() && len(i.Addresses) > 0 {
			r.source[i.Name] = i.Addresses[0].Addr()
		}
		index, there := s.names.index(i.Name)
		for _, g := range i.Groups {
			if there && i.Up {
				wanted[membership{index, g}] = true
			}
		}
	}
	for _, m := range t.Multicast {
		r.copies[m.Dev] = append(r.copies[m.Dev], m.NBMA)
	}
	return s.join(wanted)
}

// join makes the memberships the wanted ones.
func (s *sockets) join(wanted map[membership]bool) error {
	r := &s.routing
	if r.conn == nil {
		if len(wanted) == 0 {
			return nil
		}
		var err error
		if r.conn, err = openRouting(); err != nil {
			return err
		}
		r.joined = map[membership]bool{}
		s.read(r.conn, s.takeRouting)
	}
	var faults []error
	for m := range r.joined {
		if !wanted[m] {
			_ = r.conn.member(m, unix.IP_DROP_MEMBERSHIP) // of a device that is gone there is none
			delete(r.joined, m)
		}
	}
	for m := range wanted {
		if r.joined[m] {
			continue
		}
		if err := r.conn.member(m, unix.IP_ADD_MEMBERSHIP); err != nil {
			faults = append(faults, fmt.Errorf("group %v: %w", m.group, err))
			continue
		}
		r.joined[m] = true
	}
	return errors.Join(faults...)
}

// member joins a group or leaves it.
func (c *conn) member(m membership, how int) error {
	var fault error
	err := c.raw.Control(func(fd uintptr) {
		fault = unix.SetsockoptIPMreqn(int(fd), unix.IPPROTO_IP, how,
			&unix.IPMreqn{Multiaddr: m.group.As4(), Ifindex: int32(m.index)})
	})
	return errors.Join(err, fault)
}

// takeRouting reads a packet with its IP header, as raw sockets give it.
func (s *sockets) takeRouting(m message) (forward.Upcall, bool) {
	b := m.data
	to, told := m.packetInfo()
	if !told || len(b) < ipHeaderLen || b[0]>>4 != 4 {
		return nil, false
	}
	n := int(b[0]&15) * 4
	dev, ours := s.names.name(int(to.Ifindex))
	if !ours || n < ipHeaderLen || len(b) < n {
		return nil, false
	}
	return forward.Routing{Dev: dev, Src: netip.AddrFrom4([4]byte(b[12:16])), Dst: netip.AddrFrom4([4]byte(b[16:20])),
		Protocol: protoEIGRP, Payload: append([]byte{}, b[n:]...)}, true
}

// spread sends a multicast to every peer of a multipoint tunnel that is to have
// it, since the kernel knows only who was resolved; not ok if it is no such
// packet.
func (s *sockets) spread(p forward.SendIP) (ok bool, err error) {
	src, multipoint := s.routing.source[p.Dev]
	if !multipoint || !p.Dst.IsMulticast() {
		return false, nil
	}
	if p.Src.IsValid() {
		src = p.Src
	}
	head := header{tos: p.TOS, ttl: p.TTL, protocol: p.Protocol, df: p.DF, src: src, dst: p.Dst}
	packet := append(appendHeader(nil, head, len(p.Payload)), p.Payload...)
	var faults []error
	for _, nbma := range s.routing.copies[p.Dev] {
		faults = append(faults, s.sent(s.sendTunnel(p.Dev, nbma, etherIPv4, packet)))
	}
	return true, errors.Join(faults...)
}
