package show

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"gresh/backend/forward"
	"gresh/backend/sadb"
)

// CryptoSockets renders "show crypto socket": the sockets by descending peer
// address, then who listens.
func CryptoSockets(w io.Writer, s sadb.Snapshot) {
	type row struct {
		db sadb.SADB
		i  sadb.Instance
	}
	var rows []row
	for _, db := range s.SADBs {
		for _, i := range db.Instances {
			rows = append(rows, row{db, i})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return b.i.Peer.Compare(a.i.Peer) })
	printf(w, "Number of Crypto Socket connections %d\n\n", len(rows))
	for _, r := range rows {
		socket(w, r.db, r.i)
	}
	printf(w, "\nCrypto Sockets in Listen state:\n")
	for _, db := range s.SADBs {
		printf(w, "Client: \"TUNNEL SEC\" Profile: \"%s\" Map-name: \"%s\"\n", db.Profile, db.SADB)
	}
}

func socket(w io.Writer, db sadb.SADB, i sadb.Instance) {
	who := "Shd"
	if !db.Shared {
		who = shortName(db.Tunnels[0].Name)
	}
	printf(w, "   %s Peers (local/remote): %v/%v\n", who, db.Local, i.Peer)
	printf(w, "       Local Ident  (addr/mask/port/prot): (%v/255.255.255.255/0/47)\n", db.Local)
	printf(w, "       Remote Ident (addr/mask/port/prot): (%v/255.255.255.255/0/47)\n", i.Peer)
	if db.Shared {
		printf(w, "       Flags: shared\n")
	}
	printf(w, "       IPSec Profile: \"%s\"\n", db.Profile)
	state := "Closed"
	if i.Open() {
		state = "Open"
	}
	printf(w, "       Socket State: %s\n", state)
	printf(w, "       Client: \"TUNNEL SEC\" (Client State: Active)\n")
}

// CryptoMap renders "show crypto map": for each SADB the profile head and its
// instances, and who uses them.
func CryptoMap(w io.Writer, s sadb.Snapshot, release Release) {
	for n, db := range s.SADBs {
		if n > 0 {
			printf(w, "\n")
		}
		if release == Release12 {
			printf(w, "Crypto Map: \"%s\" idb: %s local address: %v\n\n", db.SADB, db.Interface, db.Local)
		}
		m := mapView{w, db, release}
		m.entry(sadb.HeadSequence, func() { m.line("Profile name: %s", db.Profile) })
		for _, i := range db.Instances {
			printf(w, "\n")
			m.entry(i.Sequence, func() { m.instance(i) })
		}
		m.line("Interfaces using crypto map %s:", db.SADB)
		for _, t := range db.Tunnels {
			m.line("%s%s", m.indent(), t.Name)
		}
	}
	if len(s.SADBs) == 0 {
		printf(w, "No crypto maps found.\n")
	}
}

// A mapView writes one crypto map.
type mapView struct {
	w       io.Writer
	db      sadb.SADB
	release Release
}

func (m mapView) indent() string {
	if m.release == Release12 {
		return "        "
	}
	return "\t"
}

func (m mapView) line(format string, args ...any) {
	printf(m.w, "%s%s\n", m.indent(), fmt.Sprintf(format, args...))
}

func (m mapView) entry(sequence int, what func()) {
	version := ""
	if m.release == Release15 {
		version = "IPv4 "
	}
	printf(m.w, "Crypto Map %s\"%s\" %d ipsec-isakmp\n", version, m.db.SADB, sequence)
	what()
	m.line("Security association lifetime: %d kilobytes/%d seconds", m.db.Lifetime.Kilobytes, m.db.Lifetime.Seconds)
	if m.release == Release15 {
		m.line("Responder-Only (Y/N): N")
	}
	m.line("PFS (Y/N): %s", yes(m.db.PFS != 0))
	if m.release == Release15 {
		m.line("Mixed-mode : Disabled")
	}
	m.line("Transform sets={")
	for _, set := range m.db.Sets {
		if m.release == Release12 {
			m.line("%s%s,", m.indent(), set.Name)
		} else {
			m.line("%s%s:  { %s  } ,", m.indent(), set.Name, strings.Join(Transforms(set), " "))
		}
	}
	m.line("}")
}

func (m mapView) instance(i sadb.Instance) {
	m.line("Map is a PROFILE INSTANCE.")
	m.line("Peer = %v", i.Peer)
	if m.release == Release15 {
		m.line("Access-List SS dynamic: False")
	}
	m.line("Extended IP access list")
	printf(m.w, "%s    access-list  permit gre host %v host %v\n", m.indent(), m.db.Local, i.Peer)
	m.line("Current peer: %v", i.Peer)
}

func yes(b bool) string {
	if b {
		return "Y"
	}
	return "N"
}

// Transforms are the transforms of a set, as a configuration names them.
func Transforms(set sadb.TransformSet) (names []string) {
	if set.AH != sadb.NoIntegrity {
		names = append(names, "ah-"+hashNames[set.AH]+"-hmac")
	}
	switch set.Cipher {
	case sadb.Null:
		names = append(names, "esp-null")
	case sadb.DES:
		names = append(names, "esp-des")
	case sadb.TripleDES:
		names = append(names, "esp-3des")
	case sadb.AES, sadb.GCM:
		name := map[sadb.Cipher]string{sadb.AES: "esp-aes", sadb.GCM: "esp-gcm"}[set.Cipher]
		if set.Cipher == sadb.AES && set.KeyBits == 128 {
			names = append(names, name)
		} else {
			names = append(names, name, fmt.Sprint(set.KeyBits))
		}
	}
	if set.Auth != sadb.NoIntegrity {
		names = append(names, "esp-"+hashNames[set.Auth]+"-hmac")
	}
	return names
}

var hashNames = map[sadb.Integrity]string{
	sadb.MD5: "md5", sadb.SHA1: "sha", sadb.SHA256: "sha256", sadb.SHA384: "sha384", sadb.SHA512: "sha512",
}

// A SASelection is what of "show crypto ipsec sa" is to be seen; a zero field
// means all.
type SASelection struct {
	Peer      netip.Addr
	Interface string
	Map       string
}

// CryptoIPsecSA renders "show crypto ipsec sa": under every tunnel, by name,
// the entries of its SADB by ascending peer. Tunnels that share an SADB show
// the same entries: the duplication is what an operator expects.
func CryptoIPsecSA(w io.Writer, s sadb.Snapshot, c forward.Counters, which SASelection, now time.Time, release Release) {
	type row struct {
		tunnel string
		db     sadb.SADB
	}
	var rows []row
	for _, db := range s.SADBs {
		for _, t := range db.Tunnels {
			if (which.Interface == "" || which.Interface == t.Name) && (which.Map == "" || which.Map == db.SADB) {
				rows = append(rows, row{t.Name, db})
			}
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return compareNames(a.tunnel, b.tunnel) })
	sorted := map[string][]sadb.Instance{}
	for _, r := range rows {
		if sorted[r.db.SADB] == nil {
			sorted[r.db.SADB] = slices.SortedFunc(slices.Values(r.db.Instances),
				func(a, b sadb.Instance) int { return a.Peer.Compare(b.Peer) })
		}
		v := saView{w, r.db, c, now, release}
		printf(w, "\ninterface: %s\n    Crypto map tag: %s, local addr %v\n", r.tunnel, r.db.SADB, r.db.Local)
		for _, i := range sorted[r.db.SADB] {
			if !which.Peer.IsValid() || which.Peer == i.Peer {
				v.entry(i)
			}
		}
	}
	if len(rows) == 0 {
		printf(w, "\nNo SAs found\n")
	}
}

// compareNames orders tunnels by number.
func compareNames(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// An saView writes the entries of one SADB.
type saView struct {
	w       io.Writer
	db      sadb.SADB
	c       forward.Counters
	now     time.Time
	release Release
}

// entry is a peer's: what all its pairs have carried, and the SAs there are.
func (v saView) entry(i sadb.Instance) {
	w, port := v.w, uint16(500)
	current, open := i.Current()
	if open && current.PeerPort != 0 {
		port = current.PeerPort
	}
	c := v.c.Peers[forward.SocketKey{SADB: v.db.SADB, Peer: i.Peer}]
	out, in := c.OutPackets, c.InPackets
	printf(w, "\n   protected vrf: (none)\n")
	printf(w, "   local  ident (addr/mask/prot/port): (%v/255.255.255.255/47/0)\n", v.db.Local)
	printf(w, "   remote ident (addr/mask/prot/port): (%v/255.255.255.255/47/0)\n", i.Peer)
	printf(w, "   current_peer %v port %d\n     PERMIT, flags={origin_is_acl,}\n", i.Peer, port)
	printf(w, "    #pkts encaps: %d, #pkts encrypt: %d, #pkts digest: %d\n", out, out, out)
	printf(w, "    #pkts decaps: %d, #pkts decrypt: %d, #pkts verify: %d\n", in, in, in)
	printf(w, "    #pkts compressed: 0, #pkts decompressed: 0\n")
	printf(w, "    #pkts not compressed: 0, #pkts compr. failed: 0\n")
	printf(w, "    #pkts not decompressed: 0, #pkts decompress failed: 0\n")
	printf(w, "    #send errors %d, #recv errors %d\n\n", c.SendErrors, c.RecvErrors)
	printf(w, "     local crypto endpt.: %v, remote crypto endpt.: %v\n", v.db.Local, i.Peer)
	v.mtu()
	v.spi(current, open)
	for _, section := range []struct {
		name  string
		proto sadb.Protocol
		out   bool
	}{
		{"inbound esp", sadb.ESP, false}, {"inbound ah", sadb.AH, false}, {"inbound pcp", 0, false},
		{"outbound esp", sadb.ESP, true}, {"outbound ah", sadb.AH, true}, {"outbound pcp", 0, true},
	} {
		printf(w, "\n     %s sas:\n", section.name)
		for _, p := range slices.Backward(i.Pairs) {
			v.sas(p, section.proto, section.out)
		}
	}
}

func (v saView) mtu() {
	plain := ""
	if v.release == Release15 {
		plain = "plaintext mtu 1458, "
	}
	printf(v.w, "     %spath mtu 1500, ip mtu 1500, ip mtu idb %s\n", plain, v.db.Interface)
}

func (v saView) spi(current sadb.PairStatus, open bool) {
	var spi uint32
	if open {
		spi = current.Out[0].SPI
	}
	printf(v.w, "     current outbound spi: 0x%X(%d)\n", spi, spi)
	if v.release == Release15 {
		group := "none"
		if v.db.PFS != 0 {
			group = fmt.Sprintf("group%d", v.db.PFS)
		}
		printf(v.w, "     PFS (Y/N): %s, DH group: %s\n", yes(v.db.PFS != 0), group)
	}
}

// sas writes the SAs of a pair that are of a protocol and a direction.
func (v saView) sas(p sadb.PairStatus, proto sadb.Protocol, out bool) {
	sas, conn := p.In, p.InConn
	if out {
		sas, conn = p.Out, p.OutConn
	}
	for _, sa := range sas {
		if sa.Proto != proto {
			continue
		}
		flags, status := "", "ACTIVE"
		if v.release == Release15 {
			flags, status = "sibling_flags 80000000, ", "ACTIVE(ACTIVE)"
		}
		printf(v.w, "      spi: 0x%X(%d)\n", sa.SPI, sa.SPI)
		printf(v.w, "        transform: %s ,\n", strings.Join(transformsOf(p.Set, proto), " "))
		printf(v.w, "        in use settings ={%s, }\n", modeOf(sa))
		printf(v.w, "        conn id: %d, flow_id: SW:%d, %scrypto map: %s\n", conn, conn, flags, v.db.SADB)
		v.timing(p, sa)
		printf(v.w, "        IV size: %d bytes\n", ivSize(sa))
		printf(v.w, "        replay detection support: %s\n", yes(v.db.ReplayWindow > 0))
		printf(v.w, "        Status: %s\n", status)
	}
}

func (v saView) timing(p sadb.PairStatus, sa sadb.SA) {
	seconds := int(max(0, p.Expires.Sub(v.now)) / time.Second)
	if p.Lifetime.Kilobytes == 0 {
		printf(v.w, "        sa timing: remaining key lifetime (sec): %d\n", seconds)
		return
	}
	used := min(v.c.SAs[sa.Key()].Octets/1024, uint64(p.Lifetime.Kilobytes))
	printf(v.w, "        sa timing: remaining key lifetime (k/sec): (%d/%d)\n", uint64(p.Lifetime.Kilobytes)-used, seconds)
}

// transformsOf are those of a set that one protocol carries out.
func transformsOf(set sadb.TransformSet, proto sadb.Protocol) []string {
	if proto == sadb.AH {
		set.Cipher, set.Auth = sadb.NoCipher, sadb.NoIntegrity
	} else {
		set.AH = sadb.NoIntegrity
	}
	return Transforms(set)
}

func modeOf(sa sadb.SA) string {
	name := "Tunnel"
	if sa.Mode == sadb.TransportMode {
		name = "Transport"
	}
	if sa.Encap.DstPort != 0 {
		name += " UDP-Encaps"
	}
	return name
}

func ivSize(sa sadb.SA) int {
	switch sa.Cipher {
	case sadb.DES, sadb.TripleDES, sadb.GCM:
		return 8
	case sadb.AES:
		return 16
	}
	return 0
}
