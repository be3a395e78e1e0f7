package show

import (
	"io"
	"net/netip"
	"testing"
	"time"

	"gresh/backend/config"
	"gresh/backend/dhcp"
	"gresh/backend/forward"
	"gresh/backend/rib"
)

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

func TestIPRoute(t *testing.T) {
	golden(t, "ip-route", func(w io.Writer) {
		IPRoute(w, []rib.Route{
			{Prefix: prefix("0.0.0.0/0"), Via: addr("172.17.0.9"), Source: rib.DHCP, Distance: 254},
			{Prefix: prefix("10.0.0.0/24"), Dev: "Tunnel0", Source: rib.Connected},
			{Prefix: prefix("10.0.1.0/24"), Dev: "Tunnel1", Source: rib.Connected},
			{Prefix: prefix("172.16.0.0/12"), Dev: rib.Null0, Source: rib.Static, Distance: 1},
			{Prefix: prefix("172.17.0.8/29"), Dev: "Ethernet0", Source: rib.Connected},
			{Prefix: prefix("192.168.1.0/24"), Dev: "Ethernet1", Source: rib.Connected},
			{Prefix: prefix("192.168.2.0/24"), Via: addr("10.0.0.12"), Dev: "Tunnel0", Source: rib.EIGRP, Distance: 90,
				Metric: 2944000, Since: before("07:18")},
			{Prefix: prefix("192.168.2.0/24"), Via: addr("10.0.1.12"), Dev: "Tunnel1", Source: rib.EIGRP, Distance: 90,
				Metric: 2944000, Since: before("07:18")},
			{Prefix: prefix("192.168.3.0/25"), Via: addr("192.168.1.2"), Source: rib.Static, Distance: 1},
			{Prefix: prefix("192.168.3.0/25"), Via: addr("192.168.1.3"), Dev: "Ethernet1", Source: rib.Static, Distance: 1},
			{Prefix: prefix("192.168.3.128/26"), Via: addr("10.0.0.12"), Dev: "Tunnel0", Source: rib.EIGRPExternal,
				Distance: 170, Metric: 2944000, Since: before("1500:00")},
		}, noon)
	})
	golden(t, "ip-route-none", func(w io.Writer) { IPRoute(w, nil, noon) })
	golden(t, "ip-route-default", func(w io.Writer) {
		IPRoute(w, []rib.Route{{Prefix: prefix("0.0.0.0/0"), Dev: "Tunnel0", Source: rib.Static, Distance: 1}}, noon)
	})
}

// interfaces are one of each kind and state.
func interfaces() []Interface {
	tunnel := func(name string, t config.Tunnel) *config.Interface { return &config.Interface{Name: name, Tunnel: t} }
	protected := config.Tunnel{Source: "Ethernet0", Mode: config.ModeGREMultipoint, Key: 100000, HasKey: true,
		Protection: config.Protection{Profile: "vpnprof", Shared: true}}
	return []Interface{
		{Config: &config.Interface{Name: "Loopback0", Description: "the router"}, Up: true, Link: true, Address: prefix("192.0.2.1/32")},
		{Config: tunnel("Tunnel0", protected), Up: true, Link: true, Address: prefix("10.0.0.11/24"), Local: spoke1, Source: "Ethernet0",
			Counters: forward.InterfaceCounters{InPackets: 118, InOctets: 11800, OutPackets: 134, OutOctets: 13400, OutDrops: 22}},
		{Config: tunnel("Tunnel1", protected), Link: true, Local: spoke1, Source: "Ethernet0",
			Held: "% Tunnel1 has the source and key of Tunnel0"},
		{Config: tunnel("Tunnel2", config.Tunnel{SourceAddr: spoke1, Destination: hub2, TTL: 64}), Link: true},
		{Config: tunnel("Tunnel3", config.Tunnel{Source: "Ethernet0", Destination: hub2, Mode: config.ModeIPsecIPv4,
			Protection: config.Protection{Profile: "vpnprof"}}), Link: true},
		{Config: &config.Interface{Name: "Ethernet0", DHCP: true, Bandwidth: 2000, Delay: 50, MTU: 1400}, Up: true, Link: true,
			Address: prefix("172.17.0.11/24"), MAC: [6]byte{0xaa, 0xbb, 0xcc, 0, 1, 0}},
		{Config: &config.Interface{Name: "Ethernet0/1", Shutdown: true}, MAC: [6]byte{0xaa, 0xbb, 0xcc, 0, 1, 1}},
		{Config: &config.Interface{Name: "Ethernet0/2"}, MAC: [6]byte{0xaa, 0xbb, 0xcc, 0, 1, 2}},
	}
}

func TestInterfaceViews(t *testing.T) {
	for suffix, release := range releases {
		golden(t, "interfaces"+suffix, func(w io.Writer) { Interfaces(w, interfaces(), noon, release) })
		golden(t, "ip-interface"+suffix, func(w io.Writer) { IPInterfaces(w, interfaces(), release) })
	}
	golden(t, "interfaces-summary", func(w io.Writer) { InterfacesSummary(w, interfaces(), noon) })
	golden(t, "protocols", func(w io.Writer) { Protocols(w, interfaces()) })
	golden(t, "interfaces-description", func(w io.Writer) { InterfacesDescription(w, interfaces()) })
	golden(t, "ip-interface-brief", func(w io.Writer) { IPInterfaceBrief(w, interfaces()) })
}

func TestARP(t *testing.T) {
	mac := [6]byte{0xaa, 0xbb, 0xcc, 0, 1, 0}
	golden(t, "arp", func(w io.Writer) {
		ARP(w, []forward.ARPEntry{
			{Dev: "Ethernet0", Addr: addr("172.17.0.9"), MAC: mac, Since: before("61:30")},
			{Dev: "Ethernet0", Addr: spoke1, MAC: mac, Own: true},
			{Dev: "Ethernet0", Addr: addr("192.168.100.200"), Incomplete: true, Since: before("00:01")},
		}, noon)
	})
}

func TestDHCPViews(t *testing.T) {
	golden(t, "ip-dhcp-binding", func(w io.Writer) {
		DHCPBindings(w, dhcp.ServerSnapshot{Bindings: []dhcp.Binding{
			{Address: spoke1, ClientID: "0063.6973.636f.2d61.6162.622e.6363.3030.2e30", Manual: true},
			{Address: spoke2, ClientID: "01aa.bbcc.0002.00", Expires: after("720:00")},
		}})
	})
	lease := dhcp.Lease{Address: prefix("172.17.0.11/24"), Routers: []netip.Addr{addr("172.17.0.9")}, Server: addr("172.17.0.9"),
		Time: 24 * time.Hour, Since: before("60:00"), Renew: before("60:00").Add(12 * time.Hour), Rebind: before("60:00").Add(21 * time.Hour),
		Expires: before("60:00").Add(24 * time.Hour)}
	endless := lease
	endless.Time, endless.Renew, endless.Rebind, endless.Expires = dhcp.Infinite, time.Time{}, time.Time{}, time.Time{}
	for name, s := range map[string]dhcp.ClientSnapshot{
		"dhcp-lease":          {State: dhcp.Bound, Lease: lease},
		"dhcp-lease-renewing": {State: dhcp.Renewing, Lease: lease},
		"dhcp-lease-infinite": {State: dhcp.Bound, Lease: endless},
	} {
		golden(t, name, func(w io.Writer) { DHCPLease(w, "Ethernet0", s, noon) })
	}
	if got := text(func(w io.Writer) { DHCPLease(w, "Ethernet0", dhcp.ClientSnapshot{State: dhcp.Selecting}, noon) }); got != "" {
		t.Errorf("without a lease there is %q", got)
	}
}

func TestIPTraffic(t *testing.T) {
	golden(t, "ip-traffic", func(w io.Writer) {
		IPTraffic(w, forward.Counters{Drops: map[forward.Reason]uint64{forward.ClearText: 3, forward.Discarded: 1}})
	})
}
