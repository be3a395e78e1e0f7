package sadb

import (
	"net/netip"
	"testing"
	"time"
)

const peersMany = 10000

func manyPeers() (all []netip.Addr) {
	for n := range peersMany {
		all = append(all, netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}))
	}
	return all
}

// hubWith is a hub that many peers have come to.
func hubWith(peers []netip.Addr) *Engine {
	e := New()
	e.Configure(boot, Config{configs["shared"]})
	for n, p := range peers {
		e.Installed(boot, pairOf("vpnprof", hubAddr, p, false, uint32(1000+2*n)))
		e.Open(boot, "T0", p)
		e.Open(boot, "T1", p)
	}
	return e
}

// BenchmarkHub: ten thousand peers come, are opened by two tunnels, and rekey.
func BenchmarkHub(b *testing.B) {
	peers := manyPeers()
	for b.Loop() {
		e := hubWith(peers)
		asked := 0
		for now := boot; now.Before(boot.Add(2 * time.Hour)); now = e.Next() {
			for _, q := range e.Advance(now).Negotiate {
				asked++
				e.Installed(now, pairOf(q.SADB, q.Local, q.Peer, true, uint32(100000+2*asked)))
			}
		}
		if asked != 2*peersMany {
			b.Fatalf("%d rekeys", asked)
		}
	}
}

// BenchmarkOneOfMany: what one peer's coming and going costs among many.
func BenchmarkOneOfMany(b *testing.B) {
	e := hubWith(manyPeers())
	key := pairOf("vpnprof", hubAddr, spokeAddr, false, 2).In[0].Key()
	for b.Loop() {
		e.Installed(boot, pairOf("vpnprof", hubAddr, spokeAddr, false, 2))
		e.Open(boot, "T0", spokeAddr)
		e.Volume(boot, key, 1)
		e.Close(boot, "T0", spokeAddr)
	}
}

// BenchmarkSAs: the list is made anew after each change.
func BenchmarkSAs(b *testing.B) {
	e := hubWith(manyPeers())
	for b.Loop() {
		e.stale = true
		if len(e.SAs()) != 2*peersMany {
			b.Fatal("not all")
		}
	}
}
