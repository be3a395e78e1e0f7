package hints

import (
	"bytes"
	"slices"

	prompt "github.com/c-bata/go-prompt"
)

// understand takes a key and says what it is to the library; nil: nothing. A
// run of text is as good as one key.
func (k *keys) understand() []byte {
	strayed := k.caret && (k.queue[0] == 'x' || k.queue[0] == 'X')
	k.caret = false
	if strayed {
		k.pull(1)
		return nil
	}
	if n := textual(k.queue); n > 0 {
		k.selected = -1
		return k.pull(n)
	}
	switch c := k.queue[0]; c {
	case '\r', '\n':
		if bytes.HasPrefix(k.queue, []byte("\r\n")) {
			k.pull(1)
		}
		return k.endWith(enters)
	case '?':
		return k.endWith(helps)
	case ctrlZ:
		return k.endWith(applies)
	case ctrlC:
		return k.endWith(leaves)
	case ctrlCaret:
		k.pull(1)
		if len(k.queue) > 0 && (k.queue[0] == 'x' || k.queue[0] == 'X') {
			return k.endWith(escapes)
		}
		return nil
	case ctrlV:
		return k.literal()
	case tab:
		k.pull(1)
		return k.choose(down)
	case ctrlP, ctrlN:
		k.pull(1)
		return k.recall(c == ctrlP)
	case ctrlD:
		k.pull(1)
		k.selected = -1
		return deleteKey
	case escape:
		return k.sequence()
	}
	return k.known(k.pull(1))
}

// textual is how much plain text b begins with.
func textual(b []byte) int {
	n := bytes.IndexFunc(b, func(r rune) bool { return r < ' ' || r >= rubout || r == '?' })
	if n < 0 {
		return len(b)
	}
	return n
}

func (k *keys) endWith(how ending) []byte {
	k.pull(1)
	k.selected = -1
	return k.finish(how)
}

// literal is Ctrl-V with the key behind it, which is text if it can be.
func (k *keys) literal() []byte {
	k.pull(1)
	if len(k.queue) == 0 || k.queue[0] < ' ' || k.queue[0] >= rubout {
		return nil
	}
	k.selected = -1
	return k.pull(1)
}

// sequence is a key of several octets.
func (k *keys) sequence() []byte {
	n := 1
	if len(k.queue) > 1 {
		n = 2
		if c := k.queue[1]; c == '[' || c == 'O' {
			for n < len(k.queue) && (k.queue[n] < '@' || k.queue[n] > '~') {
				n++
			}
			n = min(n+1, len(k.queue))
		}
	}
	key := k.pull(n)
	switch {
	case bytes.Equal(key, backTab):
		return k.choose(up)
	case bytes.Equal(key, up) && k.selected < 0:
		return k.recall(true)
	case bytes.Equal(key, down) && k.selected < 0:
		return k.recall(false)
	case bytes.Equal(key, up), bytes.Equal(key, down):
		return k.choose(key)
	}
	return k.known(key)
}

// known is a key, unless the library would take it for text.
func (k *keys) known(key []byte) []byte {
	if key[0] == 0 || prompt.GetKey(key) == prompt.NotDefined {
		return nil
	}
	k.selected = -1
	return key
}

// choose goes up or down in the list, but not to what cannot be taken.
func (k *keys) choose(key []byte) []byte {
	switch {
	case bytes.Equal(key, up) && k.selected >= 0:
		k.selected--
		return backTab
	case bytes.Equal(key, down) && k.selected+1 < k.takable:
		k.selected++
		return []byte{tab}
	}
	return nil
}

// recall puts another line of the history in place of this one.
func (k *keys) recall(older bool) []byte {
	at := k.at + 1
	if older {
		at = k.at - 1
	}
	if at < 0 || at > len(k.history) {
		return nil
	}
	line := ""
	if k.at = at; at < len(k.history) {
		line = k.history[at]
	}
	k.queue = slices.Concat(endErase, literally(line), k.queue)
	return nil
}
