package ike

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gresh/backend/sadb"
)

// A recording is an exchange between two strongSwan daemons, and what they
// logged of their secrets.
type recording struct {
	t        *testing.T
	messages [][]byte // ISAKMP, in order; six of main mode, three of Quick Mode, then informational
	keys     map[string]string
	psk      string
}

var recordings = map[string]struct {
	policy Policy
	set    sadb.TransformSet
	pfs    sadb.Group
}{
	"ike-des-sha1-modp768-esp-des-md5": {
		Policy{Encryption: DES, Hash: SHA1, Group: 1},
		sadb.TransformSet{Cipher: sadb.DES, Auth: sadb.MD5, Mode: sadb.TransportMode}, 0},
	"ike-3des-md5-modp1024-esp-aes128-sha1-modp1024": {
		Policy{Encryption: TripleDES, Hash: MD5, Group: 2},
		sadb.TransformSet{Cipher: sadb.AES, KeyBits: 128, Auth: sadb.SHA1, Mode: sadb.TransportMode}, 2},
	"ike-aes128-sha256-modp2048-esp-aes128gcm16": {
		Policy{Encryption: AES128, Hash: SHA256, Group: 14},
		sadb.TransformSet{Cipher: sadb.GCM, KeyBits: 128, Mode: sadb.TransportMode}, 0},
}

func load(t *testing.T, name string) *recording {
	t.Helper()
	base := filepath.Join("..", "..", "testdata", "capture", name)
	r := &recording{t: t, keys: map[string]string{}}
	text, err := os.ReadFile(base + ".keys")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && key != "#" {
			r.keys[key] = value
		}
	}
	r.psk = r.keys["psk"]
	pcap, err := os.ReadFile(base + ".pcap")
	if err != nil {
		t.Fatal(err)
	}
	r.messages = datagrams(pcap)
	if len(r.messages) < 11 {
		t.Fatalf("%s: %d messages, want a whole exchange", name, len(r.messages))
	}
	return r
}

// datagrams are the UDP payloads of a capture file of Ethernet frames that
// hold IPv4 without options.
func datagrams(pcap []byte) (all [][]byte) {
	const file, record, udp = 24, 16, 14 + 20 + 8
	for at := file; at+record <= len(pcap); {
		size := int(binary.LittleEndian.Uint32(pcap[at+8:]))
		frame := pcap[at+record : at+record+size]
		if size > udp && frame[14+9] == 17 {
			all = append(all, frame[udp:])
		}
		at += record + size
	}
	return all
}

func (r *recording) key(name string) []byte {
	b, err := hex.DecodeString(r.keys[name])
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

func (r *recording) want(name string, got []byte) {
	r.t.Helper()
	if want := r.key(name); !bytes.Equal(got, want) {
		r.t.Errorf("%s = %x, want %x", name, got, want)
	}
}

// parsed returns message i as it is on the wire, counted from 1 as the
// standard counts those of main mode.
func (r *recording) parsed(i int) (header, []byte) {
	r.t.Helper()
	h, body, err := parseHeader(r.messages[i-1])
	if err != nil {
		r.t.Fatalf("message %d: %v", i, err)
	}
	return h, body
}

func (r *recording) clear(i int) message {
	r.t.Helper()
	h, body := r.parsed(i)
	m, err := parseBody(h, body)
	if err != nil {
		r.t.Fatalf("message %d: %v", i, err)
	}
	return m
}

func (r *recording) open(k *keys, iv []byte, i int) (message, []byte) {
	r.t.Helper()
	h, body := r.parsed(i)
	m, next, err := k.open(iv, h, body)
	if err != nil {
		r.t.Fatalf("message %d: %v", i, err)
	}
	return m, next
}

func (r *recording) secrets(p Policy) *secrets {
	one, three, four := r.clear(1), r.clear(3), r.clear(4)
	return &secrets{
		hash: p.Hash, encryption: p.Encryption, shared: r.key("shared"),
		ni: three.first(payloadNonce), gi: three.first(payloadKeyExchange),
		nr: four.first(payloadNonce), gr: four.first(payloadKeyExchange),
		initiator: one.header.initiator, responder: four.header.responder,
	}
}

// TestRecordedKeys derives from what went over the wire every key that
// strongSwan derived, and reads and verifies every message with them.
func TestRecordedKeys(t *testing.T) {
	for title, suite := range recordings {
		t.Run(title, func(t *testing.T) {
			r := load(t, title)
			s := r.secrets(suite.policy)
			k := s.under(r.psk)
			r.want("skeyid", k.skeyid)
			r.want("skeyid_d", k.d)
			r.want("skeyid_a", k.a)
			r.want("skeyid_e", k.e)
			r.want("ka", s.hash.stretch(k.e, s.encryption.keySize()))
			r.want("iv", k.first)

			one := r.clear(1)
			five, iv := r.open(k, k.first, 5)
			six, last := r.open(k, iv, 6)
			r.want("hash_i", five.first(payloadHash))
			r.want("hash_r", six.first(payloadHash))
			r.want("hash_i", s.authInitiator(k, one.first(payloadSA), five.first(payloadID)))
			r.want("hash_r", s.authResponder(k, one.first(payloadSA), six.first(payloadID)))

			r.checkQuick(k, last, suite.set)
			for i := 10; i <= len(r.messages); i++ {
				h, _ := r.parsed(i)
				m, _ := r.open(k, k.iv(last, h.messageID), i)
				if !k.verify(&m, be32(h.messageID)) {
					t.Errorf("message %d: hash does not verify", i)
				}
			}
		})
	}
}

func (r *recording) checkQuick(k *keys, last []byte, set sadb.TransformSet) {
	h, _ := r.parsed(7)
	q := &quick{id: h.messageID}
	one, iv := r.open(k, k.iv(last, q.id), 7)
	two, iv := r.open(k, iv, 8)
	three, _ := r.open(k, iv, 9)
	q.ni, q.nr = one.first(payloadNonce), two.first(payloadNonce)
	if !k.verify(&one, leadQuick1(q)...) || !k.verify(&two, leadQuick2(q)...) || !k.verify(&three,
		leadQuick3(q)...) {
		r.t.Error("a hash of Quick Mode does not verify")
	}
	if _, ok := r.keys["pfs"]; ok {
		q.shared = r.key("pfs")
	}
	for name, m := range map[string]*message{"in": &one, "out": &two} {
		offer, err := parseSA(m.first(payloadSA))
		if err != nil {
			r.t.Fatal(err)
		}
		e, a := keySizes(set, protoESP)
		material := k.material(e+a, q.shared, protoESP, be(offer[0].spi), q.ni, q.nr)
		r.want(name+"_enc", material[:e])
		r.want(name+"_auth", material[e:])
	}
}

// A script of random octets: those that a recorded peer drew, in our order of
// drawing, so that our engine can stand in for it.
type drawn struct{ bytes.Buffer }

func (d *drawn) add(parts ...[]byte) {
	for _, p := range parts {
		d.Write(p)
	}
}

func recordedConfig(name, psk string, local netip.Addr) Config {
	suite := recordings[name]
	c := standard(local)
	c.Policies = []Policy{suite.policy}
	c.Keys[0].Secret = psk
	c.SADBs[0].Sets = []sadb.TransformSet{suite.set}
	c.SADBs[0].PFS = suite.pfs
	c.SADBs[0].Lifetime = sadb.Lifetime{Seconds: 3600}
	return c
}

// TestRecordedInitiator lets our engine answer strongSwan's side of the
// recorded exchange, with strongSwan's random numbers. The engine must come to
// the recorded SAs, and let go of them when strongSwan deletes them.
func TestRecordedInitiator(t *testing.T) {
	for title, suite := range recordings {
		t.Run(title, func(t *testing.T) {
			r := load(t, title)
			s := r.secrets(suite.policy)
			two, eight := r.quickMessages(s)
			g := groups[suite.policy.Group]
			random := &drawn{}
			random.add(s.responder[:], bytes.Repeat([]byte{1}, g.secret), s.nr[:nonceSize])
			random.add(make([]byte, 4)) // dead peer detection, not asked for
			random.add(eight.first(payloadNonce)[:nonceSize], two)
			random.add(bytes.Repeat([]byte{1}, 4096))

			w := newWorld(t, 1, hub)
			n := w.nodes[0]
			n.cfg = recordedConfig(title, r.psk, hub)
			n.cfg.Rand = random
			w.carry(n, n.Configure(w.now, n.cfg))
			feed := func(i int) Output {
				d := Datagram{netip.AddrPortFrom(hub, 500), netip.AddrPortFrom(spoke, 500), r.messages[i-1]}
				return n.Receive(w.now, d)
			}
			w.carry(n, feed(1))
			n.computed(w, feed(3), append(bytes.Clone(s.gr), s.shared...))
			p := n.names[name{s.initiator, s.responder}]
			p.main.material.nr = s.nr // longer than the nonces we draw
			n.carryOn(w, feed(5))
			if !p.ready() {
				t.Fatalf("no ISAKMP SA: %s", n.story())
			}
			p.last = ivAfter(r, 6) // the recorded answer and ours differ in padding and port
			out := feed(7)
			n.computed(w, out, append(bytes.Clone(eight.first(payloadKeyExchange)), r.key("pfs")...))
			q := p.quicks[0]
			q.nr, q.iv = eight.first(payloadNonce), ivAfter(r, 8)
			n.carryOn(w, feed(9))
			w.wantPairs("after message 9", 0, spoke)
			r.wantSAs(n.pairs[0], "in", "out")
			n.carryOn(w, feed(10))
			w.wantPairs("after the delete of the pair", 0)
			w.wantSAs("after the delete of the pair", 0, 1)
			n.carryOn(w, feed(11))
			w.wantSAs("after the delete of the ISAKMP SA", 0, 0)
		})
	}
}

// TestRecordedResponder lets our engine take strongSwan's place as initiator,
// and feeds it what the recorded responder answered.
func TestRecordedResponder(t *testing.T) {
	for title, suite := range recordings {
		t.Run(title, func(t *testing.T) {
			r := load(t, title)
			s := r.secrets(suite.policy)
			seven := r.quickOffer(s)
			offer, err := parseSA(seven.first(payloadSA))
			if err != nil {
				t.Fatal(err)
			}
			random := &drawn{}
			random.add(s.initiator[:], bytes.Repeat([]byte{1}, groups[suite.policy.Group].secret), s.ni[:nonceSize])
			random.add(make([]byte, 4)) // dead peer detection, not asked for
			random.add(be32(seven.header.messageID), seven.first(payloadNonce)[:nonceSize], offer[0].spi)
			random.add(bytes.Repeat([]byte{1}, 4096))

			w := newWorld(t, 1, spoke)
			n := w.nodes[0]
			n.cfg = recordedConfig(title, r.psk, spoke)
			n.cfg.Rand = random
			w.carry(n, n.Configure(w.now, n.cfg))
			feed := func(i int) Output {
				d := Datagram{netip.AddrPortFrom(spoke, 500), netip.AddrPortFrom(hub, 500), r.messages[i-1]}
				return n.Receive(w.now, d)
			}
			n.carryOn(w, n.Initiate(w.now, Request{SADB: n.cfg.SADBs[0].SADB, Peer: hub}))
			p := n.names[name{s.initiator, cookie{}}]
			one := r.clear(1)
			p.main.sa = one.first(payloadSA)
			n.computed(w, feed(2), s.gi)
			p.main.material.ni = s.ni // longer than the nonces we draw
			n.computed(w, feed(4), s.shared)
			p.main.iv = ivAfter(r, 5)
			n.computed(w, feed(6), seven.first(payloadKeyExchange))
			if !p.ready() {
				t.Fatalf("no ISAKMP SA: %s", n.story())
			}
			q := p.quicks[0]
			q.ni, q.iv = seven.first(payloadNonce), ivAfter(r, 7)
			pfs := []byte(nil)
			if suite.pfs != 0 {
				pfs = r.key("pfs")
			}
			n.computed(w, feed(8), pfs)
			w.wantPairs("after message 8", 0, hub)
			r.wantSAs(n.pairs[0], "out", "in")
		})
	}
}

// computed takes an output without sending anything, and with a recorded
// result for what it wants computed.
func (n *node) computed(w *world, out Output, result []byte) {
	jobs := out.Compute
	out.Compute = nil
	n.carryOn(w, out)
	for _, j := range jobs {
		n.carryOn(w, n.Computed(w.now, j.ID, result))
	}
}

// carryOn takes an output without sending anything.
func (n *node) carryOn(w *world, out Output) {
	out.Send = nil
	w.carry(n, out)
}

// ivAfter is the last cipher block of a recorded message.
func ivAfter(r *recording, i int) []byte {
	m := r.messages[i-1]
	size := len(r.key("iv"))
	return m[len(m)-size:]
}

// quickOffer returns the initiator's message of Quick Mode.
func (r *recording) quickOffer(s *secrets) message {
	k := s.under(r.psk)
	h, _ := r.parsed(7)
	seven, _ := r.open(k, k.iv(ivAfter(r, 6), h.messageID), 7)
	return seven
}

// quickMessages returns the responder's SPI and its message of Quick Mode.
func (r *recording) quickMessages(s *secrets) (spi []byte, eight message) {
	k := s.under(r.psk)
	eight, _ = r.open(k, ivAfter(r, 7), 8)
	chosen, err := parseSA(eight.first(payloadSA))
	if err != nil {
		r.t.Fatal(err)
	}
	return chosen[0].spi, eight
}

// wantSAs compares a pair with the recorded keys; the names are those of our
// outbound and inbound SA.
func (r *recording) wantSAs(p sadb.Pair, out, in string) {
	r.t.Helper()
	r.want(out+"_enc", p.Out[0].EncKey)
	r.want(out+"_auth", p.Out[0].AuthKey)
	r.want(in+"_enc", p.In[0].EncKey)
	r.want(in+"_auth", p.In[0].AuthKey)
}
