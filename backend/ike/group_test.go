package ike

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math/big"
	"math/rand/v2"
	"testing"

	"gresh/backend/sadb"
)

// primeOf is the prime of a MODP group, as octets.
func primeOf(id sadb.Group) []byte {
	text := map[sadb.Group]string{1: prime1, 2: prime2, 5: prime5, 14: prime14, 15: prime15, 16: prime16}[id]
	b, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return b
}

// TestPrimes checks the constants against what they must be: safe primes of
// the group's size, with the form that RFC 2409 and RFC 3526 give them.
func TestPrimes(t *testing.T) {
	for id, bits := range map[sadb.Group]int{1: 768, 2: 1024, 5: 1536, 14: 2048, 15: 3072, 16: 4096} {
		p := new(big.Int).SetBytes(primeOf(id))
		half := new(big.Int).Rsh(p, 1)
		ones := new(big.Int).SetUint64(1<<64 - 1)
		if p.BitLen() != bits || new(big.Int).And(p, ones).Cmp(ones) != 0 ||
			new(big.Int).Rsh(p, uint(bits-64)).Cmp(ones) != 0 {
			t.Errorf("group %d: not of the form", id)
		}
		if !p.ProbablyPrime(0) || !half.ProbablyPrime(0) {
			t.Errorf("group %d: not a safe prime", id)
		}
	}
}

// TestGroups agrees on a secret, and holds the MODP groups to plain arithmetic.
func TestGroups(t *testing.T) {
	random := rand.NewChaCha8([32]byte{3})
	for _, id := range allGroups {
		g := groups[id]
		a, errA := g.newSecret(random)
		b, errB := g.newSecret(random)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		shareA, shareB := g.share(a), g.share(b)
		if len(shareA) != g.public || g.check(shareA) != nil || g.check(shareB) != nil {
			t.Errorf("group %d: a public value of ours is none", id)
		}
		agreed := g.agree(a, shareB)
		if !bytes.Equal(agreed, g.agree(b, shareA)) || len(agreed) == 0 {
			t.Errorf("group %d: the ends do not agree", id)
		}
		if both := g.answer(a, shareB); !bytes.Equal(both, append(shareA, agreed...)) {
			t.Errorf("group %d: a responder computes something else", id)
		}
		if g.prime == nil {
			continue
		}
		p := new(big.Int).SetBytes(primeOf(id))
		want := new(big.Int).Exp(big.NewInt(2), new(big.Int).SetBytes(a), p)
		want.Exp(want, new(big.Int).SetBytes(b), p)
		if !bytes.Equal(agreed, want.FillBytes(make([]byte, g.public))) {
			t.Errorf("group %d: not the power that it should be", id)
		}
	}
}

type broken struct{}

func (broken) Read(b []byte) (int, error) { return 0, errors.New("broken") }

func TestSecretsNeedRandomness(t *testing.T) {
	for id, g := range groups {
		if _, err := g.newSecret(broken{}); err == nil {
			t.Errorf("group %d: a secret out of nothing", id)
		}
	}
	if _, err := groups[19].newSecret(zeros{}); err == nil {
		t.Error("zero is a scalar")
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }
