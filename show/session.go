package show

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"gresh/backend/config"
	"gresh/backend/ike"
	"gresh/backend/sadb"
)

// CryptoSessions renders "show crypto session": a session is a crypto socket,
// whichever tunnels share it.
func CryptoSessions(w io.Writer, s sadb.Snapshot, i ike.Snapshot, release Release) {
	printf(w, "Crypto session current status\n\n")
	with := map[netip.Addr][]ike.SA{}
	for _, sa := range i.SAs {
		with[sa.Remote.Addr()] = append(with[sa.Remote.Addr()], sa)
	}
	for _, db := range s.SADBs {
		var tunnels []string
		for _, t := range db.Tunnels {
			tunnels = append(tunnels, t.Name)
		}
		slices.SortFunc(tunnels, config.CompareNames)
		for _, peer := range db.Instances {
			session(w, db, strings.Join(tunnels, " "), peer, with[peer.Peer], release)
		}
	}
}

func session(w io.Writer, db sadb.SADB, tunnels string, peer sadb.Instance, sas []ike.SA, release Release) {
	var lines []string
	ready, port := false, uint16(portIKE)
	for _, sa := range sas {
		if sa.Local.Addr() != db.Local {
			continue
		}
		name, state := "IKE SA", "Inactive"
		if release == Release15 {
			name = "IKEv1 SA"
		}
		if sa.State == ike.QMIdle {
			state, ready, port = "Active", true, sa.Remote.Port()
		}
		lines = append(lines, fmt.Sprintf("  %s: local %v/%d remote %v/%d %s \n", name, sa.Local.Addr(), sa.Local.Port(),
			sa.Remote.Addr(), sa.Remote.Port(), state))
	}
	printf(w, "Interface: %s\nSession status: %s     \nPeer: %v port %d \n", tunnels,
		sessionStatus(peer.Open(), ready, len(lines) > 0), peer.Peer, port)
	if release == Release15 {
		printf(w, "  Session ID: 0  \n")
	}
	active := 0
	for _, p := range peer.Pairs {
		active += len(p.In) + len(p.Out)
	}
	printf(w, "%s  IPSEC FLOW: permit 47 host %v host %v \n        Active SAs: %d, origin: crypto map\n\n",
		strings.Join(lines, ""), db.Local, peer.Peer, active)
}

func sessionStatus(open, ready, negotiating bool) string {
	switch {
	case open && ready:
		return "UP-ACTIVE"
	case open:
		return "UP-NO-IKE"
	case ready:
		return "UP-IDLE"
	case negotiating:
		return "DOWN-NEGOTIATING"
	}
	return "DOWN"
}
