package ike

import (
	"bytes"
	"testing"
	"time"
)

// FuzzMessage reads anything as a message, and every payload in it as what it
// says it is. What is read is written back the same.
func FuzzMessage(f *testing.F) {
	f.Add(firstMessage(1, payload{payloadVendorID, vendorDPD}, hostNote()))
	f.Add(appendMessage(nil, header{initiator: cookie{1}, exchange: informational}, []payload{
		deletion{protoESP, [][]byte{be32(300)}}.payload(), hostNote(),
		{payloadID, hostIdentity(hub, 47, 0).appendTo(nil)}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseMessage(b)
		if err != nil {
			return
		}
		readAll(t, m)
		if got := appendMessage(nil, m.header, m.chain); !m.header.encrypted() && !bytes.Equal(got[20:], b[20:]) {
			t.Fatalf("%x was written back as %x", b, got)
		}
	})
}

func hostNote() payload {
	return notification{protoISAKMP, noteInitialContact, make([]byte, 16), nil}.payload()
}

// readAll parses each payload by its kind.
func readAll(t *testing.T, m message) {
	for _, p := range m.chain {
		switch p.kind {
		case payloadSA:
			if all, err := parseSA(p.body); err == nil {
				if got := appendSA(nil, all); !sameSA(got, all) {
					t.Fatalf("%x was written back as %x", p.body, got)
				}
				_, _, _ = chooseMain(standard(hub).Policies, all)
				_, _, _ = chooseQuick(standard(hub).SADBs[0], all, false)
			}
		case payloadID:
			_, _ = parseIdentity(p.body)
		case payloadNotification:
			_, _ = parseNotification(p.body)
		case payloadDelete:
			_, _ = parseDeletion(p.body)
		}
	}
}

// sameSA allows for one freedom of the format: a value of two octets may come
// in the long form, and is written in the short one.
func sameSA(b []byte, all []proposal) bool {
	again, err := parseSA(b)
	return err == nil && bytes.Equal(appendSA(nil, again), appendSA(nil, all))
}

// FuzzPlaintext reads anything as the decrypted payloads of a message.
func FuzzPlaintext(f *testing.F) {
	f.Add(uint8(payloadHash), appendChain(nil, []payload{{payloadHash, make([]byte, 20)}, hostNote()}))
	f.Add(uint8(payloadID), appendChain(nil, []payload{{payloadID, make([]byte, 8)}, {payloadHash,
		make([]byte, 20)}}))
	f.Fuzz(func(t *testing.T, next uint8, plain []byte) {
		m, err := parseBody(header{next: payloadType(next), flags: flagEncrypted}, plain)
		if err != nil {
			return
		}
		readAll(t, m)
		if got := appendChain(nil, m.chain); !bytes.HasPrefix(plain, got) {
			t.Fatalf("%x was written back as %x", plain, got)
		}
	})
}

// FuzzReceive hands anything to an engine that has an ISAKMP SA and a pair, in
// clear, or as payloads under the right keys and with the right hash: the
// worst that the peer itself can send. The engine must survive it, stay within
// one reply, and still be able to talk.
func FuzzReceive(f *testing.F) {
	ids := []payload{{payloadID, hostIdentity(spoke, 47, 0).appendTo(nil)}, {payloadID,
		hostIdentity(hub, 47, 0).appendTo(nil)}}
	offer := append([]payload{{payloadSA, goodOffer()}, {payloadNonce, make([]byte, 20)}}, ids...)
	f.Add(uint8(quickMode), uint8(payloadSA), true, appendChain(nil, offer))
	f.Add(uint8(informational), uint8(payloadDelete), true, appendChain(nil,
		[]payload{deletion{protoESP, [][]byte{be32(300)}}.payload()}))
	f.Add(uint8(informational), uint8(payloadNotification), true, appendChain(nil, []payload{hostNote()}))
	f.Add(uint8(mainMode), uint8(payloadSA), false, appendChain(nil, []payload{{payloadSA,
		offerMain(standard(hub).Policies)}}))
	f.Fuzz(func(t *testing.T, exchange, next uint8, keyed bool, plain []byte) {
		if len(plain) > 4096 {
			return
		}
		w := newWorld(t, 9, hub, spoke)
		w.configure(0, func(c *Config) { c.Policies[0].Group = 19 })
		w.configure(1, func(c *Config) { c.Policies[0].Group = 19 })
		w.initiate(1, 0)
		w.run(time.Second)
		p := w.nodes[1].live()[0]
		packet := append(header{initiator: cookie{5}, next: payloadType(next), exchange: exchangeType(exchange)}.
			appendTo(nil, len(plain)), plain...)
		if keyed {
			packet = sealRaw(p, exchangeType(exchange), payloadType(next), plain)
		}
		out := w.nodes[0].Receive(w.now, from(spoke, packet))
		if len(out.Send) > 1 {
			t.Fatalf("%d replies to one datagram", len(out.Send))
		}
		w.carry(w.nodes[0], out)
		w.run(5 * time.Minute)
		w.nodes[0].failed, w.nodes[0].pairs = nil, nil
		w.initiate(0, 1)
		w.run(2 * time.Minute)
		w.initiate(0, 1)
		w.run(2 * time.Minute)
		if len(w.nodes[0].pairs) == 0 {
			t.Fatalf("after it, nothing works: %s", w.nodes[0].story())
		}
	})
}

// sealRaw seals octets that need be no payloads at all, behind a hash that
// holds for them.
func sealRaw(p *phase1, exchange exchangeType, next payloadType, plain []byte) []byte {
	const id = 4711
	sum := p.keys.hash.prf(p.keys.a, be32(id), plain)
	body := append(append([]byte{byte(next), 0, 0, byte(genericSize + len(sum))}, sum...), plain...)
	size := p.keys.block.BlockSize()
	body = append(body, make([]byte, (size-len(body)%size)%size)...)
	h := p.header(exchange, id)
	h.next, h.flags = payloadHash, flagEncrypted
	return append(h.appendTo(nil, len(body)), p.keys.encrypt(p.keys.iv(p.last, id), body)...)
}
