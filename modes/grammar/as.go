package grammar

// As is a token that is printed as other text: with a blank where IOS leaves
// one at the end of a line, say, or by a short form of its keyword.
//
//	As("encr", Word("encryption", "…"))
//	As("", Opt())                        nothing to type; a blank when printed
func As(text string, t Token) Token { return as{t, text} }

type as struct {
	Token
	text string
}

func (t as) format(dst []byte, a Args) ([]byte, bool) {
	if _, ok := t.Token.format(nil, a); !ok {
		return dst, false
	}
	return add(dst, t.text), true
}
