package show

import (
	"io"
	"net/netip"
	"strings"
	"testing"

	"gresh/backend/forward"
	"gresh/backend/sadb"
)

func TestCryptoViews(t *testing.T) {
	s, c := guideSADB()
	for suffix, release := range releases {
		golden(t, "crypto-map"+suffix, func(w io.Writer) { CryptoMap(w, providerSADB(), release) })
		golden(t, "crypto-ipsec-sa"+suffix, func(w io.Writer) {
			CryptoIPsecSA(w, providerSADB(), c, SASelection{}, noon, release)
		})
		golden(t, "crypto-ipsec-sa-peer"+suffix, func(w io.Writer) {
			CryptoIPsecSA(w, s, c, SASelection{Peer: hub1, Interface: "Tunnel1"}, noon, release)
		})
	}
	golden(t, "crypto-map-guide-15", func(w io.Writer) { CryptoMap(w, s, Release15) })
	golden(t, "crypto-socket", func(w io.Writer) { CryptoSockets(w, providerSADB()) })
}

// providerSADB is a provider edge with two customers on one address, each with
// an SADB of his own. The first's peer is behind a NAT and being rekeyed, and
// has AES and perfect forward secrecy; the second has AH around ESP with one
// peer in tunnel mode, without a limit of volume, and cannot reach another.
func providerSADB() sadb.Snapshot {
	aes := sadb.TransformSet{Name: "strong", Cipher: sadb.AES, KeyBits: 256, Auth: sadb.SHA256, Mode: sadb.TransportMode}
	both := sadb.TransformSet{Name: "both", AH: sadb.SHA1, Cipher: sadb.Null}
	red := sadb.SADB{Policy: sadb.Policy{
		SADB: "Tunnel10-head-0", Profile: "red", ISAKMPProfile: "red", Interface: "Ethernet0", Local: hub1,
		Sets: []sadb.TransformSet{aes, trans2}, PFS: 14, ReplayWindow: 64,
		Lifetime: sadb.Lifetime{Seconds: 3600, Kilobytes: 4608000}, Tunnels: []sadb.Member{{Name: "Tunnel10"}},
	}}
	blue := sadb.SADB{Policy: sadb.Policy{
		SADB: "Tunnel9-head-0", Profile: "blue", ISAKMPProfile: "blue", Interface: "Ethernet0", Local: hub1,
		Sets: []sadb.TransformSet{both}, Lifetime: sadb.Lifetime{Seconds: 120}, Tunnels: []sadb.Member{{Name: "Tunnel9"}},
	}}
	natted := func(conn, spi uint32, expires string) sadb.PairStatus {
		p := pairOf(red, aes, spoke1, conn, spi, sadb.ESP)
		p.PeerPort, p.Expires = 4500, after(expires)
		p.In[0].Encap, p.Out[0].Encap = sadb.Encap{SrcPort: 4500, DstPort: 4500}, sadb.Encap{SrcPort: 4500, DstPort: 4500}
		return p
	}
	old, current := natted(1, 0x1000, "00:40"), natted(7, 0x2000, "59:40")
	old.Superseded = true
	red.Instances = []sadb.Instance{{Sequence: 65537, Peer: spoke1, Tunnels: []string{"Tunnel10"}, Pairs: []sadb.PairStatus{old, current}}}
	bundle := pairOf(blue, both, spoke2, 3, 0x3000, sadb.ESP, sadb.AH)
	bundle.Expires = after("01:59")
	blue.Instances = []sadb.Instance{
		{Sequence: 65537, Peer: spoke2, Tunnels: []string{"Tunnel9"}, Pairs: []sadb.PairStatus{bundle}},
		{Sequence: 65539, Peer: spoke1, Tunnels: []string{"Tunnel9"}},
	}
	return sadb.Snapshot{SADBs: []sadb.SADB{red, blue}}
}

// pairOf is a pair of an SADB with a peer, an SA each way for each protocol.
func pairOf(db sadb.SADB, set sadb.TransformSet, peer netip.Addr, conn, spi uint32, protocols ...sadb.Protocol) sadb.PairStatus {
	p := sadb.PairStatus{InConn: conn, OutConn: conn + 1, Pair: sadb.Pair{SADB: db.SADB, Local: db.Local, Peer: peer,
		PeerPort: 500, Set: set, PFS: db.PFS, Lifetime: db.Lifetime}}
	for n, protocol := range protocols {
		in := sadb.SA{Proto: protocol, SPI: spi + uint32(2*n), Src: peer, Dst: db.Local, SADB: db.SADB, Mode: set.Mode,
			Cipher: set.Cipher, KeyBits: set.KeyBits, Integrity: set.Auth}
		if protocol == sadb.AH {
			in.Cipher, in.Integrity = sadb.NoCipher, set.AH
		}
		out := in
		out.SPI, out.Src, out.Dst = in.SPI+1, db.Local, peer
		p.In, p.Out = append(p.In, in), append(p.Out, out)
	}
	return p
}

// TestNothingProtected: a router without SADBs says so.
func TestNothingProtected(t *testing.T) {
	var none sadb.Snapshot
	for got, want := range map[string]string{
		text(func(w io.Writer) { CryptoSockets(w, none) }): "Number of Crypto Socket connections 0\n\n\n" +
			"Crypto Sockets in Listen state:\n",
		text(func(w io.Writer) { CryptoMap(w, none, Release12) }): "No crypto maps found.\n",
		text(func(w io.Writer) {
			CryptoIPsecSA(w, none, forward.Counters{}, SASelection{}, noon, Release12)
		}): "\nNo SAs found\n",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestSASelection: what is selected is shown, and nothing else.
func TestSASelection(t *testing.T) {
	s, c := guideSADB()
	for name, row := range map[string]struct {
		which   SASelection
		tunnels string
		peers   int
	}{
		"all":              {SASelection{}, "Tunnel0 Tunnel1", 6},
		"a peer":           {SASelection{Peer: spoke2}, "Tunnel0 Tunnel1", 2},
		"an unknown peer":  {SASelection{Peer: addr("192.0.2.1")}, "", 0},
		"an interface":     {SASelection{Interface: "Tunnel1"}, "Tunnel1", 3},
		"another":          {SASelection{Interface: "Tunnel2"}, "", 0},
		"a map":            {SASelection{Map: "vpnprof-head-1"}, "Tunnel0 Tunnel1", 6},
		"another map":      {SASelection{Map: "Tunnel0-head-0"}, "", 0},
		"a peer of a map":  {SASelection{Map: "vpnprof-head-1", Peer: hub2}, "Tunnel0 Tunnel1", 2},
		"one of one of it": {SASelection{Interface: "Tunnel0", Peer: hub2}, "Tunnel0", 1},
	} {
		shown := text(func(w io.Writer) { CryptoIPsecSA(w, s, c, row.which, noon, Release12) })
		var tunnels []string
		for line := range strings.Lines(shown) {
			if name, ok := strings.CutPrefix(line, "interface: "); ok {
				tunnels = append(tunnels, strings.TrimSpace(name))
			}
		}
		if got := strings.Join(tunnels, " "); got != row.tunnels {
			t.Errorf("%s: shows interfaces %q, want %q", name, got, row.tunnels)
		}
		if got := strings.Count(shown, "current_peer"); got != row.peers {
			t.Errorf("%s: shows %d peers, want %d", name, got, row.peers)
		}
		if nothing := strings.Contains(shown, "No SAs found"); nothing != (row.peers == 0) {
			t.Errorf("%s: says that there is nothing: %v", name, nothing)
		}
	}
}

// TestTransforms: a set by the names that its transforms have in views.
func TestTransforms(t *testing.T) {
	for want, set := range map[string]sadb.TransformSet{
		"esp-des esp-md5-hmac":                {Cipher: sadb.DES, Auth: sadb.MD5},
		"esp-3des esp-sha-hmac":               {Cipher: sadb.TripleDES, Auth: sadb.SHA1},
		"esp-aes esp-sha256-hmac":             {Cipher: sadb.AES, KeyBits: 128, Auth: sadb.SHA256},
		"esp-192-aes esp-sha384-hmac":         {Cipher: sadb.AES, KeyBits: 192, Auth: sadb.SHA384},
		"esp-256-aes esp-sha512-hmac":         {Cipher: sadb.AES, KeyBits: 256, Auth: sadb.SHA512},
		"esp-gcm":                             {Cipher: sadb.GCM, KeyBits: 128},
		"esp-gcm 256":                         {Cipher: sadb.GCM, KeyBits: 256},
		"esp-null esp-sha-hmac":               {Cipher: sadb.Null, Auth: sadb.SHA1},
		"ah-md5-hmac":                         {AH: sadb.MD5},
		"ah-sha256-hmac esp-des esp-md5-hmac": {AH: sadb.SHA256, Cipher: sadb.DES, Auth: sadb.MD5},
	} {
		if got := strings.Join(Transforms(set), " "); got != want {
			t.Errorf("Transforms(%+v) = %q, want %q", set, got, want)
		}
	}
}

// TestPlaintextMTU: the numbers that devices print, and what follows from the
// formats of ESP and AH.
func TestPlaintextMTU(t *testing.T) {
	for name, row := range map[string]struct {
		set       sadb.TransformSet
		protocols []sadb.Protocol
		want      int
	}{
		"AES-256, SHA-256, tunnel, as printed": {sadb.TransformSet{Cipher: sadb.AES, Auth: sadb.SHA256}, []sadb.Protocol{sadb.ESP}, 1438},
		"AES, SHA-1, transport, as printed": {sadb.TransformSet{Cipher: sadb.AES, Auth: sadb.SHA1, Mode: sadb.TransportMode},
			[]sadb.Protocol{sadb.ESP}, 1458},
		"DES, MD5, transport": {trans2, []sadb.Protocol{sadb.ESP}, 1466},
		"AH, transport":       {sadb.TransformSet{AH: sadb.SHA1, Mode: sadb.TransportMode}, []sadb.Protocol{sadb.AH}, 1476},
		"AH around ESP, transport": {sadb.TransformSet{AH: sadb.SHA1, Cipher: sadb.DES, Mode: sadb.TransportMode},
			[]sadb.Protocol{sadb.ESP, sadb.AH}, 1458},
	} {
		p := pairOf(sadb.SADB{}, row.set, spoke1, 1, 1, row.protocols...)
		if got := plaintextMTU(p, true); got != row.want {
			t.Errorf("%s: %d, want %d", name, got, row.want)
		}
	}
	if got := plaintextMTU(sadb.PairStatus{}, false); got != 1500 {
		t.Errorf("without an SA: %d, want 1500", got)
	}
}
