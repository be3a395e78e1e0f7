//go:build linux

package linux

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// doRoute sets a route of ours. One of the same prefix and metric that is not
// ours is an error, not a victim.
func (k *rtkernel) doRoute(s step, r route) error {
	n, err := k.routeMessage(r)
	switch {
	case err != nil:
		return err
	case !s.set:
		return k.handle.RouteDel(n)
	case s.over:
		return k.handle.RouteReplace(n)
	}
	err = k.handle.RouteAdd(n)
	if errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("there is a route that is not gresh's, with metric %d", routeMetric)
	}
	return err
}

func (k *rtkernel) routeMessage(r route) (*netlink.Route, error) {
	n := &netlink.Route{Family: unix.AF_INET, Protocol: routeProtocol, Priority: routeMetric,
		Dst: &net.IPNet{IP: r.prefix.Addr().AsSlice(), Mask: net.CIDRMask(r.prefix.Bits(), 32)}}
	hops, err := k.hops(r)
	switch {
	case err != nil:
		return nil, err
	case len(hops) == 0:
		n.Type = unix.RTN_BLACKHOLE
	case len(hops) == 1:
		n.LinkIndex, n.Gw, n.Flags = hops[0].LinkIndex, hops[0].Gw, hops[0].Flags
	default:
		n.MultiPath = hops
	}
	if len(hops) > 0 && hops[0].Gw == nil {
		n.Scope = unix.RT_SCOPE_LINK
	}
	return n, nil
}

func (k *rtkernel) hops(r route) (all []*netlink.NexthopInfo, err error) {
	for line := range strings.Lines(r.hops) {
		dev, via, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		index, err := k.indexOf(dev)
		if err != nil {
			return nil, err
		}
		hop := &netlink.NexthopInfo{LinkIndex: index}
		if via != "" {
			// The router has resolved it; the kernel need not find a way of its own.
			hop.Gw, hop.Flags = ipOf(netip.MustParseAddr(via)), unix.RTNH_F_ONLINK
		}
		all = append(all, hop)
	}
	return all, nil
}

func (k *rtkernel) routes() (all []object, err error) {
	list, err := k.handle.RouteListFiltered(unix.AF_INET, &netlink.Route{Protocol: routeProtocol},
		netlink.RT_FILTER_PROTOCOL)
	if err != nil {
		return nil, fmt.Errorf("cannot list the routes: %w", err)
	}
	for _, n := range list {
		r := route{prefix: netip.PrefixFrom(netip.IPv4Unspecified(), 0)}
		if n.Dst != nil {
			addr, _ := netip.AddrFromSlice(n.Dst.IP.To4())
			bits, _ := n.Dst.Mask.Size()
			r.prefix = netip.PrefixFrom(addr, bits)
		}
		if n.Type != unix.RTN_BLACKHOLE {
			r.hops = k.hopsText(n)
		}
		all = append(all, r)
	}
	return all, nil
}

func (k *rtkernel) hopsText(n netlink.Route) string {
	hops := n.MultiPath
	if len(hops) == 0 {
		hops = []*netlink.NexthopInfo{{LinkIndex: n.LinkIndex, Gw: n.Gw}}
	}
	var lines []string
	for _, h := range hops {
		dev, _, _ := k.names.byNumber(h.LinkIndex)
		if h.Gw != nil {
			dev += " " + h.Gw.String()
		}
		lines = append(lines, dev+"\n")
	}
	slices.SortFunc(lines, cmp.Compare[string])
	return strings.Join(lines, "")
}
