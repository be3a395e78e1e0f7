package telnetd

// The octets of RFC 854.
const (
	se   = 240
	brk  = 243
	ip   = 244
	ayt  = 246
	ec   = 247
	el   = 248
	sb   = 250
	will = 251
	wont = 252
	do   = 253
	dont = 254
	iac  = 255
)

// The options.
const (
	optionEcho   = 1
	optionSGA    = 3
	optionWindow = 31
)

// offer is what the server begins with. A client who says that it should not
// echo is not believed: those who do so show nothing themselves.
var offer = []byte{iac, will, optionEcho, iac, will, optionSGA, iac, do, optionWindow}

// subMost bounds what an option may say.
const subMost = 64

// sizeMost bounds a terminal, as "terminal width" does.
const sizeMost = 512

// A heard is what one piece of what came means: keys, a size, or something to
// reply to.
type heard struct {
	typed         []byte
	reply         []byte
	sized         bool
	width, length int
}

// A state is where in a command the decoder is.
type state uint8

const (
	inText state = iota
	inCommand
	inOption // the command is in decoder.command
	inSub
	inSubCommand
)

// A decoder takes the commands out of what is typed. It may be given it in any
// pieces. The zero value is ready.
type decoder struct {
	state   state
	command byte
	sub     []byte
}

// decode says what b means, in order.
func (d *decoder) decode(b []byte) (all []heard) {
	var text []byte
	flush := func() {
		if len(text) > 0 {
			all, text = append(all, heard{typed: text}), nil
		}
	}
	for _, c := range b {
		key, said, ok := d.octet(c)
		switch {
		case ok && said != nil:
			flush()
			all = append(all, *said)
		case ok:
			text = append(text, key)
		}
	}
	flush()
	return all
}

// octet takes one octet; not ok if it means nothing by itself.
func (d *decoder) octet(c byte) (key byte, said *heard, ok bool) {
	switch d.state {
	case inText:
		if c != iac {
			return c, nil, true
		}
		d.state = inCommand
	case inCommand:
		return d.begin(c)
	case inOption:
		d.state = inText
		if reply := refuse(d.command, c); reply != nil {
			return 0, &heard{reply: reply}, true
		}
	case inSub:
		if c == iac {
			d.state = inSubCommand
		} else if len(d.sub) < subMost {
			d.sub = append(d.sub, c)
		}
	case inSubCommand:
		return d.endSub(c)
	}
	return 0, nil, false
}

// begin takes the octet that says which command it is.
func (d *decoder) begin(c byte) (key byte, said *heard, ok bool) {
	d.state = inText
	switch c {
	case iac:
		return iac, nil, true
	case will, wont, do, dont:
		d.state, d.command = inOption, c
	case sb:
		d.state, d.sub = inSub, nil
	case brk:
		return 0x1e, nil, true
	case ip:
		return 0x03, nil, true
	case ec:
		return 0x7f, nil, true
	case el:
		return 0x15, nil, true
	case ayt:
		return 0, &heard{reply: []byte("\r\n[Yes]\r\n")}, true
	}
	return 0, nil, false
}

// endSub takes the octet after an IAC in what an option says.
func (d *decoder) endSub(c byte) (key byte, said *heard, ok bool) {
	if c == iac {
		d.state = inSub
		if len(d.sub) < subMost {
			d.sub = append(d.sub, iac)
		}
		return 0, nil, false
	}
	d.state = inText
	if s := d.sub; c == se && len(s) == 5 && s[0] == optionWindow {
		return 0, &heard{sized: true, width: size(s[1], s[2]), length: size(s[3], s[4])}, true
	}
	return 0, nil, false
}

func size(high, low byte) int { return min(int(high)<<8|int(low), sizeMost) }

// refuse is the answer to what is not offered here. What is needs none, and a
// refusal has none, or the two sides would never end.
func refuse(command, option byte) []byte {
	switch {
	case command == do && option != optionEcho && option != optionSGA:
		return []byte{iac, wont, option}
	case command == will && option != optionWindow && option != optionSGA:
		return []byte{iac, dont, option}
	}
	return nil
}
