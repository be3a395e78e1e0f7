package esp

// A Window is the replay window of RFC 4303 section 3.4.3. The zero Window
// detects nothing.
type Window struct {
	size    uint32
	highest uint32
	seen    []uint64 // a bit for each number up to highest, by number modulo the bits there are
}

// NewWindow makes a window of so many packets; 0 or less is none.
func NewWindow(packets int) Window {
	packets = max(packets, 0)
	return Window{size: uint32(packets), seen: make([]uint64, (packets+63)/64)}
}

// Fresh says whether a sequence number may be one that was not seen yet. It
// changes nothing: the packet is not known to be authentic.
func (w *Window) Fresh(seq uint32) bool {
	switch {
	case w.size == 0:
		return true
	case seq == 0: // RFC 4303 section 3.3.3: the first packet has 1
		return false
	case seq > w.highest:
		return true
	case w.highest-seq >= w.size:
		return false
	}
	word, bit := w.at(seq)
	return w.seen[word]&bit == 0
}

// Accept marks a number as seen, after its packet has proved authentic.
func (w *Window) Accept(seq uint32) {
	if w.size == 0 || seq == 0 {
		return
	}
	if seq > w.highest {
		w.slide(seq)
	}
	word, bit := w.at(seq)
	w.seen[word] |= bit
}

// slide moves the right edge, and forgets the numbers whose bits are wanted
// again.
func (w *Window) slide(to uint32) {
	if to-w.highest >= uint32(len(w.seen)*64) {
		clear(w.seen)
	} else {
		for n := w.highest + 1; n != to+1; n++ {
			word, bit := w.at(n)
			w.seen[word] &^= bit
		}
	}
	w.highest = to
}

func (w *Window) at(seq uint32) (word int, bit uint64) {
	n := seq % uint32(len(w.seen)*64)
	return int(n / 64), 1 << (n % 64)
}
