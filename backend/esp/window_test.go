package esp

import (
	"testing"

	"pgregory.net/rapid"

	"gresh/backend/sadb"
)

// Each row offers a number to a window of 64, which takes it if it is fresh.
var windowTests = map[string][]struct {
	seq  uint32
	want bool
}{
	"in order, each once": {{1, true}, {2, true}, {2, false}, {1, false}, {3, true}},
	"zero is never sent":  {{0, false}, {1, true}, {0, false}},
	"late within the window": {
		{100, true}, {37, true}, {37, false}, {36, false}, {99, true}, {100, false},
	},
	"a far jump forgets all": {
		{1, true}, {1000, true}, {1, false}, {937, true}, {936, false}, {1000, false},
	},
	"a jump within what the bits hold": {{1, true}, {10, true}, {70, true}, {65, true}, {65, false}},
	"a jump by the whole window":       {{1, true}, {65, true}, {1, false}, {2, true}, {129, true}, {66, true}},
	"the last number": {
		{^uint32(0) - 1, true}, {^uint32(0), true}, {^uint32(0), false}, {^uint32(0) - 63, true},
		{^uint32(0) - 64, false},
	},
}

func TestWindow(t *testing.T) {
	for name, rows := range windowTests {
		w := NewWindow(64)
		for i, r := range rows {
			got := w.Fresh(r.seq)
			if got != r.want {
				t.Errorf("%s, row %d: %d is %v, want %v", name, i, r.seq, got, r.want)
			}
			if got {
				w.Accept(r.seq)
			}
		}
	}
}

// TestWindowModel compares windows of any size with a set of all numbers seen.
func TestWindowModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 200).Draw(t, "size")
		w, seen, highest := NewWindow(size), map[uint32]bool{}, uint32(0)
		for range rapid.IntRange(1, 100).Draw(t, "packets") {
			seq := rapid.Uint32Range(0, 600).Draw(t, "seq")
			want := seq > highest || seq > 0 && int(highest-seq) < size && !seen[seq]
			if got := w.Fresh(seq); got != want {
				t.Fatalf("%d below %d: %v, want %v", seq, highest, got, want)
			}
			if want {
				w.Accept(seq)
				seen[seq], highest = true, max(highest, seq)
			}
		}
	})
}

func TestNoWindow(t *testing.T) {
	w := NewWindow(0)
	for _, seq := range []uint32{5, 5, 1} {
		if w.Accept(seq); !w.Fresh(seq) {
			t.Errorf("%d refused", seq)
		}
	}
}

// TestWindowMovesOnlyWhenAuthentic: a forged packet with a high number must
// not shut out the ones on their way.
func TestWindowMovesOnlyWhenAuthentic(t *testing.T) {
	for _, v := range suites()[:1] {
		out, in := newState(t, v.sa), newState(t, v.sa)
		honest, _ := out.Seal(nil, pattern(20), 47)
		out.seq = 5000
		forged, _ := out.Seal(nil, pattern(20), 47)
		forged[len(forged)-1] ^= 1
		if _, _, err := in.Open(forged); err != ErrICV {
			t.Fatalf("forged: %v", err)
		}
		again := append([]byte(nil), honest...)
		if _, _, err := in.Open(honest); err != nil {
			t.Fatalf("honest: %v", err)
		}
		if _, _, err := in.Open(again); err != ErrReplay {
			t.Fatalf("replayed: %v", err)
		}
	}
}

// TestNoWindowWithoutIntegrity: anybody could move it.
func TestNoWindowWithoutIntegrity(t *testing.T) {
	sa := sadb.SA{Proto: sadb.ESP, Cipher: sadb.DES, EncKey: pattern(8), Replay: 64}
	out, in := newState(t, sa), newState(t, sa)
	honest, _ := out.Seal(nil, pattern(20), 47)
	out.seq = 5000
	forged, _ := out.Seal(nil, pattern(20), 47)
	for _, packet := range [][]byte{forged, honest} {
		if _, _, err := in.Open(packet); err != nil {
			t.Error(err)
		}
	}
}
