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
	icmpEchoReply     = 0
	icmpUnreachable   = 3
	icmpSourceQuench  = 4
	icmpTimeExceeded  = 11
	icmpBadParameter  = 12
	icmpNeedsFragment = 4 // code of unreachable

	ipHeaderLen = 20
	flagDF      = 0x4000
)

// icmpTaken are the types that a prober may wait for. The rest is the
// kernel's: it answers requests, and obeys redirects or does not.
const icmpTaken = 1<<icmpEchoReply | 1<<icmpUnreachable | 1<<icmpSourceQuench |
	1<<icmpTimeExceeded | 1<<icmpBadParameter

// openICMP opens the socket that hears ICMP to the router's own addresses.
func openICMP() (*conn, error) {
	refused := ^uint32(icmpTaken)
	c, err := openConn(unix.AF_INET, unix.SOCK_RAW, protoICMP,
		number(unix.SOL_RAW, unix.ICMP_FILTER, int(int32(refused))))
	if err != nil {
		return nil, forbidden(err, "raw ICMP socket", "CAP_NET_RAW")
	}
	return c, nil
}

// takeICMP reads a message with its IP header, as raw sockets give it. The
// kernel has put fragments together, but looked at no checksum but IP's.
func (s *sockets) takeICMP(m message) (forward.Upcall, bool) {
	b := m.data
	if len(b) < ipHeaderLen || b[0]>>4 != 4 {
		return nil, false
	}
	n := int(b[0]&15) * 4
	if n < ipHeaderLen || len(b) < n+8 || inet.Checksum(0, b[n:]) != 0 {
		return nil, false
	}
	if kind := b[n]; kind > icmpBadParameter || icmpTaken>>kind&1 == 0 {
		return nil, false
	}
	return forward.ICMP{From: netip.AddrFrom4([4]byte(b[12:16])), TTL: b[8],
		Message: append([]byte{}, b[n:]...)}, true
}

// A rawKey is what is fixed when a raw socket is opened to send by.
type rawKey struct {
	protocol uint8
	df       bool
}

// openRaw opens a socket to send packets of a protocol by; it hears nothing.
// The kernel writes the header, and fragments what is too large: with a header
// of ours (IP_HDRINCL) it would refuse that.
func openRaw(key rawKey) (*conn, error) {
	discover := unix.IP_PMTUDISC_DONT
	if key.df {
		discover = unix.IP_PMTUDISC_PROBE // DF, whatever was learnt of the path
	}
	c, err := openConn(unix.AF_INET, unix.SOCK_RAW, int(key.protocol), deaf,
		number(unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, discover),
		number(unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP, 0),
		number(unix.SOL_SOCKET, unix.SO_BROADCAST, 1))
	if err != nil {
		return nil, forbidden(err, fmt.Sprintf("raw socket of protocol %d", key.protocol), "CAP_NET_RAW")
	}
	return c, nil
}

func (s *sockets) rawFor(key rawKey) (c *conn, err error) {
	if c = s.raw[key]; c != nil {
		return c, nil
	}
	if c, err = openRaw(key); err == nil {
		s.raw[key] = c
	}
	return c, err
}

// listenICMP begins to hear ICMP, with the first packet that it may be the
// answer to: until then, what others of this host are answered wakes nobody.
func (s *sockets) listenICMP() (err error) {
	if s.icmp != nil {
		return nil
	}
	if s.icmp, err = openICMP(); err == nil {
		s.read(s.icmp, s.takeICMP)
	}
	return err
}

// sendIP sends a packet of the router's own.
func (s *sockets) sendIP(p forward.SendIP) error {
	if ok, err := s.spread(p); ok {
		return err
	}
	index := 0
	if p.Dev != "" {
		var err error
		if index, err = s.indexOf(p.Dev); err != nil {
			return err
		}
	}
	if !p.Dst.Is4() {
		return fmt.Errorf("IP to %v: %w", p.Dst, unix.EAFNOSUPPORT)
	}
	if err := s.listenICMP(); err != nil {
		return err
	}
	c, err := s.rawFor(rawKey{p.Protocol, p.DF})
	if err != nil {
		return err
	}
	control := packetInfo(index, p.Src)
	control = append(control, controlNumber(unix.IPPROTO_IP, unix.IP_TTL, int(p.TTL))...)
	control = append(control, controlNumber(unix.IPPROTO_IP, unix.IP_TOS, int(p.TOS))...)
	err = c.send(p.Payload, control, &unix.SockaddrInet4{Addr: p.Dst.As4()})
	if err == unix.EMSGSIZE && p.DF {
		s.tell(tooBig(p))
	}
	return err
}

// tooBig is what a router on the way would say of a packet that does not even
// fit the interface it leaves by. The prober has to know; the MTU is left
// open, as before RFC 1191.
func tooBig(p forward.SendIP) forward.ICMP {
	head := header{tos: p.TOS, ttl: p.TTL, protocol: p.Protocol, df: true, src: p.Src, dst: p.Dst}
	message := []byte{icmpUnreachable, icmpNeedsFragment, 0, 0, 0, 0, 0, 0}
	message = appendHeader(message, head, len(p.Payload))
	message = append(message, p.Payload[:min(8, len(p.Payload))]...)
	binary.BigEndian.PutUint16(message[2:], inet.Checksum(0, message))
	return forward.ICMP{From: p.Src, TTL: 255, Message: message}
}

// A header is what of an IPv4 header is for a sender to say.
type header struct {
	tos, ttl, protocol uint8
	df                 bool
	src, dst           netip.Addr
}

// appendHeader appends an IPv4 header without options (RFC 791 section 3.1).
// An address that is not valid is written as none.
func appendHeader(b []byte, h header, length int) []byte {
	at := len(b)
	b = append(b, 4<<4|ipHeaderLen/4, h.tos)
	b = binary.BigEndian.AppendUint16(b, uint16(ipHeaderLen+length))
	b = append(b, 0, 0, 0, 0, h.ttl, h.protocol, 0, 0)
	if h.df {
		binary.BigEndian.PutUint16(b[at+6:], flagDF)
	}
	for _, a := range []netip.Addr{h.src, h.dst} {
		octets := [4]byte{}
		if a.Is4() {
			octets = a.As4()
		}
		b = append(b, octets[:]...)
	}
	binary.BigEndian.PutUint16(b[at+10:], inet.Checksum(0, b[at:at+ipHeaderLen]))
	return b
}
