package eigrp

import (
	"crypto/md5"
	"crypto/subtle"
	"encoding/binary"
	"slices"
)

const (
	authMD5    = 2
	authOctets = 40 // of the TLV
	digestFrom = headerOctets + 24
	digestTo   = headerOctets + authOctets
	secretPad  = 16 // shorter secrets are filled up with zeros
)

// A Key is one of a key chain.
type Key struct {
	ID     uint32
	Secret string
}

// appendTLV appends an authentication TLV without its digest.
func (k *Key) appendTLV(b []byte) []byte {
	return appendTLV(b, tlvAuthentication, func(b []byte) []byte {
		b = binary.BigEndian.AppendUint16(b, authMD5)
		b = binary.BigEndian.AppendUint16(b, md5.Size)
		b = binary.BigEndian.AppendUint32(b, k.ID)
		return append(b, make([]byte, 4+8+md5.Size)...) // key sequence, padding, digest
	})
}

// sign puts the digest into a packet whose first TLV is for it.
func (k *Key) sign(packet []byte) {
	sum := k.digest(packet, packet[digestTo:])
	copy(packet[digestFrom:digestTo], sum[:])
}

// digest is over the header without its checksum, the TLV up to the digest,
// the secret, and what follows the digest.
func (k *Key) digest(packet, rest []byte) [md5.Size]byte {
	text := slices.Clone(packet[:digestFrom])
	text[2], text[3] = 0, 0
	text = append(text, k.Secret...)
	if n := secretPad - len(k.Secret); n > 0 {
		text = append(text, make([]byte, n)...)
	}
	return md5.Sum(append(text, rest...))
}

// authentic says whether a packet is signed with one of the keys, or whether
// none is wanted. The digest of a Hello may leave out its TLVs: some releases
// of IOS sign nothing else.
func authentic(packet []byte, keys []Key) bool {
	if len(keys) == 0 {
		return true
	}
	if len(packet) < digestTo || binary.BigEndian.Uint16(packet[headerOctets:]) != tlvAuthentication ||
		binary.BigEndian.Uint16(packet[headerOctets+2:]) != authOctets ||
		binary.BigEndian.Uint16(packet[headerOctets+4:]) != authMD5 {
		return false
	}
	id := binary.BigEndian.Uint32(packet[headerOctets+8:])
	for _, k := range keys {
		if k.ID != id {
			continue
		}
		whole, bare := k.digest(packet, packet[digestTo:]), k.digest(packet, nil)
		sum := packet[digestFrom:digestTo]
		if subtle.ConstantTimeCompare(sum, whole[:]) == 1 {
			return true
		}
		return Opcode(packet[1]) == Hello && subtle.ConstantTimeCompare(sum, bare[:]) == 1
	}
	return false
}
