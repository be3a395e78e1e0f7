package show

import (
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"gresh/backend/ike"
	"gresh/backend/nhrp"
	"gresh/backend/sadb"
)

// DMVPN renders "show dmvpn": under each tunnel that NHRP runs on, its peers,
// and how far the way to each has got: IKE, IPSEC, NHRP, UP.
func DMVPN(w io.Writer, n nhrp.Snapshot, s sadb.Snapshot, i ike.Snapshot, now time.Time, release Release) {
	if release == Release12 {
		printf(w, "Legend: Attrb --> S - Static, D - Dynamic, I - Incompletea\n"+
			"        N - NATed, L - Local, X - No Socket\n"+
			"        # Ent --> Number of NHRP entries with same NBMA peer\n\n")
	} else {
		printf(w, "Legend: Attrb --> S - Static, D - Dynamic, I - Incomplete\n"+
			"        N - NATed, L - Local, X - No Socket\n"+
			"        T1 - Route Installed, T2 - Nexthop-override\n"+
			"        C - CTS Capable\n"+
			"        # Ent --> Number of NHRP entries with same NBMA peer\n"+
			"        NHS Status: E --> Expecting Replies, R --> Responding, W --> Waiting\n"+
			"        UpDn Time --> Up or Down Time for a Tunnel\n%s\n\n", strings.Repeat("=", 74))
	}
	authenticated := map[[2]netip.Addr]bool{}
	for _, sa := range i.SAs {
		if sa.State == ike.QMIdle {
			authenticated[[2]netip.Addr{sa.Local.Addr(), sa.Remote.Addr()}] = true
		}
	}
	for _, t := range n.Traffic {
		v := dmvpnView{w: w, name: t.Tunnel, now: now, release: release, authenticated: authenticated}
		v.servers, v.open = serversOf(n, t.Tunnel), map[netip.Addr]bool{}
		for _, db := range s.SADBs {
			v.join(db)
		}
		v.tunnel(n)
	}
}

// A dmvpnView writes one tunnel.
type dmvpnView struct {
	w             io.Writer
	name          string
	now           time.Time
	release       Release
	servers       map[netip.Addr]nhrp.Server // by tunnel address
	protected     bool
	local         netip.Addr             // of its SADB
	open          map[netip.Addr]bool    // peers with an SA pair
	authenticated map[[2]netip.Addr]bool // addresses that have an ISAKMP SA between them
}

func serversOf(n nhrp.Snapshot, tunnel string) map[netip.Addr]nhrp.Server {
	all := map[netip.Addr]nhrp.Server{}
	for _, s := range n.Servers {
		if s.Tunnel == tunnel {
			all[s.Addr] = s
		}
	}
	return all
}

// join takes from an SADB what it means to the tunnel, if the tunnel is in it.
func (v *dmvpnView) join(db sadb.SADB) {
	if !slices.ContainsFunc(db.Tunnels, func(m sadb.Member) bool { return m.Name == v.name }) {
		return
	}
	v.protected, v.local = true, db.Local
	for _, i := range db.Instances {
		v.open[i.Peer] = i.Open()
	}
}

func (v *dmvpnView) tunnel(n nhrp.Snapshot) {
	entries := map[netip.Addr][]nhrp.Entry{}
	var peers []netip.Addr
	for _, e := range n.Entries {
		if e.Tunnel != v.name {
			continue
		}
		if entries[e.NBMA] == nil {
			peers = append(peers, e.NBMA)
		}
		entries[e.NBMA] = append(entries[e.NBMA], e)
	}
	if len(peers) == 0 {
		return
	}
	kind := "Hub"
	if len(v.servers) > 0 {
		kind = "Spoke"
	}
	if v.release == Release12 {
		printf(v.w, "%s, Type:%s, NHRP Peers:%d,\n", v.name, kind, len(peers))
	} else {
		printf(v.w, "Interface: %s, IPv4 NHRP Details \nType:%s, NHRP Peers:%d, \n\n", v.name, kind, len(peers))
	}
	printf(v.w, " # Ent  Peer NBMA Addr Peer Tunnel Add State  UpDn Tm Attrb\n"+
		" ----- --------------- --------------- ----- -------- -----\n")
	for _, p := range peers {
		for n, e := range entries[p] {
			v.entry(n == 0, len(entries[p]), e)
		}
	}
	printf(v.w, "\n")
}

// entry writes a row; the count and the NBMA address stand in the first of
// a peer.
func (v *dmvpnView) entry(first bool, count int, e nhrp.Entry) {
	state, since := v.state(e)
	updown, nbma := "never", "UNKNOWN"
	if !since.IsZero() {
		updown = uptime(v.now.Sub(since))
	}
	if e.NBMA.IsValid() {
		nbma = e.NBMA.String()
	}
	row, blank := "%6d %15s %15v %5s %8s %s\n", "%22s %15v %5s %8s %s\n"
	if v.release == Release15 {
		row, blank = "%6d %-15s %15v %5s %8s %5s\n", "%22s %15v %5s %8s %5s\n"
	}
	if first {
		printf(v.w, row, count, nbma, e.Target.Addr(), state, updown, attributes(e))
	} else {
		printf(v.w, blank, "", e.Target.Addr(), state, updown, attributes(e))
	}
}

func attributes(e nhrp.Entry) string {
	attr := map[nhrp.EntryType]string{nhrp.Static: "S", nhrp.Dynamic: "D", nhrp.Incomplete: "I"}[e.Type]
	if e.NoSocket || e.Type == nhrp.Incomplete {
		attr += "X"
	}
	return attr
}

// state says what the way to an entry's peer lacks, and since when it has been
// so; a way that was never there has no time.
func (v *dmvpnView) state(e nhrp.Entry) (string, time.Time) {
	since, responding := e.Created, true
	if s, ok := v.servers[e.Target.Addr()]; ok {
		since, responding = s.Since, s.State == nhrp.Responding
		if s.Received == 0 {
			since = time.Time{}
		}
	}
	switch {
	case e.Type == nhrp.Incomplete:
		return "IKE", time.Time{}
	case v.protected && !v.open[e.NBMA] && v.authenticated[[2]netip.Addr{v.local, e.NBMA}]:
		return "IPSEC", since
	case v.protected && !v.open[e.NBMA]:
		return "IKE", since
	case !responding:
		return "NHRP", since
	}
	return "UP", since
}
