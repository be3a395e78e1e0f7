package grammar

import "strings"

// A Choice is one keyword of an Enum, or several with blanks between them.
type Choice[T any] struct {
	Name  string
	Help  string
	Value T
}

// Flag is a keyword that is remembered. It belongs into Opt, Alt or Any.
func Flag(name, help string) *Param[bool] {
	p := Enum(Choice[bool]{name, help, true})
	p.flag = true
	return p
}

// Enum is one of several keywords, each of which is a value. A value with two
// names is printed by the first.
func Enum[T comparable](choices ...Choice[T]) *Param[T] {
	return &Param[T]{
		name: choices[0].Name, help: choices[0].Help,
		print: func(v T) string {
			for _, c := range choices {
				if c.Value == v {
					return c.Name
				}
			}
			return ""
		},
		shape: func(b *builder, keep func(Args, T) Args, next *cont) *cont {
			first := new(cont)
			for _, c := range choices {
				first.join(c.build(b, keep, next), 0)
			}
			return first
		}}
}

// build chains the words of a choice; the last one is the value.
func (c Choice[T]) build(b *builder, keep func(Args, T) Args, next *cont) *cont {
	words := strings.Fields(c.Name)
	last := keyword(words[len(words)-1], c.Help, next)
	last.keep = func(a Args, _ *step) Args { return keep(a, c.Value) }
	first := b.first(last)
	for i := len(words) - 2; i >= 0; i-- {
		first = b.first(keyword(words[i], c.Help, first))
	}
	return first
}

// Repeat is one to most values of p, one after another. A value of p that is
// read belongs to the list alone.
func Repeat[T any](most int, p *Param[T]) *Param[[]T] {
	list := &Param[[]T]{name: p.name, help: p.help,
		print: func(all []T) string {
			text := make([]string, len(all))
			for i, v := range all {
				text[i] = p.print(v)
			}
			return strings.Join(text, " ")
		}}
	list.shape = func(b *builder, keep func(Args, []T) Args, next *cont) *cont {
		one := func(a Args, v T) Args { return keep(a, append(list.From(a), v)) }
		first := p.place(b, one, next)
		for range most - 1 {
			after := new(cont)
			after.join(first, 0)
			after.join(next, 0)
			first = p.place(b, one, after)
		}
		return first
	}
	return list
}
