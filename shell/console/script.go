package console

import (
	"bytes"
	"io"
	"strings"

	"gresh/modes"
	"gresh/shell"
)

// A script stands between a session and its line: it lets through what
// commands print and keeps back prompts and echoes. All of it is used by the
// session's goroutine alone, as no log is shown to a script.
type script struct {
	shell.Interpreter
	out     io.Writer
	refused func(text string)
	open    bool // a command is printing
}

// Prompt is part of shell.Interpreter. A session asks for it when a command
// has been dealt with.
func (s *script) Prompt() string {
	s.open = false
	return ""
}

// Help is part of shell.Interpreter.
func (s *script) Help(line string) string {
	s.open = true
	return s.Interpreter.Help(line)
}

// Run is part of shell.Interpreter. A refusal is told apart from what is
// printed, with the line it points into.
func (s *script) Run(line string, t modes.Terminal) error {
	prompt := s.Interpreter.Prompt()
	s.open = true
	if err := s.Interpreter.Run(line, t); err != nil {
		s.refused(prompt + line + "\n" + strings.Trim(err.Error(), "\n") + "\n")
	}
	return nil
}

// Write takes what the session shows. Lines end as those of files do.
func (s *script) Write(b []byte) (int, error) {
	if !s.open {
		return len(b), nil
	}
	_, err := s.out.Write(bytes.ReplaceAll(b, []byte("\r"), nil))
	return len(b), err
}
