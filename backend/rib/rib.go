// Package rib is the routing information base: routes from several sources,
// the best of them per prefix, and the forwarding entries they resolve to.
// It computes no route of its own and sets nothing in any kernel.
package rib

import (
	"net/netip"
	"time"
)

// A Source says which protocol made a route.
type Source uint8

// The sources, in the order of their letters in "show ip route".
const (
	Connected Source = iota
	Static
	DHCP // a default route from a lease; printed as static
	EIGRP
	EIGRPExternal
	NHRP
)

// A Route is one path to a prefix.
type Route struct {
	Prefix    netip.Prefix
	Via       netip.Addr // the next hop; invalid if attached
	Dev       string     // the interface; "" if only the next hop is known
	Source    Source
	Distance  uint8
	Metric    uint32
	Tag       uint32
	Permanent bool // stays when its interface goes down

	// What Routes says of a route beside a shortcut of NHRP to the same prefix.
	Overridden bool // packets go by the shortcut
	Overrides  bool // this is the shortcut
	Since      time.Time
}
