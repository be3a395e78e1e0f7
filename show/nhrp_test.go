package show

import (
	"io"
	"net/netip"
	"strings"
	"testing"

	"gresh/backend/ike"
	"gresh/backend/nhrp"
	"gresh/backend/sadb"
)

// hubNHRP is what a hub and a spoke may know, in all variants: registered
// clients, one whose peer has no socket, an address that is being asked for,
// and servers that answer, do not, and wait for protection.
func hubNHRP() nhrp.Snapshot {
	dynamic := func(target string, nbma netip.Addr, flags nhrp.Flags) nhrp.Entry {
		return nhrp.Entry{Target: netip.PrefixFrom(addr(target), 32), Via: addr(target), Tunnel: "Tunnel0",
			Created: before("1570:00"), Expires: after("04:38"), Type: nhrp.Dynamic, Flags: flags, NBMA: nbma}
	}
	noSocket := dynamic("10.0.0.13", spoke2, nhrp.Router|nhrp.UsedFlag)
	noSocket.NoSocket = true
	server := func(tunnel, a string, nbma netip.Addr, state nhrp.ServerState) nhrp.Server {
		return nhrp.Server{Tunnel: tunnel, Addr: addr(a), NBMA: nbma, State: state, Since: before("02:00"), Sent: 4, Failed: 3}
	}
	answering := server("Tunnel1", "10.0.1.1", hub2, nhrp.Responding)
	answering.Received, answering.Failed, answering.LastReply = 4, 0, before("00:22")
	return nhrp.Snapshot{
		Entries: []nhrp.Entry{
			dynamic("10.0.0.11", spoke1, nhrp.Unique|nhrp.Registered|nhrp.UsedFlag),
			dynamic("10.0.0.12", spoke2, nhrp.Registered),
			noSocket,
			{Target: netip.MustParsePrefix("10.0.0.14/32"), Tunnel: "Tunnel0", Created: before("00:44"),
				Expires: after("02:20"), Type: nhrp.Incomplete, Flags: nhrp.Negative, Hits: 2},
			{Target: netip.MustParsePrefix("10.0.1.1/32"), Via: addr("10.0.1.1"), Tunnel: "Tunnel1", Created: before("4320:00"),
				Type: nhrp.Static, NBMA: hub2},
			{Target: netip.MustParsePrefix("10.0.1.2/32"), Via: addr("10.0.1.2"), Tunnel: "Tunnel1", Created: before("4320:00"),
				Type: nhrp.Static, NBMA: hub1},
		},
		Servers: []nhrp.Server{answering, server("Tunnel1", "10.0.1.2", hub1, nhrp.Expecting),
			server("Tunnel2", "10.0.2.1", netip.Addr{}, nhrp.Waiting)},
		Traffic: []nhrp.Traffic{{Tunnel: "Tunnel0"}, {Tunnel: "Tunnel1"}, {Tunnel: "Tunnel2"}},
	}
}

func TestNHRPViews(t *testing.T) {
	for suffix, release := range releases {
		golden(t, "ip-nhrp"+suffix, func(w io.Writer) { IPNHRP(w, hubNHRP(), noon, release) })
		golden(t, "ip-nhrp-nhs"+suffix, func(w io.Writer) { IPNHRPServers(w, hubNHRP(), noon, release) })
		golden(t, "dmvpn"+suffix, func(w io.Writer) { DMVPN(w, hubNHRP(), sessions(), someIKE(), noon, release) })
	}
	golden(t, "ip-nhrp-brief", func(w io.Writer) { IPNHRPBrief(w, hubNHRP()) })
	if got := text(func(w io.Writer) { IPNHRPServers(w, nhrp.Snapshot{}, noon, Release12) }); got != "" {
		t.Errorf("without servers there is %q", got)
	}
}

// TestDMVPNState: the state of a peer is the first thing that is lacking.
func TestDMVPNState(t *testing.T) {
	nhs := nhrp.Entry{Target: netip.MustParsePrefix("10.0.0.1/32"), Tunnel: "Tunnel0", NBMA: hub1, Created: before("05:00")}
	for name, row := range map[string]struct {
		protected, authenticated, open, responding bool
		want                                       string
	}{
		"nothing yet":            {protected: true, want: "IKE"},
		"authenticated":          {protected: true, authenticated: true, want: "IPSEC"},
		"protected":              {protected: true, authenticated: true, open: true, want: "NHRP"},
		"registered":             {protected: true, authenticated: true, open: true, responding: true, want: "UP"},
		"the ISAKMP SA is gone":  {protected: true, open: true, responding: true, want: "UP"},
		"unprotected":            {want: "NHRP"},
		"unprotected and proved": {responding: true, want: "UP"},
	} {
		n := nhrp.Snapshot{Entries: []nhrp.Entry{nhs}, Traffic: []nhrp.Traffic{{Tunnel: "Tunnel0"}},
			Servers: []nhrp.Server{{Tunnel: "Tunnel0", Addr: addr("10.0.0.1"), NBMA: hub1, State: nhrp.Expecting}}}
		var s sadb.Snapshot
		var i ike.Snapshot
		if row.responding {
			n.Servers[0].State, n.Servers[0].Received, n.Servers[0].Since = nhrp.Responding, 1, before("04:00")
		}
		if row.protected {
			db := sadb.SADB{Policy: sadb.Policy{Local: spoke1, Tunnels: []sadb.Member{{Name: "Tunnel0"}}}, Instances: []sadb.Instance{{Peer: hub1}}}
			if row.open {
				db.Instances[0].Pairs = make([]sadb.PairStatus, 1)
			}
			s.SADBs = append(s.SADBs, db)
		}
		if row.authenticated {
			i.SAs = append(i.SAs, ike.SA{Local: netip.AddrPortFrom(spoke1, 500), Remote: netip.AddrPortFrom(hub1, 500), State: ike.QMIdle})
		}
		shown := text(func(w io.Writer) { DMVPN(w, n, s, i, noon, Release12) })
		if last := strings.Fields(shown[strings.LastIndex(shown, "10.0.0.1"):]); last[1] != row.want {
			t.Errorf("%s: %q, want %q", name, last[1], row.want)
		}
	}
}
