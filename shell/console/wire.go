package console

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// What passes through the socket are frames: one octet that says the kind, two
// octets of length, most significant first, and so many octets of body.
type kind byte

const (
	kindHello   kind = 'h' // the client's first frame: a Hello
	kindKeys    kind = 'k' // to the router: what is typed
	kindWindow  kind = 'w' // to the router: the terminal's new size
	kindEnd     kind = 'e' // to the router: nothing more will be typed
	kindShown   kind = 's' // to the client: what the terminal shows
	kindLine    kind = 'l' // to the router, with hints: a whole line with the key that ends it, or that key alone
	kindSuggest kind = 'q' // to the router, with hints: what may follow this? See hints.go for the bodies
	kindAnswer  kind = 'a' // to the client: what may
	kindAsking  kind = 'p' // to the client: a line is asked for
	kindRefused kind = 'r' // to a script: a command that was refused, and why
	kindOver    kind = 'o' // to the client: the session is over; the body says why, if he did not leave
)

// version is the first octet of a Hello, so that a client of another release
// is told so instead of being misunderstood.
const version = 1

// bodyMost is what one frame carries of a longer text.
const bodyMost = 16 << 10

// A Hello says what kind of session a client wants.
type Hello struct {
	Terminal      bool // a person's: it is paged, and sees the log
	Script        bool // only what commands print is shown: no prompt, no echo
	Hints         bool // the client edits lines itself, and asks what may be typed
	Width, Length int  // of the terminal; 0: it does not say
}

const (
	flagTerminal = 1 << iota
	flagScript
	flagHints
)

var errVersion = errors.New("this gresh speaks to consoles of another release")

// body is the hello as the body of a frame.
func (h Hello) body() []byte {
	flags := byte(0)
	if h.Terminal {
		flags |= flagTerminal
	}
	if h.Script {
		flags |= flagScript
	}
	if h.Hints {
		flags |= flagHints
	}
	return append([]byte{version, flags}, windowBody(h.Width, h.Length)...)
}

func parseHello(body []byte) (Hello, error) {
	if len(body) == 0 || body[0] != version {
		return Hello{}, errVersion
	}
	if len(body) != 6 {
		return Hello{}, fmt.Errorf("a hello of %d octets", len(body))
	}
	width, length := parseWindow(body[2:])
	return Hello{Terminal: body[1]&flagTerminal != 0, Script: body[1]&flagScript != 0, Hints: body[1]&flagHints != 0,
		Width: width, Length: length}, nil
}

func windowBody(width, length int) []byte {
	b := binary.BigEndian.AppendUint16(nil, clamp(width))
	return binary.BigEndian.AppendUint16(b, clamp(length))
}

func clamp(n int) uint16 { return uint16(min(max(n, 0), math.MaxUint16)) }

// parseWindow reads a size; one that is cut short says nothing.
func parseWindow(body []byte) (width, length int) {
	if len(body) != 4 {
		return 0, 0
	}
	return int(binary.BigEndian.Uint16(body)), int(binary.BigEndian.Uint16(body[2:]))
}

// writeFrame writes a body, as several frames if it is long. Each frame is one
// write: nothing stands between its head and its body.
func writeFrame(w io.Writer, k kind, body []byte) error {
	for first := true; first || len(body) > 0; first = false {
		part := body[:min(len(body), bodyMost)]
		body = body[len(part):]
		frame := append(make([]byte, 0, 3+len(part)), byte(k))
		frame = binary.BigEndian.AppendUint16(frame, uint16(len(part)))
		if _, err := w.Write(append(frame, part...)); err != nil {
			return err
		}
	}
	return nil
}

// readFrame reads one. A stream that ends within a frame has been cut.
func readFrame(r *bufio.Reader) (kind, []byte, error) {
	var head [3]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	body := make([]byte, binary.BigEndian.Uint16(head[1:]))
	if _, err := io.ReadFull(r, body); err != nil {
		return 0, nil, io.ErrUnexpectedEOF
	}
	return kind(head[0]), body, nil
}
