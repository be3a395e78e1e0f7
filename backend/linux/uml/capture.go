//go:build linux

package uml

import (
	"encoding/binary"
	"errors"
	"net/netip"

	"golang.org/x/sys/unix"
)

// captureBuffer holds what passes between two looks. A packet that it had no
// room for fails the test: a capture must have seen everything.
const captureBuffer = 128 << 20

// A Capture collects the packets of one interface, both directions.
type Capture struct {
	node    *Node
	dev     string
	fd      int
	packets []Packet
}

// A Packet is a captured packet from its network header on.
type Packet struct {
	Type uint16 // of Ethernet
	Sent bool   // by this node, not received by it
	Data []byte
}

// Capture begins to capture at the node's interface.
func (n *Node) Capture(dev string) *Capture {
	n.t.Helper()
	c := &Capture{node: n, dev: dev, fd: -1}
	var err error
	n.In(func() { err = c.open() })
	if err != nil {
		n.t.Fatalf("%s: capture %s: %v", n.Name, dev, err)
	}
	n.t.Cleanup(func() { unix.Close(c.fd) })
	return c
}

func (c *Capture) open() (err error) {
	const everything = unix.ETH_P_ALL<<8 | unix.ETH_P_ALL>>8 // in the network's byte order
	if c.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0); err != nil {
		return err
	}
	if err = unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, captureBuffer); err != nil {
		return err
	}
	request, err := unix.NewIfreq(c.dev)
	if err != nil {
		return err
	}
	if err = unix.IoctlIfreq(c.fd, unix.SIOCGIFINDEX, request); err != nil {
		return err
	}
	index := int(request.Uint32())
	promiscuous := unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC}
	if err = unix.SetsockoptPacketMreq(c.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &promiscuous); err != nil {
		return err
	}
	return unix.Bind(c.fd, &unix.SockaddrLinklayer{Protocol: everything, Ifindex: index})
}

// Packets are all packets from the beginning to now.
func (c *Capture) Packets() []Packet {
	c.node.t.Helper()
	buffer := make([]byte, 1<<16)
	for {
		size, from, err := unix.Recvfrom(c.fd, buffer, 0)
		if errors.Is(err, unix.EAGAIN) {
			break
		} else if err != nil { // the interface went down or away: nothing more until it is back
			continue
		}
		link := from.(*unix.SockaddrLinklayer)
		c.packets = append(c.packets, Packet{
			Type: link.Protocol<<8 | link.Protocol>>8,
			Sent: link.Pkttype == unix.PACKET_OUTGOING,
			Data: append([]byte(nil), buffer[:size]...),
		})
	}
	if s, err := unix.GetsockoptTpacketStats(c.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS); err != nil || s.Drops > 0 {
		c.node.t.Errorf("%s: capture %s: lost packets: %+v, %v", c.node.Name, c.dev, s, err)
	}
	return c.packets
}

// Count counts the packets so far that are of a kind: c.Count(uml.Packet.ESP).
func (c *Capture) Count(is func(Packet) bool) (n int) {
	c.node.t.Helper()
	for _, p := range c.Packets() {
		if is(p) {
			n++
		}
	}
	return n
}

// ipv4 returns protocol, offset in its datagram and payload; 0 if p is not IPv4.
func (p Packet) ipv4() (protocol byte, fragment int, payload []byte) {
	if p.Type != unix.ETH_P_IP || len(p.Data) < 20 {
		return 0, 0, nil
	}
	header := min(int(p.Data[0]&15)*4, len(p.Data))
	return p.Data[9], int(binary.BigEndian.Uint16(p.Data[6:]) & 0x1fff * 8), p.Data[header:]
}

// Source is the IPv4 source address; the zero Addr if there is none.
func (p Packet) Source() netip.Addr { return p.address(12) }

// Destination is the IPv4 destination address.
func (p Packet) Destination() netip.Addr { return p.address(16) }

func (p Packet) address(at int) netip.Addr {
	if protocol, _, _ := p.ipv4(); protocol == 0 {
		return netip.Addr{}
	}
	return netip.AddrFrom4([4]byte(p.Data[at:]))
}

// GRE reports GRE that nothing protects, later fragments of it included.
func (p Packet) GRE() bool {
	protocol, _, _ := p.ipv4()
	return protocol == unix.IPPROTO_GRE
}

// SPI returns the SPI of ESP (RFC 4303), in UDP or not, and 0 for anything else.
func (p Packet) SPI() uint32 {
	protocol, fragment, payload := p.ipv4()
	if udp, ok := p.udp(4500); ok {
		protocol, payload = unix.IPPROTO_ESP, udp // RFC 3948: IKE begins with four zeros instead
	}
	if protocol != unix.IPPROTO_ESP || fragment != 0 || len(payload) < 8 {
		return 0
	}
	return binary.BigEndian.Uint32(payload)
}

// ESP reports a packet, or first fragment, of ESP.
func (p Packet) ESP() bool { return p.SPI() != 0 }

// IKE reports a message of IKE, on port 500 or 4500.
func (p Packet) IKE() bool {
	if _, ok := p.udp(500); ok {
		return true
	}
	udp, ok := p.udp(4500)
	return ok && len(udp) >= 4 && binary.BigEndian.Uint32(udp) == 0
}

// udp returns what a datagram from or to the port carries.
func (p Packet) udp(port uint16) ([]byte, bool) {
	protocol, fragment, payload := p.ipv4()
	if protocol != unix.IPPROTO_UDP || fragment != 0 || len(payload) < 8 {
		return nil, false
	}
	from, to := binary.BigEndian.Uint16(payload), binary.BigEndian.Uint16(payload[2:])
	return payload[8:], from == port || to == port
}
