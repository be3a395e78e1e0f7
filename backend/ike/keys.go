package ike

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"hash"
)

func (h Hash) new() hash.Hash {
	switch h {
	case MD5:
		return md5.New()
	case SHA256:
		return sha256.New()
	case SHA384:
		return sha512.New384()
	case SHA512:
		return sha512.New()
	}
	return sha1.New()
}

// sum is the plain hash of the concatenated parts.
func (h Hash) sum(parts ...[]byte) []byte {
	s := h.new()
	for _, p := range parts {
		s.Write(p)
	}
	return s.Sum(nil)
}

// prf is the pseudo-random function of RFC 2409 section 4: HMAC of the hash.
func (h Hash) prf(key []byte, parts ...[]byte) []byte {
	s := hmac.New(h.new, key)
	for _, p := range parts {
		s.Write(p)
	}
	return s.Sum(nil)
}

func (e Encryption) keySize() int {
	return [...]int{DES: 8, TripleDES: 24, AES128: 16, AES192: 24, AES256: 32}[e]
}

// block is the cipher under a key of keySize octets.
func (e Encryption) block(key []byte) cipher.Block {
	var b cipher.Block
	switch e {
	case DES:
		b, _ = des.NewCipher(key)
	case TripleDES:
		b, _ = des.NewTripleDESCipher(key)
	default:
		b, _ = aes.NewCipher(key)
	}
	return b
}

// secrets are what both sides put in, or have agreed on, before they have keys.
type secrets struct {
	hash       Hash
	encryption Encryption
	ni, nr     []byte // the nonces
	gi, gr     []byte // the public values
	shared     []byte // g^xy
	initiator  cookie
	responder  cookie
}

// keys protect everything after the key exchange (RFC 2409 section 5).
type keys struct {
	hash    Hash
	skeyid  []byte
	d, a, e []byte // SKEYID_d, SKEYID_a, SKEYID_e
	block   cipher.Block
	first   []byte // the IV of the first encrypted message of main mode
}

// under derives the keys under one pre-shared key.
func (s *secrets) under(preShared string) *keys {
	k := &keys{hash: s.hash}
	ci, cr := s.initiator[:], s.responder[:]
	k.skeyid = s.hash.prf([]byte(preShared), s.ni, s.nr)
	k.d = s.hash.prf(k.skeyid, s.shared, ci, cr, []byte{0})
	k.a = s.hash.prf(k.skeyid, k.d, s.shared, ci, cr, []byte{1})
	k.e = s.hash.prf(k.skeyid, k.a, s.shared, ci, cr, []byte{2})
	k.block = s.encryption.block(s.hash.stretch(k.e, s.encryption.keySize()))
	k.first = s.hash.sum(s.gi, s.gr)[:k.block.BlockSize()]
	return k
}

// stretch makes a cipher key of SKEYID_e (RFC 2409 appendix B).
func (h Hash) stretch(e []byte, size int) []byte {
	if size <= len(e) {
		return e[:size]
	}
	var key []byte
	for k := h.prf(e, []byte{0}); ; k = h.prf(e, k) {
		if key = append(key, k...); len(key) >= size {
			return key[:size]
		}
	}
}

// authInitiator and authResponder are HASH_I and HASH_R.
func (s *secrets) authInitiator(k *keys, sa, id []byte) []byte {
	return s.hash.prf(k.skeyid, s.gi, s.gr, s.initiator[:], s.responder[:], sa, id)
}

func (s *secrets) authResponder(k *keys, sa, id []byte) []byte {
	return s.hash.prf(k.skeyid, s.gr, s.gi, s.responder[:], s.initiator[:], sa, id)
}

// iv is the first IV of an exchange of phase 2: it depends on the last block
// of phase 1 and on the message ID (RFC 2409 appendix B).
func (k *keys) iv(last []byte, id uint32) []byte {
	return k.hash.sum(last, be32(id))[:k.block.BlockSize()]
}

func be32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// seal makes an encrypted message. The next message of the exchange, in
// whichever direction, starts from the IV that it returns.
func (k *keys) seal(iv []byte, h header, chain []payload) (packet, next []byte) {
	size := k.block.BlockSize()
	body := appendChain(nil, chain)
	body = append(body, make([]byte, (size-len(body)%size)%size)...)
	k.encrypt(iv, body)
	h.next, h.flags = firstKind(chain), h.flags|flagEncrypted
	return append(h.appendTo(nil, len(body)), body...), body[len(body)-size:]
}

// encrypt works in place, on whole blocks.
func (k *keys) encrypt(iv, blocks []byte) []byte {
	cipher.NewCBCEncrypter(k.block, iv).CryptBlocks(blocks, blocks)
	return blocks
}

// open decrypts a message and parses it. It changes nothing: only when the
// message has proved authentic may the caller adopt the IV that follows it.
func (k *keys) open(iv []byte, h header, body []byte) (m message, next []byte, err error) {
	size := k.block.BlockSize()
	if len(body) == 0 || len(body)%size != 0 {
		return message{}, nil, malformed("encrypted message: not of whole blocks")
	}
	plain := make([]byte, len(body))
	cipher.NewCBCDecrypter(k.block, iv).CryptBlocks(plain, body)
	m, err = parseBody(h, plain)
	return m, append([]byte(nil), body[len(body)-size:]...), err
}

// verify says whether a message of phase 2 begins with the HASH payload that
// its other payloads, under the leading parts, must have.
func (k *keys) verify(m *message, lead ...[]byte) bool {
	if len(m.chain) == 0 || m.chain[0].kind != payloadHash {
		return false
	}
	want := k.hash.prf(k.a, append(lead, m.afterHash)...)
	return hmac.Equal(want, m.chain[0].body)
}

// protect puts the HASH payload in front of a chain of phase 2.
func (k *keys) protect(chain []payload, lead ...[]byte) []payload {
	sum := k.hash.prf(k.a, append(lead, appendChain(nil, chain))...)
	return append([]payload{{payloadHash, sum}}, chain...)
}

// material is KEYMAT for one SA (RFC 2409 section 5.5); shared is empty
// without perfect forward secrecy.
func (k *keys) material(size int, shared []byte, protocol uint8, spi uint32, ni, nr []byte) []byte {
	seed := [][]byte{shared, {protocol}, be32(spi), ni, nr}
	var out []byte
	for last := []byte(nil); len(out) < size; out = append(out, last...) {
		last = k.hash.prf(k.d, append([][]byte{last}, seed...)...)
	}
	return out[:size]
}
