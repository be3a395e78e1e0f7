package ike

import (
	"bytes"
	"crypto/ecdh"
	"crypto/elliptic"
	"encoding/hex"
	"errors"
	"io"

	"filippo.io/bigmod"

	"gresh/backend/sadb"
)

var errKeyExchange = errors.New("the peer's public value is not one of the group")

// A group is a Diffie-Hellman group: of integers modulo a prime, or of points
// on a curve. Secrets go through constant-time arithmetic only.
type group struct {
	prime  *bigmod.Modulus // nil: a curve
	curve  ecdh.Curve
	order  []byte // of the curve
	secret int    // octets of an exponent or scalar
	public int    // octets of a public value on the wire
	top    byte   // mask of the scalar's first octet
}

// groups are built once: they are constants with a derived form.
//
// An exponent needs twice the bits of the group's strength and no more (RFC
// 3526 section 8), which is what makes the larger groups affordable.
var groups = map[sadb.Group]*group{
	1: modp(prime1, 256), 2: modp(prime2, 256), 5: modp(prime5, 256),
	14: modp(prime14, 256), 15: modp(prime15, 288), 16: modp(prime16, 320),
	19: curve(ecdh.P256(), elliptic.P256(), 0xff), 20: curve(ecdh.P384(), elliptic.P384(), 0xff),
	21: curve(ecdh.P521(), elliptic.P521(), 0x01),
}

func modp(prime string, bits int) *group {
	octets, err := hex.DecodeString(prime)
	if err != nil {
		panic(err)
	}
	m, err := bigmod.NewModulus(octets)
	if err != nil {
		panic(err)
	}
	return &group{prime: m, secret: bits / 8, public: len(octets)}
}

func curve(c ecdh.Curve, same elliptic.Curve, top byte) *group {
	order := same.Params().N.Bytes()
	return &group{curve: c, order: order, secret: len(order), public: 2 * len(order), top: top}
}

// newSecret reads a private value. Scalars that the curve would refuse, zero or
// not below its order, are drawn again: nothing is told of those that are kept.
// It computes nothing, for it runs where computing must not be done.
func (g *group) newSecret(random io.Reader) ([]byte, error) {
	secret := make([]byte, g.secret)
	for range drawsMax {
		if _, err := io.ReadFull(random, secret); err != nil {
			return nil, err
		}
		if g.curve == nil {
			secret[0] |= 0x80 // of full length, so never 0 or 1
			return secret, nil
		}
		secret[0] &= g.top
		if bytes.Compare(secret, g.order) < 0 && bytes.Count(secret, []byte{0}) < len(secret) {
			return secret, nil
		}
	}
	return nil, errRandomness
}

// share is the public value that belongs to a secret of newSecret.
func (g *group) share(secret []byte) []byte {
	if g.curve == nil {
		two := bigmod.NewNat().SetUint(2).ExpandFor(g.prime)
		return bigmod.NewNat().Exp(two, secret, g.prime).Bytes(g.prime)
	}
	key, err := g.curve.NewPrivateKey(secret)
	if err != nil {
		return nil
	}
	return point(key)
}

// point is the public value of a key: both coordinates, without the octet that
// says so (RFC 5903 section 7).
func point(key *ecdh.PrivateKey) []byte { return key.PublicKey().Bytes()[1:] }

// check refuses a public value that is not an element of the group, or one
// that makes the shared secret known to everybody: 0, 1 and p-1.
func (g *group) check(public []byte) error {
	if len(public) != g.public {
		return errKeyExchange
	}
	if g.curve != nil {
		_, err := g.curve.NewPublicKey(append([]byte{4}, public...))
		if err != nil {
			return errKeyExchange
		}
		return nil
	}
	y, err := bigmod.NewNat().SetBytes(public, g.prime)
	if err != nil || y.IsZero() == 1 || y.IsOne() == 1 || y.IsMinusOne(g.prime) == 1 {
		return errKeyExchange
	}
	return nil
}

// agree computes the shared secret from ours and a public value that check
// has passed. It is nil where check would have failed.
func (g *group) agree(secret, public []byte) []byte {
	if g.curve == nil {
		y, err := bigmod.NewNat().SetBytes(public, g.prime)
		if err != nil {
			return nil
		}
		return bigmod.NewNat().Exp(y, secret, g.prime).Bytes(g.prime)
	}
	key, err := g.curve.NewPrivateKey(secret)
	if err != nil {
		return nil
	}
	return g.meet(key, public)
}

// meet is agree on a curve: the x coordinate alone (RFC 5903 section 7).
func (g *group) meet(key *ecdh.PrivateKey, public []byte) []byte {
	peer, err := g.curve.NewPublicKey(append([]byte{4}, public...))
	if err != nil {
		return nil
	}
	shared, err := key.ECDH(peer)
	if err != nil {
		return nil
	}
	return shared
}

// answer is share and agree, as a responder needs them: our public value, and
// after it the shared secret.
func (g *group) answer(secret, public []byte) []byte {
	if g.curve == nil {
		return append(g.share(secret), g.agree(secret, public)...)
	}
	key, err := g.curve.NewPrivateKey(secret)
	if err != nil {
		return nil
	}
	return append(point(key), g.meet(key, public)...)
}
