//go:build linux

package linux

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"gresh/backend/forward"
)

// A namer knows the interfaces by the names they have in the configuration. It
// is asked by several goroutines.
type namer interface {
	index(name string) (int, bool)
	name(index int) (string, bool)
}

// sockets are all by which control packets get into the router and out of it.
// Each socket has one reader; sending is for the goroutine of the loop, and
// never waits.
//
// There is no queue but the receive buffers of the sockets. A reader waits in
// up until the loop takes its packet, so that the readers take turns, and a
// flood on one port fills the buffer of that port alone: what does not fit is
// dropped by the kernel, at its cost and not ours, and counted.
type sockets struct {
	names   namer
	up      func(forward.Upcall)
	ike     map[uint16]*conn // by local port
	tunnels *conn
	icmp    *conn
	raw     map[rawKey]*conn // by what the kernel wants to know in advance
	dhcp    map[string]*dhcpPort
	routing routing
	links   *netlink.Handle // for what a packet socket does not tell

	own     chan forward.Upcall // what sending gives rise to; the loop cannot wait for itself
	closed  chan struct{}
	readers sync.WaitGroup
	counted struct{ full, refused, foreign, told atomic.Uint64 }
	past    uint64 // overruns of sockets that are closed
}

// ownMax is how much the sending of packets may have to tell at one time.
const ownMax = 64

// openSockets opens what every router needs. From then on up is called by
// several goroutines. It may wait for the loop, but not after the loop's end:
// close waits for it.
func openSockets(n namer, up func(forward.Upcall)) (*sockets, error) {
	s := &sockets{names: n, up: up, ike: map[uint16]*conn{}, raw: map[rawKey]*conn{},
		dhcp: map[string]*dhcpPort{}, own: make(chan forward.Upcall, ownMax),
		closed: make(chan struct{})}
	if err := s.open(); err != nil {
		_ = s.close()
		return nil, err
	}
	s.read(s.ike[portIKE], s.takeIKE(portIKE))
	s.read(s.ike[portIKENAT], s.takeIKE(portIKENAT))
	s.read(s.tunnels, s.takeTunnel)
	s.readers.Add(1)
	go s.tellOwn()
	return s, nil
}

func (s *sockets) open() (err error) {
	if s.ike[portIKE], err = openIKE(portIKE); err != nil {
		return err
	}
	if s.ike[portIKENAT], err = openIKE(portIKENAT, encapsulated); err != nil {
		return err
	}
	if s.tunnels, err = openTunnels(); err != nil {
		return err
	}
	if s.links, err = netlink.NewHandle(unix.NETLINK_ROUTE); err != nil {
		return fmt.Errorf("netlink: %w", err)
	}
	return nil
}

// read starts the reader of a socket. It ends when the socket is closed, and
// for nothing that comes in.
func (s *sockets) read(c *conn, take func(message) (forward.Upcall, bool)) {
	s.readers.Add(1)
	go func() {
		defer s.readers.Done()
		room := newRoom()
		for {
			m, err := c.receive(room)
			if err != nil {
				return
			}
			if u, ok := take(m); ok {
				s.up(u)
			} else {
				s.counted.foreign.Add(1)
			}
		}
	}()
}

func (s *sockets) tellOwn() {
	defer s.readers.Done()
	for {
		select {
		case u := <-s.own:
			s.up(u)
		case <-s.closed:
			return
		}
	}
}

// tell hands up what the sending of a packet gave rise to.
func (s *sockets) tell(u forward.Upcall) {
	select {
	case s.own <- u:
	default:
		s.counted.full.Add(1)
	}
}

// close ends the readers and waits for them.
func (s *sockets) close() error {
	close(s.closed)
	for _, c := range s.all() {
		c.close()
	}
	s.readers.Wait()
	if s.links != nil {
		s.links.Close()
	}
	return nil
}

// all are the sockets that are open.
func (s *sockets) all() []*conn {
	all := []*conn{s.ike[portIKE], s.ike[portIKENAT], s.tunnels, s.icmp, s.routing.conn}
	for _, c := range s.raw {
		all = append(all, c)
	}
	for _, p := range s.dhcp {
		all = append(all, p.conns()...)
	}
	return slices.DeleteFunc(all, func(c *conn) bool { return c == nil })
}

// send sends a packet, or says why it cannot be. A packet that a full buffer
// has no room for is lost as on any wire, and only counted.
func (s *sockets) send(p forward.Packet) error {
	var err error
	switch p := p.(type) {
	case forward.SendUDP:
		err = s.sendUDP(p)
	case forward.SendTunnel:
		err = s.sendTunnel(p.Tunnel, p.NBMA, p.Protocol, p.Payload)
	case forward.SendIP:
		err = s.sendIP(p)
	default:
		err = fmt.Errorf("a %T is nothing to send", p)
	}
	return s.sent(err)
}

func (s *sockets) sent(err error) error {
	switch err {
	case nil:
		return nil
	case unix.EAGAIN, unix.ENOBUFS:
		s.counted.full.Add(1)
		return nil
	}
	s.counted.refused.Add(1)
	return err
}

// indexOf is that of an interface that is to be sent by.
func (s *sockets) indexOf(dev string) (int, error) {
	index, ok := s.names.index(dev)
	if !ok {
		return 0, fmt.Errorf("%s: %w", dev, unix.ENODEV)
	}
	return index, nil
}

// socketCounters say what was lost between the kernel and the router.
type socketCounters struct {
	Overrun uint64 // came in faster than the loop takes it
	Foreign uint64 // came in, and was malformed or not for the router
	Full    uint64 // was to be sent, and there was no room for it
	Refused uint64 // was to be sent, and the kernel would not
}

func (s *sockets) counters() socketCounters {
	c := socketCounters{Overrun: s.past, Foreign: s.counted.foreign.Load(),
		Full: s.counted.full.Load(), Refused: s.counted.refused.Load()}
	for _, k := range s.all() {
		c.Overrun += uint64(k.overrun.Load())
	}
	return c
}
