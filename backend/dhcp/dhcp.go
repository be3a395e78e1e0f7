// Package dhcp is a DHCP client for one interface and a DHCP server (RFC 2131)
// as pure engines: they are told the time and what came in, and say what to
// send. The messages themselves are written and read by a library. It sets no
// address on any interface: a Lease says which one there is to be set.
package dhcp

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// Infinite is the lease time that never ends (RFC 2131 section 3.3).
const Infinite = time.Duration(^uint32(0)) * time.Second

const (
	portServer = 67
	portClient = 68
)

var everyone = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// Output is what the caller must do, in the order of its fields.
type Output struct {
	Lease *Lease // the address there is now, when it is new or has changed
	Lost  bool   // there is none any more
	Log   []Event
	Send  []Send
}

// A Send is a message to leave by an interface.
type Send struct {
	Dev           string
	Local, Remote netip.AddrPort
	LinkDst       [6]byte // zero: broadcast
	Payload       []byte
}

// A Lease is an address for some time.
type Lease struct {
	Address netip.Prefix // with the network's length; invalid: none
	Routers []netip.Addr
	DNS     []netip.Addr
	Domain  string
	Server  netip.Addr
	Time    time.Duration
	Since   time.Time
	Renew   time.Time // T1
	Rebind  time.Time // T2
	Expires time.Time // zero: never
}

// An Event is something worth a line in the log.
type Event interface{ event() }

// AddressAssigned: the client of an interface has an address.
type AddressAssigned struct {
	Dev      string
	Address  netip.Prefix
	Hostname string
}

// PoolExhausted: a server had no address to offer.
type PoolExhausted struct{ Pool string }

// Declined: a client found its address in use by somebody else.
type Declined struct {
	ClientID string // as IOS writes it
	Address  netip.Addr
}

func (AddressAssigned) event() {}
func (PoolExhausted) event()   {}
func (Declined) event()        {}

// parse reads a message; it never panics, whatever the library does with it.
func parse(b []byte) (m *dhcpv4.DHCPv4, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			m, err = nil, fmt.Errorf("malformed DHCP message: %v", fault)
		}
	}()
	return dhcpv4.FromBytes(b)
}

func addr(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a.Unmap()
}

// option sets an option from octets.
func option(m *dhcpv4.DHCPv4, code dhcpv4.OptionCode, value []byte) {
	m.UpdateOption(dhcpv4.OptGeneric(code, value))
}

func addrsOption(m *dhcpv4.DHCPv4, code dhcpv4.OptionCode, all []netip.Addr) {
	var b []byte
	for _, a := range all {
		b = append(b, a.AsSlice()...)
	}
	if len(b) > 0 {
		option(m, code, b)
	}
}

// addrsOf reads an option that is a list of addresses.
func addrsOf(m *dhcpv4.DHCPv4, code dhcpv4.OptionCode) (all []netip.Addr) {
	b := m.Options.Get(code)
	for ; len(b) >= 4; b = b[4:] {
		all = append(all, addr(b[:4]))
	}
	return all
}

// seconds reads an option that is a time.
func seconds(m *dhcpv4.DHCPv4, code dhcpv4.OptionCode) (time.Duration, bool) {
	b := m.Options.Get(code)
	if len(b) != 4 {
		return 0, false
	}
	v := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	return time.Duration(v) * time.Second, true
}

func secondsOption(m *dhcpv4.DHCPv4, code dhcpv4.OptionCode, d time.Duration) {
	v := uint32(d / time.Second)
	option(m, code, []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
}

func maskOption(m *dhcpv4.DHCPv4, p netip.Prefix) {
	v := ^uint32(0) << (32 - p.Bits())
	option(m, dhcpv4.OptionSubnetMask, []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
}

// maskBits reads the subnet mask; a host's if there is none, or no sound one.
func maskBits(m *dhcpv4.DHCPv4) int {
	b := m.Options.Get(dhcpv4.OptionSubnetMask)
	if len(b) != 4 {
		return 32
	}
	v := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	bits := 0
	for ; v&0x80000000 != 0; v <<= 1 {
		bits++
	}
	if v != 0 {
		return 32
	}
	return bits
}

// dotted is hexadecimal as IOS writes it: "0063.6973.63".
func dotted(b []byte) string {
	s := hex.EncodeToString(b)
	var groups []string
	for ; len(s) > 4; s = s[4:] {
		groups = append(groups, s[:4])
	}
	return strings.Join(append(groups, s), ".")
}

// undotted reads it back; nil if it is none.
func undotted(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, ".", ""))
	if err != nil {
		return nil
	}
	return b
}
