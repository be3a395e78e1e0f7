// Package keypair is the router's own key pairs, by which it shows who it is:
// making them and the form in which they are kept. It keeps nothing itself and
// reads no clock. How long making takes is its caller's to bear.
package keypair

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"
)

// An Algorithm is what a key pair is for.
type Algorithm uint8

// The algorithms.
const (
	RSA Algorithm = iota
	EC
	Ed25519
)

// String is the name of the algorithm in views and files.
func (a Algorithm) String() string { return [...]string{"RSA", "EC", "ED25519"}[a] }

// A Pair is a key pair. Its private half is never printed.
type Pair struct {
	Label  string
	Made   time.Time
	Signer crypto.Signer
}

// errKind is the answer to a key of a kind that is not used here.
var errKind = errors.New("a key of an unknown kind")

// Generate makes a key pair of so many bits. The random octets are those of
// random, but for RSA: there the library takes its own.
func Generate(a Algorithm, bits int, random io.Reader) (crypto.Signer, error) {
	switch {
	case a == RSA:
		return rsa.GenerateKey(random, bits)
	case a == Ed25519:
		seed := make([]byte, ed25519.SeedSize)
		if _, err := io.ReadFull(random, seed); err != nil {
			return nil, err
		}
		return ed25519.NewKeyFromSeed(seed), nil
	case a == EC && bits == 256:
		return generateEC(elliptic.P256(), random)
	case a == EC && bits == 384:
		return generateEC(elliptic.P384(), random)
	}
	return nil, fmt.Errorf("no %v key has %d bits", a, bits)
}

// generateEC draws until the number is a key: nearly all are.
func generateEC(c elliptic.Curve, random io.Reader) (crypto.Signer, error) {
	secret := make([]byte, c.Params().BitSize/8)
	for {
		if _, err := io.ReadFull(random, secret); err != nil {
			return nil, err
		}
		if key, err := ecdsa.ParseRawPrivateKey(c, secret); err == nil {
			return key, nil
		}
	}
}

// Algorithm is the pair's.
func (p Pair) Algorithm() Algorithm {
	switch p.Signer.(type) {
	case *rsa.PrivateKey:
		return RSA
	case *ecdsa.PrivateKey:
		return EC
	}
	return Ed25519
}

// Bits is the size of the modulus, or of the curve.
func (p Pair) Bits() int {
	switch k := p.Signer.(type) {
	case *rsa.PrivateKey:
		return k.N.BitLen()
	case *ecdsa.PrivateKey:
		return k.Curve.Params().BitSize
	}
	return 256
}

// Public is the public half, as X.509 has it.
func (p Pair) Public() []byte {
	b, err := x509.MarshalPKIXPublicKey(p.Signer.Public())
	if err != nil {
		return nil
	}
	return b
}

// Wire is the public half as SSH has it (RFC 4253 section 6.6, RFC 5656, RFC
// 8709): the name of its kind, and a row of strings.
func (p Pair) Wire() (kind string, wire []byte) {
	switch k := p.Signer.Public().(type) {
	case *rsa.PublicKey:
		kind = "ssh-rsa"
		wire = appendStrings(nil, []byte(kind), integer(big.NewInt(int64(k.E))), integer(k.N))
	case *ecdsa.PublicKey:
		curve := fmt.Sprintf("nistp%d", p.Bits())
		kind = "ecdsa-sha2-" + curve
		point, _ := k.Bytes() // of a curve that Generate knows
		wire = appendStrings(nil, []byte(kind), []byte(curve), point)
	case ed25519.PublicKey:
		kind = "ssh-ed25519"
		wire = appendStrings(nil, []byte(kind), k)
	}
	return kind, wire
}

// integer is a positive number, whose first bit is not that of a sign.
func integer(n *big.Int) []byte { return append(make([]byte, 1-min(n.BitLen()%8, 1)), n.Bytes()...) }

func appendStrings(b []byte, all ...[]byte) []byte {
	for _, s := range all {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
	}
	return b
}

const (
	blockType   = "PRIVATE KEY"
	labelHeader = "Label"
	madeHeader  = "Made"
)

// Marshal is the pairs as they are kept: PEM, with their labels and dates.
func Marshal(pairs []Pair) ([]byte, error) {
	var b bytes.Buffer
	for _, p := range pairs {
		der, err := x509.MarshalPKCS8PrivateKey(p.Signer)
		if err != nil {
			return nil, err
		}
		err = pem.Encode(&b, &pem.Block{Type: blockType, Bytes: der, Headers: map[string]string{
			labelHeader: p.Label, madeHeader: p.Made.UTC().Format(time.RFC3339)}})
		if err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// Unmarshal reads what Marshal has written.
func Unmarshal(data []byte) (pairs []Pair, err error) {
	for len(bytes.TrimSpace(data)) > 0 {
		block, rest := pem.Decode(data)
		if block == nil || block.Type != blockType {
			return nil, errors.New("not a list of key pairs")
		}
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		p := Pair{Label: block.Headers[labelHeader]}
		if p.Made, err = time.Parse(time.RFC3339, block.Headers[madeHeader]); err != nil {
			return nil, err
		}
		switch key := key.(type) {
		case *rsa.PrivateKey:
			p.Signer = key
		case *ecdsa.PrivateKey:
			p.Signer = key
		case ed25519.PrivateKey:
			p.Signer = key
		default:
			return nil, errKind
		}
		pairs, data = append(pairs, p), rest
	}
	return pairs, nil
}
