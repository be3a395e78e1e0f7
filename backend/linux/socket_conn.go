//go:build linux

package linux

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// A conn is one socket. Its file descriptor never blocks: a reader waits in
// Go's poller, which closing wakes, and a sender does not wait.
type conn struct {
	file    *os.File
	raw     syscall.RawConn
	overrun atomic.Uint32 // messages that the kernel had no room for
}

// An option is something to set on a socket before it is used.
type option func(fd int) error

// openConn opens a socket and sets its options, in their order.
func openConn(domain, kind, protocol int, options ...option) (*conn, error) {
	fd, err := unix.Socket(domain, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, protocol)
	if err != nil {
		return nil, err
	}
	for _, o := range append(options, number(unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1)) {
		if err := o(fd); err != nil {
			_ = unix.Close(fd)
			return nil, err
		}
	}
	c := &conn{file: os.NewFile(uintptr(fd), "socket")}
	if c.raw, err = c.file.SyscallConn(); err != nil {
		_ = c.file.Close()
		return nil, err
	}
	return c, nil
}

func (c *conn) close() {
	if c != nil {
		_ = c.file.Close()
	}
}

// number is an option whose value is one.
func number(level, name, value int) option {
	return func(fd int) error { return unix.SetsockoptInt(fd, level, name, value) }
}

// bound binds the socket.
func bound(to unix.Sockaddr) option {
	return func(fd int) error { return unix.Bind(fd, to) }
}

// patient gives the socket a large buffer: all peers of a hub may call at the
// same moment. Without the right to it there is what net.core.rmem_max allows.
func patient(fd int) error {
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, bufferSize) == nil {
		return nil
	}
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, bufferSize)
}

const bufferSize = 4 << 20

// filtered has the kernel drop what the program does not accept.
func filtered(program []bpf.Instruction) option {
	return func(fd int) error {
		raw, err := bpf.Assemble(program)
		if err != nil {
			return err
		}
		filter := make([]unix.SockFilter, len(raw))
		for i, r := range raw {
			filter[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
		}
		return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
			&unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})
	}
}

// deaf is the filter of a socket that is there to send, or to hold a port.
var deaf = filtered([]bpf.Instruction{bpf.RetConstant{Val: 0}})

// A room is where a reader receives.
type room struct{ data, control []byte }

// newRoom has room for the largest packet there is (RFC 791 section 3.1).
func newRoom() *room { return &room{make([]byte, 1<<16), make([]byte, 512)} }

// A message is what came in by a socket, in the room of its reader: what is
// to be kept of it must be copied.
type message struct {
	data    []byte
	from    unix.Sockaddr
	control []unix.SocketControlMessage
}

// receive waits for a message. Its one error is that the socket was closed:
// what the kernel reports of the network, an interface that went down for one,
// is passed over. The kernel forgets such an error when it has told it.
func (c *conn) receive(r *room) (m message, err error) {
	for {
		var n, controls, flags int
		var fault error
		if err := c.raw.Read(func(fd uintptr) bool {
			n, controls, flags, m.from, fault = unix.Recvmsg(int(fd), r.data, r.control, 0)
			return fault != unix.EAGAIN
		}); err != nil {
			return message{}, err
		}
		if fault != nil || flags&unix.MSG_TRUNC != 0 {
			continue
		}
		m.data = r.data[:n]
		m.control, _ = unix.ParseSocketControlMessage(r.control[:controls])
		if lost, ok := m.word(unix.SOL_SOCKET, unix.SO_RXQ_OVFL); ok {
			c.overrun.Store(lost)
		}
		return m, nil
	}
}

// find is the data of a control message of at least so many octets.
func (m message) find(level, kind int32, size int) ([]byte, bool) {
	for _, c := range m.control {
		if c.Header.Level == level && c.Header.Type == kind && len(c.Data) >= size {
			return c.Data, true
		}
	}
	return nil, false
}

func (m message) word(level, kind int32) (uint32, bool) {
	b, ok := m.find(level, kind, 4)
	if !ok {
		return 0, false
	}
	return binary.NativeEndian.Uint32(b), true
}

// packetInfo says by which interface an IP packet came and for which address.
func (m message) packetInfo() (info unix.Inet4Pktinfo, ok bool) {
	b, ok := m.find(unix.IPPROTO_IP, unix.IP_PKTINFO, unix.SizeofInet4Pktinfo)
	if !ok {
		return info, false
	}
	info.Ifindex = int32(binary.NativeEndian.Uint32(b))
	copy(info.Spec_dst[:], b[4:8])
	copy(info.Addr[:], b[8:12])
	return info, true
}

// send sends a message, or says at once that there is no room for it.
func (c *conn) send(data, control []byte, to unix.Sockaddr) error {
	var fault error
	err := c.raw.Control(func(fd uintptr) {
		_, fault = unix.SendmsgN(int(fd), data, control, to, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
	})
	if err != nil {
		return err
	}
	return fault
}

// controlNumber is a control message with one number, such as the TTL.
func controlNumber(level, kind int32, value int) []byte {
	b := make([]byte, unix.CmsgSpace(4))
	h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
	h.Level, h.Type = level, kind
	h.SetLen(unix.CmsgLen(4))
	binary.NativeEndian.PutUint32(b[unix.CmsgLen(0):], uint32(value))
	return b
}

// networkOrder is a 16-bit number as a socket address holds it.
func networkOrder(v uint16) uint16 {
	return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, v))
}

// forbidden makes of a lack of permission what is to be done about it.
func forbidden(err error, what, capability string) error {
	if err == unix.EPERM || err == unix.EACCES {
		return fmt.Errorf("%s: %w: it takes %s", what, err, capability)
	}
	return fmt.Errorf("%s: %w", what, err)
}
