// Package remote copies files from and to other hosts by SSH, with SCP or
// SFTP. It knows no router: who may come along, and which host is to be
// trusted, is asked.
package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

const (
	dialTimeout  = 30 * time.Second // to reach a host, and to log in there
	passwordsMax = 3
)

// A Host is another host, and how to log in there.
type Host struct {
	Addr netip.AddrPort
	Name string     // by which its key is known
	From netip.Addr // the address to come from; not valid: any
	User string

	// Password asks for one; not ok if nobody wants to say it.
	Password func() (password string, ok bool)
	// Trust says whether a key is that of the host of this name; the key is in
	// the wire format of SSH.
	Trust func(name string, key []byte) error
}

// A Way is how files are copied.
type Way uint8

// The ways.
const (
	SCP Way = iota
	SFTP
)

// ErrInterrupted is the answer when nobody wants to say the password, or the
// copy was broken off.
var ErrInterrupted = errors.New("interrupted")

// ErrTooLarge is the answer to a file that is larger than was wanted.
var ErrTooLarge = errors.New("too large")

// Read returns what a file of the host holds, if it has not more octets than
// most.
func (h Host) Read(ctx context.Context, way Way, path string, most int) (data []byte, err error) {
	err = h.with(ctx, func(c *ssh.Client) error {
		if way == SFTP {
			data, err = readSFTP(c, path, most)
		} else {
			data, err = readSCP(c, path, most)
		}
		return err
	})
	return data, err
}

// Write makes or replaces a file of the host.
func (h Host) Write(ctx context.Context, way Way, path string, data []byte) error {
	return h.with(ctx, func(c *ssh.Client) error {
		if way == SFTP {
			return writeSFTP(c, path, data)
		}
		return writeSCP(c, path, data)
	})
}

// with logs in, and out again when f has returned.
func (h Host) with(ctx context.Context, f func(*ssh.Client) error) error {
	c, err := h.dial(ctx)
	if err != nil {
		return h.ended(ctx, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	err = f(c)
	stop()
	_ = c.Close()
	return h.ended(ctx, err)
}

// ended is the error, unless it comes of an interruption.
func (h Host) ended(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ErrInterrupted
	}
	return err
}

// dial reaches the host and logs in.
func (h Host) dial(ctx context.Context) (*ssh.Client, error) {
	d := net.Dialer{Timeout: dialTimeout}
	if h.From.IsValid() {
		d.LocalAddr = &net.TCPAddr{IP: h.From.AsSlice()}
	}
	conn, err := d.DialContext(ctx, "tcp", h.Addr.String())
	if err != nil {
		return nil, h.unreached(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	login := &login{host: h, conn: conn}
	login.patience(dialTimeout)
	c, channels, requests, err := ssh.NewClientConn(conn, h.Name, login.config())
	if err != nil {
		_ = conn.Close()
		return nil, login.failed(err)
	}
	_ = conn.SetDeadline(time.Time{})
	return ssh.NewClient(c, channels, requests), nil
}

// unreached words why a host could not be reached.
func (h Host) unreached(err error) error {
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return fmt.Errorf("Connection to %s timed out", h.Name)
	}
	op, _ := errors.AsType[*net.OpError](err)
	if op != nil {
		err = op.Err
	}
	return fmt.Errorf("%s: %w", h.Name, err)
}

var errAuthentication = errors.New("Authentication failed")

// A login is one attempt to get in.
type login struct {
	host     Host
	conn     net.Conn
	mistrust error // of the host's key
	broken   bool  // nobody wanted to say the password
	asked    int   // how often it was asked for
}

// patience is how long the other side may take, but for the time in which
// somebody here is asked.
func (l *login) patience(d time.Duration) { _ = l.conn.SetDeadline(time.Now().Add(d)) }

func (l *login) config() *ssh.ClientConfig {
	return &ssh.ClientConfig{
		User: l.host.User,
		Auth: []ssh.AuthMethod{
			ssh.RetryableAuthMethod(ssh.PasswordCallback(l.password), passwordsMax),
			ssh.RetryableAuthMethod(ssh.KeyboardInteractive(l.answers), passwordsMax),
		},
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			l.mistrust = l.host.Trust(l.host.Name, key.Marshal())
			return l.mistrust
		},
		ClientVersion: "SSH-2.0-gresh",
		Timeout:       dialTimeout,
	}
}

func (l *login) password() (string, error) {
	if l.asked++; l.asked > passwordsMax {
		return "", errAuthentication
	}
	_ = l.conn.SetDeadline(time.Time{})
	defer l.patience(dialTimeout)
	password, ok := l.host.Password()
	if l.broken = !ok; !ok {
		return "", ErrInterrupted
	}
	return password, nil
}

// answers answers what is asked without echo: that is the password.
func (l *login) answers(_, _ string, questions []string, echos []bool) (answers []string, err error) {
	for i := range questions {
		if echos[i] {
			return nil, errors.New("the host asks for more than a password")
		}
		answer, err := l.password()
		if err != nil {
			return nil, err
		}
		answers = append(answers, answer)
	}
	return answers, nil
}

// failed words why one could not get in.
func (l *login) failed(err error) error {
	switch {
	case l.broken:
		return ErrInterrupted
	case l.mistrust != nil:
		return l.mistrust
	case l.asked > passwordsMax, strings.Contains(err.Error(), "unable to authenticate"):
		return errAuthentication
	}
	return fmt.Errorf("%s: %s", l.host.Name, strings.TrimPrefix(cmp.Or(err.Error(), "closed"), "ssh: "))
}
