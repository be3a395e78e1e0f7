package ike

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func octets(least, most int) *rapid.Generator[[]byte] {
	return rapid.SliceOfN(rapid.Byte(), least, most)
}

func notZero(b []byte) bool { return cookie(b) != cookie{} }

func drawMessage(t *rapid.T) (header, []payload) {
	h := header{
		initiator: cookie(octets(8, 8).Filter(notZero).Draw(t, "initiator")),
		responder: cookie(octets(8, 8).Draw(t, "responder")),
		exchange:  exchangeType(rapid.Byte().Draw(t, "exchange")),
		messageID: rapid.Uint32().Draw(t, "id"),
	}
	kind := rapid.Custom(func(t *rapid.T) payloadType {
		return payloadType(rapid.Byte().Filter(func(b byte) bool { return payloadType(b).known() }).Draw(t, "kind"))
	})
	chain := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) payload {
		return payload{kind.Draw(t, "kind"), octets(0, 40).Draw(t, "body")}
	}), 1, payloadsMax).Draw(t, "chain")
	h.next = firstKind(chain)
	return h, chain
}

func parseMessage(b []byte) (message, error) {
	h, body, err := parseHeader(b)
	if err != nil {
		return message{}, err
	}
	return parseBody(h, body)
}

// TestMessageLaws: what is written is read, no prefix of it is, and appending
// leaves alone what was there.
func TestMessageLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, chain := drawMessage(t)
		b := appendMessage([]byte("before"), h, chain)[len("before"):]
		m, err := parseMessage(b)
		if err != nil || m.header != h || !sameChain(m.chain, chain) {
			t.Fatalf("%+v %+v became %+v, %v", h, chain, m, err)
		}
		if got := appendChain(nil, m.chain[1:]); !bytes.Equal(got, m.afterHash) {
			t.Fatalf("after the first payload: %x, want %x", m.afterHash, got)
		}
		for i := range b {
			if _, err := parseMessage(b[:i]); !errors.Is(err, errMalformed) {
				t.Fatalf("%d of %d octets: %v", i, len(b), err)
			}
			// a message that says itself how short it is
			if i >= headerSize {
				cut := bytes.Clone(b[:i])
				binary.BigEndian.PutUint32(cut[24:], uint32(i))
				if _, err := parseMessage(cut); !errors.Is(err, errMalformed) {
					t.Fatalf("cut to %d of %d octets: %v", i, len(b), err)
				}
			}
		}
	})
}

func sameChain(a, b []payload) bool {
	return bytes.Equal(appendChain(nil, a), appendChain(nil, b)) && len(a) == len(b)
}

// TestSealLaws: what is sealed is opened, whatever the cipher, and the chain
// of IVs is the same at both ends.
func TestSealLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, chain := drawMessage(t)
		s := secrets{hash: rapid.SampledFrom(allHashes).Draw(t, "hash"),
			encryption: rapid.SampledFrom(allEncryptions).Draw(t, "encryption"),
			ni:         octets(8, 20).Draw(t, "ni"), shared: octets(96, 96).Draw(t, "shared")}
		k := s.under("secret")
		iv := k.iv(k.first, h.messageID)
		packet, next := k.seal(iv, h, k.protect(chain[:len(chain)-1], be32(h.messageID)))
		got, body, err := parseHeader(packet)
		if err != nil {
			t.Fatal(err)
		}
		m, after, err := k.open(iv, got, body)
		if err != nil || !bytes.Equal(next, after) || !sameChain(m.chain[1:], chain[:len(chain)-1]) {
			t.Fatalf("opened %+v, %v", m, err)
		}
		if !k.verify(&m, be32(h.messageID)) || k.verify(&m, be32(h.messageID+1)) {
			t.Fatal("the hash verifies wrongly")
		}
		if _, _, err := k.open(iv, got, body[1:]); err == nil {
			t.Fatal("half a block was opened")
		}
	})
}

func drawProposals(t *rapid.T) []proposal {
	attributes := rapid.Custom(func(t *rapid.T) attribute {
		return attribute{rapid.Uint16Max(0x7fff).Draw(t, "kind"), octets(1, 8).Draw(t, "value")}
	})
	transforms := rapid.Custom(func(t *rapid.T) transform {
		return transform{rapid.Byte().Draw(t, "number"), rapid.Byte().Draw(t, "id"),
			rapid.SliceOfN(attributes, 0, 6).Draw(t, "attributes")}
	})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) proposal {
		return proposal{rapid.Byte().Draw(t, "number"), rapid.Byte().Draw(t, "protocol"),
			octets(0, 16).Draw(t, "spi"), rapid.SliceOfN(transforms, 1, 4).Draw(t, "transforms")}
	}), 1, 4).Draw(t, "proposals")
}

func TestSALaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawProposals(t)
		b := appendSA([]byte("before"), all)[len("before"):]
		got, err := parseSA(b)
		if err != nil || !bytes.Equal(appendSA(nil, got), b) || len(got) != len(all) {
			t.Fatalf("%+v became %+v, %v", all, got, err)
		}
		for i := range b {
			if _, err := parseSA(b[:i]); !errors.Is(err, errMalformed) {
				t.Fatalf("%d of %d octets: %v", i, len(b), err)
			}
		}
		if _, err := parseSA(append(b, 0)); err == nil {
			t.Fatal("one octet more was read")
		}
	})
}

func TestDeletionLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 16).Draw(t, "size")
		d := deletion{rapid.Byte().Draw(t, "protocol"),
			rapid.SliceOfN(octets(size, size), 1, 10).Draw(t, "spis")}
		b := d.payload().body
		got, err := parseDeletion(b)
		if err != nil || !reflect.DeepEqual(got, d) {
			t.Fatalf("%+v became %+v, %v", d, got, err)
		}
		for i := range b {
			if _, err := parseDeletion(b[:i]); !errors.Is(err, errMalformed) {
				t.Fatalf("%d of %d octets: %v", i, len(b), err)
			}
		}
	})
}

// TestNotificationLaws: the data is what is left, so only what stands before
// it can be missed.
func TestNotificationLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := notification{rapid.Byte().Draw(t, "protocol"), rapid.Uint16().Draw(t, "kind"),
			octets(0, 16).Draw(t, "spi"), octets(0, 16).Draw(t, "data")}
		b := n.payload().body
		got, err := parseNotification(b)
		if err != nil || !bytes.Equal(got.payload().body, b) || got.kind != n.kind {
			t.Fatalf("%+v became %+v, %v", n, got, err)
		}
		for i := range b[:8+len(n.spi)] {
			if _, err := parseNotification(b[:i]); !errors.Is(err, errMalformed) {
				t.Fatalf("%d octets: %v", i, err)
			}
		}
	})
}

func TestIdentityLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := identity{rapid.Byte().Draw(t, "kind"), rapid.Byte().Draw(t, "protocol"),
			rapid.Uint16().Draw(t, "port"), octets(0, 20).Draw(t, "data")}
		b := id.appendTo(nil)
		got, err := parseIdentity(b)
		if err != nil || !bytes.Equal(got.appendTo(nil), b) {
			t.Fatalf("%+v became %+v, %v", id, got, err)
		}
		for i := range 4 {
			if _, err := parseIdentity(b[:i]); !errors.Is(err, errMalformed) {
				t.Fatalf("%d octets: %v", i, err)
			}
		}
	})
}

func TestNumbers(t *testing.T) {
	for _, r := range []struct {
		value []byte
		want  uint32
		ok    bool
	}{{nil, 0, false}, {[]byte{1}, 1, true}, {[]byte{1, 2}, 258, true},
		{[]byte{0, 0, 0, 0, 9}, 9, true}, {[]byte{1, 0, 0, 0, 0}, 1<<32 - 1, true}} {
		if n, ok := (attribute{1, r.value}).number(); n != r.want || ok != r.ok {
			t.Errorf("%x is %d, %v", r.value, n, ok)
		}
	}
}
