package eigrp

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// A Route is what a packet says of one prefix.
type Route struct {
	Prefix   netip.Prefix
	NextHop  netip.Addr // invalid: the sender
	Metric   Metric
	Tag      uint32 // of an internal route, 8 bits only
	Flags    uint8
	External *External // nil: an internal route
}

// The flags of a route.
const (
	routeWithdrawn  = 1 // by its source
	routeDefault    = 2 // candidate default
	routeActive     = 4 // the sender has not converged on it
	routeReplicated = 8
)

// External says where a route was before it was redistributed.
type External struct {
	Router   netip.Addr // that redistributed it
	AS       uint32
	Metric   uint32
	Protocol uint8
	Flags    uint8
}

// The protocols that a route may be redistributed from.
const (
	FromEIGRP     = 2
	FromStatic    = 3
	FromRIP       = 4
	FromOSPF      = 6
	FromISIS      = 7
	FromBGP       = 9
	FromConnected = 11
)

const (
	classicInternalOctets = 4 + 4 + 16 + 1 + 4 // at most
	classicExternalOctets = classicInternalOctets + 20
)

// octets is how many the route takes at most.
func (r *Route) octets() int {
	if r.External != nil {
		return classicExternalOctets
	}
	return classicInternalOctets
}

// appendTo appends the route with classic metrics.
func (r *Route) appendTo(b []byte) []byte {
	kind := uint16(tlvInternal)
	if r.External != nil {
		kind = tlvExternal
	}
	return appendTLV(b, kind, func(b []byte) []byte {
		hop := [4]byte{}
		if r.NextHop.IsValid() {
			hop = r.NextHop.As4()
		}
		b = append(b, hop[:]...)
		if x := r.External; x != nil {
			b = x.appendTo(b, r.Tag)
		}
		b = r.Metric.appendTo(b)
		tag := uint8(r.Tag)
		if r.External != nil {
			tag = 0
		}
		b = append(b, tag, r.Flags, uint8(r.Prefix.Bits()))
		a := r.Prefix.Addr().As4()
		return append(b, a[:(r.Prefix.Bits()+7)/8]...)
	})
}

func (x *External) appendTo(b []byte, tag uint32) []byte {
	router := [4]byte{}
	if x.Router.IsValid() {
		router = x.Router.As4()
	}
	b = append(b, router[:]...)
	b = binary.BigEndian.AppendUint32(b, x.AS)
	b = binary.BigEndian.AppendUint32(b, tag)
	b = binary.BigEndian.AppendUint32(b, x.Metric)
	return append(b, 0, 0, x.Protocol, x.Flags)
}

func (m Metric) appendTo(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, m.Delay)
	b = binary.BigEndian.AppendUint32(b, m.Bandwidth)
	b = append(b, byte(m.MTU>>16), byte(m.MTU>>8), byte(m.MTU))
	return append(b, m.Hops, m.Reliability, m.Load)
}

// parseExternal reads the external part of a route, and its tag.
func parseExternal(v *reader) (x External, tag uint32) {
	// External Router-ID (32)
	x.Router = v.addr()
	// External Autonomous System Number (32)
	x.AS = v.u32()
	// Administrative Tag (32)
	tag = v.u32()
	// External Protocol Metric (32)
	x.Metric = v.u32()
	// Reserved (16)
	v.u16()
	// Extern Protocol (8)
	x.Protocol = v.u8()
	// Flags (8)
	x.Flags = v.u8()
	return x, tag
}

// nextHop reads a next hop; zero stands for the sender.
func nextHop(v *reader) netip.Addr {
	if a := v.addr(); !a.IsUnspecified() {
		return a
	}
	return netip.Addr{}
}

// destinations reads the prefixes that share what was said before them.
func destinations(v *reader, said Route, routes []Route) []Route {
	if len(v.b) == 0 {
		v.fail("no destination")
	}
	for len(v.b) > 0 {
		said.Prefix = v.prefix()
		routes = append(routes, said)
	}
	return routes
}

// parseClassic reads an IPv4 route with classic metrics (section 6.8).
func parseClassic(v *reader, external bool, routes []Route) []Route {
	// Next-Hop Forwarding Address (32)
	r := Route{NextHop: nextHop(v)}
	if external {
		var x External
		x, r.Tag = parseExternal(v)
		r.External = &x
	}
	// Scaled Delay (32)
	r.Metric.Delay = v.u32()
	// Scaled Bandwidth (32)
	r.Metric.Bandwidth = v.u32()
	// MTU (24)
	r.Metric.MTU = v.u24()
	// Hop Count (8)
	r.Metric.Hops = v.u8()
	// Reliability (8)
	r.Metric.Reliability = v.u8()
	// Load (8)
	r.Metric.Load = v.u8()
	// Internal Tag (8)
	if tag := v.u8(); !external {
		r.Tag = uint32(tag)
	}
	// Flags (8)
	r.Flags = v.u8()
	return destinations(v, r, routes)
}

// parseWide reads a route with wide metrics (section 6.9), and makes classic
// metrics of them.
func parseWide(v *reader, external bool, routes []Route) []Route {
	var r Route
	// Topology Identifier (16)
	v.u16()
	// Address Family Identifier (16)
	if afi := v.u16(); afi != 1 && v.err == nil {
		return routes // another family's route
	}
	// Router-ID (32)
	v.u32()
	// Offset (8), in words of 16 bits
	offset := int(v.u8())
	// Priority (8)
	v.u8()
	// Reliability (8)
	r.Metric.Reliability = v.u8()
	// Load (8)
	r.Metric.Load = v.u8()
	// MTU (24)
	r.Metric.MTU = v.u24()
	// Hop Count (8)
	r.Metric.Hops = v.u8()
	// Delay (48), in picoseconds
	r.Metric.Delay = delayOf(v.u48())
	// Bandwidth (48), in kbit/s
	r.Metric.Bandwidth = scaleBandwidth(v.u48())
	// Reserved (16)
	v.u16()
	// Opaque Flags (16)
	r.Flags = uint8(v.u16())
	// Extended attributes
	v.take(2 * offset)
	if external {
		var x External
		x, r.Tag = parseExternal(v)
		r.External = &x
	}
	// Next-Hop Forwarding Address (32)
	r.NextHop = nextHop(v)
	return destinations(v, r, routes)
}

// String says a route in a line, for logs of tests and traces.
func (r Route) String() string {
	kind := ""
	if r.External != nil {
		kind = " external"
	}
	if r.Metric.Unreachable() {
		return fmt.Sprintf("%v%s unreachable", r.Prefix, kind)
	}
	return fmt.Sprintf("%v%s delay %d bandwidth %d", r.Prefix, kind, r.Metric.Delay, r.Metric.Bandwidth)
}
