package hints

import (
	"bytes"
	"strings"

	prompt "github.com/c-bata/go-prompt"

	"gresh/shell/console"
)

// A parser gives the library its keys. The terminal itself is not the
// library's: whoever has made it raw gives it back.
type parser struct {
	keys     *keys
	terminal *console.Terminal
}

// Setup is part of prompt.ConsoleParser: a line begins.
func (p parser) Setup() error { p.keys.begin(); return nil }

// TearDown is part of prompt.ConsoleParser.
func (p parser) TearDown() error { return nil }

// Read is part of prompt.ConsoleParser.
func (p parser) Read() ([]byte, error) { return p.keys.next() }

// GetWinSize is part of prompt.ConsoleParser.
func (p parser) GetWinSize() *prompt.WinSize {
	width, _ := p.terminal.Size()
	if width <= 0 {
		width = 80
	}
	return &prompt.WinSize{Row: rowsEnough, Col: uint16(max(width, 20))}
}

// A screen is a terminal in raw mode, where a line feed is no more than that.
type screen struct {
	prompt.ConsoleWriter
	keys *keys
}

// marks are what stands behind a line for the key that ended it.
var marks = map[ending]string{helps: "?", applies: "^Z", leaves: "^C"}

// WriteStr is part of prompt.ConsoleWriter. Only what ends a line ends in a
// line feed. Of a line that is interrupted nothing stays.
func (s *screen) WriteStr(text string) {
	how := s.keys.ended()
	if how == interrupted {
		return
	}
	line, ends := strings.CutSuffix(text, "\n")
	if ends {
		line += marks[how]
	}
	s.ConsoleWriter.WriteStr(line)
	if ends {
		s.ConsoleWriter.WriteRawStr("\r\n")
	}
}

// WriteRaw is part of prompt.ConsoleWriter.
func (s *screen) WriteRaw(b []byte) {
	s.ConsoleWriter.WriteRaw(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")))
}

// ClearTitle is part of prompt.ConsoleWriter: the title is the terminal's own.
func (s *screen) ClearTitle() {}

// Flush is part of prompt.ConsoleWriter: the library does it when it has dealt
// with a key.
func (s *screen) Flush() error {
	defer s.keys.done()
	return s.ConsoleWriter.Flush()
}
