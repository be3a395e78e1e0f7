//go:build linux

package linux

import (
	"fmt"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"gresh/backend/forward"
)

const (
	etherNHRP = 0x2001 // GRE protocol types are Ethernet's
	etherIPv4 = 0x0800

	nbmaLen = 4
)

// openTunnels opens the socket that NHRP of all tunnels goes through. The
// kernel has taken the GRE header off, and says whose outer address it bore.
//
// That it is from the tunnel's own protected peer is the kernel's doing: what
// came in as GRE met the inbound policies on its way from IP to the tunnel
// device, and one of them covers every packet of a protected tunnel, from
// before the device came up. In clear, or under an SA of another SADB, it has
// been dropped there, as XfrmInTmplMismatch. This socket listens behind that:
// on the link below, the packet is still IP.
func openTunnels() (*conn, error) {
	c, err := openConn(unix.AF_PACKET, unix.SOCK_DGRAM, 0, patient, filtered(tunnelFilter),
		bound(&unix.SockaddrLinklayer{Protocol: networkOrder(etherNHRP)}))
	if err != nil {
		return nil, forbidden(err, "packet socket", "CAP_NET_RAW")
	}
	return c, nil
}

// tunnelFilter accepts what came in by GRE: Ethernet has room for the same
// protocol number.
var tunnelFilter = []bpf.Instruction{
	bpf.LoadExtension{Num: bpf.ExtLinkLayerType},
	bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.ARPHRD_IPGRE, SkipTrue: 1},
	bpf.RetConstant{Val: 1 << 16},
	bpf.RetConstant{Val: 0},
}

// takeTunnel reads what a tunnel of ours brought; not what came by somebody
// else's.
func (s *sockets) takeTunnel(m message) (forward.Upcall, bool) {
	from, ok := m.from.(*unix.SockaddrLinklayer)
	if !ok {
		return nil, false
	}
	tunnel, ok := s.names.name(from.Ifindex)
	if !ok {
		return nil, false
	}
	nbma, ok := s.sender(from)
	if !ok {
		return nil, false
	}
	return forward.TunnelPacket{Tunnel: tunnel, NBMA: nbma, Protocol: networkOrder(from.Protocol),
		Payload: append([]byte{}, m.data...)}, true
}

// sender is the outer source of a packet. A point-to-point tunnel does not
// tell: it takes packets from nobody but its one peer.
func (s *sockets) sender(from *unix.SockaddrLinklayer) (netip.Addr, bool) {
	if from.Halen == nbmaLen {
		return netip.AddrFrom4([4]byte(from.Addr[:nbmaLen])), true
	}
	return s.remote(from.Ifindex)
}

// remote asks the kernel for the peer of a point-to-point tunnel.
func (s *sockets) remote(index int) (netip.Addr, bool) {
	link, err := s.links.LinkByIndex(index)
	if err != nil {
		return netip.Addr{}, false
	}
	tunnel, ok := link.(*netlink.Gretun)
	if !ok {
		return netip.Addr{}, false
	}
	remote, ok := netip.AddrFromSlice(tunnel.Remote.To4())
	return remote, ok && !remote.IsUnspecified()
}

// sendTunnel sends GRE payload. The device adds the header, and the outbound
// policies protect the packet or stop it, like everything that the tunnel
// carries.
func (s *sockets) sendTunnel(tunnel string, nbma netip.Addr, protocol uint16, payload []byte) error {
	index, err := s.indexOf(tunnel)
	if err != nil {
		return err
	}
	if !nbma.Is4() {
		return fmt.Errorf("NBMA address %v: %w", nbma, unix.EAFNOSUPPORT)
	}
	to := &unix.SockaddrLinklayer{Ifindex: index, Protocol: networkOrder(protocol), Halen: nbmaLen}
	octets := nbma.As4()
	copy(to.Addr[:], octets[:])
	return s.tunnels.send(payload, nil, to)
}
