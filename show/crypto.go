package show

import (
	"fmt"
	"io"
	"slices"
	"strings"

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
	lifetime(m.line, m.db.Lifetime)
	if m.release == Release15 {
		m.line("Responder-Only (Y/N): N")
	}
	forwardSecrecy(m.line, m.db.PFS)
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

// lifetime and forwardSecrecy write lines that maps and profiles have in common.
func lifetime(line func(format string, args ...any), l sadb.Lifetime) {
	if l.Kilobytes == 0 {
		line("Kilobyte Volume Rekey has been disabled.")
		line("Security association lifetime:%d seconds", l.Seconds)
		return
	}
	line("Security association lifetime: %d kilobytes/%d seconds", l.Kilobytes, l.Seconds)
}

func forwardSecrecy(line func(format string, args ...any), g sadb.Group) {
	line("PFS (Y/N): %s", yes(g != 0))
	if g != 0 {
		line("DH group:  group%d", g)
	}
}

func yes(b bool) string {
	if b {
		return "Y"
	}
	return "N"
}

// Transforms are the transforms of a set as views name them: where it has a key
// length, a configuration has another word order.
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
	case sadb.AES:
		names = append(names, keyed("esp-aes", "esp-%d-aes", set.KeyBits))
	case sadb.GCM:
		names = append(names, keyed("esp-gcm", "esp-gcm %d", set.KeyBits))
	}
	if set.Auth != sadb.NoIntegrity {
		names = append(names, "esp-"+hashNames[set.Auth]+"-hmac")
	}
	return names
}

// keyed is the name of a cipher with its key length, which goes without saying
// if it is the shortest.
func keyed(short, long string, bits int) string {
	if bits == 128 {
		return short
	}
	return fmt.Sprintf(long, bits)
}

var hashNames = map[sadb.Integrity]string{
	sadb.MD5: "md5", sadb.SHA1: "sha", sadb.SHA256: "sha256", sadb.SHA384: "sha384", sadb.SHA512: "sha512",
}
