//go:build linux

package linux

import (
	"bytes"
	"testing"

	"golang.org/x/sys/unix"

	"gresh/backend/forward"
)

// withPeer is a router and somebody else on one cable.
func withPeer(t *testing.T) (r *routed, peer *space) {
	t.Helper()
	s, peer := newSpace(t), newSpace(t)
	cable(s, peer, []string{"10.1.0.1/24", "10.1.0.3/24"}, []string{"10.1.0.2/24"})
	return openIn(s, "lo", "eth0"), peer
}

// The address that a datagram came to is where the answer comes from, whatever
// other addresses there are.
func TestIKE(t *testing.T) {
	r, peer := withPeer(t)
	for _, port := range []string{":500", ":4500"} {
		c := peer.udp("10.1.0.2" + port)
		for _, own := range []string{"10.1.0.3" + port, "10.1.0.1" + port} {
			ike := append([]byte{0, 0, 0, 0}, "a message"...) // behind a non-ESP marker
			peer.put(c, ike, inet4(own))
			equal(t, "received", next[forward.UDP](r), forward.UDP{Dev: "ETH0",
				Local: addrPort(own), Remote: addrPort("10.1.0.2" + port), Payload: ike})
			r.mustSend(forward.SendUDP{Local: addrPort(own), Remote: addrPort("10.1.0.2" + port), Payload: []byte("an answer")})
			data, from := peer.get(c)
			equal(t, "sent", string(data), "an answer")
			equal(t, "sent from", from, unix.Sockaddr(inet4(own)))
		}
	}
}

func TestIKELarge(t *testing.T) {
	r, peer := withPeer(t)
	c := peer.udp("10.1.0.2:500")
	large := bytes.Repeat([]byte("large"), 65507/5)
	peer.put(c, large, inet4("10.1.0.1:500"))
	if u := next[forward.UDP](r); !bytes.Equal(u.Payload, large) {
		t.Errorf("%d octets came of %d", len(u.Payload), len(large))
	}
	r.mustSend(forward.SendUDP{Local: addrPort("10.1.0.1:500"), Remote: addrPort("10.1.0.2:500"), Payload: large})
	if data, _ := peer.get(c); !bytes.Equal(data, large) {
		t.Errorf("%d octets left of %d", len(data), len(large))
	}
}

// On port 4500 the kernel keeps what is not IKE.
func TestIKEBesideESP(t *testing.T) {
	r, peer := withPeer(t)
	c := peer.udp("10.1.0.2:4500")
	esp := append([]byte{0, 0, 1, 1}, make([]byte, 60)...)
	peer.put(c, []byte{0xff}, inet4("10.1.0.1:4500"))
	peer.put(c, esp, inet4("10.1.0.1:4500"))
	peer.put(c, []byte{0, 0, 0, 0, 7}, inet4("10.1.0.1:4500"))
	equal(t, "first to come", next[forward.UDP](r).Payload, []byte{0, 0, 0, 0, 7})
}

// What the network says of a datagram neither ends a reader nor fails the next.
func TestIKEOutlivesErrors(t *testing.T) {
	r, peer := withPeer(t)
	r.do(func() { r.must(r.listenICMP()) })
	icmp := 0
	for range 3 {
		r.mustSend(forward.SendUDP{Local: addrPort("10.1.0.1:500"), Remote: addrPort("10.1.0.2:500"), Payload: []byte("who is there")})
		if next[forward.ICMP](r).Message[0] == icmpUnreachable {
			icmp++
		}
	}
	equal(t, "unreachable", icmp, 3)
	c := peer.udp("10.1.0.2:500")
	peer.put(c, nil, inet4("10.1.0.1:500"))
	equal(t, "an empty datagram", next[forward.UDP](r).Payload, []byte{})
}

// A port that is none of IKE's goes by a raw socket: the client of DHCP renews
// its lease so.
func TestUDPOfOtherPorts(t *testing.T) {
	r, peer := withPeer(t)
	c := peer.udp("10.1.0.2:67")
	for _, odd := range []string{"renew", "renewal"[:6]} {
		r.mustSend(forward.SendUDP{Local: addrPort("10.1.0.3:68"), Remote: addrPort("10.1.0.2:67"), Payload: []byte(odd)})
		data, from := peer.get(c)
		equal(t, "sent", string(data), odd)
		equal(t, "sent from", from, unix.Sockaddr(inet4("10.1.0.3:68")))
	}
}
