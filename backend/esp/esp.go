// Package esp seals and opens one packet under one SA: ESP (RFC 4303) and AH
// (RFC 4302) with their algorithms, sequence numbers and replay window, and
// ESP in UDP (RFC 3948). It chooses no SA and does not know why a packet is
// sealed; the IP header around it is the caller's, but for what AH protects
// of it.
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

// A State is an SA at work: keys expanded, sequence number, replay window. It
// serves one packet at a time, and allocates nothing for it.
type State struct {
	spi    uint32
	seq    uint32 // of the packet sent last
	window Window
	rand   io.Reader

	block          cipher.Block // of CBC; nil: another mode, or none
	encrypt        chained
	decrypt        chained
	aead           cipher.AEAD
	nonce          [saltLen + gcmIVLen]byte // GCM: salt, then the packet's IV
	mac            hash.Hash
	icvLen, ivLen  int
	sum            [sha512.Size]byte // room for an ICV
	immutableStore [ipHeaderMax]byte // room for an IP header as AH sees it
}

// A chained is a CBC mode that can begin again from another IV.
type chained interface {
	cipher.BlockMode
	SetIV([]byte)
}

const (
	headerLen   = 8 // SPI, sequence number
	trailerLen  = 2 // pad length, next header
	saltLen     = 4
	gcmIVLen    = 8
	ipHeaderMax = 60
)

// An algorithm is how an HMAC is used: its key is as long as its hash.
type algorithm struct {
	hash    func() hash.Hash
	keyLen  int
	icvLen  int // octets on the wire: RFC 2403, 2404 and 4868
	display string
}

var algorithms = map[sadb.Integrity]algorithm{
	sadb.MD5:    {md5.New, md5.Size, 12, "HMAC-MD5-96"},
	sadb.SHA1:   {sha1.New, sha1.Size, 12, "HMAC-SHA1-96"},
	sadb.SHA256: {sha256.New, sha256.Size, 16, "HMAC-SHA-256-128"},
	sadb.SHA384: {sha512.New384, sha512.Size384, 24, "HMAC-SHA-384-192"},
	sadb.SHA512: {sha512.New, sha512.Size, 32, "HMAC-SHA-512-256"},
}

// New prepares an SA. rand gives the initialisation vectors of CBC, which
// nobody may be able to predict; a State that only opens does not need it.
func New(sa sadb.SA, rand io.Reader) (*State, error) {
	s := &State{spi: sa.SPI, rand: rand}
	if err := s.setCipher(sa); err != nil {
		return nil, err
	}
	if a, ok := algorithms[sa.Integrity]; ok {
		if len(sa.AuthKey) != a.keyLen {
			return nil, fmt.Errorf("%s with a key of %d octets", a.display, len(sa.AuthKey))
		}
		s.mac, s.icvLen = hmac.New(a.hash, sa.AuthKey), a.icvLen
	} else if sa.Integrity != sadb.NoIntegrity {
		return nil, fmt.Errorf("unknown integrity algorithm %d", sa.Integrity)
	}
	switch {
	case sa.Proto == sadb.AH && s.mac == nil:
		return nil, errors.New("AH without an integrity algorithm")
	case s.mac == nil && s.aead == nil && s.block == nil:
		return nil, errors.New("the SA neither encrypts nor authenticates")
	case s.mac != nil || s.aead != nil:
		s.window = NewWindow(sa.Replay) // RFC 4303 section 3.4.3: not without integrity
	}
	return s, nil
}

func (s *State) setCipher(sa sadb.SA) (err error) {
	switch sa.Cipher {
	case sadb.NoCipher, sadb.Null:
		return nil
	case sadb.GCM:
		return s.setGCM(sa.EncKey)
	case sadb.DES:
		s.block, err = des.NewCipher(sa.EncKey)
	case sadb.TripleDES:
		s.block, err = des.NewTripleDESCipher(sa.EncKey)
	case sadb.AES:
		s.block, err = aes.NewCipher(sa.EncKey)
	default:
		err = fmt.Errorf("unknown cipher %d", sa.Cipher)
	}
	if err != nil {
		return err
	}
	s.ivLen = s.block.BlockSize()
	zero := make([]byte, s.ivLen)
	s.encrypt = cipher.NewCBCEncrypter(s.block, zero).(chained)
	s.decrypt = cipher.NewCBCDecrypter(s.block, zero).(chained)
	return nil
}

// setGCM splits the keying material of RFC 4106 section 8.1: the key, then
// four octets of salt.
func (s *State) setGCM(material []byte) error {
	if len(material) < saltLen {
		return fmt.Errorf("GCM with %d octets of key", len(material))
	}
	key, salt := material[:len(material)-saltLen], material[len(material)-saltLen:]
	block, err := aes.NewCipher(key)
	if err != nil {
		return err
	}
	s.aead, err = cipher.NewGCM(block)
	s.ivLen = gcmIVLen
	copy(s.nonce[:], salt)
	return err
}

// number takes the next sequence number. RFC 4303 section 3.3.3: the counter
// "is not allowed to cycle".
func (s *State) number() (uint32, error) {
	if s.seq == ^uint32(0) {
		return 0, ErrExhausted
	}
	s.seq++
	return s.seq, nil
}

// digest is the ICV over the parts, valid until the next packet.
func (s *State) digest(parts ...[]byte) []byte {
	s.mac.Reset()
	for _, p := range parts {
		s.mac.Write(p)
	}
	return s.mac.Sum(s.sum[:0])[:s.icvLen]
}
