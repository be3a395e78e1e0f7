package ike

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
)

const (
	headerSize  = 28
	genericSize = 4 // of the header every payload begins with

	messageMax  = 8192 // octets: a half-open SA keeps one message at most
	payloadsMax = 20   // in one message
)

// errMalformed is wrapped by every error of the codec.
var errMalformed = errors.New("malformed")

func malformed(what string) error { return fmt.Errorf("%w %s", errMalformed, what) }

func itoa(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

// A reader consumes a slice from its front. The first field that is not there
// makes every later one zero, and is remembered in err.
type reader struct {
	b    []byte
	what string // of what the fields are, for the error
	err  error
}

func (r *reader) bytes(n int) []byte {
	if r.err != nil || n > len(r.b) {
		if r.err == nil {
			r.err = malformed(r.what)
		}
		return nil
	}
	field := r.b[:n:n]
	r.b = r.b[n:]
	return field
}

func (r *reader) uint8() uint8 {
	if f := r.bytes(1); f != nil {
		return f[0]
	}
	return 0
}

func (r *reader) uint16() uint16 {
	if f := r.bytes(2); f != nil {
		return binary.BigEndian.Uint16(f)
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if f := r.bytes(4); f != nil {
		return binary.BigEndian.Uint32(f)
	}
	return 0
}

func (r *reader) rest() []byte { return r.bytes(len(r.b)) }

// fail makes the reader fail unless ok holds of what was read.
func (r *reader) need(ok bool) {
	if r.err == nil && !ok {
		r.err = malformed(r.what)
	}
}

// A cookie is one half of the name of an ISAKMP SA.
type cookie [8]byte

// A header begins every message (RFC 2408 section 3.1).
type header struct {
	initiator, responder cookie
	next                 payloadType
	exchange             exchangeType
	flags                uint8
	messageID            uint32
}

func (h header) encrypted() bool { return h.flags&flagEncrypted != 0 }

// parseHeader splits a datagram into header and body. The length in the
// header must be that of the datagram: what is longer or shorter is not read.
func parseHeader(b []byte) (h header, body []byte, err error) {
	r := &reader{b: b, what: "header"}
	// Initiator Cookie (8)
	copy(h.initiator[:], r.bytes(8))
	// Responder Cookie (8)
	copy(h.responder[:], r.bytes(8))
	// Next Payload (1)
	h.next = payloadType(r.uint8())
	// MjVer (4 bits), MnVer (4 bits)
	r.need(r.uint8()>>4 == version1>>4)
	// Exchange Type (1)
	h.exchange = exchangeType(r.uint8())
	// Flags (1)
	h.flags = r.uint8()
	// Message ID (4)
	h.messageID = r.uint32()
	// Length (4)
	r.need(int64(r.uint32()) == int64(len(b)) && len(b) <= messageMax)
	r.need(h.initiator != cookie{})
	return h, r.b, r.err
}

// appendHeader appends the header of a message whose body has size octets.
func (h header) appendTo(b []byte, size int) []byte {
	b = append(b, h.initiator[:]...)
	b = append(b, h.responder[:]...)
	b = append(b, byte(h.next), version1, byte(h.exchange), h.flags)
	b = binary.BigEndian.AppendUint32(b, h.messageID)
	return binary.BigEndian.AppendUint32(b, uint32(headerSize+size))
}

// A payload is one link of a message's chain. The body aliases the message.
type payload struct {
	kind payloadType
	body []byte
}

// parseChain reads the payloads of a message and says how many octets they
// take; what follows them can only be padding.
func parseChain(next payloadType, b []byte) (chain []payload, used int, err error) {
	r := &reader{b: b, what: "payload"}
	for next != payloadNone {
		if !next.known() {
			return nil, 0, malformed("payload of type " + itoa(uint32(next)))
		}
		if len(chain) == payloadsMax {
			return nil, 0, malformed("chain of more than 20 payloads")
		}
		kind := next
		// Next Payload (1)
		next = payloadType(r.uint8())
		// RESERVED (1)
		r.need(r.uint8() == 0)
		// Payload Length (2)
		length := int(r.uint16())
		r.need(length >= genericSize)
		body := r.bytes(max(length-genericSize, 0))
		if r.err != nil {
			return nil, 0, r.err
		}
		chain = append(chain, payload{kind, body})
	}
	return chain, len(b) - len(r.b), nil
}

// appendChain appends payloads, each naming the type of the one after it.
func appendChain(b []byte, chain []payload) []byte {
	for i, p := range chain {
		next := payloadNone
		if i+1 < len(chain) {
			next = chain[i+1].kind
		}
		b = append(b, byte(next), 0)
		b = binary.BigEndian.AppendUint16(b, uint16(genericSize+len(p.body)))
		b = append(b, p.body...)
	}
	return b
}

// firstKind is what the header's Next Payload must say of a chain.
func firstKind(chain []payload) payloadType {
	if len(chain) == 0 {
		return payloadNone
	}
	return chain[0].kind
}

// A message is what came in, parsed and, if it was encrypted, decrypted.
type message struct {
	header
	chain []payload
	// afterHash are the octets of the payloads that follow the first: what a
	// HASH payload in front of them authenticates.
	afterHash []byte
}

// parseBody makes a message of a plaintext. Padding may follow the payloads
// of what was encrypted, and of nothing else.
func parseBody(h header, plain []byte) (message, error) {
	chain, used, err := parseChain(h.next, plain)
	if err != nil {
		return message{}, err
	}
	if used != len(plain) && !h.encrypted() {
		return message{}, malformed("message: octets after the last payload")
	}
	m := message{header: h, chain: chain}
	if len(chain) > 0 {
		m.afterHash = plain[genericSize+len(chain[0].body) : used]
	}
	return m, nil
}

// first returns the body of the first payload of a kind, nil if there is none.
func (m *message) first(kind payloadType) []byte {
	for _, p := range m.chain {
		if p.kind == kind {
			return p.body
		}
	}
	return nil
}

// all returns the bodies of all payloads of a kind.
func (m *message) all(kind payloadType) (bodies [][]byte) {
	for _, p := range m.chain {
		if p.kind == kind {
			bodies = append(bodies, p.body)
		}
	}
	return bodies
}

// appendMessage appends a message in clear.
func appendMessage(b []byte, h header, chain []payload) []byte {
	body := appendChain(nil, chain)
	h.next = firstKind(chain)
	return append(h.appendTo(b, len(body)), body...)
}
