package commands

import (
	"cmp"
	"io"
	"net/netip"

	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// showing begins every line that shows something.
func showing(rest ...grammar.Token) grammar.Line {
	return append(grammar.Line{grammar.Word("show", "Show running system information")}, rest...)
}

// showCrypto are the views of IKE and of the SADBs.
func showCrypto() modes.Mode[Exec] {
	word := grammar.Word("crypto", "Encryption module")
	ipsec := grammar.Word("ipsec", "Show IPSEC policy")
	isakmp := grammar.Word("isakmp", "Show ISAKMP")
	detail := grammar.Flag("detail", "Show detail")
	peer, dev := grammar.IPv4("IP address of peer"), interfaceName("Interface")
	mapName := grammar.String("Crypto map name")
	sockets := func(q query, _ grammar.Args) (view, error) {
		s := q.SADB()
		return func(w io.Writer) { show.CryptoSockets(w, s) }, nil
	}
	return modes.Mode[Exec]{
		viewing(showing(word, grammar.Word("socket", "Show crypto sockets")), sockets),
		viewing(showing(word, grammar.Word("sockets", "Show crypto sockets")), sockets),
		viewing(showing(word, grammar.Word("map", "Crypto maps")), func(q query, _ grammar.Args) (view, error) {
			s := q.SADB()
			return func(w io.Writer) { show.CryptoMap(w, s, q.release) }, nil
		}),
		viewing(showing(word, ipsec, grammar.Word("sa", "IPSEC SA table"), grammar.Opt(grammar.Alt(
			grammar.Line{grammar.Word("interface", "Show info for specific interface"), dev},
			grammar.Line{grammar.Word("map", "IPsec SA by crypto map"), mapName},
			grammar.Line{grammar.Word("peer", "Show SAs for a peer"), peer},
		))), func(q query, a grammar.Args) (view, error) {
			s, c := q.SADB(), q.Counters()
			which := show.SASelection{Peer: peer.From(a), Interface: dev.From(a), Map: mapName.From(a)}
			return func(w io.Writer) { show.CryptoIPsecSA(w, s, c, which, q.now, q.release) }, nil
		}),
		viewing(showing(word, ipsec, grammar.Word("transform-set", "Crypto transform sets")), func(q query, _ grammar.Args) (view, error) {
			sets := q.TransformSets()
			return func(w io.Writer) { show.TransformSets(w, sets) }, nil
		}),
		viewing(showing(word, ipsec, grammar.Word("profile", "Show ipsec profile information")), func(q query, _ grammar.Args) (view, error) {
			profiles := q.Profiles()
			return func(w io.Writer) { show.IPsecProfiles(w, profiles, q.release) }, nil
		}),
		viewing(showing(word, isakmp, grammar.Word("sa", "Show ISAKMP Security Associations"), grammar.Opt(detail)),
			func(q query, a grammar.Args) (view, error) {
				s := q.IKE()
				if detail.In(a) {
					return func(w io.Writer) { show.ISAKMPSAsDetail(w, s, q.now) }, nil
				}
				return func(w io.Writer) { show.ISAKMPSAs(w, s, q.release) }, nil
			}),
		viewing(showing(word, isakmp, grammar.Word("policy", "Show ISAKMP protection suite policy")), func(q query, _ grammar.Args) (view, error) {
			c := q.Running()
			return func(w io.Writer) { show.ISAKMPPolicies(w, c.Policies, q.release) }, nil
		}),
		viewing(showing(word, grammar.Word("call", "Show crypto call admission info"),
			grammar.Word("admission", "Show crypto call admission info"),
			grammar.Word("statistics", "Show crypto call admission stats")), func(q query, _ grammar.Args) (view, error) {
			a := q.IKE().Admissions
			return func(w io.Writer) { show.CryptoCallAdmission(w, a) }, nil
		}),
		viewing(showing(word, grammar.Word("session", "Show crypto sessions (tunnels)")), func(q query, _ grammar.Args) (view, error) {
			s, i := q.SADB(), q.IKE()
			return func(w io.Writer) { show.CryptoSessions(w, s, i, q.release) }, nil
		}),
	}
}

// showIP are the views of addresses, routes and NHRP.
func showIP() modes.Mode[Exec] {
	ip := grammar.Word("ip", "IP information")
	nhrpWord := grammar.Word("nhrp", "NHRP information")
	pool := grammar.Word("dhcp", "Show items in the DHCP database")
	arp := func(q query, _ grammar.Args) (view, error) {
		c := q.Counters()
		return func(w io.Writer) { show.ARP(w, c.ARP, q.now) }, nil
	}
	return modes.Mode[Exec]{
		viewing(showing(ip, nhrpWord), func(q query, _ grammar.Args) (view, error) {
			s := q.NHRP()
			return func(w io.Writer) { show.IPNHRP(w, s, q.now, q.release) }, nil
		}),
		viewing(showing(ip, nhrpWord, grammar.Word("brief", "Brief display")), func(q query, _ grammar.Args) (view, error) {
			s := q.NHRP()
			return func(w io.Writer) { show.IPNHRPBrief(w, s) }, nil
		}),
		viewing(showing(ip, nhrpWord, grammar.Word("nhs", "NHRP server information")), func(q query, _ grammar.Args) (view, error) {
			s := q.NHRP()
			return func(w io.Writer) { show.IPNHRPServers(w, s, q.now, q.release) }, nil
		}),
		viewing(showing(grammar.Word("dmvpn", "Display DMVPN session information")), func(q query, _ grammar.Args) (view, error) {
			n, s, i := q.NHRP(), q.SADB(), q.IKE()
			return func(w io.Writer) { show.DMVPN(w, n, s, i, q.now, q.release) }, nil
		}),
		viewing(showing(ip, grammar.Word("route", "IP routing table")), func(q query, _ grammar.Args) (view, error) {
			routes := q.Routes()
			return func(w io.Writer) { show.IPRoute(w, routes, q.now) }, nil
		}),
		viewing(showing(ip, grammar.Word("arp", "IP ARP table")), arp),
		viewing(showing(grammar.Word("arp", "ARP table")), arp),
		viewing(showing(ip, pool, grammar.Word("binding", "DHCP address bindings")), func(q query, _ grammar.Args) (view, error) {
			s := q.Bindings()
			return func(w io.Writer) { show.DHCPBindings(w, s) }, nil
		}),
		viewing(showing(grammar.Word("dhcp", "Dynamic Host Configuration Protocol status"),
			grammar.Word("lease", "Show DHCP Addresses leased from a server")), func(q query, _ grammar.Args) (view, error) {
			leases := q.Leases()
			return func(w io.Writer) {
				for _, i := range q.interfaces() {
					if l, ok := leases[i.Config.Name]; ok {
						show.DHCPLease(w, i.Config.Name, l, q.now)
					}
				}
			}, nil
		}),
		viewing(showing(ip, grammar.Word("traffic", "IP protocol statistics")), func(q query, _ grammar.Args) (view, error) {
			c := q.Counters()
			return func(w io.Writer) { show.IPTraffic(w, c) }, nil
		}),
	}
}

// interfaces joins what is configured, what has come of it, and what was
// counted.
func (q query) interfaces() (all []show.Interface) {
	c, counters := q.Running(), q.Counters()
	for _, s := range q.Interfaces() {
		i := show.Interface{Config: c.Interface(s.Name), Up: s.Up, Link: s.Link, Address: s.Address, MAC: s.MAC,
			MTU: s.MTU, Local: s.Local, Held: s.Held, Since: s.Since, Counters: counters.Interfaces[s.Name]}
		i.Source = cmp.Or(i.Config.Tunnel.Source, q.ownerOf(s.Local))
		all = append(all, i)
	}
	return all
}

// ownerOf is the interface that has an address of ours.
func (q query) ownerOf(a netip.Addr) string {
	for _, s := range q.Interfaces() {
		if a.IsValid() && s.Address.Addr() == a {
			return s.Name
		}
	}
	return ""
}

// showBox are the views of the session and of the log.
func showBox() modes.Mode[Exec] {
	return modes.Mode[Exec]{
		viewing(showing(grammar.Word("privilege", "Show current privilege level")), func(q query, _ grammar.Args) (view, error) {
			return func(w io.Writer) { show.Privilege(w, q.exec.session.level) }, nil
		}),
		viewing(showing(grammar.Word("history", "Display the session command history")), func(q query, _ grammar.Args) (view, error) {
			return func(w io.Writer) { show.History(w, q.exec.History()) }, nil
		}),
	}
}

// InterfaceName is a place for the name of an interface, for lines that are
// typed elsewhere than at a router.
func InterfaceName(help string) *grammar.Param[string] { return interfaceName(help) }
