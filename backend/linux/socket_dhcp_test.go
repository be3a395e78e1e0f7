//go:build linux

package linux

import (
	"bytes"
	"net"
	"os"
	"reflect"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"gresh/backend/forward"
)

// withDHCP is a router that listens for DHCP on a cable to somebody else. It
// has no address there, unless some are given.
func withDHCP(t *testing.T, addrs ...string) (r *routed, peer *space) {
	t.Helper()
	s, peer := newSpace(t), newSpace(t)
	cable(s, peer, addrs, []string{"10.1.0.2/24"})
	r = openIn(s, "lo", "eth0")
	r.mustListen("ETH0")
	return r, peer
}

func (r *routed) mustListen(devs ...string) {
	r.t.Helper()
	r.do(func() { r.must(r.listenDHCP(devs)) })
}

// frame is a packet with its headers, to be sent by a packet socket.
func frame(src, dst, payload string) []byte {
	from, to := addrPort(src), addrPort(dst)
	body := appendUDP(nil, from, to, []byte(payload))
	return append(appendHeader(nil, header{ttl: 9, protocol: protoUDP, src: from.Addr(), dst: to.Addr()}, len(body)), body...)
}

func (s *space) sysctl(name, value string) {
	s.must(os.WriteFile("/proc/sys/"+name, []byte(value), 0o644))
}

// station is where on the cable a space is.
func (s *space) station(dev string) (mac [6]byte) {
	s.do(func() { copy(mac[:], s.link(dev).Attrs().HardwareAddr) })
	return mac
}

func (s *space) ethernet() *conn {
	s.t.Helper()
	return s.socket(unix.AF_PACKET, unix.SOCK_DGRAM, 0)
}

// lladdr is a station on the cable, as seen from the space; none: all.
func (s *space) lladdr(mac ...[6]byte) *unix.SockaddrLinklayer {
	to := &unix.SockaddrLinklayer{Protocol: networkOrder(etherIPv4), Halen: 6,
		Addr: [8]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}
	s.do(func() { to.Ifindex = s.link("eth0").Attrs().Index })
	for _, m := range mac {
		copy(to.Addr[:], m[:])
	}
	return to
}

// A client without an address hears its server, and is heard by it, though the
// kernel would have nothing to do with the source of the one and the
// destination of the other.
func TestDHCPWithoutAddress(t *testing.T) {
	r, peer := withDHCP(t)
	r.do(func() { r.sysctl("net/ipv4/conf/eth0/rp_filter", "1") })
	c := peer.udp("0.0.0.0:67")
	d := forward.SendUDP{Dev: "ETH0", Local: addrPort("0.0.0.0:68"), Remote: addrPort("255.255.255.255:67"),
		Payload: []byte("discover")}
	r.mustSend(d)
	data, from := peer.get(c)
	equal(t, "heard", string(data), "discover")
	equal(t, "from", from, unix.Sockaddr(inet4("0.0.0.0:68")))
	peer.do(func() {
		_, all, err := net.ParseCIDR("255.255.255.255/32")
		peer.must(err)
		peer.must(netlink.RouteAdd(&netlink.Route{LinkIndex: peer.link("eth0").Attrs().Index, Dst: all}))
	})
	peer.put(c, []byte("offer"), inet4("255.255.255.255:68"))
	want := forward.UDP{Dev: "ETH0", Local: addrPort("255.255.255.255:68"), Remote: addrPort("10.1.0.2:67"), Payload: []byte("offer")}
	equal(t, "broadcast, its checksum left to a card", next[forward.UDP](r), want)
	peer.put(peer.ethernet(), frame("10.1.0.2:67", "10.1.0.99:68", "offer"), peer.lladdr(r.station("eth0")))
	want.Local = addrPort("10.1.0.99:68")
	equal(t, "to the address on offer", next[forward.UDP](r), want)
}

// The server answers a station before it answers to ARP.
func TestDHCPToStation(t *testing.T) {
	r, peer := withDHCP(t, "10.1.0.1/24")
	c := peer.socket(unix.AF_PACKET, unix.SOCK_RAW, 0, bound(&unix.SockaddrLinklayer{Protocol: networkOrder(etherIPv4)}))
	d := forward.SendUDP{Dev: "ETH0", Local: addrPort("10.1.0.1:67"), Remote: addrPort("10.1.0.77:68"),
		LinkDst: peer.station("eth0"), Payload: []byte("odd")}
	r.mustSend(d)
	data, _ := peer.get(c)
	own := r.station("eth0")
	want := append(append(bytes.Clone(d.LinkDst[:]), own[:]...), 8, 0)
	head := appendHeader(nil, header{ttl: 255, protocol: protoUDP, src: d.Local.Addr(), dst: d.Remote.Addr()}, 11)
	equal(t, "frame", data, append(append(want, head...), appendUDP(nil, d.Local, d.Remote, d.Payload)...))
	if _, ok := parseUDP(d.Local.Addr(), d.Remote.Addr(), data[34:], false); !ok {
		t.Error("the checksum is wrong")
	}
}

// Of all that is on the cable, the server hears what is for it, and each once.
func TestDHCPHears(t *testing.T) {
	r, peer := withDHCP(t, "10.1.0.1/24")
	r.do(func() { r.sysctl("net/ipv4/ip_forward", "1") })
	c, own := peer.ethernet(), r.station("eth0")
	tell := func(b []byte, mac ...[6]byte) { peer.put(c, b, peer.lladdr(mac...)) }
	edited := func(b []byte, at int, x byte) []byte {
		b[at] ^= x
		return b
	}
	const src, all, us = "10.1.0.2:68", "255.255.255.255:67", "10.1.0.1:67"
	tell(frame(src, "255.255.255.255:69", "another port"))
	tell(frame(src, all, "to another station"), [6]byte{2, 1, 1, 1, 1, 1})
	tell(frame(src, "10.9.0.9:67", "to be forwarded"), own)
	tell(edited(frame(src, all, "a fragment"), 6, 0x20))
	tell(edited(frame(src, all, "TCP"), 9, 23))
	tell(edited(frame(src, all, "broken"), 29, 1))
	tell(edited(frame(src, all, "too long"), 25, 0x80))
	tell(edited(frame(src, all, "header too long"), 0, 0xa))
	tell(frame(src, all, "")[:27])
	tell(frame(src, all, "1"))
	tell(frame(src, "10.1.0.255:67", "2"))
	tell(frame(src, all, "3"), own)
	tell(append(frame(src, all, "4"), "padding"...))
	tell(frame(src, "255.255.255.255:68", "5"))
	tell(frame(src, us, "6"), own)
	heard := map[string]int{}
	for range 6 {
		heard[string(next[forward.UDP](r).Payload)]++
	}
	equal(t, "heard", heard, map[string]int{"1": 1, "2": 1, "3": 1, "4": 1, "5": 1, "6": 1})
}

// The kernel must not call a port unreachable that the router listens on.
func TestDHCPHoldsPorts(t *testing.T) {
	r, peer := withDHCP(t, "10.1.0.1/24")
	icmp := peer.socket(unix.AF_INET, unix.SOCK_RAW, protoICMP)
	c := peer.udp("10.1.0.2:67")
	for _, port := range []string{":67", ":68", ":69"} {
		peer.put(c, []byte(port), inet4("10.1.0.1"+port))
	}
	heard := map[string]bool{string(next[forward.UDP](r).Payload): true, string(next[forward.UDP](r).Payload): true}
	equal(t, "heard", heard, map[string]bool{":67": true, ":68": true})
	b, _ := peer.get(icmp)
	equal(t, "unreachable", b[50:52], []byte{0, 69})
}

// Ports that others have are theirs; what is broadcast is for all.
func TestDHCPBesideOthers(t *testing.T) {
	s, peer := newSpace(t), newSpace(t)
	cable(s, peer, []string{"10.1.0.1/24"}, []string{"10.1.0.2/24"})
	s.udp("0.0.0.0:67")
	s.udp("0.0.0.0:68")
	r := openIn(s, "eth0")
	r.mustListen("ETH0")
	peer.put(peer.ethernet(), frame("0.0.0.0:68", "255.255.255.255:67", "discover"), peer.lladdr())
	equal(t, "heard", string(next[forward.UDP](r).Payload), "discover")
}

// An interface comes and goes, goes down and up.
func TestDHCPFollowsInterfaces(t *testing.T) {
	r, peer := withDHCP(t)
	discover := func() {
		t.Helper()
		peer.put(peer.ethernet(), frame("0.0.0.0:68", "255.255.255.255:67", "discover"), peer.lladdr())
		equal(t, "heard", string(next[forward.UDP](r).Payload), "discover")
	}
	discover()
	r.do(func() {
		r.must(netlink.LinkSetDown(r.link("eth0")))
		r.bring("eth0")
	})
	discover()
	r.do(func() { r.must(netlink.LinkDel(r.link("eth0"))) })
	cable(r.space, peer, nil, nil)
	r.do(func() {
		r.must(netlink.LinkSetDown(r.link("eth0")))
		r.must(netlink.LinkSetName(r.link("eth0"), "eth1")) // another index, or this test shows nothing
		r.bring("eth1")
		r.names = map[string]int{"ETH0": r.link("eth1").Attrs().Index}
	})
	r.mustListen("ETH0")
	discover()
	r.mustListen()
	if err := r.try(forward.SendUDP{Dev: "ETH0", Local: addrPort("0.0.0.0:68"), Remote: addrPort("255.255.255.255:67")}); err == nil {
		t.Error("sent by an interface without DHCP")
	}
	equal(t, "ports", len(r.dhcp), 0)
}

// What is not a sound datagram is none; what follows one does not matter.
func TestParseDHCP(t *testing.T) {
	const src, dst = "10.1.0.2:68", "10.1.0.1:67"
	sound := frame(src, dst, "odd")
	for what, spoil := range map[string]func(b []byte) []byte{
		"no header":                 func(b []byte) []byte { return b[:19] },
		"cut off":                   func(b []byte) []byte { return b[:len(b)-1] },
		"header shorter than one":   func(b []byte) []byte { b[0] = 0x44; return b },
		"header longer than all":    func(b []byte) []byte { b[3] = 19; return b },
		"no UDP header":             func(b []byte) []byte { b[3] = 27; return b[:27] },
		"IPv6":                      func(b []byte) []byte { b[0] = 0x65; return b },
		"TCP":                       func(b []byte) []byte { b[9] = 6; return b },
		"datagram shorter than one": func(b []byte) []byte { b[25] = 7; return b },
		"datagram longer than packet": func(b []byte) []byte {
			b[25]++
			b[26], b[27] = 0, 0
			return append(b, 0)
		},
		"broken": func(b []byte) []byte { b[30]++; return b },
	} {
		if u, ok := parseDHCP(spoil(bytes.Clone(sound)), false); ok {
			t.Errorf("%s: %+v", what, u)
		}
	}
	inside := bytes.Clone(sound) // longer than the datagram in it
	inside = append(inside, "tail"...)
	inside[3] += 4
	unsigned := bytes.Clone(sound)
	unsigned[26], unsigned[27] = 0, 0
	for what, b := range map[string][]byte{"sound": sound, "padded": append(bytes.Clone(sound), "padding"...),
		"padded inside": inside, "without checksum": unsigned} {
		u, ok := parseDHCP(b, false)
		if want := (forward.UDP{Local: addrPort(dst), Remote: addrPort(src), Payload: []byte("odd")}); !ok || !reflect.DeepEqual(u, want) {
			t.Errorf("%s: %+v, want %+v", what, u, want)
		}
	}
}

// A checksum that comes out as zero is not written so, which would mean none.
func TestUDPChecksumOfZero(t *testing.T) {
	src, dst := addrPort("0.0.0.0:1"), addrPort("0.0.0.0:1")
	zero := appendUDP(nil, src, dst, []byte{0xff, 0xff - 2 - protoUDP - 10 - 10})
	equal(t, "checksum", zero[6:8], []byte{0xff, 0xff})
	if _, ok := parseUDP(src.Addr(), dst.Addr(), zero, false); !ok {
		t.Error("it does not read back")
	}
}

func FuzzParseDHCP(f *testing.F) {
	f.Add(frame("0.0.0.0:68", "255.255.255.255:67", "discover"), false)
	f.Add(frame("10.1.0.2:67", "10.1.0.1:68", ""), true)
	f.Fuzz(func(t *testing.T, b []byte, unsummed bool) {
		was := bytes.Clone(b)
		u, ok := parseDHCP(b, unsummed)
		if ok && (!u.Local.IsValid() || !u.Remote.IsValid() || len(u.Payload) > len(b)-ipHeaderLen-udpHeaderLen) {
			t.Errorf("%+v of %d octets", u, len(b))
		}
		if !bytes.Equal(b, was) {
			t.Error("the packet was changed")
		}
	})
}
