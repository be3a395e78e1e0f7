package esp

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gresh/backend/sadb"
)

// A suite is an SA of every kind there is.
type suite struct {
	name string
	sa   sadb.SA
}

func suites() []suite {
	ciphers := []struct {
		name   string
		cipher sadb.Cipher
		key    int
	}{
		{"null", sadb.Null, 0}, {"des", sadb.DES, 8}, {"3des", sadb.TripleDES, 24},
		{"aes128", sadb.AES, 16}, {"aes192", sadb.AES, 24}, {"aes256", sadb.AES, 32},
	}
	hashes := []struct {
		name      string
		integrity sadb.Integrity
	}{
		{"md5", sadb.MD5}, {"sha", sadb.SHA1}, {"sha256", sadb.SHA256},
		{"sha384", sadb.SHA384}, {"sha512", sadb.SHA512},
	}
	var all []suite
	add := func(name string, sa sadb.SA, enc, auth int) {
		sa.Proto, sa.SPI, sa.Replay = sadb.ESP, 0x1001, 64
		sa.EncKey, sa.AuthKey = pattern(enc), pattern(auth)
		all = append(all, suite{name, sa})
	}
	for _, c := range ciphers {
		for _, h := range hashes {
			add(c.name+"-"+h.name, sadb.SA{Cipher: c.cipher, Integrity: h.integrity},
				c.key, algorithms[h.integrity].keyLen)
		}
		if c.key > 0 {
			add(c.name, sadb.SA{Cipher: c.cipher}, c.key, 0)
		}
	}
	add("gcm128", sadb.SA{Cipher: sadb.GCM}, 20, 0)
	add("gcm192", sadb.SA{Cipher: sadb.GCM}, 28, 0)
	add("gcm256", sadb.SA{Cipher: sadb.GCM}, 36, 0)
	return all
}

// pattern is so many octets that are not all the same.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + 1)
	}
	return b
}

func seeded() *rand.ChaCha8 { return rand.NewChaCha8([32]byte{1}) }

func newState(t testing.TB, sa sadb.SA) *State {
	t.Helper()
	s, err := New(sa, seeded())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestLaws holds every suite to: open∘seal = identity, the packet keeps what
// it was appended to and is no longer than Overhead says, every strict prefix
// is refused, and, with integrity, so is every changed bit.
func TestLaws(t *testing.T) {
	for _, v := range suites() {
		t.Run(v.name, func(t *testing.T) {
			for _, size := range []int{0, 1, 2, 13, 14, 15, 16, 64, 1400} {
				s := newState(t, v.sa)
				payload := pattern(size)
				packet, err := s.Seal([]byte("kept"), payload, 47)
				if err != nil || !bytes.HasPrefix(packet, []byte("kept")) {
					t.Fatalf("%d octets: %x, %v", size, packet, err)
				}
				packet = packet[4:]
				if len(packet) > size+s.Overhead() {
					t.Errorf("%d octets: %d more, want at most %d", size, len(packet)-size, s.Overhead())
				}
				got, next, err := newState(t, v.sa).Open(bytes.Clone(packet))
				if err != nil || next != 47 || !bytes.Equal(got, payload) {
					t.Fatalf("%d octets: opened %x, %d, %v", size, got, next, err)
				}
				refuseDamage(t, v.sa, packet, size)
			}
		})
	}
}

func refuseDamage(t *testing.T, sa sadb.SA, packet []byte, size int) {
	t.Helper()
	if sa.Cipher != sadb.GCM && sa.Integrity == sadb.NoIntegrity {
		return // nothing can tell
	}
	s := newState(t, sa)
	for n := range len(packet) {
		if _, _, err := s.Open(bytes.Clone(packet[:n])); err == nil {
			t.Fatalf("%d octets: a prefix of %d was accepted", size, n)
		}
		wrong := bytes.Clone(packet)
		wrong[n] ^= 1 << (n % 8)
		if n >= 4 { // the SPI is how the SA was found
			if _, _, err := s.Open(wrong); err == nil {
				t.Fatalf("%d octets: octet %d was changed unseen", size, n)
			}
		}
	}
	if _, _, err := s.Open(bytes.Clone(packet)); err != nil {
		t.Fatalf("%d octets: the right one after the wrong ones: %v", size, err)
	}
}

func TestDummyIsSilent(t *testing.T) {
	sa := suites()[0].sa
	packet, _ := newState(t, sa).Seal(nil, []byte("nothing to see"), nextDummy)
	if payload, _, err := newState(t, sa).Open(packet); payload != nil || err != nil {
		t.Errorf("payload %q, %v", payload, err)
	}
}

func TestSequenceNeverCycles(t *testing.T) {
	s := newState(t, suites()[0].sa)
	s.seq = math.MaxUint32 - 1
	if _, err := s.Seal(nil, nil, 47); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if b, err := s.Seal(nil, nil, 47); !errors.Is(err, ErrExhausted) || len(b) > 0 {
			t.Fatalf("after the last number: %x, %v", b, err)
		}
	}
}

// TestIVs: GCM's must never repeat, CBC's never be predictable.
func TestIVs(t *testing.T) {
	for _, v := range suites() {
		s := newState(t, v.sa)
		if s.ivLen == 0 {
			continue
		}
		seen := map[string]bool{}
		for range 100 {
			b, err := s.Seal(nil, nil, 47)
			if err != nil {
				t.Fatal(err)
			}
			seen[string(b[headerLen:headerLen+s.ivLen])] = true
		}
		if len(seen) != 100 {
			t.Errorf("%s: %d different IVs of 100", v.name, len(seen))
		}
	}
	s, _ := New(suites()[5].sa, nil)
	if b, err := s.Seal(nil, nil, 47); s.block == nil || err == nil || len(b) > 0 {
		t.Errorf("CBC without randomness: %x, %v", b, err)
	}
}

func TestWrongPaddingIsRefused(t *testing.T) {
	for body, want := range map[string]error{
		"\x01\x02\x02\x2f":     nil,
		"\x01\x03\x02\x2f":     ErrPadding,
		"\x01\x02\x03\x2f":     ErrPadding,
		"\x01\x02\x03\xff\x2f": ErrPadding,
		"\x2f":                 ErrShort,
	} {
		if _, _, err := trim([]byte(body)); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", body, err, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for name, sa := range map[string]sadb.SA{
		"nothing at all":     {Proto: sadb.ESP},
		"null without HMAC":  {Proto: sadb.ESP, Cipher: sadb.Null},
		"AH without HMAC":    {Proto: sadb.AH},
		"short AES key":      {Cipher: sadb.AES, EncKey: pattern(15)},
		"short GCM key":      {Cipher: sadb.GCM, EncKey: pattern(3)},
		"GCM without salt":   {Cipher: sadb.GCM, EncKey: pattern(16)},
		"long HMAC key":      {Cipher: sadb.Null, Integrity: sadb.MD5, AuthKey: pattern(17)},
		"unknown cipher":     {Cipher: 77, EncKey: pattern(16)},
		"unknown hash":       {Cipher: sadb.AES, EncKey: pattern(16), Integrity: 77},
		"two-key triple DES": {Cipher: sadb.TripleDES, EncKey: pattern(16)},
	} {
		if _, err := New(sa, nil); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestSealAllocatesNothing guards the data path's speed.
func TestSealAllocatesNothing(t *testing.T) {
	for _, v := range suites() {
		out, in := newState(t, v.sa), newState(t, v.sa)
		payload, room := pattern(1400), make([]byte, 0, 1600)
		n := testing.AllocsPerRun(100, func() {
			b, _ := out.Seal(room, payload, 47)
			if _, _, err := in.Open(b); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations for a packet", v.name, n)
		}
	}
}

func FuzzOpen(f *testing.F) {
	for _, v := range suites() {
		b, _ := newState(f, v.sa).Seal(nil, pattern(20), 47)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, v := range suites() {
			payload, _, err := newState(t, v.sa).Open(bytes.Clone(b))
			if err != nil && payload != nil || len(payload) > len(b) {
				t.Errorf("%s: %x, %v", v.name, payload, err)
			}
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	for _, v := range suites() {
		b.Run(v.name, func(b *testing.B) {
			s, payload, room := newState(b, v.sa), pattern(1400), make([]byte, 0, 1600)
			b.SetBytes(int64(len(payload)))
			b.ReportAllocs()
			for b.Loop() {
				s.seq = 0
				if _, err := s.Seal(room, payload, 47); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, v := range suites() {
		b.Run(v.name, func(b *testing.B) {
			v.sa.Replay = 0
			s := newState(b, v.sa)
			packet, _ := s.Seal(nil, pattern(1400), 47)
			room := make([]byte, len(packet))
			b.SetBytes(1400)
			b.ReportAllocs()
			for b.Loop() {
				copy(room, packet)
				if _, _, err := s.Open(room); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
