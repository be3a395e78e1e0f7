package backend

import (
	"maps"
	"slices"
	"time"

	"gresh/backend/config"
	"gresh/backend/dhcp"
	"gresh/backend/event"
	"gresh/backend/sadb"
)

// reconfigure brings the whole router in line with the running configuration
// and with what its interfaces have come to.
func (r *Router) reconfigure(now time.Time) { r.settle(now, r.reconfigured(now)...) }

func (r *Router) reconfigured(now time.Time) (said []any) {
	news := r.derive(now)
	r.leave(now, r.nhrpConfig())
	return r.instruct(now, news)
}

// derive works out what follows from the running configuration before any
// engine hears of it, and returns what there is to log. Interfaces come before
// routes; the states of tunnels depend on both, and the SADBs on the tunnels.
func (r *Router) derive(now time.Time) (news []any) {
	news = r.refreshInterfaces(now)
	r.refreshRoutes(now)
	news = append(news, r.refreshInterfaces(now)...) // point-to-point tunnels, now that there are routes
	r.refreshRoutes(now)
	r.policies = r.sadbPolicies()
	return news
}

// instruct logs what was derived, tells every engine what concerns it, and
// returns what they say. IKE must know the SADBs before anybody asks it for an
// SA.
func (r *Router) instruct(now time.Time, news []any) (said []any) {
	r.configureLog(now)
	for _, e := range news {
		r.note(now, e)
	}
	r.switchISAKMP(now)
	r.scheduleArchive(now)
	said = r.configureDHCP(now)
	said = append(said, r.ike.Configure(now, r.ikeConfig(r.policies)))
	said = append(said, r.sadb.Configure(now, sadb.Config{Policies: r.policies}))
	nhrpConfig := r.nhrpConfig()
	said = append(said, r.nhrp.Configure(now, nhrpConfig), r.nhrp.RoutesChanged(now))
	said = append(said, r.configureEIGRP(now)...)
	said = append(said, r.openDestinations(now)...)
	if r.nextUsage.IsZero() && len(nhrpConfig.Interfaces)+len(r.policies) > 0 {
		r.nextUsage = now.Add(r.usageInterval())
	}
	r.dirty = true
	return said
}

// switchISAKMP logs IKE going on and off with the first and the last SADB.
func (r *Router) switchISAKMP(now time.Time) {
	if on := len(r.policies) > 0; on != r.isakmp {
		r.isakmp = on
		r.note(now, event.ISAKMPSwitched{On: on})
	}
}

// configureDHCP gives every "ip address dhcp" interface with a carrier a
// client, and the server its pools.
func (r *Router) configureDHCP(now time.Time) (said []any) {
	wanted := map[string]bool{}
	for _, p := range r.ports {
		i := r.running.Interface(p.Name)
		if i == nil || !i.DHCP || i.Shutdown || !r.links[p.Name] {
			continue
		}
		wanted[p.Name] = true
		c, ok := r.clients[p.Name]
		if !ok {
			c = dhcp.NewClient()
			r.clients[p.Name] = c
		}
		said = append(said, c.Configure(now, dhcp.ClientConfig{Rand: r.options.Rand, Dev: p.Name,
			MAC: p.MAC, Hostname: i.DHCPHostname, IDMAC: r.portMAC(i.DHCPClientID)}))
	}
	said = append(said, r.dropClients(now, wanted)...)
	return append(said, r.server.Configure(now, r.dhcpServerConfig()))
}

// dropClients ends the DHCP clients that are not wanted. Where there is still a
// way to say so, they give back what they have.
func (r *Router) dropClients(now time.Time, wanted map[string]bool) (said []any) {
	for _, name := range r.clientNames() {
		if wanted[name] {
			continue
		}
		if i := r.running.Interface(name); i != nil && !i.Shutdown && r.links[name] {
			said = append(said, r.clients[name].Release(now))
		}
		delete(r.clients, name)
	}
	return said
}

// portMAC is the address of a port; zero if there is none of that name.
func (r *Router) portMAC(name string) (mac [6]byte) {
	for _, p := range r.ports {
		if p.Name == name {
			mac = p.MAC
		}
	}
	return mac
}

func (r *Router) dhcpServerConfig() dhcp.ServerConfig {
	var out dhcp.ServerConfig
	for _, e := range r.running.DHCPExcluded {
		out.Excluded = append(out.Excluded, dhcp.Range{First: e.First, Last: e.Last})
	}
	for _, p := range r.running.DHCPPools {
		out.Pools = append(out.Pools, dhcp.Pool{Name: p.Name, Network: p.Network, Host: p.Host,
			ClientID: p.ClientID, Hardware: p.Hardware, ClientName: p.ClientName,
			Routers: p.Routers, DNS: p.DNS, Domain: p.Domain, Lease: leaseTime(p)})
	}
	return out
}

func leaseTime(p config.DHCPPool) time.Duration {
	switch {
	case p.Infinite:
		return dhcp.Infinite
	case p.LeaseSecs == 0:
		return 24 * time.Hour
	}
	return time.Duration(p.LeaseSecs) * time.Second
}

// clientNames are the interfaces with a DHCP client, sorted.
func (r *Router) clientNames() []string { return slices.Sorted(maps.Keys(r.clients)) }
