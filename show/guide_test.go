package show

import (
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gresh/backend/forward"
	"gresh/backend/nhrp"
	"gresh/backend/sadb"
)

// The routers of the documented network, as Spoke 1 sees them.
var (
	spoke1 = addr("172.17.0.11")
	spoke2 = addr("172.17.0.12")
	hub1   = addr("172.17.0.1")
	hub2   = addr("172.17.0.5")
)

// guidePeer is all that the documentation prints of one peer of Spoke 1.
type guidePeer struct {
	peer                   netip.Addr
	inSPI, outSPI          uint32
	conn                   uint32 // of the inbound SA
	inKilobytes, outKilo   uint64 // left
	seconds                int    // left
	outPackets, inPackets  uint64
	sendErrors, recvErrors uint64
	tunnels                []string
}

// guidePeers are in the order in which Spoke 1 met them.
var guidePeers = []guidePeer{
	{peer: hub2, inSPI: 0x3EBE84EF, outSPI: 0x3C50B3AB, conn: 1, inKilobytes: 4549326, outKilo: 4549327, seconds: 2779,
		outPackets: 244, inPackets: 253, sendErrors: 1, tunnels: []string{"Tunnel1"}},
	{peer: hub1, inSPI: 0x96185188, outSPI: 0xA75421B1, conn: 3, inKilobytes: 4569747, outKilo: 4569745, seconds: 3242,
		outPackets: 134, inPackets: 118, sendErrors: 22, tunnels: []string{"Tunnel0"}},
	{peer: spoke2, inSPI: 0xA2EC557, outSPI: 0x38C04B36, conn: 5, inKilobytes: 4515510, outKilo: 4515511, seconds: 3395,
		inPackets: 2, tunnels: []string{"Tunnel0", "Tunnel1"}},
}

// transforms of the guide.
var trans2 = sadb.TransformSet{Name: "trans2", Cipher: sadb.DES, Auth: sadb.MD5, Mode: sadb.TransportMode}

// guideSADB is Spoke 1's one SADB and what its data path has counted.
func guideSADB() (sadb.Snapshot, forward.Counters) {
	db := sadb.SADB{Policy: sadb.Policy{
		SADB: "vpnprof-head-1", Profile: "vpnprof", Interface: "Ethernet0/0", Local: spoke1, Shared: true,
		Sets: []sadb.TransformSet{trans2}, ReplayWindow: 64,
		Lifetime: sadb.Lifetime{Seconds: 3600, Kilobytes: 4608000},
		Tunnels:  []sadb.Member{{Name: "Tunnel1", Key: 100001, HasKey: true}, {Name: "Tunnel0", Key: 100000, HasKey: true}},
	}}
	counters := forward.Counters{SAs: map[sadb.Key]forward.SACounters{}, Peers: map[forward.SocketKey]forward.PeerCounters{}}
	for n, g := range guidePeers {
		in := sadb.SA{Proto: sadb.ESP, SPI: g.inSPI, Src: g.peer, Dst: spoke1, SADB: db.SADB,
			Mode: sadb.TransportMode, Cipher: sadb.DES, Integrity: sadb.MD5}
		out := in
		out.SPI, out.Src, out.Dst = g.outSPI, spoke1, g.peer
		db.Instances = append(db.Instances, sadb.Instance{
			Sequence: sadb.HeadSequence + 1 + n, Peer: g.peer, Tunnels: g.tunnels,
			Pairs: []sadb.PairStatus{{
				Pair: sadb.Pair{SADB: db.SADB, Local: spoke1, Peer: g.peer, PeerPort: 500, In: []sadb.SA{in}, Out: []sadb.SA{out},
					Set: trans2, Lifetime: db.Lifetime, Initiator: true},
				InConn: g.conn, OutConn: g.conn + 1, Expires: noon.Add(time.Duration(g.seconds) * time.Second),
			}},
		})
		used := func(left uint64) forward.SACounters { return forward.SACounters{Octets: (4608000 - left) * 1024} }
		counters.SAs[in.Key()], counters.SAs[out.Key()] = used(g.inKilobytes), used(g.outKilo)
		counters.Peers[forward.SocketKey{SADB: db.SADB, Peer: g.peer}] = forward.PeerCounters{
			OutPackets: g.outPackets, InPackets: g.inPackets, SendErrors: g.sendErrors, RecvErrors: g.recvErrors}
	}
	return sadb.Snapshot{SADBs: []sadb.SADB{db}}, counters
}

// guideNHRP is what Spoke 1 knows of the tunnels' addresses.
func guideNHRP() nhrp.Snapshot {
	entry := func(target, tunnel string, nbma netip.Addr, created string) nhrp.Entry {
		return nhrp.Entry{Target: netip.PrefixFrom(addr(target), 32), Via: addr(target), Tunnel: tunnel, NBMA: nbma,
			Created: before(created), Type: nhrp.Static, Flags: nhrp.UsedFlag}
	}
	resolved := func(target, tunnel, created, expires string) nhrp.Entry {
		e := entry(target, tunnel, spoke2, created)
		e.Expires, e.Type, e.Flags = after(expires), nhrp.Dynamic, nhrp.Router
		return e
	}
	return nhrp.Snapshot{Entries: []nhrp.Entry{
		entry("10.0.0.1", "Tunnel0", hub1, "06:52"),
		resolved("10.0.0.12", "Tunnel0", "03:17", "01:52"),
		entry("10.0.1.1", "Tunnel1", hub2, "13:45"),
		resolved("10.0.1.12", "Tunnel1", "00:02", "04:57"),
	}}
}

// TestGuide: given the state that the documentation's router was in, its four
// views come out as printed, SPIs, counters and times too. Only the case of
// "IPsec" differs, which the page's editor has changed in what a device prints.
func TestGuide(t *testing.T) {
	s, c := guideSADB()
	for file, view := range map[string]func(w io.Writer){
		"guide-show-ip-nhrp":       func(w io.Writer) { IPNHRP(w, guideNHRP(), noon, Release12) },
		"guide-show-crypto-socket": func(w io.Writer) { CryptoSockets(w, s) },
		"guide-show-crypto-map":    func(w io.Writer) { CryptoMap(w, s, Release12) },
		"guide-show-crypto-ipsec-sa": func(w io.Writer) {
			CryptoIPsecSA(w, s, c, SASelection{}, noon, Release12)
		},
	} {
		asPrinted := strings.NewReplacer("ipsec-isakmp", "IPsec-isakmp", "IPSec Profile:", "IPsec Profile:")
		if got, want := asPrinted.Replace(text(view)), read(t, file+".txt"); got != want {
			t.Errorf("%s:\ngot:\n%s\nwant:\n%s", file, got, want)
		}
	}
}
