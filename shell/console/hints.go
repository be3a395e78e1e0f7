package console

import (
	"bytes"
	"encoding/binary"
	"strings"

	"gresh/modes"
)

// A Suggester knows what may follow a line. A guest who is none has no hints.
type Suggester interface {
	Suggest(line string) []modes.Suggestion
}

// Shown is what the terminal shows. While a line is asked for it is log.
type Shown []byte

// Asking says that the session asks for a line. Of the keys passed on since
// the last line the session has received so many, and those that it did not
// want come back: like those that it has not received, they are of this line.
type Asking struct {
	Prompt   string
	Received int
	Unread   []byte
}

// An Answer is what may follow the text that was asked about.
type Answer struct {
	ID          uint16 // of the question
	Suggestions []modes.Suggestion
}

// Receive returns what comes next of a session with hints: Shown, Asking, an
// Answer, or ErrLeft when it is over. Another error is as of Show.
func (c *Client) Receive() (any, error) {
	for {
		k, body, err := readFrame(c.in)
		if err != nil {
			return nil, lost(err)
		}
		switch k {
		case kindShown:
			return Shown(body), nil
		case kindAsking:
			return parseAsking(body), nil
		case kindAnswer:
			return parseAnswer(body), nil
		case kindOver:
			return nil, ended(body)
		}
	}
}

// Line sends a line, with the key that ends it.
func (c *Client) Line(text string) { _ = writeFrame(c.conn, kindLine, []byte(text)) }

// Suggest asks what may follow a text. An Answer with the ID will come.
func (c *Client) Suggest(id uint16, text string) {
	body := binary.BigEndian.AppendUint16(nil, id)
	_ = writeFrame(c.conn, kindSuggest, append(body, text[:min(len(text), bodyMost-len(body))]...))
}

func (a Asking) body() []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(a.Received))
	b = binary.BigEndian.AppendUint16(b, uint16(len(a.Prompt)))
	return append(append(b, a.Prompt...), a.Unread...)
}

// parseAsking reads one; what is cut short asks for less.
func parseAsking(b []byte) (a Asking) {
	if len(b) < 6 {
		return a
	}
	a.Received = int(binary.BigEndian.Uint32(b))
	prompt := min(int(binary.BigEndian.Uint16(b[4:])), len(b)-6)
	a.Prompt, a.Unread = string(b[6:6+prompt]), b[6+prompt:]
	return a
}

// body is the ID and a line for each suggestion, its parts between tabs, as
// many as there is room for in a frame.
func (a Answer) body() []byte {
	b := binary.BigEndian.AppendUint16(nil, a.ID)
	for _, s := range a.Suggestions {
		line := strings.Join([]string{s.Text, s.Name, s.Help}, "\t") + "\n"
		if len(b)+len(line) > bodyMost {
			break
		}
		b = append(b, line...)
	}
	return b
}

func parseAnswer(b []byte) (a Answer) {
	if len(b) < 2 {
		return a
	}
	a.ID = binary.BigEndian.Uint16(b)
	for line := range bytes.Lines(b[2:]) {
		parts := strings.Split(strings.TrimSuffix(string(line), "\n"), "\t")
		if len(parts) == 3 {
			a.Suggestions = append(a.Suggestions, modes.Suggestion{Text: parts[0], Name: parts[1], Help: parts[2]})
		}
	}
	return a
}
