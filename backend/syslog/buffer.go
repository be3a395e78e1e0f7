package syslog

// A buffer keeps the youngest lines, as many octets of them as it has room for.
type buffer struct {
	lines []string
	size  int
	used  int
}

func (b *buffer) add(line string) {
	b.lines = append(b.lines, line)
	b.used += len(line) + 1
	b.trim()
}

func (b *buffer) resize(size int) {
	b.size = size
	b.trim()
}

// trim drops the oldest lines that there is no room for.
func (b *buffer) trim() {
	drop := 0
	for ; b.used > b.size; drop++ {
		b.used -= len(b.lines[drop]) + 1
	}
	b.lines = b.lines[drop:]
}
