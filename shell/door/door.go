// Package door is what all ways in have in common, whatever they speak: a
// listener and the connections that came through it, the line of a router that
// somebody sits on, the log on its way to him, and the limits of a terminal
// that is not read. It knows no protocol and no router.
package door

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Patience is how long a terminal may leave what it is shown unread until it
// is given up: as long as IOS lets a session idle.
const Patience = 10 * time.Minute

// A Door is a listener and the connections that came through it.
type Door struct {
	listener net.Listener
	serve    func(net.Conn)
	running  sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]bool
	closed bool
}

// Open has serve serve each connection, in a goroutine of its own, until Close.
// The connection is closed when serve returns.
func Open(l net.Listener, serve func(net.Conn)) *Door {
	d := &Door{listener: l, serve: serve, conns: map[net.Conn]bool{}}
	d.running.Add(1)
	go func() {
		defer d.running.Done()
		d.accept()
	}()
	return d
}

// Close lets nobody in any more, cuts off who is in, and returns when all that
// served them has ended.
func (d *Door) Close() error {
	err := d.listener.Close()
	d.mu.Lock()
	d.closed = true
	for c := range d.conns {
		_ = c.Close()
	}
	d.mu.Unlock()
	d.running.Wait()
	return err
}

// Addr is where the door is.
func (d *Door) Addr() net.Addr { return d.listener.Addr() }

// Shut lets nobody in any more. Who is in stays, until Close.
func (d *Door) Shut() error { return d.listener.Close() }

// Remote is where a connection comes from; not valid if it is no network's.
func Remote(conn net.Conn) netip.AddrPort {
	a, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	at := a.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

func (d *Door) accept() {
	for {
		conn, err := d.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			time.Sleep(100 * time.Millisecond) // no descriptors: others must end first
			continue
		case !d.enter(conn):
			_ = conn.Close()
			return
		}
		go func() {
			defer d.leave(conn)
			d.serve(conn)
		}()
	}
}

// enter takes a connection into account, unless the door is being closed.
func (d *Door) enter(conn net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.conns[conn] = true
		d.running.Add(1)
	}
	return !d.closed
}

func (d *Door) leave(conn net.Conn) {
	_ = conn.Close()
	d.mu.Lock()
	delete(d.conns, conn)
	d.mu.Unlock()
	d.running.Done()
}
