package console

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
)

// ErrLost says that the connection ended and the session had not: the router
// has gone away.
var ErrLost = errors.New("the router has gone away")

// A Client is one console of a running router, from outside.
type Client struct {
	conn net.Conn
	in   *bufio.Reader
}

// Dial begins a session with the router behind a socket. Whether the router
// wants it, Show says.
func Dial(path string, h Hello) (*Client, error) {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return nil, err
	}
	_ = writeFrame(conn, kindHello, h.body())
	return &Client{conn: conn, in: bufio.NewReader(conn)}, nil
}

// Type types something. What cannot be sent is lost with the router, which
// Show says.
func (c *Client) Type(b []byte) { _ = writeFrame(c.conn, kindKeys, b) }

// Resize says that the terminal has another size.
func (c *Client) Resize(width, length int) {
	_ = writeFrame(c.conn, kindWindow, windowBody(width, length))
}

// End says that nothing more will be typed. What has been is still carried out.
func (c *Client) End() { _ = writeFrame(c.conn, kindEnd, nil) }

// Close leaves the session at once.
func (c *Client) Close() error { return c.conn.Close() }

// Show shows the session until it is over, and counts what was refused of a
// script, which goes to a writer of its own. The error is ErrLost, what the
// router says it ended the session for, or that of a writer.
func (c *Client) Show(out, refused io.Writer) (refusals int, err error) {
	for {
		k, body, err := readFrame(c.in)
		if err != nil {
			return refusals, lost(err)
		}
		switch k {
		case kindShown:
			_, err = out.Write(body)
		case kindRefused:
			refusals++
			_, err = refused.Write(body)
		case kindOver:
			if err = ended(body); errors.Is(err, ErrLeft) {
				err = nil
			}
			return refusals, err
		}
		if err != nil {
			return refusals, err
		}
	}
}

// lost is the error of a connection that ended before the session.
func lost(err error) error { return fmt.Errorf("%w (%w)", ErrLost, err) }

// ErrLeft says that the session is over because it was left.
var ErrLeft = errors.New("left")

// ended is how a session is over.
func ended(body []byte) error {
	if len(body) > 0 {
		return errors.New(string(body))
	}
	return ErrLeft
}
