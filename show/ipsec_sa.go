package show

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"gresh/backend/config"
	"gresh/backend/forward"
	"gresh/backend/sadb"
)

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
	slices.SortFunc(rows, func(a, b row) int { return config.CompareNames(a.tunnel, b.tunnel) })
	sorted, found := map[string][]sadb.Instance{}, false
	for _, r := range rows {
		if sorted[r.db.SADB] == nil {
			sorted[r.db.SADB] = slices.SortedFunc(slices.Values(r.db.Instances),
				func(a, b sadb.Instance) int { return a.Peer.Compare(b.Peer) })
		}
		instances := sorted[r.db.SADB]
		if which.Peer.IsValid() {
			instances = slices.DeleteFunc(slices.Clone(instances), func(i sadb.Instance) bool { return i.Peer != which.Peer })
			if len(instances) == 0 {
				continue
			}
		}
		found = true
		v := saView{w, r.db, c, now, release}
		printf(w, "\ninterface: %s\n    Crypto map tag: %s, local addr %v\n", r.tunnel, r.db.SADB, r.db.Local)
		for _, i := range instances {
			v.entry(i)
		}
	}
	if !found {
		printf(w, "\nNo SAs found\n")
	}
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
	w, port := v.w, uint16(portIKE)
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
	v.mtu(current, open)
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

func (v saView) mtu(current sadb.PairStatus, open bool) {
	plain := ""
	if v.release == Release15 {
		plain = fmt.Sprintf("plaintext mtu %d, ", plaintextMTU(current, open))
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
	for n, sa := range sas {
		if sa.Proto != proto {
			continue
		}
		conn := conn + 2*uint32(n)
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

const (
	pathMTU     = 1500
	ipHeaderLen = 20
)

// plaintextMTU is the largest packet that fits the path when it is protected.
func plaintextMTU(p sadb.PairStatus, open bool) int {
	if !open {
		return pathMTU
	}
	room := pathMTU - ipHeaderLen
	for _, sa := range slices.Backward(p.Out) { // AH is around ESP
		switch {
		case sa.Proto == sadb.AH:
			room -= 12 + icvSize(sa)
		default:
			room -= 8 + ivSize(sa) + icvSize(sa)
			room = room/blockSize(sa)*blockSize(sa) - 2 // the padding, its length, the next header
		}
		if sa.Encap.DstPort != 0 {
			room -= 8
		}
	}
	if p.Set.Mode == sadb.TransportMode {
		room += ipHeaderLen
	}
	return room
}

func icvSize(sa sadb.SA) int {
	switch sa.Integrity {
	case sadb.MD5, sadb.SHA1:
		return 12
	case sadb.SHA256:
		return 16
	case sadb.SHA384:
		return 24
	case sadb.SHA512:
		return 32
	}
	if sa.Cipher == sadb.GCM {
		return 16
	}
	return 0
}

// blockSize is what a packet under ESP is padded to a multiple of.
func blockSize(sa sadb.SA) int {
	switch sa.Cipher {
	case sadb.DES, sadb.TripleDES:
		return 8
	case sadb.AES:
		return 16
	}
	return 4
}
