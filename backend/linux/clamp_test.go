//go:build linux

package linux

import (
	"net"
	"syscall"
	"testing"

	"github.com/google/nftables"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"gresh/backend/linux/uml"
)

// between makes a space with a station on either side, a port of its own for
// each, and has it forward; the stations route through it.
func between(t *testing.T) (left, middle, right *space) {
	left, middle, right = newSpace(t), newSpace(t), newSpace(t)
	cable(middle, left, []string{"10.1.0.1/24"}, []string{"10.1.0.2/24"})
	middle.do(func() {
		middle.must(netlink.LinkSetDown(middle.link("eth0")))
		middle.must(netlink.LinkSetName(middle.link("eth0"), "eth1"))
		middle.bring("eth1")
	})
	cable(middle, right, []string{"10.2.0.1/24"}, []string{"10.2.0.2/24"})
	middle.do(func() { middle.sysctl("net/ipv4/ip_forward", "1") })
	for s, via := range map[*space]string{left: "10.1.0.1", right: "10.2.0.1"} {
		s.do(func() {
			_, all, err := net.ParseCIDR("0.0.0.0/0")
			s.must(err)
			s.must(netlink.RouteAdd(&netlink.Route{Dst: all, Gw: net.ParseIP(via)}))
		})
	}
	return left, middle, right
}

// offered is the largest segment that a connection agrees on, seen from who
// was called and from who calls.
func offered(from, to *space, address string) (called, calls int) {
	from.t.Helper()
	var listener net.Listener
	to.do(func() {
		var err error
		listener, err = net.Listen("tcp4", address+":0")
		to.must(err)
	})
	defer listener.Close()
	from.do(func() {
		c, err := net.Dial("tcp4", listener.Addr().String())
		from.must(err)
		defer c.Close()
		s, err := listener.Accept()
		from.must(err)
		defer s.Close()
		called, calls = segment(s), segment(c)
	})
	return called, calls
}

func segment(c net.Conn) (n int) {
	raw, err := c.(syscall.Conn).SyscallConn()
	if err != nil {
		panic(err)
	}
	err = raw.Control(func(fd uintptr) { n, err = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_MAXSEG) })
	if err != nil {
		panic(err)
	}
	return n
}

func TestClamp(t *testing.T) {
	if uml.Guest() {
		t.Skip("the test kernel has no nf_tables for IPv4")
	}
	left, middle, right := between(t)
	var c clamps
	set := func(byDev map[string]int) {
		t.Helper()
		middle.do(func() { middle.must(c.set(byDev)) })
	}
	const timestamps = 12 // of RFC 7323, which the kernel takes off what it calls a segment
	check := func(what string, want int) {
		t.Helper()
		if a, b := offered(left, right, "10.2.0.2"); a != want-timestamps || b != want-timestamps {
			t.Errorf("%s: segments of %d and %d, want %d", what, a, b, want-timestamps)
		}
	}
	check("without a clamp", 1460)
	set(map[string]int{"eth1": 1200})
	check("clamped at one port", 1200)
	set(map[string]int{"eth1": 1300, "eth0": 1250})
	check("clamped at both", 1250)
	set(map[string]int{"eth1": 9000})
	check("clamped to more than is offered", 1460)
	set(nil)
	check("no more", 1460)
	middle.do(func() {
		conn, err := nftables.New()
		middle.must(err)
		tables, err := conn.ListTables()
		middle.must(err)
		if len(tables) != 0 {
			t.Errorf("%d tables are left", len(tables))
		}
	})
}

// What a router that was killed has left behind goes; what is others' stays.
func TestClampTakesOver(t *testing.T) {
	if uml.Guest() {
		t.Skip("the test kernel has no nf_tables for IPv4")
	}
	s := newSpace(t)
	s.do(func() {
		conn, err := nftables.New()
		s.must(err)
		conn.AddTable(&nftables.Table{Name: "others", Family: nftables.TableFamilyIPv4})
		s.must(conn.Flush())
		var killed, next clamps
		s.must(killed.set(map[string]int{"lo": 1000}))
		s.must(next.set(nil))
		tables, err := conn.ListTables()
		s.must(err)
		if len(tables) != 1 || tables[0].Name != "others" {
			t.Errorf("there are the tables %v", tables)
		}
	})
}
