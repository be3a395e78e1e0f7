//go:build linux

package kernel

import (
	"crypto/rand"
	"errors"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gresh/backend/ike"
	"gresh/backend/linux/uml"
	"gresh/backend/sadb"
)

const (
	clientsNet   = "10.9.0.0/16" // of the clients that a load plays, each with an address of its own
	clientsOnce  = 16            // at a time
	exchangeMost = 30 * time.Second
)

// A load is many spokes on one node, each an IKE engine of its own that wants
// one pair of SAs from a hub. Nothing of theirs is in a kernel: it is the
// answering side that is measured, and its peers cost as little as they can.
type load struct {
	t       testing.TB
	conn    *net.UDPConn
	hub     netip.Addr
	config  ike.Config
	engines map[netip.Addr]*ike.Engine
	next    netip.Addr // of the next client
	done    int
}

// newLoad has the node be all the clients there may be.
func newLoad(t testing.TB, n *uml.Node, config ike.Config) *load {
	t.Helper()
	n.IP("route add local " + clientsNet + " dev lo")
	l := &load{t: t, config: config, engines: map[netip.Addr]*ike.Engine{},
		next: netip.MustParsePrefix(clientsNet).Addr().Next()}
	var err error
	n.In(func() { l.conn, err = net.ListenUDP("udp4", &net.UDPAddr{Port: 500}) })
	if err == nil {
		err = control(l.conn, func(fd int) error { return unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_PKTINFO, 1) })
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.conn.Close() })
	return l
}

func control(c *net.UDPConn, set func(fd int) error) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = set(int(fd)) })
	return errors.Join(err, failed)
}

// run has so many clients come to a hub, some at a time, until all have their
// pair.
func (l *load) run(hub netip.Addr, clients int) {
	l.t.Helper()
	l.hub, l.done = hub, 0
	begun, end := 0, time.Now().Add(exchangeMost)
	packet, oob := make([]byte, 4096), make([]byte, 128)
	for l.done < clients {
		for ; begun < clients && begun-l.done < clientsOnce; begun++ {
			l.begin()
		}
		l.conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		n, extra, _, from, err := l.conn.ReadMsgUDPAddrPort(packet, oob)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			l.advance()
		case err != nil:
			l.t.Fatal(err)
		default:
			l.receive(from, destination(oob[:extra]), packet[:n])
		}
		if time.Now().After(end) {
			l.t.Fatalf("%d of %d clients have their pair after %v", l.done, clients, exchangeMost)
		}
	}
}

// begin has the next client come.
func (l *load) begin() {
	addr := l.next
	l.next = addr.Next()
	e := ike.New()
	l.engines[addr] = e
	c := l.config
	c.Rand, c.NoNATT = rand.Reader, true
	c.SADBs = append(sadb.Policies(nil), c.SADBs...)
	c.SADBs[0].Local = addr
	now := time.Now()
	l.carry(addr, e.Configure(now, c))
	l.carry(addr, e.Initiate(now, ike.Request{SADB: c.SADBs[0].SADB, Local: addr, Peer: l.hub}))
}

func (l *load) receive(from netip.AddrPort, to netip.Addr, payload []byte) {
	if e := l.engines[to]; e != nil {
		l.carry(to, e.Receive(time.Now(), ike.Datagram{Local: netip.AddrPortFrom(to, 500), Remote: from,
			Payload: append([]byte(nil), payload...)}))
	}
}

func (l *load) advance() {
	for addr, e := range l.engines {
		if due := e.Next(); !due.IsZero() && !due.After(time.Now()) {
			l.carry(addr, e.Advance(time.Now()))
		}
	}
}

// carry does what a client's engine says.
func (l *load) carry(addr netip.Addr, out ike.Output) {
	for _, d := range out.Send {
		info := unix.PktInfo4(&unix.Inet4Pktinfo{Spec_dst: addr.As4()})
		if _, _, err := l.conn.WriteMsgUDPAddrPort(d.Payload, info, d.Remote); err != nil {
			l.t.Fatal(err)
		}
	}
	for _, j := range out.Compute {
		l.carry(addr, l.engines[addr].Computed(time.Now(), j.ID, j.Run()))
	}
	for _, f := range out.Failed {
		l.t.Fatalf("%v: %s", addr, f.Reason)
	}
	if len(out.Install) > 0 {
		l.done++
		delete(l.engines, addr) // with its third message on its way
	}
}

// destination is the address that a datagram came to.
func destination(oob []byte) netip.Addr {
	messages, err := unix.ParseSocketControlMessage(oob)
	for _, m := range messages {
		if err == nil && m.Header.Type == unix.IP_PKTINFO && len(m.Data) >= unix.SizeofInet4Pktinfo {
			return netip.AddrFrom4([4]byte(m.Data[8:])) // after the interface and the local address
		}
	}
	return netip.Addr{}
}
