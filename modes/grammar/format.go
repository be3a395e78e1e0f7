package grammar

// Format prints the line with the values of a, keywords as they are declared.
// It stops at the first value that a does not have.
func (l Line) Format(a Args) string {
	text, _ := l.format(nil, a)
	return string(text)
}

// Redacted is Format for eyes that must not see the values that are secret.
func (l Line) Redacted(a Args) string { return l.Format(a.And(redacted.Is(true))) }

// redacted marks Args whose secrets are not to be printed.
var redacted = Flag("redacted", "")

// Secret has a value be one that Redacted hides.
func Secret[T any](p *Param[T]) *Param[T] {
	p.secret = true
	return p
}

func (l Line) format(dst []byte, a Args) ([]byte, bool) {
	for _, t := range l {
		longer, ok := t.format(dst, a)
		if !ok {
			return dst, false
		}
		dst = longer
	}
	return dst, true
}

func (l Line) present(a Args) bool {
	for _, t := range l {
		if t.present(a) {
			return true
		}
	}
	return false
}

// add appends a word and the blank before it.
func add(dst []byte, w string) []byte {
	if len(dst) > 0 {
		dst = append(dst, ' ')
	}
	return append(dst, w...)
}

func (w word) format(dst []byte, _ Args) ([]byte, bool) { return add(dst, w.name), true }
func (w word) present(Args) bool                        { return false }

func (o opt) format(dst []byte, a Args) ([]byte, bool) {
	if o.present(a) {
		dst, _ = o.whole(dst, a)
	}
	return dst, true
}

// whole prints the sequence if all of it can be.
func (o opt) whole(dst []byte, a Args) ([]byte, bool) {
	if longer, ok := o.line.format(dst, a); ok {
		return longer, true
	}
	return dst, false
}

func (o opt) present(a Args) bool { return o.line.present(a) }

func (t alt) format(dst []byte, a Args) ([]byte, bool) {
	for _, valued := range []bool{true, false} {
		for _, l := range t.lines {
			if l.present(a) != valued {
				continue
			}
			if longer, ok := l.format(dst, a); ok {
				return longer, true
			}
		}
	}
	return dst, false
}

func (t alt) present(a Args) bool { return anyPresent(t.lines, a) }

func (t several) format(dst []byte, a Args) ([]byte, bool) {
	for _, l := range t.lines {
		dst, _ = opt{l}.format(dst, a)
	}
	return dst, true
}

func (t several) present(a Args) bool { return anyPresent(t.lines, a) }

func anyPresent(lines []Line, a Args) bool {
	for _, l := range lines {
		if l.present(a) {
			return true
		}
	}
	return false
}

// Words are the keywords that a line begins with, those that may be left out
// too, up to the first value or choice.
func (l Line) Words() string {
	var dst []byte
	for _, t := range l {
		if w, is := t.(word); is {
			dst = add(dst, w.name)
			continue
		}
		if p, is := t.(*Param[bool]); is && p.flag {
			dst = add(dst, p.name)
			continue
		}
		if o, is := t.(opt); is {
			if more := o.line.Words(); more != "" {
				dst = add(dst, more)
			}
		}
		break
	}
	return string(dst)
}
