package config

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
)

// Characteristics are the bandwidth of an interface, in kilobits per second,
// and its delay, in tens of microseconds: what is set, or what its kind has.
func (i *Interface) Characteristics() (bandwidth, delay uint32) {
	switch {
	case i.IsTunnel():
		bandwidth, delay = 9, 50_000
	case i.IsLoopback():
		bandwidth, delay = 8_000_000, 500
	case strings.HasPrefix(i.Name, "TenGigabit"):
		bandwidth, delay = 10_000_000, 1
	case strings.HasPrefix(i.Name, "Gigabit"):
		bandwidth, delay = 1_000_000, 1
	case strings.HasPrefix(i.Name, "Fast"):
		bandwidth, delay = 100_000, 10
	default:
		bandwidth, delay = 10_000, 100
	}
	return cmp.Or(i.Bandwidth, bandwidth), cmp.Or(i.Delay, delay)
}

// Covers says whether a network statement covers an address. Without a wildcard
// it is the whole network of its class.
func (n Network) Covers(a netip.Addr) bool {
	if !a.Is4() || !n.Addr.Is4() {
		return false
	}
	mask := ^classMask(n.Addr)
	if n.Wildcard.IsValid() {
		mask = toUint(n.Wildcard)
	}
	return (toUint(a)^toUint(n.Addr))&^mask == 0
}

// classMask is the mask of an address's class.
func classMask(a netip.Addr) uint32 {
	switch first := a.As4()[0]; {
	case first < 128:
		return 0xff000000
	case first < 192:
		return 0xffff0000
	}
	return 0xffffff00
}

func toUint(a netip.Addr) uint32 {
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// IsPassive says whether a process is quiet on an interface.
func (e EIGRP) IsPassive(name string) bool {
	if slices.Contains(e.Passive, "default") {
		return !slices.Contains(e.NotPassive, name)
	}
	return slices.Contains(e.Passive, name)
}
