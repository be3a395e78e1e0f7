package remote

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh"
)

// SCP is a program at the other end that is told which file to send or to
// take. Either side acknowledges with an octet: 0 is well, 1 and 2 are followed
// by a line that says what is not.

const lineMost = 4096

// An exchange is a conversation with the program.
type exchange struct {
	session *ssh.Session
	in      io.WriteCloser
	out     *bufio.Reader
}

func begin(c *ssh.Client, command string) (*exchange, error) {
	s, err := c.NewSession()
	if err != nil {
		return nil, err
	}
	in, err := s.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := s.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &exchange{s, in, bufio.NewReader(out)}, s.Start(command)
}

// quoted is a word for the shell at the other end.
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

func readSCP(c *ssh.Client, file string, most int) ([]byte, error) {
	x, err := begin(c, "scp -f "+quoted(file))
	if err != nil {
		return nil, err
	}
	if err := x.say(0); err != nil {
		return nil, err
	}
	size, err := x.announced(most)
	if err != nil {
		return nil, err
	}
	if err := x.say(0); err != nil {
		return nil, err
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(x.out, data); err != nil {
		return nil, cut(err)
	}
	if err := x.hear(); err != nil {
		return nil, err
	}
	return data, errors.Join(x.say(0), x.in.Close())
}

// announced reads the line before a file: its mode, its size and its name.
func (x *exchange) announced(most int) (size int, err error) {
	kind, err := x.out.ReadByte()
	if err != nil {
		return 0, cut(err)
	}
	line, err := x.line()
	if err != nil {
		return 0, err
	}
	if kind != 'C' {
		return 0, complaint(kind, line)
	}
	fields := strings.SplitN(line, " ", 3)
	if len(fields) != 3 {
		return 0, errProtocol
	}
	n, err := strconv.ParseUint(fields[1], 10, 63)
	switch {
	case err != nil:
		return 0, errProtocol
	case n > uint64(most):
		return 0, ErrTooLarge
	}
	return int(n), nil
}

func writeSCP(c *ssh.Client, file string, data []byte) error {
	x, err := begin(c, "scp -t "+quoted(file))
	if err != nil {
		return err
	}
	if err := x.hear(); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(x.in, "C0644 %d %s\n", len(data), path.Base(file)); err != nil {
		return cut(err)
	}
	if err := x.hear(); err != nil {
		return err
	}
	if _, err := io.Copy(x.in, bytes.NewReader(data)); err != nil {
		return cut(err)
	}
	if err := x.say(0); err != nil {
		return err
	}
	return errors.Join(x.hear(), x.in.Close())
}

var errProtocol = errors.New("the other side does not speak SCP")

// cut is the error of a conversation that ended too early.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the other side closed the connection")
	}
	return err
}

func (x *exchange) say(b byte) error {
	_, err := x.in.Write([]byte{b})
	return cut(err)
}

// hear waits for the octet that says that all is well.
func (x *exchange) hear() error {
	b, err := x.out.ReadByte()
	if err != nil {
		return cut(err)
	}
	if b == 0 {
		return nil
	}
	line, err := x.line()
	if err != nil {
		return err
	}
	return complaint(b, line)
}

// line reads up to a line feed.
func (x *exchange) line() (string, error) {
	var b []byte
	for len(b) < lineMost {
		c, err := x.out.ReadByte()
		if err != nil {
			return "", cut(err)
		}
		if c == '\n' {
			return string(b), nil
		}
		b = append(b, c)
	}
	return "", errProtocol
}

// complaint is what the program says instead of doing something.
func complaint(kind byte, line string) error {
	if kind != 1 && kind != 2 {
		return errProtocol
	}
	return errors.New(strings.TrimPrefix(line, "scp: "))
}
