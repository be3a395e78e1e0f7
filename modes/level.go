package modes

import "slices"

// Levels say which privilege level a line takes: the mode it is of, by what its
// prompt says ("exec", "config", "config-if"), the words it begins with, and
// the level that it has unless something else is said.
type Levels func(mode, words string, usual int) int

// Leveled is the mode with the levels of its lines, and of those of the blocks
// in it, as f says. Usual is that of a line that says nothing of it.
func (m Mode[S]) Leveled(mode string, usual int, f Levels) Mode[S] {
	all := slices.Clone(m)
	for i := range all {
		c := &all[i]
		if c.Level == 0 {
			c.Level = usual
		}
		if c.Level = f(mode, c.Line.Words(), max(c.Level, 0)); c.Level == 0 {
			c.Level = Anyone
		}
		if c.block != nil {
			c.block = c.block.leveled(usual, f)
		}
	}
	return all
}

// Within is what is left of a mode for a privilege level: what it may say.
func (m Mode[S]) Within(level int) Mode[S] {
	all := slices.DeleteFunc(slices.Clone(m), func(c Command[S]) bool { return c.Level > level })
	for i := range all {
		if b := all[i].block; b != nil {
			all[i].block = b.within(level)
		}
	}
	return all
}

func (b *Block[P, S]) leveled(usual int, f Levels) block[P] {
	c := *b
	c.Mode = b.Mode.Leveled(b.Prompt, usual, f)
	return &c
}

func (b *Block[P, S]) within(level int) block[P] {
	c := *b
	c.Mode = b.Mode.Within(level)
	return &c
}
