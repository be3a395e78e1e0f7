package forward

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gresh/backend/sadb"
)

// BenchmarkForward passes packets of 1,400 octets through a router.
func BenchmarkForward(b *testing.B) {
	macs := map[string][6]byte{"Ethernet0": {2, 0, 0, 0, 0, 1}, "Ethernet1": {2, 0, 0, 0, 0, 2}}
	p := NewPath(Options{MACs: macs})
	p.SetLink(noon, "Ethernet0", true)
	p.SetLink(noon, "Ethernet1", true)
	mustSync(b, p, between())
	p.learn(p.ports["Ethernet1"], hopKey{"Ethernet1", addr("10.2.0.1")}, [6]byte{2, 9})
	h := header{ttl: 64, protocol: protoUDP, src: addr("10.1.0.1"), dst: addr("10.2.0.1")}
	frame := append([]byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 8, 0}, newPacket(h, make([]byte, 1380))...)
	b.SetBytes(1400)
	b.ReportAllocs()
	for b.Loop() {
		if r := p.Receive(noon, "Ethernet0", frame); len(r.Frames) != 1 {
			b.Fatal("not forwarded")
		}
	}
}

func mustSync(tb testing.TB, p *Path, t Table) {
	tb.Helper()
	if _, err := p.Sync(noon, t); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkTunnel sends and receives packets of 1,400 octets through two
// routers' tunnels, clear and protected.
func BenchmarkTunnel(b *testing.B) {
	suites := map[string]func(*sadb.SA){
		"des-md5": func(*sadb.SA) {},
		"aes128-sha": func(s *sadb.SA) {
			s.Cipher, s.EncKey, s.Integrity, s.AuthKey = sadb.AES, key(16, 1), sadb.SHA1, key(20, 1)
		},
		"gcm128": suiteTests["GCM"],
	}
	for _, name := range []string{"clear", "des-md5", "aes128-sha", "gcm128"} {
		b.Run(name, func(b *testing.B) {
			t1, t2 := guide(1, "", "", 2), guide(2, "", "", 1)
			if change := suites[name]; change != nil {
				sas := pair(shared, 0x1000, 1, 2)
				change(&sas[0])
				change(&sas[1])
				t1, t2 = with(guide(1, shared, shared, 2), sas...), with(guide(2, shared, shared, 1), sas...)
			}
			tunnelBenchmark(b, t1, t2)
		})
	}
}

func tunnelBenchmark(b *testing.B, t1, t2 Table) {
	var paths [2]*Path
	for i, table := range []Table{t1, t2} {
		macs := map[string][6]byte{"Ethernet0": {2, 0, 0, 0, 0, byte(i)}}
		p := NewPath(Options{Rand: rand.NewChaCha8([32]byte{}), MACs: macs})
		p.SetLink(noon, "Ethernet0", true)
		mustSync(b, p, table)
		other := addr(fmt.Sprintf("172.17.0.%d", 2-i))
		p.learn(p.ports["Ethernet0"], hopKey{"Ethernet0", other}, [6]byte{2, 0, 0, 0, 0, byte(1 - i)})
		paths[i] = p
	}
	packet := SendIP{Src: addr("10.0.0.1"), Dst: addr("10.0.0.2"), TTL: 9, Protocol: protoUDP}
	packet.Payload = append(datagram(500), make([]byte, 1372)...)
	b.SetBytes(1400)
	b.ReportAllocs()
	for b.Loop() {
		out := paths[0].Send(noon, packet)
		if in := paths[1].Receive(noon, "Ethernet0", out.Frames[0].Data); len(in.Up) != 1 {
			b.Fatal("did not arrive")
		}
	}
}

// BenchmarkSyncHub changes one SA pair of a hub with 10,000 spokes: in its
// place, or, as a rekey does, with the new pair at the end and the old one gone
// from the beginning.
func BenchmarkSyncHub(b *testing.B) {
	const spokes = 10000
	hub := guide(1, shared, shared)
	for n := range spokes {
		nbma := addr(fmt.Sprintf("172.18.%d.%d", n>>8, n&0xff))
		hub.Neighbors = append(hub.Neighbors, Neighbor{"Tunnel0", addr(fmt.Sprintf("10.8.%d.%d", n>>8, n&0xff)), nbma})
		both := pair(shared, uint32(0x1000+2*n), 1, 2)
		both[0].Dst, both[1].Src = nbma, nbma
		hub.SAs = append(hub.SAs, both...)
	}
	b.Run("in place", func(b *testing.B) {
		benchmarkSync(b, hub, func(sas, pair []sadb.SA) []sadb.SA {
			copy(sas[spokes:], pair)
			return sas
		})
	})
	b.Run("rekey", func(b *testing.B) {
		benchmarkSync(b, hub, func(sas, pair []sadb.SA) []sadb.SA { return append(sas[2:], pair...) })
	})
}

func benchmarkSync(b *testing.B, hub Table, change func(sas, pair []sadb.SA) []sadb.SA) {
	p := NewPath(Options{Rand: rand.NewChaCha8([32]byte{})})
	mustSync(b, p, hub)
	spi := uint32(0x100000)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		fresh := []sadb.SA{sa(shared, spi, 1, 2), sa(shared, spi+1, 2, 1)}
		spi += 2
		hub = with(hub)
		hub.SAs = change(hub.SAs, fresh)
		b.StartTimer()
		mustSync(b, p, hub)
	}
}
