//go:build linux

package linux

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"gresh/backend/forward"
)

// A dhcpPort is where DHCP goes in and out on an Ethernet interface. Who has no
// address yet can neither be heard nor spoken to through IP, so that a packet
// socket takes what is broadcast, and what is sent to the client by the address
// that it is to get.
//
// Two sockets in IP stand beside it, or the kernel would call the ports
// unreachable: that of the server takes the requests sent to an address of the
// router, of which only the kernel can tell that it is one and that the packet
// is not to be forwarded; that of the client is there to be there.
type dhcpPort struct {
	index  int
	link   *conn
	server *conn // nil if others have the port: they take its unicasts then
	client *conn
}

func (p *dhcpPort) conns() []*conn { return []*conn{p.link, p.server, p.client} }

// listenDHCP has DHCP heard on these Ethernet interfaces, and on no others. It
// is for the goroutine of the loop, and to be called again when an interface
// was made anew. The filter is in the kernel, and little else comes in: all
// Ethernet interfaces may be named. An interface that cannot be listened on is
// reported, and does not keep the others from it.
func (s *sockets) listenDHCP(devs []string) error {
	var faults []error
	for _, dev := range slices.Sorted(maps.Keys(s.dhcp)) {
		if index, ok := s.names.index(dev); !ok || index != s.dhcp[dev].index || !slices.Contains(devs, dev) {
			s.closeDHCP(dev)
		}
	}
	for _, dev := range devs {
		if s.dhcp[dev] != nil {
			continue
		}
		if err := s.openDHCP(dev); err != nil {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

func (s *sockets) closeDHCP(dev string) {
	for _, c := range s.dhcp[dev].conns() {
		if c != nil {
			s.past += uint64(c.overrun.Load())
		}
		c.close()
	}
	delete(s.dhcp, dev)
}

func (s *sockets) openDHCP(dev string) error {
	index, err := s.indexOf(dev)
	if err != nil {
		return err
	}
	p := &dhcpPort{index: index}
	p.link, err = openConn(unix.AF_PACKET, unix.SOCK_DGRAM, 0, filtered(dhcpFilter),
		number(unix.SOL_PACKET, unix.PACKET_AUXDATA, 1),
		bound(&unix.SockaddrLinklayer{Protocol: networkOrder(etherIPv4), Ifindex: index}))
	if err != nil {
		return forbidden(err, dev+": packet socket", "CAP_NET_RAW")
	}
	p.server, err = openDHCPPort(index, portDHCPServer)
	if err == nil {
		p.client, err = openDHCPPort(index, portDHCPClient, deaf)
	}
	if err != nil {
		for _, c := range p.conns() {
			c.close()
		}
		return err
	}
	s.dhcp[dev] = p
	s.read(p.link, s.takeDHCPLink(dev))
	if p.server != nil {
		s.read(p.server, s.takeDHCPServer(dev))
	}
	return nil
}

// openDHCPPort opens a UDP port on an interface; none if others have it.
func openDHCPPort(index, port int, more ...option) (*conn, error) {
	options := append(more,
		number(unix.IPPROTO_IP, unix.IP_PKTINFO, 1),
		number(unix.SOL_SOCKET, unix.SO_BINDTOIFINDEX, index),
		bound(&unix.SockaddrInet4{Port: port}))
	c, err := openConn(unix.AF_INET, unix.SOCK_DGRAM, unix.IPPROTO_UDP, options...)
	if err == unix.EADDRINUSE {
		return nil, nil
	}
	if err != nil {
		return nil, forbidden(err, fmt.Sprintf("UDP port %d", port), "CAP_NET_BIND_SERVICE")
	}
	return c, nil
}

// dhcpFilter accepts whole UDP datagrams to the ports of DHCP that are for this
// station. The packet begins at its IP header.
var dhcpFilter = []bpf.Instruction{
	bpf.LoadExtension{Num: bpf.ExtType},
	bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: unix.PACKET_MULTICAST, SkipTrue: 9},
	bpf.LoadAbsolute{Off: 9, Size: 1},
	bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: protoUDP, SkipTrue: 7},
	bpf.LoadAbsolute{Off: 6, Size: 2},
	bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: 0x3fff, SkipTrue: 5}, // a fragment
	bpf.LoadMemShift{Off: 0},
	bpf.LoadIndirect{Off: 2, Size: 2},
	bpf.JumpIf{Cond: bpf.JumpEqual, Val: portDHCPServer, SkipTrue: 1},
	bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: portDHCPClient, SkipTrue: 1},
	bpf.RetConstant{Val: 1 << 16},
	bpf.RetConstant{Val: 0},
}

// takeDHCPLink reads what the packet socket of an interface heard. Requests to
// one address are left to the other socket.
func (s *sockets) takeDHCPLink(dev string) func(message) (forward.Upcall, bool) {
	return func(m message) (forward.Upcall, bool) {
		from, ok := m.from.(*unix.SockaddrLinklayer)
		if !ok {
			return nil, false
		}
		u, ok := parseDHCP(m.data, m.unsummed())
		if !ok {
			return nil, false
		}
		many := from.Pkttype == unix.PACKET_BROADCAST || u.Local.Addr() == limitedBroadcast
		u.Dev = dev
		return u, many || u.Local.Port() == portDHCPClient
	}
}

var limitedBroadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// parseDHCP reads a datagram with its IP header.
func parseDHCP(b []byte, unsummed bool) (u forward.UDP, ok bool) {
	if len(b) < ipHeaderLen || b[0]>>4 != 4 || b[9] != protoUDP {
		return u, false
	}
	n, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if n < ipHeaderLen || total < n || total > len(b) {
		return u, false
	}
	src, dst := netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
	d, ok := parseUDP(src, dst, b[n:total], unsummed)
	if !ok {
		return u, false
	}
	return forward.UDP{Remote: netip.AddrPortFrom(src, binary.BigEndian.Uint16(d)),
		Local:   netip.AddrPortFrom(dst, binary.BigEndian.Uint16(d[2:])),
		Payload: append([]byte{}, d[udpHeaderLen:]...)}, true
}

// unsummed says that a packet's checksum is yet to be made, by a network card
// that it did not come to.
func (m message) unsummed() bool {
	status, ok := m.word(unix.SOL_PACKET, unix.PACKET_AUXDATA)
	return ok && status&unix.TP_STATUS_CSUMNOTREADY != 0
}

// takeDHCPServer reads what the kernel says was sent to an address of ours. A
// broadcast came by the other socket already.
func (s *sockets) takeDHCPServer(dev string) func(message) (forward.Upcall, bool) {
	take := s.takeIKE(portDHCPServer)
	return func(m message) (forward.Upcall, bool) {
		to, ok := m.packetInfo()
		if !ok || to.Addr != to.Spec_dst {
			return nil, false
		}
		return take(m)
	}
}

// sendDHCP sends a datagram by an interface to a station, or to all.
func (s *sockets) sendDHCP(d forward.SendUDP) error {
	p := s.dhcp[d.Dev]
	if p == nil || !d.Local.Addr().Is4() || !d.Remote.Addr().Is4() {
		return fmt.Errorf("%s: no DHCP from %v to %v: %w", d.Dev, d.Local, d.Remote, unix.ENODEV)
	}
	body := appendUDP(nil, d.Local, d.Remote, d.Payload)
	packet := appendHeader(nil, header{ttl: udpTTL, protocol: protoUDP,
		src: d.Local.Addr(), dst: d.Remote.Addr()}, len(body))
	to := &unix.SockaddrLinklayer{Ifindex: p.index, Protocol: networkOrder(etherIPv4), Halen: 6}
	copy(to.Addr[:], d.LinkDst[:])
	if d.LinkDst == [6]byte{} {
		copy(to.Addr[:], []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	}
	return p.link.send(append(packet, body...), nil, to)
}
