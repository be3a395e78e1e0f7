//go:build linux

package linux

import (
	"bytes"
	"net"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"gresh/backend/forward"
	"gresh/backend/linux/uml"
)

// tunnel makes a GRE device in a space; without a remote it is multipoint.
func (s *space) tunnel(dev, local, remote string, key uint32) {
	s.t.Helper()
	s.do(func() {
		attrs := netlink.NewLinkAttrs()
		attrs.Name = dev
		s.must(netlink.LinkAdd(&netlink.Gretun{LinkAttrs: attrs, Local: net.ParseIP(local).To4(),
			Remote: net.ParseIP(remote).To4(), IKey: key, OKey: key, Ttl: 64, PMtuDisc: 1}))
		s.bring(dev)
	})
}

// withTunnels is a router and a peer with two multipoint tunnels each, and one
// that is nobody's.
func withTunnels(t *testing.T) (r *routed, peer *space) {
	t.Helper()
	uml.Need(t)
	s, peer := newSpace(t), newSpace(t)
	cable(s, peer, []string{"10.1.0.1/24"}, []string{"10.1.0.2/24"})
	for _, x := range []struct {
		*space
		local string
	}{{s, "10.1.0.1"}, {peer, "10.1.0.2"}} {
		x.tunnel("tun0", x.local, "", 100000)
		x.tunnel("tun1", x.local, "", 100001)
		x.tunnel("other", x.local, "", 100002)
	}
	return openIn(s, "eth0", "tun0", "tun1"), peer
}

// via is a peer of a tunnel, for a packet socket.
func (s *space) via(dev, nbma string, protocol uint16) *unix.SockaddrLinklayer {
	to := &unix.SockaddrLinklayer{Protocol: networkOrder(protocol), Halen: nbmaLen}
	s.do(func() { to.Ifindex = s.link(dev).Attrs().Index })
	copy(to.Addr[:], net.ParseIP(nbma).To4())
	return to
}

func (s *space) nhrp() *conn {
	s.t.Helper()
	return s.socket(unix.AF_PACKET, unix.SOCK_DGRAM, 0, bound(&unix.SockaddrLinklayer{Protocol: networkOrder(etherNHRP)}))
}

func TestNHRP(t *testing.T) {
	r, peer := withTunnels(t)
	c := peer.nhrp()
	peer.put(c, []byte("by a tunnel of somebody else"), peer.via("other", "10.1.0.1", etherNHRP))
	ethernet := peer.lladdr(r.station("eth0"))
	ethernet.Protocol = networkOrder(etherNHRP)
	peer.put(c, []byte("by Ethernet"), ethernet)
	for _, tunnel := range []string{"tun1", "tun0"} {
		peer.put(c, []byte(tunnel), peer.via(tunnel, "10.1.0.1", etherNHRP))
		u := next[forward.TunnelPacket](r)
		equal(t, "received", u, forward.TunnelPacket{Tunnel: string(bytes.ToUpper([]byte(tunnel))),
			NBMA: ip("10.1.0.2"), Protocol: etherNHRP, Payload: []byte(tunnel)})
		r.mustSend(forward.SendTunnel{Tunnel: u.Tunnel, NBMA: u.NBMA, Protocol: etherNHRP, Payload: []byte("an answer")})
		data, from := peer.get(c)
		equal(t, "sent", string(data), "an answer")
		want := peer.via(tunnel, "10.1.0.1", etherNHRP)
		want.Hatype = unix.ARPHRD_IPGRE
		equal(t, "sent from", *from.(*unix.SockaddrLinklayer), *want)
	}
	equal(t, "foreign", r.counters().Foreign, uint64(1))
}

// A point-to-point tunnel does not say who sent a packet; it was its peer.
func TestNHRPPointToPoint(t *testing.T) {
	uml.Need(t)
	s, peer := newSpace(t), newSpace(t)
	cable(s, peer, []string{"10.1.0.1/24"}, []string{"10.1.0.2/24"})
	s.tunnel("tun0", "10.1.0.1", "10.1.0.2", 5)
	peer.tunnel("tun0", "10.1.0.2", "10.1.0.1", 5)
	r := openIn(s, "tun0")
	c := peer.nhrp()
	peer.put(c, []byte("hello"), peer.via("tun0", "10.1.0.1", etherNHRP))
	equal(t, "received", next[forward.TunnelPacket](r), forward.TunnelPacket{Tunnel: "TUN0",
		NBMA: ip("10.1.0.2"), Protocol: etherNHRP, Payload: []byte("hello")})
	r.mustSend(forward.SendTunnel{Tunnel: "TUN0", NBMA: ip("10.1.0.2"), Protocol: etherNHRP, Payload: []byte("hello")})
	data, _ := peer.get(c)
	equal(t, "sent", string(data), "hello")
}

// demand asks for an SA of a SADB for the packets of a tunnel.
func demand(s *space, dir netlink.Dir, from, to string, key uint32, reqid int) {
	s.t.Helper()
	src, err := netlink.ParseIPNet(from)
	s.must(err)
	dst, err := netlink.ParseIPNet(to)
	s.must(err)
	s.do(func() {
		s.must(netlink.XfrmPolicyAdd(&netlink.XfrmPolicy{Src: src, Dst: dst, Proto: unix.IPPROTO_GRE,
			SrcPort: int(key >> 16), DstPort: int(key & 0xffff), Dir: dir,
			Tmpls: []netlink.XfrmPolicyTmpl{{Proto: netlink.XFRM_PROTO_ESP, Mode: netlink.XFRM_MODE_TRANSPORT, Reqid: reqid}}}))
	})
}

func associate(s *space, from, to string, spi, reqid int) {
	s.t.Helper()
	s.do(func() {
		s.must(netlink.XfrmStateAdd(&netlink.XfrmState{Src: net.ParseIP(from), Dst: net.ParseIP(to),
			Proto: netlink.XFRM_PROTO_ESP, Mode: netlink.XFRM_MODE_TRANSPORT, Spi: spi, Reqid: reqid, ReplayWindow: 32,
			Auth:  &netlink.XfrmStateAlgo{Name: "hmac(sha1)", Key: make([]byte, 20), TruncateLen: 96},
			Crypt: &netlink.XfrmStateAlgo{Name: "cbc(aes)", Key: make([]byte, 16)}}))
	})
}

// What reaches the socket came under an SA of the tunnel's own SADB: in clear,
// or under another's, the kernel's policies let nothing through.
func TestNHRPOnlyProtected(t *testing.T) {
	r, peer := withTunnels(t)
	c := peer.nhrp()
	say := func(tunnel, what string) {
		t.Helper()
		peer.put(c, []byte(what), peer.via(tunnel, "10.1.0.1", etherNHRP))
	}
	say("tun0", "not protected yet")
	equal(t, "the control", string(next[forward.TunnelPacket](r).Payload), "not protected yet")
	demand(r.space, netlink.XFRM_DIR_IN, "0.0.0.0/0", "10.1.0.1/32", 100000, 10)
	demand(r.space, netlink.XFRM_DIR_IN, "0.0.0.0/0", "10.1.0.1/32", 100001, 11)
	say("tun0", "in clear")
	for _, s := range []*space{r.space, peer} {
		associate(s, "10.1.0.2", "10.1.0.1", 0x1010, 10)
		associate(s, "10.1.0.2", "10.1.0.1", 0x1011, 11)
	}
	demand(peer, netlink.XFRM_DIR_OUT, "10.1.0.2/32", "10.1.0.1/32", 100000, 11)
	demand(peer, netlink.XFRM_DIR_OUT, "10.1.0.2/32", "10.1.0.1/32", 100001, 11)
	say("tun0", "under the SA of another tunnel")
	say("tun1", "under its own")
	u := next[forward.TunnelPacket](r)
	equal(t, "tunnel", u.Tunnel, "TUN1")
	equal(t, "first to come", string(u.Payload), "under its own")
}
