package commands

import (
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"slices"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// kinds are the interfaces there can be.
var kinds = []grammar.Kind{
	{Name: "Ethernet", Help: "IEEE 802.3", Max: 255, Slots: 2},
	{Name: "FastEthernet", Help: "FastEthernet IEEE 802.3", Max: 255, Slots: 2},
	{Name: "GigabitEthernet", Help: "GigabitEthernet IEEE 802.3z", Max: 255, Slots: 2},
	{Name: "Loopback", Help: "Loopback interface", Max: 2147483647},
	{Name: "Tunnel", Help: "Tunnel interface", Max: 2147483647},
}

// interfaceName is a place for the name of an interface.
func interfaceName(help string) *grammar.Param[string] { return grammar.Unit(help, kinds...) }

// PortName is the name, in full, of what an interface is called: Ethernet0
// of e0. The error is one of the grammar's.
func PortName(text string) (string, error) {
	name := interfaceName("Interface")
	set := grammar.NewSet("interface", grammar.Entry{Line: grammar.Line{name}})
	m, err := set.Parse(text, 0)
	return name.From(m.Args), err
}

// A portPolicy says whether a port that is not there yet may be configured.
type portPolicy func(name string) error

// existingPort is the policy of a router that runs: the configuration has an
// interface for every port, so one that it has not does not exist.
func existingPort(string) error { return errors.New("%Invalid interface type and number") }

// anyPort is the policy for configurations of routers that are not here.
func anyPort(string) error { return nil }

func interfaceBlock(port portPolicy) modes.Command[config.Config] {
	name := interfaceName("Interface to configure")
	return modes.Sub(modes.Block[config.Config, config.Interface]{
		Line:    with(under(global, "interface", "Select an interface to configure"), name),
		Title:   "Interface configuration commands:",
		Prompt:  "config-if",
		Mode:    interfaceMode(),
		Section: modes.Around,
		Find:    func(c *config.Config, a grammar.Args) *config.Interface { return c.Interface(name.From(a)) },
		Create: func(c *config.Config, a grammar.Args) (*config.Interface, error) {
			if i := (config.Interface{Name: name.From(a)}); i.IsPhysical() {
				if err := port(i.Name); err != nil {
					return nil, err
				}
			}
			return c.AddInterface(name.From(a)), nil
		},
		Remove: func(c *config.Config, a grammar.Args) error {
			if i := (config.Interface{Name: name.From(a)}); i.IsPhysical() {
				return errors.New("% Removal of physical interfaces is not permitted")
			}
			c.RemoveInterface(name.From(a))
			return nil
		},
		All: func(c *config.Config) iter.Seq2[grammar.Args, *config.Interface] {
			return func(yield func(grammar.Args, *config.Interface) bool) {
				for _, i := range c.Interfaces {
					if !yield(name.Is(i.Name), i) {
						return
					}
				}
			}
		},
	})
}

// interfaceMode is interface mode in the order of a running configuration.
func interfaceMode() modes.Mode[config.Interface] {
	return slices.Concat(
		linkInterface,
		ipInterface,
		eigrpInterface,
		nhrpInterface,
		eigrpInterfaceLate,
		modes.Mode[config.Interface]{
			modes.Number(under(under(ipPort, "tcp", "TCP interface commands"),
				"adjust-mss", "Adjust the mss of transit packets"),
				grammar.Uint(500, 1460, "Maximum segment size in bytes"),
				func(i *config.Interface) *uint16 { return &i.AdjustMSS }),
		},
		keptBeforeShutdown,
		modes.Mode[config.Interface]{
			modes.Flag(under(global, "shutdown", "Shutdown the selected interface"),
				func(i *config.Interface) *bool { return &i.Shutdown }),
			modes.Value(under(global, "delay", "Specify interface throughput delay"),
				grammar.Uint(1, 16777215, "Throughput delay (tens of microseconds)"),
				func(i *config.Interface) *uint32 { return &i.Delay }),
		},
		keptAfterShutdown,
		tunnelInterface,
	)
}

var linkInterface = modes.Mode[config.Interface]{
	modes.Value(under(global, "description", "Interface specific description"),
		grammar.Text("Up to 240 characters describing this interface"),
		func(i *config.Interface) *string { return &i.Description }),
	modes.Value(under(global, "mac-address", "Manually set interface MAC address"), grammar.MAC("MAC address"),
		func(i *config.Interface) *string { return &i.MAC }),
	modes.Number(under(global, "mtu", "Set the interface Maximum Transmission Unit (MTU)"),
		grammar.Uint(64, 18000, "MTU size in bytes"),
		func(i *config.Interface) *uint16 { return &i.MTU }),
	modes.Value(under(global, "bandwidth", "Set bandwidth informational parameter"),
		grammar.Uint(1, 10000000, "Bandwidth in kilobits"),
		func(i *config.Interface) *uint32 { return &i.Bandwidth }),
}

var ipInterface = modes.Mode[config.Interface]{
	addressLine(),
	modes.NegFlag(under(ipPort, "redirects", "Enable sending ICMP Redirect messages"),
		func(i *config.Interface) *bool { return &i.NoRedirects }),
	modes.NegFlag(under(ipPort, "unreachables", "Enable sending ICMP Unreachable messages"),
		func(i *config.Interface) *bool { return &i.NoUnreach }),
	modes.NegFlag(under(ipPort, "proxy-arp", "Enable proxy ARP"),
		func(i *config.Interface) *bool { return &i.NoProxyARP }),
	modes.Number(under(ipPort, "mtu", "Set IP Maximum Transmission Unit"), grammar.Uint(68, 18000, "MTU (bytes)"),
		func(i *config.Interface) *uint16 { return &i.IPMTU }),
}

// The parameters of "ip address".
var (
	address      = grammar.IPv4("IP address")
	addressMask  = grammar.Mask("IP subnet mask")
	secondary    = grammar.Flag("secondary", "Make this IP address a secondary address")
	byDHCP       = grammar.Flag("dhcp", "IP Address negotiated via DHCP")
	dhcpClientID = interfaceName("Interface whose MAC address is the client-id")
	dhcpHostname = grammar.String("Value for hostname option")
)

func addressLine() modes.Command[config.Interface] {
	return modes.Command[config.Interface]{
		Line: with(under(ipPort, "address", "Set the IP address of an interface"), grammar.Alt(
			grammar.Line{address, addressMask, grammar.Opt(secondary)},
			grammar.Line{byDHCP, grammar.Any(
				grammar.Line{grammar.Word("client-id", "Specify client-id to use"), dhcpClientID},
				grammar.Line{grammar.Word("hostname", "Specify value for hostname option"), dhcpHostname},
			)},
		)),
		Bare:  2,
		Set:   setAddress,
		Unset: unsetAddress,
		Get:   getAddress,
	}
}

func setAddress(i *config.Interface, a grammar.Args) error {
	if byDHCP.In(a) {
		i.Address, i.Secondary = netip.Prefix{}, nil
		i.DHCP, i.DHCPClientID, i.DHCPHostname = true, dhcpClientID.From(a), dhcpHostname.From(a)
		return nil
	}
	p := netip.PrefixFrom(address.From(a), addressMask.From(a))
	if err := checkHost(p); err != nil {
		return err
	}
	at := slices.IndexFunc(i.Secondary, func(s netip.Prefix) bool { return s.Addr() == p.Addr() })
	switch {
	case !secondary.In(a) && at >= 0:
		return fmt.Errorf("%% %v is assigned as a secondary address", p.Addr())
	case secondary.In(a) && i.Address.Addr() == p.Addr():
		return fmt.Errorf("%% %v is assigned as the primary address", p.Addr())
	case !secondary.In(a):
		i.Address = p
	case at >= 0:
		i.Secondary[at] = p
	default:
		i.Secondary = append(i.Secondary, p)
	}
	i.DHCP, i.DHCPClientID, i.DHCPHostname = false, "", ""
	return nil
}

// checkHost says why an address can't be that of an interface.
func checkHost(p netip.Prefix) error {
	a := p.Addr()
	if a.IsMulticast() || a.IsLoopback() || a.As4()[0] == 0 || a.As4()[0] >= 240 {
		return fmt.Errorf("Not a valid host address - %v", a)
	}
	if p.Bits() < 31 && (p.Masked().Addr() == a || lastAddress(p) == a) {
		return fmt.Errorf("Bad mask /%d for address %v", p.Bits(), a)
	}
	return nil
}

// lastAddress is the broadcast address of a subnet.
func lastAddress(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(b)
}

// unsetAddress is "no ip address", for all addresses or the one that is named.
func unsetAddress(i *config.Interface, a grammar.Args) error {
	p := netip.PrefixFrom(address.From(a), addressMask.From(a))
	switch {
	case secondary.In(a):
		i.Secondary = emptied(slices.DeleteFunc(i.Secondary, func(s netip.Prefix) bool { return s == p }))
		return nil
	case address.In(a) && i.Address != p:
		return errors.New("Invalid address")
	case address.In(a) && i.Secondary != nil:
		return errors.New("Must delete secondary before deleting primary")
	case byDHCP.In(a) && !i.DHCP:
		return nil
	}
	i.Address, i.Secondary = netip.Prefix{}, nil
	i.DHCP, i.DHCPClientID, i.DHCPHostname = false, "", ""
	return nil
}

// getAddress prints secondary addresses first, as IOS does, and "no ip
// address" where there is none.
func getAddress(i *config.Interface) []grammar.Args {
	lines := values(i.Secondary, func(p netip.Prefix) grammar.Args {
		return address.Is(p.Addr()).And(addressMask.Is(p.Bits())).And(secondary.Is(true))
	})
	switch {
	case i.Address.IsValid():
		return append(lines, address.Is(i.Address.Addr()).And(addressMask.Is(i.Address.Bits())))
	case i.DHCP:
		return []grammar.Args{byDHCP.Is(true).
			And(given(dhcpClientID, i.DHCPClientID)).And(given(dhcpHostname, i.DHCPHostname))}
	case lines == nil:
		return []grammar.Args{modes.No(nil)}
	}
	return lines
}
