//go:build linux

package linux

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"gresh/backend/forward"
)

// doLink makes, changes or deletes a device; one that is not ours is only
// switched on and off.
func (k *rtkernel) doLink(s step, l link) (lost bool, err error) {
	switch {
	case l.kind == forward.Ethernet && s.set:
		return false, k.configure(l)
	case l.kind == forward.Ethernet:
		return false, nil
	case !s.set:
		return s.over, k.deleteLink(l.dev)
	}
	old, there := k.ourLink(l.dev)
	if there && (old.kind != l.kind || old.remote.IsValid() != l.remote.IsValid()) {
		// A point-to-point device can't become multipoint, nor the other way round.
		if err := k.deleteLink(l.dev); err != nil {
			return false, err
		}
		there, lost = false, true
	}
	if !there {
		err = k.createLink(l)
	} else if l.kind == forward.GRE {
		err = k.changeTunnel(l)
	}
	if err != nil {
		return lost, err
	}
	wasUp := there && old.up
	return lost || wasUp != l.up && there, k.configure(l)
}

func (k *rtkernel) deleteLink(dev string) error {
	d, ok := k.names.device(dev)
	if !ok {
		return nil
	}
	err := k.handle.LinkDel(&netlink.Dummy{LinkAttrs: netlink.LinkAttrs{Name: dev, Index: d.index}})
	if err != nil && !gone(err) {
		return err
	}
	k.names.forget(dev)
	return nil
}

// createLink makes a device, switched off, and marks it as ours.
func (k *rtkernel) createLink(l link) error {
	req := nl.NewNetlinkRequest(unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_ACK)
	req.AddData(nl.NewIfInfomsg(unix.AF_UNSPEC))
	req.AddData(nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(l.dev)))
	req.AddData(linkInfo(l))
	if _, err := req.Execute(unix.NETLINK_ROUTE, 0); err != nil {
		if errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("a device of that name, or a tunnel with that source and key, is there and is not gresh's")
		}
		return err
	}
	made, err := k.handle.LinkByName(l.dev)
	if err != nil {
		return err
	}
	if err := k.handle.LinkSetAlias(made, alias); err != nil {
		return errors.Join(err, k.handle.LinkDel(made))
	}
	d := deviceOf(made)
	d.ours = true
	k.names.set(l.dev, d)
	k.settings.tunnel(l.dev)
	if l.kind != forward.GRE || l.remote.IsValid() {
		return nil
	}
	// A multipoint device comes without address resolution, and the kernel's
	// own would ask by broadcast: ask us instead.
	if err := k.handle.LinkSetARPOn(made); err != nil {
		return err
	}
	return askUs(d.index)
}

// changeTunnel gives a tunnel all its attributes: what is left out would be
// set to nothing.
func (k *rtkernel) changeTunnel(l link) error {
	index, err := k.indexOf(l.dev)
	if err != nil {
		return err
	}
	req := nl.NewNetlinkRequest(unix.RTM_NEWLINK, unix.NLM_F_ACK)
	msg := nl.NewIfInfomsg(unix.AF_UNSPEC)
	msg.Index = int32(index)
	req.AddData(msg)
	req.AddData(linkInfo(l))
	_, err = req.Execute(unix.NETLINK_ROUTE, 0)
	return err
}

// linkInfo is the kind of a device and all that is particular to it.
func linkInfo(l link) *nl.RtAttr {
	info := nl.NewRtAttr(unix.IFLA_LINKINFO, nil)
	if l.kind == forward.Loopback {
		info.AddRtAttr(nl.IFLA_INFO_KIND, nl.NonZeroTerminated("dummy"))
		return info
	}
	info.AddRtAttr(nl.IFLA_INFO_KIND, nl.NonZeroTerminated("gre"))
	data := info.AddRtAttr(nl.IFLA_INFO_DATA, nil)
	data.AddRtAttr(nl.IFLA_GRE_LOCAL, l.local.AsSlice())
	if l.remote.IsValid() {
		data.AddRtAttr(nl.IFLA_GRE_REMOTE, l.remote.AsSlice())
	}
	flags := []byte{0, 0}
	if l.hasKey {
		key := binary.BigEndian.AppendUint32(nil, l.key)
		data.AddRtAttr(nl.IFLA_GRE_IKEY, key)
		data.AddRtAttr(nl.IFLA_GRE_OKEY, key)
		flags = binary.BigEndian.AppendUint16(nil, greKeyFlag)
	}
	data.AddRtAttr(nl.IFLA_GRE_IFLAGS, flags)
	data.AddRtAttr(nl.IFLA_GRE_OFLAGS, flags)
	data.AddRtAttr(nl.IFLA_GRE_TTL, nl.Uint8Attr(l.ttl))
	data.AddRtAttr(nl.IFLA_GRE_TOS, nl.Uint8Attr(1)) // as the packet inside
	data.AddRtAttr(nl.IFLA_GRE_PMTUDISC, nl.Uint8Attr(0))
	return info
}

const greKeyFlag = 0x2000 // the K bit of RFC 2890 section 2, as linux/if_tunnel.h has it

// configure sets what any device has: its MTU, and whether it is on.
func (k *rtkernel) configure(l link) error {
	index, err := k.indexOf(l.dev)
	if err != nil {
		return err
	}
	req := nl.NewNetlinkRequest(unix.RTM_NEWLINK, unix.NLM_F_ACK)
	msg := nl.NewIfInfomsg(unix.AF_UNSPEC)
	msg.Index, msg.Change = int32(index), unix.IFF_UP
	if l.up {
		msg.Flags = unix.IFF_UP
	}
	req.AddData(msg)
	if l.mtu != 0 {
		req.AddData(nl.NewRtAttr(unix.IFLA_MTU, nl.Uint32Attr(uint32(l.mtu))))
	}
	_, err = req.Execute(unix.NETLINK_ROUTE, 0)
	return err
}

// The attributes of RTM_SETNEIGHTBL, linux/neighbour.h.
const (
	ndtaName        = 1
	ndtaParms       = 6
	ndtpaIfindex    = 1
	ndtpaAppProbes  = 9
	ndtpaUcast      = 10
	ndtpaMcast      = 11
	neighbourTable  = "arp_cache"
	neighbourProbes = 1
)

// askUs has the kernel tell us of next hops on a device that it has no
// neighbour for, and ask nobody else.
func askUs(index int) error {
	req := nl.NewNetlinkRequest(unix.RTM_SETNEIGHTBL, unix.NLM_F_ACK|unix.NLM_F_REPLACE)
	req.AddData(octets{unix.AF_INET, 0, 0, 0})
	req.AddData(nl.NewRtAttr(ndtaName, nl.ZeroTerminated(neighbourTable)))
	p := nl.NewRtAttr(ndtaParms, nil)
	p.AddRtAttr(ndtpaIfindex, nl.Uint32Attr(uint32(index)))
	p.AddRtAttr(ndtpaAppProbes, nl.Uint32Attr(neighbourProbes))
	p.AddRtAttr(ndtpaUcast, nl.Uint32Attr(0))
	p.AddRtAttr(ndtpaMcast, nl.Uint32Attr(0))
	req.AddData(p)
	_, err := req.Execute(unix.NETLINK_ROUTE, 0)
	return err
}

// octets are a message as they stand.
type octets []byte

func (o octets) Len() int          { return len(o) }
func (o octets) Serialize() []byte { return o }

func (k *rtkernel) device(dev string) (device, bool) {
	l, err := k.handle.LinkByName(dev)
	if err != nil {
		return device{}, false
	}
	return deviceOf(l), true
}

// ourLink is a device of ours as it is.
func (k *rtkernel) ourLink(dev string) (link, bool) {
	l, err := k.handle.LinkByName(dev)
	if err != nil || l.Attrs().Alias != alias {
		return link{}, false
	}
	return linkOf(l)
}

// links lists the devices of ours, and learns of all others on the way.
func (k *rtkernel) links() (all []object, err error) {
	list, err := k.handle.LinkList()
	if err != nil {
		return nil, fmt.Errorf("cannot list the devices: %w", err)
	}
	for _, l := range list {
		k.names.set(l.Attrs().Name, deviceOf(l))
		if l.Attrs().Alias != alias {
			continue
		}
		if ours, ok := linkOf(l); ok {
			all = append(all, ours)
		}
	}
	return all, nil
}

func linkOf(l netlink.Link) (link, bool) {
	a := l.Attrs()
	out := link{dev: a.Name, up: a.RawFlags&unix.IFF_UP != 0, mtu: a.MTU}
	switch l := l.(type) {
	case *netlink.Dummy:
		out.kind = forward.Loopback
	case *netlink.Gretun:
		out.kind, out.ttl, out.key = forward.GRE, l.Ttl, l.IKey
		out.hasKey = l.IFlags&greKeyFlag != 0
		out.local, _ = netip.AddrFromSlice(l.Local.To4())
		if remote, ok := netip.AddrFromSlice(l.Remote.To4()); ok && !remote.IsUnspecified() {
			out.remote = remote
		}
	default:
		return link{}, false
	}
	return out, true
}

func deviceOf(l netlink.Link) device {
	a := l.Attrs()
	d := device{index: a.Index, mtu: a.MTU, ours: a.Alias == alias,
		up: a.RawFlags&unix.IFF_UP != 0, carrier: a.RawFlags&unix.IFF_LOWER_UP != 0}
	copy(d.mac[:], a.HardwareAddr)
	return d
}
