package modes

// A Suggestion is one way to go on with a line.
type Suggestion struct {
	// Text is what takes the place of the word being typed. It is empty where a
	// value has its place, or the line its end: that is for the person to say.
	Text string
	// Name and Help are as "?" shows them.
	Name, Help string
}

// Suggest says what may follow where the line ends: what "?" would list, for
// a word that is begun too.
func (s Stack[E, C]) Suggest(line string, level int) (all []Suggestion) {
	h := s.Help(line, level)
	items, begun := h.Items, ""
	if items == nil {
		items, begun = h.Words, line[lastWord(line):max(lastWord(line), len(line)-h.Typed)]
	}
	for _, i := range items {
		one := Suggestion{Name: i.Name, Help: i.Help}
		if i.Keyword {
			one.Text = begun + i.Name
		}
		all = append(all, one)
	}
	return all
}

// lastWord is where the word begins that a line ends in.
func lastWord(line string) int {
	at := len(line)
	for at > 0 && line[at-1] != ' ' && line[at-1] != '\t' {
		at--
	}
	return at
}
