package esp

// A Window is the replay window of RFC 4303 section 3.4.3. The zero Window
// detects nothing.
type Window struct {
	size    uint32
	highest uint32
	seen    []uint64 // a bit for each of the size numbers up to highest, by number modulo size
}

// NewWindow makes a window of so many packets, rounded up to 64; 0 is none.
func NewWindow(packets int) Window {
	words := (packets + 63) / 64
	return Window{size: uint32(words * 64), seen: make([]uint64, words)}
}

// Fresh says whether a sequence number may be one that was not seen yet. It
// changes nothing: the packet is not authentic yet.
func (w *Window) Fresh(seq uint32) bool {
	switch {
	case w.size == 0:
		return true
	case seq == 0:
		return false
	case seq > w.highest:
		return true
	case w.highest-seq >= w.size:
		return false
	}
	word, bit := w.at(seq)
	return w.seen[word]&bit == 0
}

// Accept marks a number as seen, after the packet has proved authentic.
func (w *Window) Accept(seq uint32) {
	if w.size == 0 || seq == 0 {
		return
	}
	if seq > w.highest {
		for n := w.highest + 1; n < seq && n-w.highest <= w.size; n++ {
			word, bit := w.at(n)
			w.seen[word] &^= bit
		}
		if seq-w.highest > w.size {
			clear(w.seen)
		}
		w.highest = seq
	}
	word, bit := w.at(seq)
	w.seen[word] |= bit
}

func (w *Window) at(seq uint32) (word int, bit uint64) {
	n := seq % w.size
	return int(n / 64), 1 << (n % 64)
}
