package show

import (
	"errors"
	"io"
	"net/netip"
	"testing"

	"gresh/backend/forward"
	"gresh/backend/sadb"
)

// manyPeers is an SADB of two tunnels with so many peers.
func manyPeers(n int) (sadb.Snapshot, forward.Counters) {
	s, c := guideSADB()
	db := &s.SADBs[0]
	db.Instances = nil
	for i := range n {
		peer := netip.AddrFrom4([4]byte{172, 18, byte(i >> 8), byte(i)})
		db.Instances = append(db.Instances, sadb.Instance{Sequence: 65537 + i, Peer: peer,
			Pairs: []sadb.PairStatus{pairOf(*db, trans2, peer, uint32(2*i+1), uint32(4*i+4096), sadb.ESP)}})
	}
	return s, c
}

// BenchmarkCryptoIPsecSA shows 4,000 peers under each of two tunnels.
func BenchmarkCryptoIPsecSA(b *testing.B) {
	s, c := manyPeers(4000)
	for b.Loop() {
		CryptoIPsecSA(io.Discard, s, c, SASelection{}, noon, Release12)
	}
}

// A page fails when it is full, as a pager does when the reader has left.
type page struct {
	left    int
	longest int
}

func (p *page) Write(b []byte) (int, error) {
	p.longest = max(p.longest, len(b))
	if p.left -= len(b); p.left < 0 {
		return 0, errors.New("the reader has left")
	}
	return len(b), nil
}

// TestViewsStream: no view is put together before it is written.
func TestViewsStream(t *testing.T) {
	s, c := manyPeers(1000)
	for name, view := range map[string]func(w io.Writer){
		"show crypto socket":   func(w io.Writer) { CryptoSockets(w, s) },
		"show crypto map":      func(w io.Writer) { CryptoMap(w, s, Release12) },
		"show crypto ipsec sa": func(w io.Writer) { CryptoIPsecSA(w, s, c, SASelection{}, noon, Release12) },
		"show crypto session":  func(w io.Writer) { CryptoSessions(w, s, someIKE(), Release12) },
	} {
		p := page{left: 1 << 30}
		view(&p)
		if written := 1<<30 - p.left; written < 100_000 || p.longest > 1000 {
			t.Errorf("%s: %d bytes in all, %d of them at once", name, written, p.longest)
		}
	}
}
