package grammar

// A Param is a place in a Line that takes a value of type T. It is compared by
// identity: the one pointer declares the place and reads the value.
type Param[T any] struct {
	name string // as "?" shows it: WORD, A.B.C.D, <1-10>
	help string
	// parse reads a value from the start of text, the rest of the line, and
	// says how many bytes it took. If there is no value, n is how many bytes
	// one could have begun with.
	parse func(text string) (v T, n int, ok bool)
	print func(T) string
	// shape, if set, builds what is more than one plain node. keep adds a value
	// to what was read.
	shape  func(b *builder, keep func(Args, T) Args, next *cont) *cont
	flag   bool                // it is a keyword
	greedy bool                // takes the rest of the line
	raw    bool                // of the blanks before it only the first is skipped
	secret bool                // not to be shown by Redacted
	mark   func(string) string // of text that may go on in the next line: what closes it
}

// Args are values by parameter. Nil is none.
type Args []arg

type arg struct {
	param any // *Param[T]
	value any // T
}

// And returns a with the values of b, which win.
func (a Args) And(b Args) Args {
	all := append(Args(nil), a...)
	for _, v := range b {
		all = all.put(v.param, v.value)
	}
	return all
}

func (a Args) get(param any) (any, bool) {
	for i := range a {
		if a[i].param == param {
			return a[i].value, true
		}
	}
	return nil, false
}

// put sets a value in place. Only its owner may call it.
func (a Args) put(param, value any) Args {
	for i := range a {
		if a[i].param == param {
			a[i].value = value
			return a
		}
	}
	return append(a, arg{param, value})
}

// From returns the value that a has for p, or zero.
func (p *Param[T]) From(a Args) T {
	v, _ := a.get(p)
	t, _ := v.(T)
	return t
}

// In says whether a has a value for p.
func (p *Param[T]) In(a Args) bool {
	_, ok := a.get(p)
	return ok
}

// Is returns Args with the one value v.
func (p *Param[T]) Is(v T) Args { return Args{{p, v}} }

func (p *Param[T]) present(a Args) bool { return p.In(a) }

func (p *Param[T]) format(dst []byte, a Args) ([]byte, bool) {
	if !p.In(a) {
		return dst, false
	}
	if p.secret && redacted.In(a) {
		return add(dst, "*****"), true
	}
	return add(dst, p.print(p.From(a))), true
}

func (p *Param[T]) build(b *builder, next *cont) *cont {
	return p.place(b, func(a Args, v T) Args { return a.put(p, v) }, next)
}

// place builds the parameter with keep as the fate of its value.
func (p *Param[T]) place(b *builder, keep func(Args, T) Args, next *cont) *cont {
	if p.shape != nil {
		return p.shape(b, keep, next)
	}
	return b.first(&node{
		name: p.name, help: p.help, greedy: p.greedy, raw: p.raw, mark: p.mark, next: next,
		parse: func(text string) (any, int, bool) { return p.parse(text) },
		keep:  func(a Args, s *step) Args { return keep(a, s.value.(T)) },
	})
}
