package ike

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"gresh/backend/sadb"
)

// from makes a datagram to the hub.
func from(a netip.Addr, packet []byte) Datagram {
	return Datagram{netip.AddrPortFrom(hub, 500), netip.AddrPortFrom(a, 500), packet}
}

// attack hands a packet to the hub that must have no effect beyond a reason
// and, at most, one reply that is no longer than itself.
func (w *world) attack(sentence string, d Datagram) Output {
	w.t.Helper()
	n := w.nodes[0]
	out := n.Receive(w.now, d)
	n.log = append(n.log, out.Log...)
	if len(out.Install)+len(out.Deleted)+len(out.Compute)+len(out.Failed) > 0 {
		w.t.Fatalf("%s: led to %+v", sentence, out)
	}
	if len(out.Send) > 1 || len(out.Send) == 1 && len(out.Send[0].Payload) > len(d.Payload) {
		w.t.Fatalf("%s: answered by %d datagrams", sentence, len(out.Send))
	}
	return out
}

// firstMessage is a well-made first message of a peer.
func firstMessage(from byte, extra ...payload) []byte {
	h := header{initiator: cookie{from, 1}, exchange: mainMode}
	chain := append([]payload{{payloadSA, offerMain(standard(hub).Policies)}}, extra...)
	return appendMessage(nil, h, chain)
}

// forge is a message of phase 2 under the keys of an SA: what the peer itself
// could send.
func forge(p *phase1, exchange exchangeType, id uint32, chain ...payload) []byte {
	packet, _ := p.keys.seal(p.keys.iv(p.last, id), p.header(exchange, id), p.keys.protect(chain, be32(id)))
	return packet
}

// established is a world in which hub and spoke have an ISAKMP SA and a pair;
// the SA is the spoke's end, to forge with.
func established(t *testing.T) (*world, *phase1) {
	w := newWorld(t, 9, hub, spoke)
	w.initiate(1, 0)
	w.run(time.Second)
	w.wantPairs("to begin with", 0, spoke)
	return w, w.nodes[1].live()[0]
}

func TestAttackLengths(t *testing.T) {
	whole := firstMessage(1, payload{payloadVendorID, []byte("vendor")})
	w := newWorld(t, 1, hub)
	for _, at := range []int{24, 26, 30, 42, 50} { // the lengths of message, payload, proposal, transform
		for _, value := range []uint16{0, 1, 3, 4, 7, 8, 9, 0x7fff, 0x8000, 0xffff} {
			packet := bytes.Clone(whole)
			if binary.BigEndian.Uint16(packet[at:]) == value {
				continue
			}
			binary.BigEndian.PutUint16(packet[at:], value)
			if out := w.attack(fmt.Sprintf("length %d at %d", value, at), from(spoke,
				packet)); len(out.Send) > 0 && at != 42 {
				t.Errorf("length %d at %d was answered", value, at)
			}
		}
	}
	for i := range whole {
		if out := w.attack("cut short", from(spoke, whole[:i])); len(out.Send) > 0 {
			t.Errorf("%d of %d octets were answered", i, len(whole))
		}
	}
	if out := w.attack("octets after the message", from(spoke, append(bytes.Clone(whole),
		0))); len(out.Send) > 0 {
		t.Error("a message longer than it says was answered")
	}
	if out := w.nodes[0].Receive(w.now, from(spoke, whole)); len(out.Send) != 1 {
		t.Error("the control: the message itself was not answered")
	}
}

func TestAttackManyPayloads(t *testing.T) {
	w := newWorld(t, 1, hub)
	vendor := payload{payloadVendorID, []byte("x")}
	if out := w.nodes[0].Receive(w.now, from(spoke, firstMessage(1, slices.Repeat([]payload{vendor},
		19)...))); len(out.Send) != 1 {
		t.Error("20 payloads were not answered")
	}
	if out := w.attack("21 payloads", from(spoke, firstMessage(2, slices.Repeat([]payload{vendor},
		20)...))); len(out.Send) > 0 {
		t.Error("21 payloads were answered")
	}
}

func TestAttackFragments(t *testing.T) {
	w := newWorld(t, 1, hub)
	fragment := payload{payloadFragment, []byte{0, 1, 1, 1, 0, 0, 0, 0}}
	w.attack("a fragment first", from(spoke, appendMessage(nil, header{initiator: cookie{1},
		exchange: mainMode}, []payload{fragment})))
	w.attack("a fragment after an SA", from(spoke, firstMessage(2, fragment)))
	w.wantSAs("fragments make no SA", 0, 0)
	w.wantEvent("and leave a reason", 0, "payload of type 132")
}

// TestAttackChains has chains of payloads that are almost right.
func TestAttackChains(t *testing.T) {
	for name, tail := range map[string][]byte{
		"a payload shorter than its header": {0, 0, 0, 3},
		"a payload of no length":            {0, 0, 0, 0},
		"a reserved octet that is not zero": {0, 1, 0, 4},
		"octets after the last payload":     {0, 0, 0, 4, 0xff},
		"a payload of another step":         {byte(payloadNone), 0, 0, 8, 1, 2, 3, 4},
	} {
		w := newWorld(t, 1, hub)
		packet := append(firstMessage(1), tail...)
		binary.BigEndian.PutUint32(packet[24:], uint32(len(packet)))
		packet[headerSize] = byte(payloadKeyExchange)
		if name != "a payload of another step" {
			packet[headerSize] = byte(payloadVendorID)
		}
		if out := w.attack(name, from(spoke, packet)); len(out.Send) > 0 {
			t.Errorf("%s: answered", name)
		}
		w.wantSAs(name, 0, 0)
	}
}

// TestAttackIdentity has a peer with the right key claim another's identity.
func TestAttackIdentity(t *testing.T) {
	w := behindNAT(t)
	for i := range w.nodes {
		w.configure(i, func(c *Config) { c.NoNATT = true }) // so that nobody knows of the NAT
	}
	w.initiate(1, 0)
	w.run(time.Second)
	w.wantEvent("who is not where he says he is", 0, "identity is not the peer's address")
	if len(w.nodes[0].live()) > 0 {
		t.Error("the identity was believed")
	}
}

// TestAttackOldQuestion has a question of dead peer detection played back.
func TestAttackOldQuestion(t *testing.T) {
	w, p := established(t)
	ask := func(id, sequence uint32) Output {
		note := notification{protoISAKMP, noteAreYouThere, nil, be32(sequence)}.payload()
		return w.nodes[0].Receive(w.now, from(spoke, forge(p, informational, id, note)))
	}
	if out := ask(1, 100); len(out.Send) != 1 {
		t.Error("a question was not answered")
	}
	if out := ask(2, 101); len(out.Send) != 1 {
		t.Error("the next question was not answered")
	}
	if out := ask(1, 100); len(out.Send) != 0 {
		t.Error("an old question was answered")
	}
}

func TestAttackBeforeKeys(t *testing.T) {
	for stop := 1; stop <= 5; stop++ {
		w := newWorld(t, 1, hub, spoke)
		count := 0
		w.drop = func(Datagram) bool { count++; return count > stop }
		w.initiate(1, 0)
		w.run(500 * ms)
		for _, p := range w.nodes[0].byAge() {
			if p.ready() {
				continue
			}
			for _, exchange := range []exchangeType{informational, quickMode, mainMode, aggressive, 0, 6,
				33, 34, 35, 37, 255} {
				for _, flags := range []uint8{0, flagEncrypted} {
					h := header{initiator: p.name.initiator, responder: p.name.responder, next: payloadHash,
						exchange: exchange, flags: flags, messageID: 7}
					w.attack("before keys", from(spoke, append(h.appendTo(nil, 64), make([]byte, 64)...)))
				}
			}
		}
		w.drop = nil
		w.run(10 * time.Second)
		w.wantPairs("the exchange goes on", 0, spoke)
	}
}

func TestAttackCookies(t *testing.T) {
	w, p := established(t)
	del := deletion{protoESP, [][]byte{be32(w.nodes[1].pairs[0].In[0].SPI)}}.payload()
	h := p.header(mainMode, 0)
	h.responder = cookie{9, 9}
	w.attack("a responder's cookie of no SA", from(spoke, appendMessage(nil, h,
		[]payload{{payloadSA, offerMain(standard(hub).Policies)}})))
	w.wantEvent("is told", 0, "NoSA{Peer:172.17.0.11}")
	floated := from(spoke, append(bytes.Clone(marker), forge(p, informational, 4, del)...))
	floated.Local = netip.AddrPortFrom(hub, portNATT)
	w.attack("the right keys on port 4500, without a NAT", floated)
	w.attack("the right keys from another address",
		from(netip.MustParseAddr("192.0.2.1"), forge(p, informational, 5, del)))
	h.initiator = cookie{}
	w.attack("no initiator's cookie", from(spoke, appendMessage(nil, h, []payload{{payloadSA,
		offerMain(standard(hub).Policies)}})))
	again := p.header(mainMode, 0)
	again.responder = cookie{}
	w.attack("the initiator's cookie again", from(spoke, appendMessage(nil, again,
		[]payload{{payloadVendorID, nil}})))
	w.wantSAs("nothing came of it", 0, 1)
}

func TestAttackWrongVersion(t *testing.T) {
	w := newWorld(t, 1, hub)
	for kind := payloadType(14); kind < payloadPrivate; kind++ {
		if kind == payloadNATD || kind == payloadNATOA {
			continue
		}
		w.attack("a payload of another version", from(spoke, firstMessage(byte(kind), payload{kind,
			make([]byte, 8)})))
	}
	for _, version := range []byte{0x00, 0x20, 0x21, 0xff} {
		packet := firstMessage(1)
		packet[17] = version
		w.attack("a message of another version", from(spoke, packet))
	}
	w.wantSAs("none made an SA", 0, 0)
}

func TestAttackAggressive(t *testing.T) {
	w := newWorld(t, 1, hub)
	packet := firstMessage(1)
	packet[18] = byte(aggressive)
	if out := w.attack("aggressive mode", from(spoke, packet)); len(out.Send) > 0 {
		t.Error("aggressive mode was answered")
	}
	w.wantEvent("and is told", 0, "ModeFailed{Mode:Aggressive")
}

// quickOffer is a first message of Quick Mode with an SA payload and
// identities of one's own.
func quickOffer(p *phase1, id uint32, sa []byte, ids ...identity) []byte {
	chain := []payload{{payloadSA, sa}, {payloadNonce, bytes.Repeat([]byte{7}, 20)}}
	for _, i := range ids {
		chain = append(chain, payload{payloadID, i.appendTo(nil)})
	}
	return forge(p, quickMode, id, chain...)
}

func goodOffer() []byte {
	return offerQuick(standard(spoke).SADBs[0], false, map[uint8]uint32{protoESP: 0xabcdef01})
}

func TestAttackIdentities(t *testing.T) {
	w, p := established(t)
	ours, theirs := hostIdentity(spoke, 47, 0), hostIdentity(hub, 47, 0)
	id := uint32(100)
	for kind := range 256 {
		for _, size := range []int{0, 3, 4, 5, 8, 16, 32, 200} {
			bad := identity{uint8(kind), 47, 0, make([]byte, size)}
			for _, pair := range [][]identity{{bad, theirs}, {ours, bad}, {bad, bad}} {
				id++
				w.attack("an identity", from(spoke, quickOffer(p, id, goodOffer(), pair...)))
			}
		}
	}
	for _, pair := range [][]identity{{}, {ours}, {ours, theirs, ours}, {theirs, ours},
		{hostIdentity(spoke, 6, 0), theirs}, {hostIdentity(spoke, 47, 1), theirs}} {
		id++
		w.attack("identities", from(spoke, quickOffer(p, id, goodOffer(), pair...)))
	}
	if got := len(w.nodes[0].live()[0].quicks); got != 1 {
		t.Errorf("%d Quick Modes are open, want only the finished one", got-1)
	}
	out := w.nodes[0].Receive(w.now, from(spoke, quickOffer(p, 99, goodOffer(), ours, theirs)))
	if len(out.Send) != 1 || len(w.nodes[0].live()[0].quicks) != 2 {
		t.Error("the control: good identities were not answered")
	}
}

// TestAttackZeroKey proposes every transform with every authentication: none
// that would give an SA without a key is taken, whatever the configuration.
func TestAttackZeroKey(t *testing.T) {
	w, p := established(t)
	ours, theirs := hostIdentity(spoke, 47, 0), hostIdentity(hub, 47, 0)
	w.configure(0, func(c *Config) {
		c.SADBs[0].Sets = []sadb.TransformSet{
			{Cipher: sadb.Null, Mode: sadb.TransportMode}, {Mode: sadb.TransportMode},
			{Cipher: sadb.GCM, KeyBits: 128, Auth: sadb.SHA1, Mode: sadb.TransportMode}}
	})
	id := uint32(100)
	for number := range 256 {
		for auth := range uint16(10) {
			for _, bits := range []uint16{0, 128} {
				t := transform{1, uint8(number), []attribute{word(attrSAMode, modeTransport), word(attrSAAuth, auth)}}
				if bits != 0 {
					t.attributes = append(t.attributes, word(attrSAKeyLength, bits))
				}
				sa := appendSA(nil, []proposal{{1, protoESP, be32(0xabcdef01), []transform{t}}})
				id++
				w.attack("a transform without a key", from(spoke, quickOffer(p, id, sa, ours, theirs)))
			}
		}
	}
	if len(w.nodes[0].live()[0].quicks) > 1 {
		t.Error("a transform was accepted")
	}
}

func TestAttackPublicValues(t *testing.T) {
	for id, g := range groups {
		bad := map[string][]byte{
			"empty": {}, "zero": make([]byte, g.public),
			"short": bytes.Repeat([]byte{5}, g.public-1), "long": bytes.Repeat([]byte{5}, g.public+1),
			"all ones": bytes.Repeat([]byte{0xff}, g.public),
		}
		if g.prime != nil {
			one := make([]byte, g.public)
			one[g.public-1] = 1
			bad["one"] = one
			minus := primeOf(id)
			bad["p"] = bytes.Clone(minus)
			minus[g.public-1]--
			bad["p-1"] = minus
			minus2 := bytes.Clone(minus)
			minus2[g.public-1]--
			if err := g.check(minus2); err != nil {
				t.Errorf("group %d: p-2 is refused", id)
			}
		} else {
			secret, _ := g.newSecret(bytes.NewReader(bytes.Repeat([]byte{1}, 200)))
			off := g.share(secret)
			off[g.public-1] ^= 1
			bad["off the curve"] = off
		}
		for name, public := range bad {
			if g.check(public) == nil {
				t.Errorf("group %d: %s is accepted", id, name)
			}
			if g.curve != nil && g.agree(bytes.Repeat([]byte{1}, g.secret), public) != nil {
				t.Errorf("group %d: %s leads to a secret", id, name)
			}
		}
	}
}

// TestAttackKeyExchange offers such values where they come in.
func TestAttackKeyExchange(t *testing.T) {
	w := newWorld(t, 1, hub)
	n := w.nodes[0]
	out := n.Receive(w.now, from(spoke, firstMessage(1)))
	h, _, _ := parseHeader(out.Send[0].Payload)
	for _, public := range [][]byte{make([]byte, 128), append(make([]byte, 127), 1), primeOf(2),
		make([]byte, 96), nil} {
		for _, size := range []int{20, 7, 257} {
			chain := []payload{{payloadKeyExchange, public}, {payloadNonce, make([]byte, size)}}
			w.attack("a bad key exchange", from(spoke, appendMessage(nil, h, chain)))
		}
	}
	good := groups[2].share(bytes.Repeat([]byte{9}, 32))
	for _, nonce := range []int{7, 257} {
		w.attack("a bad nonce", from(spoke, appendMessage(nil, h, []payload{{payloadKeyExchange, good},
			{payloadNonce, make([]byte, nonce)}})))
	}
	chain := []payload{{payloadKeyExchange, good}, {payloadNonce, make([]byte, 20)}}
	if out := n.Receive(w.now, from(spoke, appendMessage(nil, h, chain))); len(out.Compute) != 1 {
		t.Error("the control: a good key exchange was not taken")
	}
}

func TestAttackDeletes(t *testing.T) {
	w, p := established(t)
	pair := w.nodes[1].pairs[0]
	del := deletion{protoESP, [][]byte{be32(pair.In[0].SPI)}}.payload()
	foreign := deletion{protoESP, [][]byte{be32(pair.Out[0].SPI), be32(1)}}.payload()
	w.attack("the SPI of the other direction", from(spoke, forge(p, informational, 1, foreign)))
	plain := appendMessage(nil, p.header(informational, 2), []payload{del})
	w.attack("a delete in clear", from(spoke, plain))
	hashed := appendMessage(nil, p.header(informational, 3), p.keys.protect([]payload{del}, be32(3)))
	w.attack("a delete in clear with the right hash", from(spoke, hashed))
	wrong, _ := p.keys.seal(p.keys.iv(p.last, 4), p.header(informational, 4),
		[]payload{{payloadHash, make([]byte, 20)}, del})
	w.attack("a delete with a wrong hash", from(spoke, wrong))
	none, _ := p.keys.seal(p.keys.iv(p.last, 4), p.header(informational, 4), []payload{del})
	w.attack("a delete without a hash", from(spoke, none))
	w.wantPairs("nothing of this counted", 0, spoke)

	both := deletion{protoESP, [][]byte{be32(pair.In[0].SPI), be32(pair.In[0].SPI)}}.payload()
	w.receive(w.nodes[0], from(spoke, forge(p, informational, 5, both, both)))
	w.wantPairs("the same SPI four times", 0)
	if len(w.nodes[0].gone) != 2 {
		t.Errorf("dropped %v", w.nodes[0].gone)
	}
	w.attack("deleted again", from(spoke, forge(p, informational, 6, both)))

	isakmp := deletion{protoISAKMP, [][]byte{append(p.name.initiator[:], p.name.responder[:]...)}}.payload()
	note := notification{protoISAKMP, noteAreYouThere, nil, be32(1)}.payload()
	w.receive(w.nodes[0], from(spoke, forge(p, informational, 7, isakmp, isakmp, note, del)))
	w.wantSAs("its own SA, and what stood after it", 0, 0)
	w.attack("a notification of an SA that is gone", from(spoke, forge(p, informational, 8, note)))
}

// TestAttackForeignDelete has one peer try to delete another's SAs.
func TestAttackForeignDelete(t *testing.T) {
	third := netip.MustParseAddr("172.17.0.12")
	w := newWorld(t, 1, hub, spoke, third)
	w.initiate(1, 0)
	w.initiate(2, 0)
	w.run(time.Second)
	evil, victim := w.nodes[1].live()[0], w.nodes[2].live()[0]
	w.attack("another's pair", from(spoke, forge(evil, informational, 1,
		deletion{protoESP, [][]byte{be32(w.nodes[2].pairs[0].In[0].SPI)}}.payload())))
	w.attack("another's ISAKMP SA", from(spoke, forge(evil, informational, 2,
		deletion{protoISAKMP, [][]byte{append(victim.name.initiator[:],
			victim.name.responder[:]...)}}.payload())))
	w.wantPairs("both are there", 0, spoke, third)
	w.wantSAs("both are there", 0, 2)
}

func TestAttackHalfOpen(t *testing.T) {
	w := newWorld(t, 1, hub)
	w.configure(0, func(c *Config) { c.HalfOpenPeer, c.HalfOpenTotal = 4, 10 })
	n := w.nodes[0]
	for i := range 100 {
		n.Receive(w.now, from(spoke, firstMessage(byte(i+1))))
	}
	w.wantSAs("a hundred from one address", 0, 4)
	if got := n.live(); len(got) != 0 {
		t.Error("a half-open SA counts as established")
	}
	if _, ok := n.origins[origin{netip.AddrPortFrom(spoke, 500), cookie{100, 1}}]; !ok {
		t.Error("the youngest was dropped, want the oldest")
	}
	peer := netip.MustParseAddr("10.0.0.1")
	for range 100 {
		n.Receive(w.now, from(peer, firstMessage(1)))
		peer = peer.Next()
	}
	w.wantSAs("a hundred from as many addresses", 0, 10)
	if n.counters.HalfOpenLost != 96+94 {
		t.Errorf("%d were dropped for others", n.counters.HalfOpenLost)
	}
	if next := n.Next(); !next.Equal(boot.Add(30 * time.Second)) {
		t.Errorf("they end at %v, want after 30s", next.Sub(boot))
	}
	w.run(30 * time.Second)
	got := len(n.names) + len(n.origins) + len(n.peers)
	if got += len(n.halfOpen) + len(n.deadlines) + len(n.jobs); got != 0 {
		t.Errorf("%d things are left of them", got)
	}
}

// TestAttackAmplification has a responder to somebody who does not exist send
// one datagram for each it gets, none by itself, and none that is longer.
func TestAttackAmplification(t *testing.T) {
	w := newWorld(t, 1, hub)
	n := w.nodes[0]
	packet := firstMessage(1, payload{payloadVendorID, vendorNATT}, payload{payloadVendorID, vendorDPD})
	for range 3 {
		if out := w.attack("a first message", from(spoke, packet)); len(out.Send) != 1 {
			t.Fatalf("answered by %d datagrams, want the same answer again", len(out.Send))
		}
	}
	h, _, _ := parseHeader(n.byAge()[0].answer)
	out := n.Receive(w.now, from(spoke, appendMessage(nil, h, []payload{
		{payloadKeyExchange, groups[2].share(bytes.Repeat([]byte{9}, 32))}, {payloadNonce, make([]byte, 20)}})))
	w.carry(n, out)
	before := w.sent
	w.run(5 * time.Minute)
	if w.sent != before {
		t.Errorf("%d datagrams were repeated to somebody who never answered", w.sent-before)
	}
	w.wantSAs("and it is over", 0, 0)
}

// TestAttackReplay plays a whole recorded exchange back, at once and later.
func TestAttackReplay(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	var seen []Datagram
	w.drop = func(d Datagram) bool {
		if d.Remote.Addr() == hub {
			seen = append(seen, Datagram{d.Remote, d.Local, d.Payload})
		}
		return false
	}
	w.initiate(1, 0)
	w.run(time.Second)
	for _, d := range seen {
		w.attack("played back at once", d)
	}
	w.run(2 * time.Minute) // until the Quick Mode is forgotten
	w.discard(w.nodes[0], w.nodes[0].pairs[0])
	for _, d := range seen {
		w.attack("played back later, the pair being gone", d)
	}
	if got := len(w.nodes[0].live()[0].quicks); got > 0 {
		t.Errorf("%d Quick Modes are open", got)
	}
}

// TestAttackSPI has a peer choose the SPI of a pair that it has.
func TestAttackSPI(t *testing.T) {
	w, p := established(t)
	spis := map[uint8]uint32{protoESP: w.nodes[1].pairs[0].In[0].SPI}
	sa := offerQuick(standard(spoke).SADBs[0], false, spis)
	packet := quickOffer(p, 50, sa, hostIdentity(spoke, 47, 0), hostIdentity(hub, 47, 0))
	w.attack("an SPI twice", from(spoke, packet))
	w.wantEvent("is refused", 0, "SPI is in use")
	for _, spi := range []uint32{0, 1, 255} {
		sa := offerQuick(standard(spoke).SADBs[0], false, map[uint8]uint32{protoESP: spi})
		w.attack("a reserved SPI", from(spoke, quickOffer(p, 60+spi, sa, hostIdentity(spoke, 47, 0),
			hostIdentity(hub, 47, 0))))
	}
	if got := len(w.nodes[0].live()[0].quicks); got != 1 {
		t.Errorf("%d Quick Modes were accepted", got-1)
	}
}

// meaningless says whether a bit is one that no hash covers and that means
// nothing: minor version and reserved flags, and in main mode what stands after
// the hash, which can only be a notification.
func meaningless(h header, bit int) bool {
	octet := bit / 8
	return octet == 17 && bit%8 < 4 || octet == 19 && bit%8 > 0 ||
		h.exchange == mainMode && octet >= headerSize+32
}

// TestAttackBitFlips sends, before each encrypted message, the message with
// one bit changed, for every bit: each is refused, and the right one is taken.
func TestAttackBitFlips(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	flipped := 0
	w.drop = func(d Datagram) bool {
		h, _, err := parseHeader(d.Payload)
		if err != nil || !h.encrypted() {
			return false
		}
		for _, n := range w.nodes {
			if n.addr != d.Remote.Addr() {
				continue
			}
			for bit := range len(d.Payload) * 8 {
				if meaningless(h, bit) {
					continue
				}
				packet := bytes.Clone(d.Payload)
				packet[bit/8] ^= 1 << (bit % 8)
				out := n.Receive(w.now, Datagram{d.Remote, d.Local, packet})
				if len(out.Install)+len(out.Deleted)+len(out.Failed)+len(out.Compute)+len(out.Send) > 0 {
					t.Fatalf("bit %d of a message of exchange %d changed: %+v", bit, h.exchange, out)
				}
				flipped++
			}
		}
		return false
	}
	w.initiate(1, 0)
	w.run(time.Second)
	w.wantPairs("after every wrong copy", 0, spoke)
	w.wantPairs("after every wrong copy", 1, hub)
	if flipped < 5*8*60 {
		t.Errorf("only %d bits were flipped", flipped)
	}
}

// TestComplaintsLimited has a flood of nonsense not become a flood of events.
func TestComplaintsLimited(t *testing.T) {
	w := newWorld(t, 1, hub)
	for range 1000 {
		w.attack("nonsense", from(spoke, []byte("nonsense")))
	}
	if got := len(w.nodes[0].log); got != complaintsMax {
		t.Errorf("%d events in one second", got)
	}
	if got := w.nodes[0].Snapshot().Counters.Malformed; got != 1000 {
		t.Errorf("%d were counted", got)
	}
}
