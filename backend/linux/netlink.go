//go:build linux

package linux

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"gresh/backend/forward"
)

// A kernel is what a Host asks of one. In tests it is a map.
type kernel interface {
	// list returns every object of ours that there is.
	list() ([]object, error)
	// do carries out a step. Deleting what is not there is no error. Lost says
	// that other objects went with one that had to be made anew.
	do(s step) (lost bool, err error)
	// device is how one stands now.
	device(dev string) (device, bool)
	// stateOf is what an SA has carried.
	stateOf(o state) (stateCount, bool)
	// counters are those of devices, by name, SAs and Ethernet neighbours.
	counters() (counted, error)
	// route has it forward packets; restore undoes that.
	route() error
	restore() error
	close() error
}

// A rtkernel is the kernel of the network namespace this process is in.
type rtkernel struct {
	handle   *netlink.Handle
	xfrm     *nl.SocketHandle // of the requests about SAs, which come in thousands
	names    *names
	settings sysctls
	others   map[address]bool // addresses that were there before they were wanted
}

func openNetlink(n *names) (*rtkernel, error) {
	h, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("cannot open netlink: %w", err)
	}
	s, err := nl.Subscribe(unix.NETLINK_XFRM) // to nothing
	if err != nil {
		h.Close()
		return nil, fmt.Errorf("this kernel has no IPsec to be configured (%w): modprobe xfrm_user", err)
	}
	return &rtkernel{h, &nl.SocketHandle{Socket: s}, n, sysctls{map[string][]byte{}}, map[address]bool{}}, nil
}

func (k *rtkernel) route() error   { return k.settings.route() }
func (k *rtkernel) restore() error { return k.settings.restore() }

func (k *rtkernel) close() error {
	k.handle.Close()
	k.xfrm.Close()
	return nil
}

func (k *rtkernel) do(s step) (lost bool, err error) {
	switch o := s.object.(type) {
	case link:
		return k.doLink(s, o)
	case address:
		err = k.doAddress(s, o)
	case neighbor:
		err = k.doNeighbor(s, o)
	case route:
		err = k.doRoute(s, o)
	case policy:
		err = k.doPolicy(s, o)
	case state:
		err = k.doState(s, o)
	default:
		panic(fmt.Sprintf("%T is no object of the kernel", o))
	}
	if !s.set && gone(err) {
		err = nil
	}
	return false, err
}

// gone says that what was to be deleted is not there, or what it hung on.
func gone(err error) bool {
	for _, e := range []error{unix.ENOENT, unix.ESRCH, unix.ENODEV, unix.EADDRNOTAVAIL} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func (k *rtkernel) list() ([]object, error) {
	var all []object
	for _, part := range []func() ([]object, error){
		k.policies, k.states, k.links, k.addresses, k.neighbors, k.routes,
	} {
		some, err := part()
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func (k *rtkernel) indexOf(dev string) (int, error) {
	d, ok := k.names.device(dev)
	if !ok {
		return 0, fmt.Errorf("%s: %w", dev, unix.ENODEV)
	}
	return d.index, nil
}

// doAddress sets an address without the route that usually comes with it: all
// routes are the router's. One that is there already stays whose it is.
func (k *rtkernel) doAddress(s step, a address) error {
	if !s.set && k.others[a] {
		delete(k.others, a)
		return nil
	}
	kind, flags := unix.RTM_NEWADDR, unix.NLM_F_CREATE|unix.NLM_F_EXCL
	if !s.set {
		kind, flags = unix.RTM_DELADDR, 0
	}
	index, err := k.indexOf(a.dev)
	if err != nil {
		return err
	}
	req := nl.NewNetlinkRequest(kind, flags|unix.NLM_F_ACK)
	msg := nl.NewIfAddrmsg(unix.AF_INET)
	msg.Index, msg.Prefixlen = uint32(index), uint8(a.prefix.Bits())
	req.AddData(msg)
	ip := a.prefix.Addr().AsSlice()
	req.AddData(nl.NewRtAttr(unix.IFA_LOCAL, ip))
	req.AddData(nl.NewRtAttr(unix.IFA_ADDRESS, ip))
	if a.prefix.Bits() < 31 {
		req.AddData(nl.NewRtAttr(unix.IFA_BROADCAST, broadcast(a.prefix)))
	}
	req.AddData(nl.NewRtAttr(unix.IFA_FLAGS, nl.Uint32Attr(unix.IFA_F_NOPREFIXROUTE)))
	req.AddData(nl.NewRtAttr(ifaProto, nl.Uint8Attr(routeProtocol)))
	_, err = req.Execute(unix.NETLINK_ROUTE, 0)
	delete(k.others, a)
	if s.set && errors.Is(err, unix.EEXIST) {
		k.others[a] = true
		return nil
	}
	return err
}

// ifaProto is IFA_PROTO of linux/if_addr.h. Kernels before 5.18 pass over it:
// there, addresses on devices that are not ours stay when a router was killed.
const ifaProto = 11

func broadcast(p netip.Prefix) []byte {
	ip := p.Masked().Addr().As4()
	for bit := p.Bits(); bit < 32; bit++ {
		ip[bit/8] |= 0x80 >> (bit % 8)
	}
	return ip[:]
}

// addresses lists those that bear our mark, and all on devices of ours.
func (k *rtkernel) addresses() (all []object, err error) {
	req := nl.NewNetlinkRequest(unix.RTM_GETADDR, unix.NLM_F_DUMP)
	req.AddData(nl.NewIfAddrmsg(unix.AF_INET))
	messages, err := req.Execute(unix.NETLINK_ROUTE, unix.RTM_NEWADDR)
	if err != nil {
		return nil, fmt.Errorf("cannot list the addresses: %w", err)
	}
	for _, m := range messages {
		msg := nl.DeserializeIfAddrmsg(m)
		attrs, err := nl.ParseRouteAttr(m[msg.Len():])
		if err != nil {
			return nil, err
		}
		var ip netip.Addr
		ours := false
		for _, a := range attrs {
			switch a.Attr.Type {
			case unix.IFA_LOCAL:
				ip, _ = netip.AddrFromSlice(a.Value)
			case ifaProto:
				ours = len(a.Value) > 0 && a.Value[0] == routeProtocol
			}
		}
		dev, device, ok := k.names.byNumber(int(msg.Index))
		if ok && ip.IsValid() && (ours || device.ours) {
			all = append(all, address{dev, netip.PrefixFrom(ip, int(msg.Prefixlen))})
		}
	}
	return all, nil
}

// doNeighbor maps a next hop to its NBMA address, for good: whether it holds
// is NHRP's to say, and it must hold while no router is there.
func (k *rtkernel) doNeighbor(s step, n neighbor) error {
	index, err := k.indexOf(n.dev)
	if err != nil {
		return err
	}
	e := &netlink.Neigh{LinkIndex: index, Family: unix.AF_INET, State: netlink.NUD_PERMANENT,
		IP: n.addr.AsSlice(), HardwareAddr: n.nbma.AsSlice()}
	if s.set {
		return k.handle.NeighSet(e)
	}
	return k.handle.NeighDel(e)
}

func (k *rtkernel) neighbors() (all []object, err error) {
	list, err := k.handle.NeighList(0, unix.AF_INET)
	if err != nil {
		return nil, fmt.Errorf("cannot list the neighbors: %w", err)
	}
	for _, e := range list {
		dev, device, ok := k.names.byNumber(e.LinkIndex)
		if !ok || !device.ours || e.State&netlink.NUD_PERMANENT == 0 {
			continue
		}
		addr, _ := netip.AddrFromSlice(e.IP.To4())
		nbma, _ := netip.AddrFromSlice(e.LLIPAddr.To4())
		all = append(all, neighbor{dev, addr, nbma})
	}
	return all, nil
}

// arp lists the neighbours on the devices of Ethernet interfaces.
func (k *rtkernel) arp() (all []forward.ARPEntry) {
	list, err := k.handle.NeighList(0, unix.AF_INET)
	if err != nil {
		return nil
	}
	for _, e := range list {
		name, ok := k.names.name(e.LinkIndex)
		if _, port := k.names.ports[name]; !ok || !port || e.State&netlink.NUD_NOARP != 0 {
			continue
		}
		addr, _ := netip.AddrFromSlice(e.IP.To4())
		entry := forward.ARPEntry{Dev: name, Addr: addr, Incomplete: len(e.HardwareAddr) != 6}
		copy(entry.MAC[:], e.HardwareAddr)
		all = append(all, entry)
	}
	return all
}

func ipOf(a netip.Addr) net.IP {
	if !a.IsValid() {
		return nil
	}
	return a.AsSlice()
}
