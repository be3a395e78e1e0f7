//go:build linux

package linux

import (
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"

	"gresh/backend/forward"
)

var eigrpGroup = ip("224.0.0.10")

// member has a socket hear EIGRP's group on a device.
func member(s *space, dev string) option {
	return func(fd int) error {
		return unix.SetsockoptIPMreqn(fd, unix.IPPROTO_IP, unix.IP_ADD_MEMBERSHIP,
			&unix.IPMreqn{Multiaddr: eigrpGroup.As4(), Ifindex: int32(s.link(dev).Attrs().Index)})
	}
}

// listen makes the router hear the group on these interfaces.
func (r *routed) listen(i ...forward.Interface) {
	r.t.Helper()
	var err error
	r.do(func() { err = r.listenRouting(forward.Table{Interfaces: i}) })
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestRouting(t *testing.T) {
	r, peer := withPeer(t)
	c := peer.socket(unix.AF_INET, unix.SOCK_RAW, protoEIGRP, member(peer, "eth0"),
		number(unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP, 0))
	var index int
	peer.do(func() { index = peer.link("eth0").Attrs().Index })
	say := func(what, to string) {
		t.Helper()
		if err := c.send([]byte(what), packetInfo(index, netip.Addr{}), &unix.SockaddrInet4{Addr: ip(to).As4()}); err != nil {
			t.Fatal(err)
		}
	}
	eth := forward.Interface{Name: "ETH0", Up: true, Groups: []netip.Addr{eigrpGroup}}
	r.listen(eth)
	r.listen() // nothing any more
	say("to nobody", "224.0.0.10")
	say("unicast", "10.1.0.1")
	equal(t, "to the router", next[forward.Routing](r), forward.Routing{Dev: "ETH0",
		Src: ip("10.1.0.2"), Dst: ip("10.1.0.1"), Protocol: protoEIGRP, Payload: []byte("unicast")})
	r.listen(eth)
	r.listen(eth, forward.Interface{Name: "Ethernet9", Up: true, Groups: eth.Groups}) // which is not there
	say("multicast", "224.0.0.10")
	equal(t, "to the group", next[forward.Routing](r), forward.Routing{Dev: "ETH0",
		Src: ip("10.1.0.2"), Dst: eigrpGroup, Protocol: protoEIGRP, Payload: []byte("multicast")})
	r.mustSend(forward.SendIP{Dev: "ETH0", Dst: eigrpGroup, TTL: 2, TOS: 0xc0, Protocol: protoEIGRP, Payload: []byte("hello")})
	data, _ := peer.get(c)
	equal(t, "sent", string(data[ipHeaderLen:]), "hello")
	equal(t, "heard by the sender", r.routing.conn.pending(), 0)
}

// A multicast by a multipoint tunnel goes to each peer that is to have it, and
// the peer's routing protocol hears it on the tunnel.
func TestRoutingByTunnel(t *testing.T) {
	r, peer := withTunnels(t)
	peer.do(func() { peer.bring("tun0", "10.0.0.2/24") })
	r.do(func() { r.bring("tun0", "10.0.0.1/24") })
	c := peer.socket(unix.AF_INET, unix.SOCK_RAW, protoEIGRP, member(peer, "tun0"))
	tunnel := forward.Interface{Name: "TUN0", Kind: forward.GRE, Up: true, Groups: []netip.Addr{eigrpGroup},
		Addresses: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/24")}}
	r.do(func() {
		r.must(r.listenRouting(forward.Table{Interfaces: []forward.Interface{tunnel},
			Multicast: []forward.Multicast{{Dev: "TUN0", NBMA: ip("10.1.0.2")}, {Dev: "TUN0", NBMA: ip("10.1.0.9")}}}))
	})
	r.mustSend(forward.SendIP{Dev: "TUN0", Dst: eigrpGroup, TTL: 2, Protocol: protoEIGRP, Payload: []byte("hello")})
	data, from := peer.get(c)
	equal(t, "heard", string(data[ipHeaderLen:]), "hello")
	equal(t, "from", from.(*unix.SockaddrInet4).Addr, [4]byte{10, 0, 0, 1})
	hello := append(appendHeader(nil, header{ttl: 2, protocol: protoEIGRP, src: ip("10.0.0.2"), dst: eigrpGroup}, 6), "answer"...)
	peer.put(peer.nhrp(), hello, peer.via("tun0", "10.1.0.1", etherIPv4))
	equal(t, "answered", next[forward.Routing](r), forward.Routing{Dev: "TUN0",
		Src: ip("10.0.0.2"), Dst: eigrpGroup, Protocol: protoEIGRP, Payload: []byte("answer")})
}
