package ike

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"gresh/backend/sadb"
)

var (
	allGroups      = []sadb.Group{1, 2, 5, 14, 15, 16, 19, 20, 21}
	allEncryptions = []Encryption{DES, TripleDES, AES128, AES192, AES256}
	allHashes      = []Hash{MD5, SHA1, SHA256, SHA384, SHA512}
	allIntegrities = []sadb.Integrity{sadb.MD5, sadb.SHA1, sadb.SHA256, sadb.SHA384, sadb.SHA512}
)

// pairOf brings two routers together and returns the hub's and the spoke's end.
func pairOf(t *testing.T, change func(c *Config)) (a, b sadb.Pair) {
	t.Helper()
	w := newWorld(t, 7, hub, spoke)
	for i := range w.nodes {
		w.configure(i, change)
	}
	w.initiate(1, 0)
	w.run(500 * time.Millisecond) // less than the first repetition
	w.wantPairs("without a fault", 0, spoke)
	w.wantPairs("without a fault", 1, hub)
	w.wantMirrored("without a fault", w.nodes[0].pairs[0], w.nodes[1].pairs[0])
	return w.nodes[0].pairs[0], w.nodes[1].pairs[0]
}

func TestEveryPolicy(t *testing.T) {
	var policies []Policy
	for _, e := range allEncryptions {
		for _, h := range allHashes {
			policies = append(policies, Policy{Encryption: e, Hash: h, Group: 19, Lifetime: time.Hour})
		}
	}
	for _, g := range allGroups {
		policies = append(policies, Policy{Encryption: AES256, Hash: SHA512, Group: g, Lifetime: time.Hour})
	}
	for _, p := range policies {
		t.Run(fmt.Sprintf("encryption %d hash %d group %d", p.Encryption, p.Hash, p.Group), func(t *testing.T) {
			pairOf(t, func(c *Config) { c.Policies = []Policy{p} })
		})
	}
}

// everySet is every transform set that protects something.
func everySet() (all []sadb.TransformSet) {
	ahs := append([]sadb.Integrity{sadb.NoIntegrity}, allIntegrities...)
	for _, ah := range ahs {
		for _, auth := range ahs {
			for _, c := range []sadb.Cipher{sadb.NoCipher, sadb.Null, sadb.DES, sadb.TripleDES, sadb.AES, sadb.GCM} {
				lengths := []int{0}
				if c >= sadb.AES {
					lengths = []int{128, 192, 256}
				}
				for _, bits := range lengths {
					s := sadb.TransformSet{AH: ah, Cipher: c, KeyBits: bits, Auth: auth, Mode: sadb.TransportMode}
					if sound(s) && (c != sadb.NoCipher || auth == sadb.NoIntegrity) {
						all = append(all, s)
					}
				}
			}
		}
	}
	return all
}

func TestEverySet(t *testing.T) {
	all := everySet()
	if len(all) < 200 {
		t.Fatalf("only %d transform sets", len(all))
	}
	for i, s := range all {
		s.Mode = sadb.Mode(i % 2)
		a, _ := pairOf(t, func(c *Config) {
			c.Policies[0].Group = 19
			c.SADBs[0].Sets = []sadb.TransformSet{s}
		})
		if a.Set != s {
			t.Fatalf("agreed on %+v, want %+v", a.Set, s)
		}
		for _, sa := range append(slices.Clone(a.In), a.Out...) {
			e, auth := keySizes(s, isakmpProtocol(sa.Proto))
			if len(sa.EncKey) != e || len(sa.AuthKey) != auth || e+auth == 0 || sa.Mode != s.Mode || sa.SPI < 256 {
				t.Fatalf("%+v: SA %+v", s, sa)
			}
		}
	}
}

func TestEveryPFSGroup(t *testing.T) {
	for _, g := range allGroups {
		a, b := pairOf(t, func(c *Config) { c.Policies[0].Group, c.SADBs[0].PFS = 19, g })
		if a.PFS != g || b.PFS != g {
			t.Errorf("PFS %d and %d, want %d", a.PFS, b.PFS, g)
		}
	}
}

// TestLifetimes has both ends keep the smaller wish, whichever end's it is: the
// responder must tell the initiator.
func TestLifetimes(t *testing.T) {
	short, long := sadb.Lifetime{Seconds: 600, Kilobytes: 9000}, sadb.Lifetime{Seconds: 7200, Kilobytes: 5000}
	for _, wish := range [][2]sadb.Lifetime{{short, long}, {long, short}, {short, {Seconds: 600}}} {
		w := newWorld(t, 3, hub, spoke)
		for i := range w.nodes {
			w.configure(i, func(c *Config) { c.SADBs[0].Lifetime = wish[i] })
		}
		w.initiate(1, 0)
		w.run(time.Second)
		want := shorter(wish[0], wish[1])
		w.wantPairs("with different lifetimes", 0, spoke)
		for i := range w.nodes {
			if got := w.nodes[i].pairs[0].Lifetime; got != want {
				t.Errorf("wishes %+v: node %d keeps the pair for %+v, want %+v", wish, i, got, want)
			}
		}
	}
}

// TestChoice has the initiator's first acceptable proposal win.
func TestChoice(t *testing.T) {
	des := sadb.TransformSet{Cipher: sadb.DES, Auth: sadb.MD5, Mode: sadb.TransportMode}
	aes := sadb.TransformSet{Cipher: sadb.AES, KeyBits: 256, Auth: sadb.SHA1, Mode: sadb.TransportMode}
	both := sadb.TransformSet{AH: sadb.SHA1, Cipher: sadb.TripleDES, Mode: sadb.TunnelMode}
	w := newWorld(t, 3, hub, spoke)
	w.configure(0, func(c *Config) { c.SADBs[0].Sets = []sadb.TransformSet{des, both, aes} })
	w.configure(1, func(c *Config) { c.SADBs[0].Sets = []sadb.TransformSet{both, aes, des} })
	w.initiate(1, 0)
	w.run(time.Second)
	w.wantPairs("three sets in common", 0, spoke)
	if got := w.nodes[0].pairs[0].Set; got != both {
		t.Errorf("agreed on %+v, want the initiator's first, %+v", got, both)
	}
	if p := w.nodes[0].pairs[0]; len(p.In) != 2 || p.In[0].Proto != sadb.ESP || p.In[1].Proto != sadb.AH {
		t.Errorf("AH with ESP gave %+v, want ESP and then AH", p.In)
	}
}

// TestPolicyOrder has the responder's preference decide phase 1.
func TestPolicyOrder(t *testing.T) {
	strong := Policy{Priority: 1, Encryption: AES256, Hash: SHA256, Group: 19, Lifetime: time.Hour}
	weak := Policy{Priority: 2, Encryption: DES, Hash: MD5, Group: 1, Lifetime: 2 * time.Hour}
	w := newWorld(t, 3, hub, spoke)
	w.configure(0, func(c *Config) { c.Policies = []Policy{strong, weak} })
	w.configure(1, func(c *Config) { c.Policies = []Policy{weak, strong} })
	w.initiate(1, 0)
	w.run(time.Second)
	for i := range w.nodes {
		if got := w.nodes[i].Snapshot().SAs[0]; got.Encryption != AES256 || got.Group != 19 {
			t.Errorf("node %d: %+v, want the responder's first policy", i, got)
		}
	}
}

// TestMainLifetime has the responder keep the shorter of both lifetimes.
func TestMainLifetime(t *testing.T) {
	for _, wish := range [][2]time.Duration{{time.Hour, 2 * time.Hour}, {2 * time.Hour, time.Hour}} {
		w := newWorld(t, 3, hub, spoke)
		for i := range w.nodes {
			w.configure(i, func(c *Config) { c.Policies[0].Lifetime = wish[i] })
		}
		w.initiate(1, 0)
		w.run(time.Second)
		p := w.nodes[0].live()[0]
		if got := p.expires.Sub(p.established); got != time.Hour {
			t.Errorf("wishes %v: the responder keeps the ISAKMP SA for %v", wish, got)
		}
	}
}

// TestSPIs skips what is reserved and what is in use.
func TestSPIs(t *testing.T) {
	e := New()
	e.children.spis[0x1000] = true
	e.cfg.Rand = bytes.NewReader(bytes.Join([][]byte{be32(0), be32(255), be32(0x1000), be32(256),
		be32(256), be32(7777)}, nil))
	for _, want := range []uint32{256, 7777} {
		if got, err := e.newSPI(); got != want || err != nil {
			t.Errorf("SPI %d, %v; want %d", got, err, want)
		}
	}
	if _, err := e.newSPI(); err == nil {
		t.Error("an SPI out of nothing")
	}
	e.cfg.Rand = zeros{}
	if _, err := e.newSPI(); err == nil {
		t.Error("zero is an SPI")
	}
}
