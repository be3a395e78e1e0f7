//go:build linux

package linux

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"

	"gresh/backend/forward"
	"gresh/backend/inet"
)

const (
	portDHCPServer = 67
	portDHCPClient = 68
	portIKE        = 500
	portIKENAT     = 4500

	protoICMP = 1
	protoUDP  = 17

	udpHeaderLen = 8
	udpTTL       = 255
)

// encapsulated has the kernel take ESP out of UDP (RFC 3948 section 2.1). It
// swallows keepalives, and leaves the non-ESP marker in front of IKE.
func encapsulated(fd int) error {
	err := unix.SetsockoptInt(fd, unix.IPPROTO_UDP, unix.UDP_ENCAP, unix.UDP_ENCAP_ESPINUDP)
	if err != nil {
		return fmt.Errorf("%w: the kernel knows no ESP in UDP (CONFIG_XFRM)", err)
	}
	return nil
}

// openIKE opens a port of IKE on all addresses, as tunnel sources come and go.
// The messages may be fragmented on their way, as large certificates are.
func openIKE(port uint16, more ...option) (*conn, error) {
	options := append(more, patient,
		number(unix.IPPROTO_IP, unix.IP_PKTINFO, 1),
		number(unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_DONT),
		number(unix.IPPROTO_IP, unix.IP_TTL, udpTTL),
		bound(&unix.SockaddrInet4{Port: int(port)}))
	c, err := openConn(unix.AF_INET, unix.SOCK_DGRAM, unix.IPPROTO_UDP, options...)
	switch {
	case err == unix.EADDRINUSE:
		return nil, fmt.Errorf("UDP port %d: %w: another IKE daemon runs here; stop it, "+
			"or run the router in a network namespace of its own", port, err)
	case err != nil:
		return nil, forbidden(err, fmt.Sprintf("UDP port %d", port), "CAP_NET_BIND_SERVICE")
	}
	return c, nil
}

// takeIKE reads datagrams to a port.
func (s *sockets) takeIKE(port uint16) func(message) (forward.Upcall, bool) {
	return func(m message) (forward.Upcall, bool) {
		from, ok := m.from.(*unix.SockaddrInet4)
		to, told := m.packetInfo()
		if !ok || !told {
			return nil, false
		}
		dev, _ := s.names.name(int(to.Ifindex))
		return forward.UDP{Dev: dev,
			Local:   netip.AddrPortFrom(netip.AddrFrom4(to.Addr), port),
			Remote:  netip.AddrPortFrom(netip.AddrFrom4(from.Addr), uint16(from.Port)),
			Payload: append([]byte{}, m.data...)}, true
	}
}

func (s *sockets) sendUDP(d forward.SendUDP) error {
	if d.Dev != "" {
		return s.sendDHCP(d)
	}
	c := s.ike[d.Local.Port()]
	if c == nil {
		return s.sendIP(forward.SendIP{Src: d.Local.Addr(), Dst: d.Remote.Addr(),
			Protocol: protoUDP, TTL: udpTTL, Payload: appendUDP(nil, d.Local, d.Remote, d.Payload)})
	}
	if !d.Remote.Addr().Is4() {
		return fmt.Errorf("UDP to %v: %w", d.Remote, unix.EAFNOSUPPORT)
	}
	return c.send(d.Payload, packetInfo(0, d.Local.Addr()),
		&unix.SockaddrInet4{Port: int(d.Remote.Port()), Addr: d.Remote.Addr().As4()})
}

// packetInfo is a control message that names the interface to leave by and the
// source; none of either: index 0, an address that is not valid.
func packetInfo(index int, src netip.Addr) []byte {
	info := unix.Inet4Pktinfo{Ifindex: int32(index)}
	if src.Is4() {
		info.Spec_dst = src.As4()
	}
	return unix.PktInfo4(&info)
}

// appendUDP appends a datagram. If it does not know who sends it, it bears no
// checksum (RFC 768).
func appendUDP(b []byte, src, dst netip.AddrPort, payload []byte) []byte {
	at, length := len(b), udpHeaderLen+len(payload)
	b = binary.BigEndian.AppendUint16(b, src.Port())
	b = binary.BigEndian.AppendUint16(b, dst.Port())
	b = binary.BigEndian.AppendUint16(b, uint16(length))
	b = append(b, 0, 0)
	b = append(b, payload...)
	if !src.Addr().Is4() || !dst.Addr().Is4() {
		return b
	}
	sum := inet.Checksum(pseudo(src.Addr(), dst.Addr(), length), b[at:])
	if sum == 0 {
		sum = 0xffff
	}
	binary.BigEndian.PutUint16(b[at+6:], sum)
	return b
}

// parseUDP returns a datagram without what follows it, if it is sound. The
// checksum is not looked at when it is yet to be made: a packet that has not
// left its host carries half of one.
func parseUDP(src, dst netip.Addr, b []byte, unsummed bool) (datagram []byte, ok bool) {
	if len(b) < udpHeaderLen {
		return nil, false
	}
	length := int(binary.BigEndian.Uint16(b[4:]))
	if length < udpHeaderLen || length > len(b) {
		return nil, false
	}
	b = b[:length]
	if !unsummed && b[6]|b[7] != 0 && inet.Checksum(pseudo(src, dst, length), b) != 0 {
		return nil, false
	}
	return b, true
}

// pseudo is the partial sum of the pseudo header of a datagram.
func pseudo(src, dst netip.Addr, length int) uint32 {
	s, d := src.As4(), dst.As4()
	return uint32(s[0])<<8 + uint32(s[1]) + uint32(s[2])<<8 + uint32(s[3]) +
		uint32(d[0])<<8 + uint32(d[1]) + uint32(d[2])<<8 + uint32(d[3]) +
		protoUDP + uint32(length)
}
