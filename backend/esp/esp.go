// Package esp seals and opens one packet under one SA: ESP (RFC 4303) and AH
// (RFC 4302) with their algorithms, sequence numbers and the replay window. It
// chooses no SA, and does not know why a packet is sealed; the IP header
// around it is the caller's, but for what AH protects of it.
package esp

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"

	"gresh/backend/sadb"
)

// The reasons for which a packet is refused.
var (
	ErrShort     = errors.New("packet cut short")
	ErrICV       = errors.New("integrity check failed")
	ErrReplay    = errors.New("replayed packet")
	ErrPadding   = errors.New("wrong padding")
	ErrExhausted = errors.New("sequence numbers exhausted")
)

// A State is an SA at work: keys expanded, sequence number, replay window.
type State struct {
	sa     sadb.SA
	block  cipher.Block
	aead   cipher.AEAD
	salt   [4]byte
	mac    hash.Hash
	icvLen int
	rand   io.Reader
	seq    uint32
	window Window
}

// New prepares an SA. rand gives initialisation vectors of CBC; a State that
// only opens does not need it.
func New(sa sadb.SA, rand io.Reader) (*State, error) {
	s := &State{sa: sa, rand: rand, window: NewWindow(sa.Replay)}
	var err error
	switch sa.Cipher {
	case sadb.NoCipher, sadb.Null:
	case sadb.DES:
		s.block, err = des.NewCipher(sa.EncKey)
	case sadb.TripleDES:
		s.block, err = des.NewTripleDESCipher(sa.EncKey)
	case sadb.AES:
		s.block, err = aes.NewCipher(sa.EncKey)
	case sadb.GCM:
		err = s.newGCM(sa.EncKey)
	default:
		err = fmt.Errorf("no cipher %d", sa.Cipher)
	}
	if err != nil {
		return nil, err
	}
	if make := hashes[sa.Integrity]; make != nil {
		s.mac, s.icvLen = hmac.New(make, sa.AuthKey), icvLengths[sa.Integrity]
	}
	if s.mac == nil && s.aead == nil && s.block == nil {
		return nil, errors.New("the SA neither encrypts nor authenticates")
	}
	return s, nil
}

// newGCM splits RFC 4106's keying material: the key, then 4 octets of salt.
func (s *State) newGCM(material []byte) error {
	if len(material) < 4 {
		return ErrShort
	}
	key := material[:len(material)-4]
	copy(s.salt[:], material[len(key):])
	block, err := aes.NewCipher(key)
	if err != nil {
		return err
	}
	s.aead, err = cipher.NewGCM(block)
	return err
}

var hashes = map[sadb.Integrity]func() hash.Hash{
	sadb.MD5: md5.New, sadb.SHA1: sha1.New, sadb.SHA256: sha256.New,
	sadb.SHA384: sha512.New384, sadb.SHA512: sha512.New,
}

// icvLengths are how many octets of the HMAC go on the wire (RFC 2403, 2404,
// 4868).
var icvLengths = map[sadb.Integrity]int{
	sadb.MD5: 12, sadb.SHA1: 12, sadb.SHA256: 16, sadb.SHA384: 24, sadb.SHA512: 32,
}

const (
	headerLen = 8 // SPI and sequence number
	gcmIVLen  = 8
	nextDummy = 59 // RFC 4303 section 2.6: to be discarded
)

// next takes the next sequence number. It never cycles: RFC 4303 section 3.3.3.
func (s *State) next() (uint32, error) {
	if s.seq == ^uint32(0) {
		return 0, ErrExhausted
	}
	s.seq++
	return s.seq, nil
}

// Seal appends to dst an ESP packet around payload, whose protocol is next.
func (s *State) Seal(dst, payload []byte, next uint8) ([]byte, error) {
	seq, err := s.next()
	if err != nil {
		return dst, err
	}
	begin := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, s.sa.SPI)
	dst = binary.BigEndian.AppendUint32(dst, seq)
	align := 4
	if s.block != nil {
		align = max(align, s.block.BlockSize())
	}
	if dst, err = s.appendIV(dst, seq); err != nil {
		return dst[:begin], err
	}
	body := len(dst)
	dst = append(dst, payload...)
	dst = appendTrailer(dst, body, align, next)
	switch {
	case s.aead != nil:
		iv := dst[body-gcmIVLen : body]
		dst = s.aead.Seal(dst[:body], s.nonce(iv), dst[body:], dst[begin:begin+headerLen])
	case s.block != nil:
		iv := dst[body-s.block.BlockSize() : body]
		cipher.NewCBCEncrypter(s.block, iv).CryptBlocks(dst[body:], dst[body:])
	}
	if s.mac != nil {
		dst = append(dst, s.icv(dst[begin:])...)
	}
	return dst, nil
}

// appendIV appends the IV: for GCM the sequence number, which never repeats
// (RFC 4106 section 3.1); for CBC an unpredictable one.
func (s *State) appendIV(dst []byte, seq uint32) ([]byte, error) {
	switch {
	case s.aead != nil:
		return binary.BigEndian.AppendUint64(dst, uint64(seq)), nil
	case s.block != nil:
		n := s.block.BlockSize()
		dst = append(dst, make([]byte, n)...)
		_, err := io.ReadFull(s.rand, dst[len(dst)-n:])
		return dst, err
	}
	return dst, nil
}

// appendTrailer pads with 1, 2, 3, … (RFC 4303 section 2.4) so that what began
// at body ends on a boundary.
func appendTrailer(dst []byte, body, align int, next uint8) []byte {
	pad := (align - (len(dst)-body+2)%align) % align
	for i := range pad {
		dst = append(dst, byte(i+1))
	}
	return append(dst, byte(pad), next)
}

func (s *State) nonce(iv []byte) []byte { return append(s.salt[:4:4], iv...) }

func (s *State) icv(b []byte) []byte {
	s.mac.Reset()
	s.mac.Write(b)
	return s.mac.Sum(nil)[:s.icvLen]
}

// Open reads an ESP packet of the SA and returns its payload and the payload's
// protocol. The packet is overwritten; the payload aliases it. A dummy packet
// (next header 59) has a nil payload.
func (s *State) Open(packet []byte) (payload []byte, next uint8, err error) {
	ivLen, overhead := s.sizes()
	if len(packet) < headerLen+ivLen+2+overhead {
		return nil, 0, ErrShort
	}
	seq := binary.BigEndian.Uint32(packet[4:])
	if !s.window.Fresh(seq) {
		return nil, 0, ErrReplay
	}
	end := len(packet) - s.icvLen
	if s.mac != nil && subtle.ConstantTimeCompare(s.icv(packet[:end]), packet[end:]) != 1 {
		return nil, 0, ErrICV
	}
	body, err := s.decrypt(packet[:end], ivLen)
	if err != nil {
		return nil, 0, err
	}
	// RFC 4303 section 3.4.3: "The receive window is updated only if the
	// integrity verification succeeds."
	s.window.Accept(seq)
	if body, next, err = trim(body); next == nextDummy {
		return nil, next, err
	}
	return body, next, err
}

func (s *State) sizes() (iv, overhead int) {
	switch {
	case s.aead != nil:
		return gcmIVLen, s.aead.Overhead()
	case s.block != nil:
		return s.block.BlockSize(), s.icvLen
	}
	return 0, s.icvLen
}

func (s *State) decrypt(packet []byte, ivLen int) ([]byte, error) {
	iv, body := packet[headerLen:headerLen+ivLen], packet[headerLen+ivLen:]
	switch {
	case s.aead != nil:
		plain, err := s.aead.Open(body[:0], s.nonce(iv), body, packet[:headerLen])
		if err != nil {
			return nil, ErrICV
		}
		return plain, nil
	case s.block != nil:
		if len(body)%s.block.BlockSize() != 0 {
			return nil, ErrShort
		}
		cipher.NewCBCDecrypter(s.block, iv).CryptBlocks(body, body)
	}
	return body, nil
}

// trim takes off the trailer, checking the padding as RFC 4303 section 2.4
// suggests.
func trim(body []byte) ([]byte, uint8, error) {
	if len(body) < 2 {
		return nil, 0, ErrShort
	}
	next, pad := body[len(body)-1], int(body[len(body)-2])
	body = body[:len(body)-2]
	if pad > len(body) {
		return nil, 0, ErrPadding
	}
	for i, b := range body[len(body)-pad:] {
		if int(b) != i+1 {
			return nil, 0, ErrPadding
		}
	}
	return body[:len(body)-pad], next, nil
}
