package esp

import (
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"io"
)

// nextDummy is the next header of a packet that hides how much is sent: it is
// to be discarded "without indicating an error" (RFC 4303 section 2.6).
const nextDummy = 59

// Overhead is how many octets Seal adds at most.
func (s *State) Overhead() int {
	n := headerLen + s.ivLen + trailerLen + s.align() - 1 + s.icvLen
	if s.aead != nil {
		n += s.aead.Overhead()
	}
	return n
}

// align is the boundary on which the trailer ends (RFC 4303 section 2.4).
func (s *State) align() int {
	if s.block != nil {
		return s.block.BlockSize()
	}
	return 4
}

// Seal appends to dst an ESP packet around payload, whose protocol is next.
// dst and payload must not overlap.
func (s *State) Seal(dst, payload []byte, next uint8) ([]byte, error) {
	seq, err := s.number()
	if err != nil {
		return dst, err
	}
	begin := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, s.spi)
	dst = binary.BigEndian.AppendUint32(dst, seq)
	if dst, err = s.appendIV(dst, seq); err != nil {
		return dst[:begin], err
	}
	return s.finish(dst, begin, payload, next), nil
}

// appendIV appends the IV: for GCM the sequence number, which never repeats
// under a key (RFC 4106 section 3.1); for CBC an unpredictable one.
func (s *State) appendIV(dst []byte, seq uint32) ([]byte, error) {
	switch {
	case s.aead != nil:
		return binary.BigEndian.AppendUint64(dst, uint64(seq)), nil
	case s.block == nil:
		return dst, nil
	case s.rand == nil:
		return dst, errors.New("no source of initialisation vectors")
	}
	at := len(dst)
	dst = append(dst, zeros[:s.ivLen]...)
	_, err := io.ReadFull(s.rand, dst[at:])
	return dst, err
}

var zeros [64]byte

// finish appends payload and trailer to a header and IV that began at begin,
// encrypts them and appends the ICV.
func (s *State) finish(dst []byte, begin int, payload []byte, next uint8) []byte {
	body := len(dst)
	dst = append(dst, payload...)
	dst = appendTrailer(dst, body, s.align(), next)
	iv := dst[body-s.ivLen : body]
	switch {
	case s.aead != nil:
		copy(s.nonce[saltLen:], iv)
		dst = s.aead.Seal(dst[:body], s.nonce[:], dst[body:], dst[begin:begin+headerLen])
	case s.block != nil:
		s.encrypt.SetIV(iv)
		s.encrypt.CryptBlocks(dst[body:], dst[body:])
	}
	if s.mac != nil {
		dst = append(dst, s.digest(dst[begin:])...)
	}
	return dst
}

// appendTrailer pads with 1, 2, 3, … (RFC 4303 section 2.4) so that what began
// at body ends on a boundary.
func appendTrailer(dst []byte, body, align int, next uint8) []byte {
	pad := (align - (len(dst)-body+trailerLen)%align) % align
	for i := range pad {
		dst = append(dst, byte(i+1))
	}
	return append(dst, byte(pad), next)
}

// Open reads an ESP packet of the SA and returns its payload and the payload's
// protocol. The packet is decrypted in place; the payload aliases it. A dummy
// packet has a nil payload and no error.
func (s *State) Open(packet []byte) (payload []byte, next uint8, err error) {
	least := headerLen + s.ivLen + trailerLen + s.icvLen
	if s.aead != nil {
		least += s.aead.Overhead()
	}
	if len(packet) < least {
		return nil, 0, ErrShort
	}
	seq := binary.BigEndian.Uint32(packet[4:])
	if !s.window.Fresh(seq) {
		return nil, 0, ErrReplay
	}
	sealed := packet[:len(packet)-s.icvLen]
	if s.mac != nil && subtle.ConstantTimeCompare(s.digest(sealed), packet[len(sealed):]) != 1 {
		return nil, 0, ErrICV
	}
	body, err := s.decipher(sealed)
	if err != nil {
		return nil, 0, err
	}
	// RFC 4303 section 3.4.3: "The receive window is updated only if the
	// integrity verification succeeds."
	s.window.Accept(seq)
	payload, next, err = trim(body)
	if err == nil && next == nextDummy {
		return nil, next, nil
	}
	return payload, next, err
}

func (s *State) decipher(packet []byte) ([]byte, error) {
	iv, body := packet[headerLen:headerLen+s.ivLen], packet[headerLen+s.ivLen:]
	switch {
	case s.aead != nil:
		copy(s.nonce[saltLen:], iv)
		plain, err := s.aead.Open(body[:0], s.nonce[:], body, packet[:headerLen])
		if err != nil {
			return nil, ErrICV
		}
		return plain, nil
	case s.block != nil:
		if len(body)%s.ivLen != 0 {
			return nil, ErrShort
		}
		s.decrypt.SetIV(iv)
		s.decrypt.CryptBlocks(body, body)
	}
	return body, nil
}

// trim takes off the trailer. The receiver of padding that the cipher did not
// ask for "SHOULD inspect" it (RFC 4303 section 2.4).
func trim(body []byte) ([]byte, uint8, error) {
	if len(body) < trailerLen {
		return nil, 0, ErrShort
	}
	end := len(body) - trailerLen
	pad, next := int(body[end]), body[end+1]
	if pad > end {
		return nil, 0, ErrPadding
	}
	for i, b := range body[end-pad : end] {
		if int(b) != i+1 {
			return nil, 0, ErrPadding
		}
	}
	return body[: end-pad : end-pad], next, nil
}
