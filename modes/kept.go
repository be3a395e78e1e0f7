package modes

// Kept returns the lines of the running configuration that have no effect,
// those of a block under the line that opens it.
func (m Mode[S]) Kept(s *S) []string {
	w := &writer{keptOnly: true}
	m.write(s, w, 0)
	return w.lines
}
