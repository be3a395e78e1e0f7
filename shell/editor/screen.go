package editor

// show brings the screen from what is shown to what is to be shown, with as
// little as it takes.
func (e *Editor) show() {
	want, cursor := e.window()
	same := 0
	for same < len(want) && same < len(e.shown) && want[same] == e.shown[same] {
		same++
	}
	if same < len(want) || same < len(e.shown) {
		e.move(same)
		e.out = append(e.out, want[same:]...)
		blanks := len(e.shown) - len(want)
		for range max(0, blanks) {
			e.out = append(e.out, ' ')
		}
		e.at = len(want) + max(0, blanks)
		e.shown = append(e.shown[:same], want[same:]...)
	}
	e.move(cursor)
}

// move brings the screen's cursor to a column: back by backspaces, forth by
// writing what is there.
func (e *Editor) move(to int) {
	for ; e.at > to; e.at-- {
		e.out = append(e.out, '\b')
	}
	if e.at < to {
		e.out = append(e.out, e.shown[e.at:to]...)
		e.at = to
	}
}

// window is the part of the line that fits beside the prompt, and where the
// cursor is in it. A line that is too long moves by tens; "$" stands where
// there is more of it, to the left or to the right.
func (e *Editor) window() (visible []byte, cursor int) {
	if e.width == 0 {
		return e.line, e.cursor
	}
	room := max(scrollBy+1, e.width-len(e.prompt)-margin)
	for at := e.cursor - e.from; at > room || at == room && e.cursor < len(e.line); at -= scrollBy {
		e.from += scrollBy
	}
	for e.from > 0 && e.cursor <= e.from {
		e.from = max(0, e.from-scrollBy)
	}
	if e.from == 0 && len(e.line) <= room {
		return e.line, e.cursor
	}
	e.cells = append(e.cells[:0], e.line[e.from:min(len(e.line), e.from+room)]...)
	if e.from > 0 {
		e.cells[0] = '$'
	}
	if e.from+room < len(e.line) {
		e.cells = append(e.cells, '$')
	}
	return e.cells, e.cursor - e.from
}

// finish leaves the line: the cursor goes to its end and to the next one.
func (e *Editor) finish(event Event) {
	e.move(len(e.shown))
	switch event {
	case Help:
		e.out = append(e.out, '?')
	case End:
		e.out = append(e.out, "^Z"...)
	}
	e.out = append(e.out, '\r', '\n')
	e.shown, e.at = e.shown[:0], 0
}

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c - 'A' + 'a'
	}
	return c
}

// wordLeft is where the word before the cursor begins.
func (e *Editor) wordLeft() int {
	at := e.cursor
	for at > 0 && !letter(e.line[at-1]) {
		at--
	}
	for at > 0 && letter(e.line[at-1]) {
		at--
	}
	return at
}

// wordRight is where the word at or after the cursor ends.
func (e *Editor) wordRight() int {
	at := e.cursor
	for at < len(e.line) && !letter(e.line[at]) {
		at++
	}
	for at < len(e.line) && letter(e.line[at]) {
		at++
	}
	return at
}

// change changes the letters from the cursor to the end of the word.
func (e *Editor) change(f func(i int, c byte) byte) {
	end, first := e.wordRight(), 0
	for i := e.cursor; i < end; i++ {
		if letter(e.line[i]) {
			e.line[i] = f(first, e.line[i])
			first++
		}
	}
	e.cursor = end
}
