//go:build linux

package linux

import (
	"net/netip"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"gresh/backend/forward"
)

// A space is a network namespace, and a thread that is in it.
type space struct {
	t    *testing.T
	jobs chan func()
	fd   int // names it
}

// newSpace makes one, with its loopback up. It ends with the test.
func newSpace(t *testing.T) *space {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces take root")
	}
	s := &space{t: t, jobs: make(chan func())}
	ready := make(chan error)
	go func() {
		runtime.LockOSThread() // the thread ends with this goroutine
		ready <- unix.Unshare(unix.CLONE_NEWNET)
		for f := range s.jobs {
			f()
		}
	}()
	if err := <-ready; err != nil {
		close(s.jobs)
		t.Skipf("no network namespaces here: %v", err)
	}
	s.do(func() {
		var err error
		s.fd, err = unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		s.must(err)
		s.bring("lo")
	})
	t.Cleanup(func() { close(s.jobs); _ = unix.Close(s.fd) })
	return s
}

// do runs f there. A test fails only in its own goroutine, so that f does not
// end it.
func (s *space) do(f func()) {
	done := make(chan any)
	s.jobs <- func() {
		defer func() { done <- recover() }()
		f()
	}
	if fault := <-done; fault != nil {
		s.t.Helper()
		s.t.Fatal(fault)
	}
}

func (s *space) must(err error) {
	if err != nil {
		panic(err)
	}
}

func (s *space) link(dev string) netlink.Link {
	l, err := netlink.LinkByName(dev)
	s.must(err)
	return l
}

func (s *space) bring(dev string, addrs ...string) {
	for _, a := range addrs {
		n, err := netlink.ParseAddr(a)
		s.must(err)
		s.must(netlink.AddrAdd(s.link(dev), n))
	}
	s.must(netlink.LinkSetUp(s.link(dev)))
}

// cable puts eth0 into both spaces and up, with these addresses.
func cable(a, b *space, addrA, addrB []string) {
	a.do(func() {
		attrs := netlink.NewLinkAttrs()
		attrs.Name = "eth0"
		a.must(netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: "eth0", PeerNamespace: netlink.NsFd(b.fd)}))
		a.bring("eth0", addrA...)
	})
	b.do(func() { b.bring("eth0", addrB...) })
}

// routed are the sockets of a router in a space.
type routed struct {
	*space
	*sockets
	names map[string]int
	ups   chan forward.Upcall
}

func (r *routed) index(name string) (int, bool) {
	i, ok := r.names[name]
	return i, ok
}

func (r *routed) name(index int) (string, bool) {
	for name, i := range r.names {
		if i == index {
			return name, true
		}
	}
	return "", false
}

// openIn opens the sockets of a router in a space. Its interfaces are called
// as the devices, but with a capital.
func openIn(s *space, devs ...string) *routed {
	s.t.Helper()
	r := &routed{space: s, names: map[string]int{}, ups: make(chan forward.Upcall, 256)}
	s.do(func() {
		var err error
		for _, dev := range devs {
			r.names[strings.ToUpper(dev)] = s.link(dev).Attrs().Index
		}
		r.sockets, err = openSockets(r, func(u forward.Upcall) { r.ups <- u })
		s.must(err)
	})
	s.t.Cleanup(func() { _ = r.close() })
	return r
}

const patience = 10 * time.Second

// next is the next upcall of a type.
func next[U forward.Upcall](r *routed) (u U) {
	r.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case up := <-r.ups:
			if u, ok := up.(U); ok {
				return u
			}
			r.t.Logf("passed over %T %+v", up, up)
		case <-deadline:
			r.t.Fatalf("no %T came", u)
		}
	}
}

// until waits for a condition.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// try sends in the space, as some sockets are opened only then.
func (r *routed) try(p forward.Packet) (err error) {
	r.do(func() { err = r.send(p) })
	return err
}

func (r *routed) mustSend(p forward.Packet) {
	r.t.Helper()
	if err := r.try(p); err != nil {
		r.t.Fatalf("%T: %v", p, err)
	}
}

func addrPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %+v, want %+v", what, got, want)
	}
}

// socket opens a socket in a space, of somebody who is no router.
func (s *space) socket(domain, kind, protocol int, options ...option) (c *conn) {
	s.t.Helper()
	s.do(func() {
		var err error
		c, err = openConn(domain, kind, protocol, options...)
		s.must(err)
	})
	s.t.Cleanup(c.close)
	return c
}

func (s *space) udp(at string) *conn {
	s.t.Helper()
	a := addrPort(at)
	return s.socket(unix.AF_INET, unix.SOCK_DGRAM, 0, number(unix.SOL_SOCKET, unix.SO_BROADCAST, 1),
		bound(&unix.SockaddrInet4{Addr: a.Addr().As4(), Port: int(a.Port())}))
}

func inet4(at string) *unix.SockaddrInet4 {
	a := addrPort(at)
	return &unix.SockaddrInet4{Addr: a.Addr().As4(), Port: int(a.Port())}
}

// get receives, but not for ever.
func (s *space) get(c *conn) (data []byte, from unix.Sockaddr) {
	s.t.Helper()
	s.must(c.file.SetReadDeadline(time.Now().Add(patience)))
	m, err := c.receive(newRoom())
	if err != nil {
		s.t.Fatalf("nothing came: %v", err)
	}
	return m.data, m.from
}

func (s *space) put(c *conn, data []byte, to unix.Sockaddr) {
	s.t.Helper()
	if err := c.send(data, nil, to); err != nil {
		s.t.Fatal(err)
	}
}

// pending is how many octets wait in the socket.
func (c *conn) pending() (n int) {
	_ = c.raw.Control(func(fd uintptr) { n, _ = unix.IoctlGetInt(int(fd), unix.SIOCINQ) })
	return n
}

func openFiles() int {
	list, _ := os.ReadDir("/proc/self/fd")
	return len(list)
}

func TestCloseLeavesNothing(t *testing.T) {
	s := newSpace(t)
	files, goroutines := openFiles(), runtime.NumGoroutine()
	for range 20 {
		s.do(func() {
			k, err := openSockets(&routed{names: map[string]int{"LO": 1}}, func(forward.Upcall) {})
			s.must(err)
			s.must(k.listenDHCP([]string{"LO"}))
			s.must(k.send(forward.SendIP{Dst: netip.MustParseAddr("127.0.0.1"), TTL: 1, Protocol: protoICMP, Payload: make([]byte, 8)}))
			s.must(k.close())
		})
	}
	until(t, "the goroutines are gone", func() bool { return runtime.NumGoroutine() <= goroutines })
	equal(t, "open files", openFiles(), files)
}

// A loop that takes its time costs the port that is flooded, and no other.
func TestFloodStaysOnItsPort(t *testing.T) {
	s := newSpace(t)
	r, loop := &routed{space: s}, newLoop(nil, 0)
	s.do(func() {
		var err error
		r.sockets, err = openSockets(r, loop.packet)
		s.must(err)
	})
	defer func() { loop.stop(); _ = r.close() }()
	taken := func() forward.Upcall {
		select {
		case u := <-loop.packets:
			return u
		case <-time.After(patience):
			t.Fatal("no packet came")
			return nil
		}
	}
	flooder := s.udp("127.0.0.1:0")
	for range bufferSize / 1000 { // each takes up more than itself
		s.put(flooder, make([]byte, 1000), inet4("127.0.0.1:500"))
	}
	r.mustSend(forward.SendIP{Dst: netip.MustParseAddr("127.0.0.1"), TTL: 9, Protocol: protoICMP,
		Payload: echo(8, 8)})
	until(t, "the reply is in the hands of its reader", func() bool { return r.icmp.pending() == 0 })
	answered := func() bool { _, ok := taken().(forward.ICMP); return ok }
	for waited := 0; !answered(); waited++ {
		if waited == 500 {
			t.Fatal("the reply waits behind the flood")
		}
	}
	for r.ike[portIKE].pending() > 0 {
		taken()
	}
	s.put(flooder, []byte("the last"), inet4("127.0.0.1:500")) // tells what was lost before it
	until(t, "the flood is counted", func() bool { taken(); return r.counters().Overrun > 0 })
}

func TestSendRefuses(t *testing.T) {
	r := openIn(newSpace(t), "lo")
	there := netip.MustParseAddr("127.0.0.1")
	for _, p := range []forward.Packet{
		forward.SendIP{Dev: "Ethernet9", Dst: there, TTL: 1, Protocol: protoICMP},
		forward.SendIP{Dst: netip.IPv6Loopback(), TTL: 1, Protocol: protoICMP},
		forward.SendIP{Dst: netip.Addr{}, TTL: 1, Protocol: protoICMP},
		forward.SendIP{Dst: netip.MustParseAddr("192.0.2.1"), TTL: 1, Protocol: protoICMP}, // no route
		forward.SendTunnel{Tunnel: "Tunnel9", NBMA: there, Protocol: etherNHRP},
		forward.SendTunnel{Tunnel: "LO", Protocol: etherNHRP},
		forward.SendUDP{Dev: "LO", Local: addrPort("0.0.0.0:68"), Remote: addrPort("255.255.255.255:67")},
		forward.SendUDP{Local: addrPort("192.0.2.1:500"), Remote: addrPort("127.0.0.1:9")}, // not our address
		forward.SendUDP{Local: addrPort("127.0.0.1:500")},
		forward.SendUDP{},
		nil,
	} {
		if err := r.try(p); err == nil {
			t.Errorf("%T %+v was sent", p, p)
		}
	}
	equal(t, "refused", r.counters().Refused, uint64(11))
}

// may runs f there with these capabilities alone in effect.
func (s *space) may(f func(), capabilities ...int) {
	s.do(func() {
		head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var all, some [2]unix.CapUserData
		s.must(unix.Capget(&head, &all[0]))
		some = all
		some[0].Effective, some[1].Effective = 0, 0
		for _, c := range capabilities {
			some[c/32].Effective |= 1 << (c % 32)
		}
		s.must(unix.Capset(&head, &some[0]))
		defer func() { s.must(unix.Capset(&head, &all[0])) }()
		f()
	})
}

// The router says which right it lacks, and needs no others.
func TestCapabilities(t *testing.T) {
	s := newSpace(t)
	opened := func(capabilities ...int) (err error) {
		s.may(func() {
			r := &routed{names: map[string]int{"LO": 1}}
			if r.sockets, err = openSockets(r, func(forward.Upcall) {}); err == nil {
				err = r.listenDHCP([]string{"LO"})
				_ = r.close()
			}
		}, capabilities...)
		return err
	}
	if err := opened(); err == nil || !strings.Contains(err.Error(), "CAP_NET_BIND_SERVICE") {
		t.Errorf("without any: %v", err)
	}
	if err := opened(unix.CAP_NET_BIND_SERVICE); err == nil || !strings.Contains(err.Error(), "CAP_NET_RAW") {
		t.Errorf("with one: %v", err)
	}
	if err := opened(unix.CAP_NET_BIND_SERVICE, unix.CAP_NET_RAW); err != nil {
		t.Errorf("with both: %v", err)
	}
}

// A buffer that is full is no error: the packet is lost, and counted.
func TestSendFull(t *testing.T) {
	s := new(sockets)
	for _, full := range []error{unix.EAGAIN, unix.ENOBUFS} {
		if err := s.sent(full); err != nil {
			t.Errorf("%v", err)
		}
	}
	equal(t, "counted", s.counters(), socketCounters{Full: 2})
}

func TestPortInUse(t *testing.T) {
	s := newSpace(t)
	s.udp("0.0.0.0:4500")
	var err error
	s.do(func() { _, err = openSockets(&routed{}, func(forward.Upcall) {}) })
	if want := "UDP port 4500: address already in use: another IKE daemon"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}
