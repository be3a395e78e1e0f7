package ike

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"
	"time"

	"gresh/backend/sadb"
)

var outside = netip.MustParseAddr("192.0.2.99") // of the NAT in front of the spoke

// behindNAT puts the second node behind a translator that changes ports too.
func behindNAT(t *testing.T) *world {
	w := newWorld(t, 1, hub, spoke)
	base := uint16(30000)
	w.rewrite = func(d *Datagram) {
		switch {
		case d.Local.Addr() == spoke:
			d.Local = netip.AddrPortFrom(outside, base+d.Local.Port())
		case d.Remote.Addr() == outside:
			d.Remote = netip.AddrPortFrom(spoke, d.Remote.Port()-base)
		}
	}
	return w
}

// TestNAT has a spoke behind a NAT: both move to port 4500 and the pair is
// encapsulated in UDP, in both directions and with the translated port.
func TestNAT(t *testing.T) {
	for _, mode := range []sadb.Mode{sadb.TransportMode, sadb.TunnelMode} {
		w := behindNAT(t)
		for i := range w.nodes {
			w.configure(i, func(c *Config) { c.SADBs[0].Sets[0].Mode = mode })
		}
		w.initiate(1, 0)
		w.run(time.Second)
		w.wantPairs("through the NAT", 0, outside)
		w.wantPairs("through the NAT", 1, hub)
		a, b := w.nodes[0].pairs[0], w.nodes[1].pairs[0]
		if a.PeerPort != 34500 || a.Out[0].Encap != (sadb.Encap{SrcPort: 4500, DstPort: 34500}) ||
			a.In[0].Encap != (sadb.Encap{SrcPort: 34500, DstPort: 4500}) || a.In[0].Src != outside {
			t.Errorf("at the hub: %+v", a)
		}
		if b.PeerPort != 4500 || b.Out[0].Encap != (sadb.Encap{SrcPort: 4500, DstPort: 4500}) {
			t.Errorf("at the spoke: %+v", b)
		}
		if !bytes.Equal(a.In[0].EncKey, b.Out[0].EncKey) || a.Set.Mode != mode {
			t.Errorf("the ends differ: %+v %+v", a, b)
		}
		if s := w.nodes[0].Snapshot().SAs[0]; !s.NAT || s.Local.Port() != 4500 || s.Remote.Port() != 34500 {
			t.Errorf("the hub shows %+v", s)
		}
		w.carry(w.nodes[0], w.nodes[0].Initiate(w.now, Request{SADB: "vpnprof-head-1", Local: hub,
			Peer: outside}))
		w.run(time.Second)
		w.wantPairs("the hub can rekey towards the spoke", 1, hub, hub)
		w.discard(w.nodes[1], b)
		w.run(time.Second)
		w.wantPairs("a delete goes through", 0, outside)
	}
}

// TestNATKeepalive keeps the translation alive: from the inside only, and the
// other end takes no notice.
func TestNATKeepalive(t *testing.T) {
	w := behindNAT(t)
	for i := range w.nodes {
		w.configure(i, func(c *Config) { c.NATKeepalive = 20 * time.Second })
	}
	w.initiate(1, 0)
	w.run(time.Second)
	var kept []Datagram
	w.drop = func(d Datagram) bool { kept = append(kept, d); return false }
	in := w.nodes[0].counters.In
	w.run(100 * time.Second)
	if len(kept) != 5 {
		t.Errorf("%d keepalives in 100 s, want 5", len(kept))
	}
	for _, d := range kept {
		if d.Local != netip.AddrPortFrom(spoke, 4500) || !bytes.Equal(d.Payload, []byte{0xff}) {
			t.Errorf("keepalive %+v", d)
		}
	}
	if w.nodes[0].counters.In != in {
		t.Error("the hub counted keepalives as messages")
	}
}

// TestNATRebinding has the NAT choose another port: the hub follows who can
// prove to be the peer, and nobody else.
func TestNATRebinding(t *testing.T) {
	w := behindNAT(t)
	w.initiate(1, 0)
	w.run(time.Second)
	p := w.nodes[0].live()[0]
	was := p.remote
	elsewhere := netip.MustParseAddrPort("192.0.2.99:40000")
	garbage := appendMessage(nil, p.header(quickMode, 77), []payload{{payloadHash, make([]byte, 20)}})
	garbage[19] |= flagEncrypted
	w.receive(w.nodes[0], Datagram{netip.AddrPortFrom(hub, 4500), elsewhere, append([]byte{0, 0, 0,
		0}, garbage...)})
	if p.remote != was {
		t.Fatal("the hub believed a stranger that the peer had moved")
	}
	w.rewrite = func(d *Datagram) {
		switch {
		case d.Local.Addr() == spoke:
			d.Local = elsewhere
		case d.Remote == elsewhere:
			d.Remote = netip.AddrPortFrom(spoke, 4500)
		}
	}
	w.initiate(1, 0)
	w.run(time.Second)
	if p.remote != elsewhere {
		t.Errorf("the hub still sends to %v", p.remote)
	}
	w.wantPairs("the rekey went through", 1, hub, hub)
	n := w.nodes[0]
	if len(n.moves) != 1 || n.moves[0].Port != 40000 || !slices.Equal(n.moves[0].SAs, []sadb.Key{n.pairs[0].In[0].Key()}) {
		t.Errorf("the pair that there was moves with the peer: %+v", n.moves)
	}
}

// TestNATOtherAddress has the NAT choose another address: the hub follows with
// the ISAKMP SA, both ends give up their pairs, and the peer begins anew.
func TestNATOtherAddress(t *testing.T) {
	w := behindNAT(t)
	w.configure(1, func(c *Config) { c.DPD = DPD{Interval: 10 * time.Second, Retry: time.Second, Periodic: true} })
	w.initiate(1, 0)
	w.run(time.Second)
	elsewhere := netip.MustParseAddrPort("192.0.2.77:40000")
	w.rewrite = func(d *Datagram) {
		switch {
		case d.Local.Addr() == spoke:
			d.Local = elsewhere
		case d.Remote == elsewhere:
			d.Remote = netip.AddrPortFrom(spoke, 4500)
		}
	}
	w.run(11 * time.Second) // the spoke asks whether the hub lives
	w.wantPairs("moved", 0)
	w.wantPairs("moved", 1)
	w.initiate(1, 0)
	w.run(time.Second)
	w.wantPairs("begun anew", 0, elsewhere.Addr())
	w.wantPairs("begun anew", 1, hub)
	w.wantSAs("the same", 0, 1)
	w.carry(w.nodes[0], w.nodes[0].Initiate(w.now, Request{SADB: "vpnprof-head-1", Local: hub, Peer: elsewhere.Addr()}))
	w.run(time.Second)
	w.wantPairs("the hub can rekey", 0, elsewhere.Addr(), elsewhere.Addr())
	w.discard(w.nodes[1], w.nodes[1].pairs[0])
	w.run(time.Second)
	w.wantPairs("a delete goes through", 0, elsewhere.Addr())
	w.carry(w.nodes[1], w.nodes[1].Clear(w.now, Selector{}))
	w.run(2 * time.Minute)
	if left := w.nodes[0].peers; len(left) != 0 {
		t.Errorf("the hub keeps %v", left)
	}
}

// TestNATShared has two spokes behind one address: the second is refused, and
// takes nothing from the first; when that one is gone it is the second's turn.
func TestNATShared(t *testing.T) {
	second := netip.MustParseAddr("172.17.0.12")
	w := newWorld(t, 1, hub, spoke, second)
	ports := map[netip.Addr]uint16{spoke: 30000, second: 40000}
	w.rewrite = func(d *Datagram) {
		if base := ports[d.Local.Addr()]; base != 0 {
			d.Local = netip.AddrPortFrom(outside, base+d.Local.Port())
		} else if d.Remote.Addr() == outside && d.Remote.Port() >= 40000 {
			d.Remote = netip.AddrPortFrom(second, d.Remote.Port()-40000)
		} else if d.Remote.Addr() == outside {
			d.Remote = netip.AddrPortFrom(spoke, d.Remote.Port()-30000)
		}
	}
	w.initiate(1, 0)
	w.run(time.Second)
	w.initiate(2, 0)
	w.run(time.Second)
	w.wantPairs("the first", 0, outside)
	w.wantPairs("the first", 1, hub)
	w.wantPairs("the second", 2)
	w.wantSAs("both", 0, 2)
	w.wantEvent("it is said why", 0, "another peer at this address has the crypto socket of vpnprof-head-1")
	w.initiate(1, 0)
	w.run(time.Second)
	w.wantPairs("the first rekeys", 1, hub, hub)
	for len(w.nodes[1].pairs) > 0 {
		w.discard(w.nodes[1], w.nodes[1].pairs[0])
	}
	w.run(time.Second)
	w.initiate(2, 0)
	w.run(time.Second)
	w.wantPairs("the second, later", 2, hub)
}

// TestNames has a peer come with a name of every kind: it counts as the address
// that it came from, for the choice of the profile too.
func TestNames(t *testing.T) {
	for _, r := range []struct {
		name  string
		id    identity
		match string // of the hub's profile
		want  bool
	}{
		{"a host name", identity{kind: idFQDN, data: []byte("spoke1.example.org")}, "0.0.0.0/0", true},
		{"a mail address", identity{kind: idUserFQDN, data: []byte("a@example.org")}, "172.17.0.11/32", true},
		{"an opaque one", identity{kind: idKeyID, data: []byte{1}}, "172.17.0.0/24", true},
		{"nothing", identity{kind: idFQDN}, "0.0.0.0/0", false},
		{"a network", identity{kind: idSubnet, data: []byte{172, 17, 0, 0, 255, 255, 0, 0}}, "0.0.0.0/0", false},
		{"an address that is not his", identity{kind: idIPv4, data: []byte{172, 17, 0, 12}}, "0.0.0.0/0", false},
		{"one that looks like an address", identity{kind: idFQDN, data: []byte("172.17.0.12")}, "172.17.0.12/32", false},
	} {
		w := newWorld(t, 1, hub, spoke)
		w.configure(0, func(c *Config) {
			c.Profiles = []Profile{{Name: "named", Keys: c.Keys, Match: []netip.Prefix{netip.MustParsePrefix(r.match)}}}
			c.Keys, c.SADBs[0].ISAKMPProfile = nil, "named"
		})
		w.rewrite = func(d *Datagram) {
			h, _, err := parseHeader(d.Payload)
			if p := w.nodes[1].byAge(); err == nil && p[0].main != nil && h.exchange == mainMode && h.encrypted() && d.Local.Addr() == spoke {
				d.Payload = p[0].claim(r.id)
			}
		}
		w.initiate(1, 0)
		w.run(10 * time.Second)
		if got := len(w.nodes[0].pairs) == 1; got != r.want {
			t.Errorf("%s, of %s: accepted %v, want %v; %s", r.name, r.match, got, r.want, w.nodes[0].story())
		}
	}
}

// claim is an initiator's proof of another identity than its own.
func (p *phase1) claim(id identity) []byte {
	body := id.appendTo(nil)
	chain := []payload{{payloadID, body}, {payloadHash, p.main.material.authInitiator(p.keys, p.main.sa, body)}}
	packet, iv := p.keys.seal(p.keys.first, p.header(mainMode, 0), chain)
	p.main.iv = iv
	return packet
}

// TestNoNATT keeps everything on port 500 if one end does not offer more.
func TestNoNATT(t *testing.T) {
	for i := range 2 {
		w := newWorld(t, 1, hub, spoke)
		w.configure(i, func(c *Config) { c.NoNATT = true })
		seen := false
		w.drop = func(d Datagram) bool {
			if h, body, err := parseHeader(d.Payload); err == nil && !h.encrypted() {
				m, _ := parseBody(h, body)
				seen = seen || m.first(payloadNATD) != nil
			}
			return false
		}
		w.initiate(1, 0)
		w.run(time.Second)
		w.wantPairs("without NAT traversal", 0, spoke)
		if seen {
			t.Errorf("node %d does not want it, and still there were NAT-D payloads", i)
		}
	}
}

// TestNATWithoutAH does not propose AH where a NAT would break it.
func TestNATWithoutAH(t *testing.T) {
	w := behindNAT(t)
	for i := range w.nodes {
		w.configure(i, func(c *Config) {
			c.SADBs[0].Sets = []sadb.TransformSet{{AH: sadb.SHA1, Mode: sadb.TransportMode}}
		})
	}
	w.initiate(1, 0)
	w.wantFailed("nothing but AH", 1, 60*ms, "no transform set that can be negotiated")
}
