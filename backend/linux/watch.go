//go:build linux

package linux

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"syscall"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"gresh/backend/sadb"
)

// A watch listens to what the kernel tells of itself: devices that come, go
// and change, next hops without a neighbour, packets without an SA, SAs that
// have carried all they may.
type watch struct {
	loop    *Loop
	sockets []*os.File
	done    sync.WaitGroup
}

// What a watch tells the loop, beside upcalls.
type (
	// deviceTold is news of a device; its state is asked for anew, since what
	// was told may be past.
	deviceTold struct{ dev string }
	// missTold is a next hop on a device that has no neighbour.
	missTold struct {
		index int
		addr  netip.Addr
	}
	// acquireTold is a packet that met no SA.
	acquireTold struct {
		reqid uint32
		peer  netip.Addr
		key   uint32
	}
	// expireTold is an SA that has carried so many octets.
	expireTold struct {
		key    sadb.Key
		octets uint64
		hard   bool
	}
)

func startWatch(l *Loop) (*watch, error) {
	w := &watch{loop: l}
	for _, s := range []struct {
		protocol int
		groups   uint32
		take     func(syscall.NetlinkMessage)
	}{
		{unix.NETLINK_ROUTE, unix.RTMGRP_LINK | unix.RTMGRP_NEIGH, w.routeTold},
		{unix.NETLINK_XFRM, 1<<(nl.XFRMNLGRP_ACQUIRE-1) | 1<<(nl.XFRMNLGRP_EXPIRE-1), w.xfrmTold},
	} {
		if err := w.listen(s.protocol, s.groups, s.take); err != nil {
			return nil, errors.Join(err, w.close())
		}
	}
	return w, nil
}

// watchBuffer holds what the kernel tells while the loop is busy.
const watchBuffer = 4 << 20

func (w *watch) listen(protocol int, groups uint32, take func(syscall.NetlinkMessage)) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, protocol)
	if err != nil {
		return fmt.Errorf("cannot listen to the kernel: %w", err)
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, watchBuffer)
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		return errors.Join(fmt.Errorf("cannot listen to the kernel: %w", err), unix.Close(fd))
	}
	file := os.NewFile(uintptr(fd), "netlink")
	w.sockets = append(w.sockets, file)
	w.done.Add(1)
	go func() {
		defer w.done.Done()
		w.read(file, take)
	}()
	return nil
}

// read passes on messages until the socket is closed. What did not fit into
// the socket's buffer is lost: then the loop looks at everything again.
func (w *watch) read(file *os.File, take func(syscall.NetlinkMessage)) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := file.Read(buffer)
		switch {
		case errors.Is(err, unix.ENOBUFS):
			w.loop.forgetful()
			continue
		case err != nil:
			return
		}
		messages, err := syscall.ParseNetlinkMessage(buffer[:n])
		if err != nil {
			w.loop.forgetful()
		}
		for _, m := range messages {
			take(m)
		}
	}
}

func (w *watch) close() error {
	var err error
	for _, s := range w.sockets {
		err = errors.Join(err, s.Close())
	}
	w.done.Wait()
	return err
}

func (w *watch) routeTold(m syscall.NetlinkMessage) {
	switch m.Header.Type {
	case unix.RTM_NEWLINK, unix.RTM_DELLINK:
		attrs, err := syscall.ParseNetlinkRouteAttr(&m)
		if err != nil {
			return
		}
		for _, a := range attrs {
			if a.Attr.Type == unix.IFLA_IFNAME {
				w.loop.event(deviceTold{unix.ByteSliceToString(a.Value)})
			}
		}
	case unix.RTM_GETNEIGH:
		w.neighborAsked(m)
	}
}

// The shape of struct ndmsg, linux/neighbour.h.
const (
	ndmsgLength = 12
	ndmsgIndex  = 4
)

func (w *watch) neighborAsked(m syscall.NetlinkMessage) {
	if len(m.Data) < ndmsgLength || m.Data[0] != unix.AF_INET {
		return
	}
	attrs, err := nl.ParseRouteAttr(m.Data[ndmsgLength:])
	if err != nil {
		return
	}
	for _, a := range attrs {
		if addr, ok := netip.AddrFromSlice(a.Value); ok && a.Attr.Type == unix.NDA_DST {
			index := int(binary.NativeEndian.Uint32(m.Data[ndmsgIndex:]))
			w.loop.event(missTold{index, addr})
		}
	}
}

func (w *watch) xfrmTold(m syscall.NetlinkMessage) {
	switch m.Header.Type {
	case nl.XFRM_MSG_ACQUIRE:
		if a, ok := parseAcquire(m.Data); ok {
			w.loop.event(a)
		}
	case nl.XFRM_MSG_EXPIRE:
		if len(m.Data) < nl.SizeofXfrmUserExpire {
			return
		}
		x := nl.DeserializeXfrmUserExpire(m.Data)
		c, ours := parseState(m.Data[:nl.SizeofXfrmUsersaInfo])
		if ours {
			w.loop.event(expireTold{c.state.key(), c.octets, x.Hard != 0})
		}
	}
}

// The offsets of struct xfrm_user_acquire, linux/xfrm.h: an xfrm_id, the
// source, the selector of the packet, the policy, three algorithm masks and a
// sequence number.
const (
	acquireSelector   = 24 + 16
	acquireAttributes = acquireSelector + 56 + 168 + 16
	selectorDport     = 32
	selectorSport     = 36
)

func parseAcquire(b []byte) (a acquireTold, ok bool) {
	if len(b) < acquireAttributes {
		return a, false
	}
	selector := b[acquireSelector:]
	a.peer = netip.AddrFrom4([4]byte(b[:4]))
	a.key = uint32(binary.BigEndian.Uint16(selector[selectorSport:]))<<16 |
		uint32(binary.BigEndian.Uint16(selector[selectorDport:]))
	attrs, err := nl.ParseRouteAttr(b[acquireAttributes:])
	if err != nil {
		return a, false
	}
	for _, at := range attrs {
		if at.Attr.Type == nl.XFRMA_TMPL && len(at.Value) >= nl.SizeofXfrmUserTmpl {
			a.reqid = nl.DeserializeXfrmUserTmpl(at.Value[:nl.SizeofXfrmUserTmpl]).Reqid
		}
	}
	return a, a.reqid >= reqidFirst && a.reqid <= reqidLast
}
