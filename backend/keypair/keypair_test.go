package keypair

import (
	"bytes"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// dice are not random at all.
type dice byte

func (d *dice) Read(b []byte) (int, error) {
	for i := range b {
		*d++
		b[i] = byte(*d)
	}
	return len(b), nil
}

func TestKept(t *testing.T) {
	var pairs []Pair
	made := time.Date(2002, 3, 1, 0, 1, 2, 0, time.UTC)
	for _, row := range []struct {
		algorithm Algorithm
		bits      int
	}{{RSA, 1024}, {EC, 256}, {EC, 384}, {Ed25519, 256}} {
		key, err := Generate(row.algorithm, row.bits, new(dice))
		if err != nil {
			t.Fatal(err)
		}
		p := Pair{Label: "R1.example.org", Made: made, Signer: key}
		if p.Algorithm() != row.algorithm || p.Bits() != row.bits {
			t.Errorf("%v of %d bits is %v of %d", row.algorithm, row.bits, p.Algorithm(), p.Bits())
		}
		pairs = append(pairs, p)
	}
	data, err := Marshal(pairs)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Unmarshal(data)
	if err != nil || len(again) != len(pairs) {
		t.Fatalf("%d pairs, %v", len(again), err)
	}
	for i, p := range again {
		if p.Label != pairs[i].Label || !p.Made.Equal(made) || !bytes.Equal(p.Public(), pairs[i].Public()) {
			t.Errorf("%v: %+v is not what was kept", pairs[i].Algorithm(), p)
		}
	}
	for _, p := range again {
		kind, wire := p.Wire()
		key, err := ssh.ParsePublicKey(wire)
		if err != nil || key.Type() != kind {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		signer, err := ssh.NewSignerFromSigner(p.Signer)
		if err != nil || !bytes.Equal(signer.PublicKey().Marshal(), wire) {
			t.Errorf("%s: %v: not what the library makes of it", kind, err)
		}
	}
	for n := range len(data) - 1 {
		if got, err := Unmarshal(data[:n]); err == nil && len(got) == len(pairs) {
			t.Fatalf("%d of %d octets are read as all pairs", n, len(data))
		}
	}
}

// The same dice give the same keys, but for RSA.
func TestDice(t *testing.T) {
	for _, a := range []Algorithm{EC, Ed25519} {
		one, err1 := Generate(a, 256, new(dice))
		two, err2 := Generate(a, 256, new(dice))
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if !bytes.Equal(Pair{Signer: one}.Public(), Pair{Signer: two}.Public()) {
			t.Errorf("%v: not the same", a)
		}
	}
	if _, err := Generate(EC, 521, new(dice)); err == nil {
		t.Error("a curve that is not offered")
	}
}
