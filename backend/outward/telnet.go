package outward

import (
	"bytes"
	"encoding/binary"
	"net"
	"sync"
)

// The octets of RFC 854, and the options of RFC 857, 858 and 1073.
const (
	se   = 240
	sb   = 250
	will = 251
	wont = 252
	do   = 253
	dont = 254
	iac  = 255

	optionEcho   = 1
	optionSGA    = 3
	optionWindow = 31
)

// telnet is a client's end. A host that says nothing of options, as one that
// does not speak telnet, is given plain lines, and what is typed is echoed
// here.
type telnet struct {
	conn net.Conn

	mu            sync.Mutex
	width, length int
	tells         bool // the host wants to know the size
	echoes        bool // the host echoes
	done          map[[2]byte]bool
	command       []byte // one that has begun
	late          []byte // what has been read and not been asked for
}

// Telnet is a session over a connection.
func Telnet(conn net.Conn, width, length int) Link {
	return &telnet{conn: conn, width: width, length: length, done: map[[2]byte]bool{}}
}

// Read is part of Link.
func (t *telnet) Read(b []byte) (int, error) {
	for len(t.late) == 0 {
		var chunk [2048]byte
		n, err := t.conn.Read(chunk[:])
		t.late = t.decode(chunk[:n])
		if err != nil && len(t.late) == 0 {
			return 0, err
		}
	}
	n := copy(b, t.late)
	t.late = t.late[n:]
	return n, nil
}

// decode takes the commands out of what came, and answers them.
func (t *telnet) decode(b []byte) (text []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range b {
		if len(t.command) == 0 && c != iac {
			text = append(text, c)
			continue
		}
		t.command = append(t.command, c)
		switch n := len(t.command); {
		case n == 1, n == 2 && c >= sb && c < iac:
		case n == 2:
			if c == iac {
				text = append(text, iac)
			}
			t.command = nil
		case t.command[1] != sb:
			t.obey(t.command[1], c)
			t.command = nil
		case bytes.HasSuffix(t.command, []byte{iac, se}):
			t.command = nil
		case n > 64: // longer than anything wanted here: only its end matters
			t.command = append(t.command[:2], t.command[n-1])
		}
	}
	return text
}

// obey agrees to what is known and refuses the rest; each once, or the two
// sides would never end.
func (t *telnet) obey(verb, option byte) {
	t.echoes = t.echoes && (option != optionEcho || verb != wont) || verb == will && option == optionEcho
	if key := [2]byte{verb, option}; t.done[key] {
		return
	} else {
		t.done[key] = true
	}
	switch {
	case verb == will && (option == optionEcho || option == optionSGA):
		t.send(iac, do, option)
	case verb == will:
		t.send(iac, dont, option)
	case verb == do && option == optionWindow:
		t.tells = true
		t.send(iac, will, option)
		t.tell()
	case verb == do && option == optionSGA:
		t.send(iac, will, option)
	case verb == do:
		t.send(iac, wont, option)
	}
}

func (t *telnet) send(b ...byte) { _, _ = t.conn.Write(b) }

func (t *telnet) tell() {
	size := binary.BigEndian.AppendUint16(nil, uint16(t.width))
	size = binary.BigEndian.AppendUint16(size, uint16(t.length))
	size = bytes.ReplaceAll(size, []byte{iac}, []byte{iac, iac})
	t.send(append(append([]byte{iac, sb, optionWindow}, size...), iac, se)...)
}

// Write is part of Link. Enter is CR.
func (t *telnet) Write(b []byte) (int, error) {
	t.mu.Lock()
	enter := []byte("\r\n")
	if t.echoes {
		enter = []byte("\r\x00")
	}
	t.mu.Unlock()
	out := bytes.ReplaceAll(b, []byte{iac}, []byte{iac, iac})
	_, err := t.conn.Write(bytes.ReplaceAll(out, []byte("\r"), enter))
	return len(b), err
}

// Echoes says whether the host echoes what is typed.
func (t *telnet) Echoes() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.echoes
}

// Resize is part of Link.
func (t *telnet) Resize(width, length int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.width, t.length = width, length; t.tells {
		t.tell()
	}
}

// Close is part of Link.
func (t *telnet) Close() error { return t.conn.Close() }
